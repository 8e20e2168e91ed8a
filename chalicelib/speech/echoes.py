"""Echoes: what the other voice repeats of bank data is as sensitive as what the first one said."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Span
from chalicelib.speech.runs import Run

_ECHO_MS = 5_000
_LEAST_DIGITS = 2
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


def _repeats(run: Run, said: Run) -> bool:
    """Whether half of its digits in a row, in one of the ways to read it, are among those that were said."""
    sources = said.readings[:_READINGS_COMPARED]
    return not sources or any(_shares(text, source) for text in run.readings[:_READINGS_COMPARED] for source in sources)


def _shares(text: str, source: str) -> bool:
    size = max(_LEAST_DIGITS, (len(text) + 1) // 2)
    return any(text[at : at + size] in source for at in range(len(text) - size + 1))
