"""Span algebra in integer milliseconds: pad, merge, clip."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from chalicelib.model import Span


def pad(span: Span, padding_ms: int) -> Span:
    """The span widened on both sides, never before 0."""
    return Span(max(0, span.start_ms - padding_ms), span.end_ms + padding_ms, span.channel)


def clip(spans: Iterable[Span], duration_ms: int) -> list[Span]:
    """Ends brought back to the recording's end. A span that *starts* past it stays, for whoever checks."""
    return [Span(s.start_ms, min(s.end_ms, duration_ms), s.channel) if s.start_ms < duration_ms else s for s in spans]


def merge(spans: Iterable[Span], gap_ms: int = 0) -> list[Span]:
    """Sorted and disjoint per channel; two spans of one channel at most `gap_ms` apart become one."""
    merged: list[Span] = []
    by_channel = sorted(spans, key=lambda s: (_rank(s), s.start_ms, s.end_ms))
    for _, group in groupby(by_channel, key=_rank):
        run: list[Span] = []
        for span in group:
            if run and span.start_ms <= run[-1].end_ms + gap_ms:
                run[-1] = Span(run[-1].start_ms, max(run[-1].end_ms, span.end_ms), span.channel)
            else:
                run.append(span)
        merged += run
    return sorted(merged, key=lambda s: (s.start_ms, s.end_ms, _rank(s)))


def _rank(span: Span) -> int:
    return -1 if span.channel is None else span.channel
