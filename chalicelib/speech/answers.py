"""Answers in no digits: passwords in any words, and codes of which the recogniser made other words.

What is said right after one was asked for, or announced, is muted whole.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Span
from chalicelib.speech.cues import Cue
from chalicelib.speech.stream import Heard
from chalicelib.speech.words import Language

_ANSWER_MS = 20_000
_LOOKED_AT = 80
_ANNOUNCED = frozenset(
    {"est", "sera", "cest", "is", "it", "its", "it's", "voici", "voila", "mets", "mis", "prends", "es", "ist"}
)
_MOST_WORDS, _LAST_WORDS = 14, 3
_SHORT, _LEAST_MISHEARD = 8, 2
_CODES = frozenset({"security-code", "pin", "expiry", "card"})


def answers(cues: Iterable[Cue], voices: dict[int | None, list[Heard]], words: Language) -> Iterator[Finding]:
    """Findings over the answers to passwords, and over short answers to codes in which digits were misheard."""
    for cue in cues:
        for channel, voice in voices.items():
            if cue.topic == "password":
                said = _own(voice, cue) if channel == cue.at.channel else _asked(voice, voices, cue)
            elif cue.topic in _CODES and channel != cue.at.channel:
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
    said = [h for h in _after(voice, cue) if cue.at.turn < h.turn <= last]
    return said[:_MOST_WORDS] if said and said[0].turn == cue.at.turn + 1 else []


def _asked(voice: list[Heard], voices: dict[int | None, list[Heard]], cue: Cue) -> list[Heard]:
    """What another voice answers, if the password was asked for, or was the last thing said."""
    own = voices[cue.at.channel]
    rest = [h for h in _after(own, cue) if h.turn == cue.at.turn]
    return _next_turns(voice, cue, 2) if cue.strong or len(rest) <= _LAST_WORDS else []


def _own(voice: list[Heard], cue: Cue) -> list[Heard]:
    """`mon mot de passe c'est …`, `le mot de passe ? …`: what follows in the same turn, if it is short or announced."""
    said = [h for h in _after(voice, cue) if h.turn == cue.at.turn]
    for place, heard in enumerate(said[:5]):
        if heard.piece.text in _ANNOUNCED:
            return said[place + 1 : place + 1 + _MOST_WORDS]
    return said if _LAST_WORDS < len(said) <= _SHORT or cue.at.channel is None else []


def _after(voice: list[Heard], cue: Cue) -> list[Heard]:
    place = bisect_right(voice, cue.at.start_ms, key=lambda h: h.start_ms)
    return [h for h in voice[place : place + _LOOKED_AT] if h.clock_ms - cue.at.clock_ms <= _ANSWER_MS]


def _misheard(said: list[Heard], words: Language) -> list[Heard]:
    """A short answer of which two words or more sound like digits and none is one."""
    if len(said) > _SHORT or any(h.piece.number for h in said):
        return []
    misheard = sum(h.piece.text in words.homophones - words.bridges for h in said)
    return said if misheard >= max(_LEAST_MISHEARD, len(said) / 2) else []
