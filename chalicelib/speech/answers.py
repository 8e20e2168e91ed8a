"""Answers in no digits: passwords in any words, and codes of which the recogniser made other words.

What is said right after one was asked for, or announced, is muted whole.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Span
from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.stream import Heard, Voices
from chalicelib.speech.words import Language

Elsewhere = dict[tuple[int | None, int], int]
"""Turns in which another number was asked for, and when."""

_ANSWER_MS = 20_000
_SHAPED_MS = 60_000
_SHAPE = re.compile(r"[a-z]{3}.*\d|\d.*[a-z]{3}")
_LOOKED_AT = 80
_MOST_WORDS, _LAST_WORDS, _TRIED_WORDS = 14, 4, 6
_SHORT, _LEAST_MISHEARD = 8, 2
_MINE_NEAR, _MOST_TURNS = 4, 4
CODES = frozenset({"security-code", "pin", "expiry", "card"})
"""What is answered in digits, at once."""


def answers(cues: Iterable[Cue], voices: Voices, words: Language) -> Iterator[Finding]:
    """Findings over the answers to passwords, and over short answers to codes in which digits were misheard."""
    some = list(cues)
    elsewhere = {(c.at.channel, c.at.turn): c.at.start_ms for c in some if c.strong and c.topic not in BANK}
    for cue in some:
        for channel, voice in voices.items():
            if cue.topic == "password":
                own = channel == cue.at.channel
                said = _own(voice, voices, cue, words) if own else _asked(voice, voices, cue, words, elsewhere)
            elif cue.topic in CODES and channel != cue.at.channel:
                said = _misheard(_next_turns(voice, cue, 1), words)
            else:
                continue
            if said:
                span = Span(said[0].start_ms, max(h.end_ms for h in said), channel)
                rule = "answer" if cue.topic == "password" else "payment-window"
                yield Finding(span, cue.topic, min(h.confidence for h in said), rule)


def _next_turns(voice: list[Heard], cue: Cue, turns: int) -> list[Heard]:
    """What another voice says in the turns after the cue's, if it is short and soon."""
    last = cue.at.turn + 2 * turns - 1
    said = [h for h in after(voice, cue) if cue.at.turn < h.turn <= last]
    return said[: _MOST_WORDS * turns] if said and said[0].turn == cue.at.turn + 1 else []


def _asked(voice: list[Heard], voices: Voices, cue: Cue, words: Language, elsewhere: Elsewhere) -> list[Heard]:
    """What another voice answers, if the password was asked for, or was the last thing said; not if it is `mine`."""
    own = voices[cue.at.channel]
    if elsewhere.get((cue.at.channel, cue.at.turn), -1) > cue.at.start_ms:
        return []  # « … le mot de passe, et votre numéro de client ? »
    place = bisect_right(own, cue.at.start_ms, key=_start)
    if any(h.piece.text in words.mine for h in own[max(0, place - 1 - _MINE_NEAR) : place - 1]):
        return []
    rest = [h for h in after(own, cue) if h.turn == cue.at.turn]
    asked = cue.strong or len(rest) <= _LAST_WORDS or any(h.piece.text in words.which for h in rest)
    if not asked:
        return []
    return _next_turns(voice, cue, _turns(own, cue, words, elsewhere))


def _turns(own: list[Heard], cue: Cue, words: Language, elsewhere: Elsewhere) -> int:
    """How many turns answer: another one after a word or two, or where the asker says that it was not the right one."""
    turns = 1
    while turns < _MOST_TURNS:
        turn = cue.at.turn + 2 * turns
        said = [h.piece.text for h in after(own, cue) if h.turn == turn]
        if (
            not said
            or (cue.at.channel, turn) in elsewhere
            or (len(said) > _LAST_WORDS and not (words.refusing | words.which).intersection(said))
        ):
            break
        turns += 1
    return turns


def _own(voice: list[Heard], voices: Voices, cue: Cue, words: Language) -> list[Heard]:
    """`mon mot de passe c'est …`, `le mot de passe ? …`, `lequel ?` `…`, `j'ai essayé …`: what its speaker says."""
    later = after(voice, cue)
    said = [h for h in later if h.turn == cue.at.turn]
    for place, heard in enumerate(said[:5]):
        if heard.piece.text in words.announcing:
            return said[place + 1 : place + 1 + _MOST_WORDS]
    for place, heard in enumerate(later):
        if heard.piece.text in words.trying:
            return [h for h in later[place + 1 : place + 1 + _TRIED_WORDS] if h.turn == heard.turn]
    if any(_is_a_question(other, cue, words) for channel, other in voices.items() if channel != cue.at.channel):
        return [h for h in later if h.turn == cue.at.turn + 2][:_MOST_WORDS]
    return said if _LAST_WORDS < len(said) <= _SHORT or cue.at.channel is None else []


def _is_a_question(voice: list[Heard], cue: Cue, words: Language) -> bool:
    """Whether the other voice asks which one, in a few words."""
    said = [h for h in after(voice, cue) if h.turn == cue.at.turn + 1]
    return 0 < len(said) <= _SHORT and any(h.piece.text in words.which for h in said)


def after(voice: list[Heard], cue: Cue) -> list[Heard]:
    """What a voice says soon after a cue."""
    place = bisect_right(voice, cue.at.start_ms, key=_start)
    return [h for h in voice[place : place + _LOOKED_AT] if h.clock_ms - cue.at.clock_ms <= _ANSWER_MS]


def _start(heard: Heard) -> int:
    return heard.start_ms


def shaped(cues: Iterable[Cue], voices: Voices) -> Iterator[Finding]:
    """Findings over words that look like a password, letters and digits in one, a minute after one was named."""
    times = sorted(cue.at.clock_ms for cue in cues if cue.topic == "password")
    for voice in voices.values() if times else ():
        for heard in voice:
            place = bisect_right(times, heard.clock_ms)
            soon = place > 0 and heard.clock_ms - times[place - 1] <= _SHAPED_MS
            if soon and heard.piece.mixed and _SHAPE.search(heard.piece.text):
                yield Finding(Span(heard.start_ms, heard.end_ms, heard.channel), "password", 0.6, "shape")


def _misheard(said: list[Heard], words: Language) -> list[Heard]:
    """A short answer of which two words or more sound like digits and none is one."""
    if len(said) > _SHORT or any(h.piece.number for h in said):
        return []
    misheard = sum(h.piece.text in words.homophones - words.bridges for h in said)
    return said if misheard >= max(_LEAST_MISHEARD, len(said) / 2) else []
