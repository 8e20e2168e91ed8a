"""Echoes: what is said again of bank data, by the other voice or later, is as sensitive as the first time."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Span
from chalicelib.spans import merge
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard, Voices
from chalicelib.speech.words import Language

_ECHO_MS = 5_000
_LEAST_DIGITS = 2
_RECALLED_MS, _RECALLED_DIGITS, _LONG_PART = 90_000, 3, 6
_LEAST_LETTERS, _MOST_TIMES = 5, 8
_LOOKED_AT, _READINGS_COMPARED = 8, 12


def echoes(found: list[tuple[Finding, Run]], spoken: Iterable[Run]) -> Iterator[Finding]:
    """Findings over runs of another voice, during bank data or within five seconds after it, that share its digits.

    Half of them in a row, for who repeats may mishear.
    """
    ends = sorted(((finding.span.end_ms, number) for number, (finding, _) in enumerate(found)))
    for run in spoken:
        numbers = run.numbers()
        if numbers is None or numbers.lengths[1] < _LEAST_DIGITS:
            continue
        start = numbers.first.start_ms
        first = bisect_left(ends, (start - _ECHO_MS, -1))
        for _, number in ends[first : first + _LOOKED_AT]:
            finding, said = found[number]
            soon = finding.span.start_ms <= start <= finding.span.end_ms + _ECHO_MS
            if soon and finding.span.channel != run.first.channel and _repeats(numbers, said):
                yield Finding(Span(start, numbers.last.end_ms, run.first.channel), finding.kind, 0.7, "repeated")
                break


def recalled(found: list[tuple[Finding, Run]], spoken: Iterable[Run]) -> Iterator[Finding]:
    """Findings over runs that say the digits of bank data again, all or a long part, within a minute and a half."""
    earlier = sorted(((finding.span.end_ms, finding.kind, said) for finding, said in found), key=lambda item: item[0])
    for run in spoken:
        numbers = run.numbers()
        if numbers is None or numbers.lengths[1] < _RECALLED_DIGITS:
            continue
        start = numbers.first.start_ms
        last = bisect_left(earlier, start, key=lambda item: item[0])
        for end_ms, kind, said in earlier[max(0, last - _LOOKED_AT) : last]:
            if start - end_ms <= _RECALLED_MS and _is_the_same(numbers, said):
                yield Finding(Span(start, numbers.last.end_ms, run.first.channel), kind, 0.6, "said-again")
                break


def _is_the_same(run: Run, said: Run) -> bool:
    """Whether one way to read it is one of the other, or is in it, or has it in itself, six digits at least."""
    sources = said.readings[:_READINGS_COMPARED]
    for text in run.readings[:_READINGS_COMPARED]:
        long = len(text) >= _LONG_PART
        if any(text == s or (long and text in s) or (len(s) >= _LONG_PART and s in text) for s in sources):
            return len(text) >= _RECALLED_DIGITS
    return False


def _repeats(run: Run, said: Run) -> bool:
    """Whether half of its digits in a row, in one of the ways to read it, are among those that were said."""
    sources = said.readings[:_READINGS_COMPARED]
    return not sources or any(_shares(text, source) for text in run.readings[:_READINGS_COMPARED] for source in sources)


def _shares(text: str, source: str) -> bool:
    size = max(_LEAST_DIGITS, (len(text) + 1) // 2)
    return any(text[at : at + size] in source for at in range(len(text) - size + 1))


def again(found: Iterable[Finding], voices: Voices, words: Language) -> Iterator[Finding]:
    """Findings over every other place where a telling word of a password's answer is said, by either voice."""
    spans = merge(finding.span for finding in found if finding.kind == "password")
    if not spans:
        return
    everything = [heard for voice in voices.values() for heard in voice]
    counts = Counter(heard.piece.text for heard in everything)
    before = {heard.piece.text for heard in everything if heard.start_ms < spans[0].start_ms}
    inside = {heard.piece.text for span in spans for heard in _during(voices.get(span.channel, []), span)}
    telling = {
        text for text in inside - before - words.common if len(text) >= _LEAST_LETTERS and counts[text] <= _MOST_TIMES
    }
    for heard in everything:
        if heard.piece.text in telling:
            yield Finding(Span(heard.start_ms, heard.end_ms, heard.channel), "password", 0.5, "said-again")


def _during(voice: list[Heard], span: Span) -> list[Heard]:
    first = bisect_left(voice, span.start_ms, key=_start)
    return voice[first : bisect_left(voice, span.end_ms, key=_start)]


def _start(heard: Heard) -> int:
    return heard.start_ms
