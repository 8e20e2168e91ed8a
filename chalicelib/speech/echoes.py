"""Echoes: what the other voice repeats of bank data is as sensitive as what the first one said."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Span
from chalicelib.speech.runs import Run

_ECHO_MS = 5_000
_LEAST_DIGITS = 2
_LOOKED_AT = 8


def echoes(found: list[Finding], spoken: Iterable[Run]) -> Iterator[Finding]:
    """Findings over runs that another voice begins during bank data, or within five seconds after it."""
    ends = sorted(
        (finding.span.end_ms, finding.span.start_ms, str(finding.span.channel), finding.kind) for finding in found
    )
    for run in spoken:
        numbers = run.numbers()
        if numbers is None or numbers.lengths[1] < _LEAST_DIGITS:
            continue
        start = numbers.first.start_ms
        first = bisect_left(ends, (start - _ECHO_MS, -1, "", ""))
        for end_ms, start_ms, channel, kind in ends[first : first + _LOOKED_AT]:
            if start_ms <= start and start - end_ms <= _ECHO_MS and channel != str(run.first.channel):
                span = Span(start, numbers.last.end_ms, run.first.channel)
                yield Finding(span, kind, 0.7, "repeated")
                break
