"""From stretches of the clock to spans of a recording: wider where clocks are not to be trusted, never narrower."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from chalicelib.model import Call, Span, Stretch

_MS = timedelta(milliseconds=1)


OPEN_END_MS = 7 * 24 * 3_600_000
"""The end of a recording whose length nobody knows for sure yet: later than any."""


def cut_spans(cuts: Iterable[Stretch], call: Call, duration_ms: int, margin_ms: int) -> list[Span]:
    """The spans, on every channel, of which nothing is kept; `duration_ms` is OPEN_END_MS where it is an estimate.

    The first sample was at `call.started_at` or up to `precision_ms` later, so that a moment may lie as much earlier in
    the recording; `margin_ms` on both sides is what the clocks of a telephone system and of an agent's screen differ.
    """
    started = call.started_at
    if started is None:
        return [Span(0, duration_ms)] if any(True for _ in cuts) else []
    spans = []
    for cut in cuts:
        first = (0 if cut.since is None else (cut.since - started) // _MS) - call.precision_ms - margin_ms
        last = (duration_ms if cut.until is None else -((started - cut.until) // _MS)) + margin_ms
        first, last = max(0, first), min(duration_ms, last)
        if first < last:
            spans.append(Span(first, last))
    return spans


def leaves_nothing(spans: Iterable[Span], duration_ms: int) -> bool:
    """Whether the spans together cover the whole recording."""
    reached = 0
    for span in sorted(spans):
        if span.start_ms > reached:
            break
        reached = max(reached, span.end_ms)
    return reached >= duration_ms
