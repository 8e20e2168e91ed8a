"""Where no word was heard and bank data may have been said: for who has the sound, and mutes there what sounds."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import pairwise, product

from chalicelib.model import Finding, Span, Transcript
from chalicelib.spans import merge
from chalicelib.speech.answers import CODES, after
from chalicelib.speech.cues import Cue, cues
from chalicelib.speech.stream import Heard, Voices, by_channel, stream
from chalicelib.speech.words import language as words_of

_READ = frozenset({"card", "security-code", "expiry", "iban", "rib", "bic", "pin"})
_REPEATED_MS = 5_000
_WAIT_MS, _LONGEST_WAIT_MS = 1_500, 20_000
_LEAST_MS = 500


def unheard(transcript: Transcript, language: str, found: Iterable[Finding]) -> list[Finding]:
    """Stretches without a word where the payment window is open; `found` is what `detect` found.

    After a question that nobody answered in words, and on the other channels while bank data is read and just after:
    what they repeat may not have been recognised. Raises UnsupportedLanguage.
    """
    words = words_of(language)
    voices = by_channel(stream(transcript, words))
    heard = [cue for voice in voices.values() for cue in cues(voice, words.name)]
    some = [*_waits(heard, voices, transcript.channels), *_beside(found, voices, transcript.channels)]
    return sorted(some, key=lambda finding: finding.span)


def _waits(heard: Iterable[Cue], voices: Voices, channels: int) -> Iterator[Finding]:
    for cue in heard:
        wait = _wait(voices[cue.at.channel], cue) if cue.strong and cue.topic in CODES else None
        for channel in range(channels):
            if wait and cue.at.channel not in (None, channel):
                yield Finding(Span(*wait, channel), cue.topic, 0.3, "nothing-heard")


def _wait(own: list[Heard], cue: Cue) -> tuple[int, int] | None:
    """From the end of the question to the asker's next word, twenty seconds at the most; None if somebody spoke."""
    said = [h for h in after(own, cue) if h.turn == cue.at.turn]
    for one, next_one in pairwise([cue.at, *said]):
        if next_one.start_ms - one.end_ms >= _WAIT_MS:
            return one.end_ms, min(next_one.start_ms, one.end_ms + _LONGEST_WAIT_MS)
    return None


def _beside(found: Iterable[Finding], voices: Voices, channels: int) -> Iterator[Finding]:
    read: dict[str, list[Span]] = defaultdict(list)
    for finding in found:
        if finding.kind in _READ and finding.span.channel is not None:
            read[finding.kind].append(replace(finding.span, end_ms=finding.span.end_ms + _REPEATED_MS))
    for kind, spans in read.items():
        for window, channel in product(merge(spans), range(channels)):
            if channel != window.channel:
                for span in _wordless(voices.get(channel, []), window, channel):
                    yield Finding(span, kind, 0.3, "nothing-heard")


def _wordless(voice: list[Heard], window: Span, channel: int) -> Iterator[Span]:
    first = max(0, bisect_left(voice, window.start_ms, key=_start) - 1)
    said = [(h.start_ms, h.end_ms) for h in voice[first : bisect_left(voice, window.end_ms, key=_start)]]
    at = window.start_ms
    for start_ms, end_ms in [*said, (window.end_ms, window.end_ms)]:
        if start_ms - at >= _LEAST_MS:
            yield Span(at, start_ms, channel)
        at = max(at, end_ms)


def _start(heard: Heard) -> int:
    return heard.start_ms
