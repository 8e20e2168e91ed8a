"""A cut is never narrower than what was off, whenever within its precision the recording began."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.law.cuts import cut_spans, leaves_nothing
from chalicelib.model import Call, Span, Stretch

START = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
"""Half an hour before the clocks go back."""
HOUR = 3_600_000
MS = timedelta(milliseconds=1)
PRECISIONS = st.sampled_from([0, 1, 999, 1_000, 60_000])


def call(precision_ms: int = 0, started: datetime | None = START) -> Call:
    return Call("drop", "call-1", started, precision_ms=precision_ms)


@st.composite
def stretches(draw: st.DrawFn) -> Stretch:
    ends = sorted(draw(st.lists(st.integers(-HOUR, 3 * HOUR), min_size=2, max_size=2, unique=True)))
    since, until = (START + timedelta(microseconds=1000 * end + draw(st.integers(0, 999))) for end in ends)
    return Stretch(draw(st.sampled_from([since, None])), draw(st.sampled_from([until, None])))


@given(st.lists(stretches(), max_size=4), PRECISIONS, st.integers(1, HOUR), st.integers(0, 5_000), st.data())
def test_whatever_was_off_is_cut_wherever_in_its_precision_the_recording_began(
    cuts: list[Stretch], precision_ms: int, duration_ms: int, margin_ms: int, data: st.DataObject
) -> None:
    began = START + data.draw(st.integers(0, precision_ms)) * MS
    spans = cut_spans(cuts, call(precision_ms), duration_ms, margin_ms)
    assert all(0 <= span.start_ms < span.end_ms <= duration_ms and span.channel is None for span in spans)
    for offset in {0, duration_ms - 1, *data.draw(st.lists(st.integers(0, duration_ms - 1), max_size=20))}:
        moment = began + offset * MS
        off = any((c.since is None or c.since <= moment) and (c.until is None or moment < c.until) for c in cuts)
        if off:
            assert any(span.start_ms <= offset < span.end_ms for span in spans), (offset, spans)


@given(stretches(), PRECISIONS, st.integers(1, HOUR), st.integers(0, 5_000))
def test_a_cut_is_no_wider_than_precision_and_margin_make_it(
    cut: Stretch, precision_ms: int, duration_ms: int, margin_ms: int
) -> None:
    for span in cut_spans([cut], call(precision_ms), duration_ms, margin_ms):
        if cut.since and span.start_ms:
            assert (cut.since - START) // MS - span.start_ms == precision_ms + margin_ms
        if cut.until and span.end_ms < duration_ms:
            assert 0 <= span.end_ms - (cut.until - START) / MS <= margin_ms + 1


@given(stretches(), PRECISIONS, st.integers(1, HOUR), st.integers(0, 5_000), st.integers(0, 5_000))
def test_a_larger_margin_or_less_precision_only_ever_widens(
    cut: Stretch, precision_ms: int, duration_ms: int, margin_ms: int, more: int
) -> None:
    narrow = cut_spans([cut], call(precision_ms), duration_ms, margin_ms)
    for wide in (
        cut_spans([cut], call(precision_ms), duration_ms, margin_ms + more),
        cut_spans([cut], call(precision_ms + more), duration_ms, margin_ms),
    ):
        for span in narrow:
            assert any(w.start_ms <= span.start_ms and span.end_ms <= w.end_ms for w in wide)


def at(ms: int) -> datetime:
    return START + ms * MS


@pytest.mark.parametrize(
    ("cut", "precision_ms", "spans"),
    [
        (Stretch(None, None), 0, [Span(0, 60_000)]),
        (Stretch(at(10_000), at(20_000)), 0, [Span(8_000, 22_000)]),
        (Stretch(at(10_000), at(20_000)), 1_000, [Span(7_000, 22_000)]),
        (Stretch(at(10_000), None), 0, [Span(8_000, 60_000)]),
        (Stretch(None, at(10_000)), 60_000, [Span(0, 12_000)]),
        (Stretch(at(59_000), None), 60_000, [Span(0, 60_000)]),
        (Stretch(at(-9_000), at(-2_000)), 0, []),
        (Stretch(at(-9_000), at(-1_000)), 0, [Span(0, 1_000)]),
        (Stretch(at(62_000), None), 0, []),
        (Stretch(at(61_000), None), 0, [Span(59_000, 60_000)]),
        (Stretch(at(62_000), None), 60_000, [Span(0, 60_000)]),
        (Stretch(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)), 0, [Span(0, 60_000)]),
    ],
)
def test_a_stretch_of_the_clock_becomes_a_span_of_the_recording(
    cut: Stretch, precision_ms: int, spans: list[Span]
) -> None:
    assert cut_spans([cut], call(precision_ms), 60_000, 2_000) == spans


def test_a_moment_counts_by_its_instant_and_not_by_its_clock() -> None:
    paris = timedelta(hours=2)
    local = at(10_000).astimezone(ZoneInfo("Europe/Paris"))
    assert local.utcoffset() == paris
    assert cut_spans([Stretch(local, None)], call(), 60_000, 0) == [Span(10_000, 60_000)]


def test_without_a_known_start_any_cut_cuts_everything_and_no_cut_nothing() -> None:
    assert cut_spans([Stretch(at(0), at(1))], call(started=None), 60_000, 0) == [Span(0, 60_000)]
    assert cut_spans([], call(started=None), 60_000, 0) == []
    assert cut_spans([], call(), 60_000, 2_000) == []


@pytest.mark.parametrize(
    ("spans", "nothing"),
    [
        ([], False),
        ([Span(0, 1000)], True),
        ([Span(0, 999)], False),
        ([Span(1, 1000)], False),
        ([Span(500, 1000), Span(0, 500)], True),
        ([Span(0, 400), Span(500, 1000)], False),
        ([Span(0, 700), Span(100, 200), Span(600, 1000)], True),
        ([Span(0, 5000)], True),
    ],
)
def test_spans_that_cover_the_whole_leave_nothing(spans: list[Span], nothing: bool) -> None:
    assert leaves_nothing(spans, 1000) is nothing


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 20)), max_size=8), st.integers(1, 40))
def test_nothing_is_left_where_no_millisecond_is(parts: list[tuple[int, int]], duration_ms: int) -> None:
    spans = [Span(start, start + length) for start, length in parts]
    left = [ms for ms in range(duration_ms) if not any(span.start_ms <= ms < span.end_ms for span in spans)]
    assert leaves_nothing(spans, duration_ms) is (not left)
