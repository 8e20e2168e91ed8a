"""Span algebra."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidSpan
from chalicelib.model import Span
from chalicelib.spans import clip, merge, pad

spans = st.builds(
    lambda start, length, channel: Span(start, start + length, channel),
    st.integers(0, 5000),
    st.integers(1, 2000),
    st.sampled_from([None, 0, 1]),
)


def covered(some: list[Span]) -> set[tuple[int | None, int]]:
    return {(s.channel, ms) for s in some for ms in range(s.start_ms, s.end_ms)}


@given(st.lists(spans, max_size=8))
def test_merging_covers_the_same_milliseconds_with_sorted_disjoint_spans(some: list[Span]) -> None:
    merged = merge(some)
    assert covered(merged) == covered(some)
    for channel in (None, 0, 1):
        own = [s for s in merged if s.channel == channel]
        assert all(a.end_ms < b.start_ms for a, b in pairwise(own))


@given(st.lists(spans, max_size=8), st.integers(0, 1000))
def test_merging_twice_changes_nothing(some: list[Span], gap: int) -> None:
    assert merge(merge(some, gap), gap) == merge(some, gap)


def test_a_padded_span_never_starts_before_the_file() -> None:
    assert pad(Span(300, 400, 1), 500) == Span(0, 900, 1)


def test_clipping_brings_ends_back_and_leaves_what_starts_outside_for_the_check() -> None:
    assert clip([Span(900, 1100), Span(1000, 1200)], 1000) == [Span(900, 1000), Span(1000, 1200)]


@pytest.mark.parametrize(("start", "end", "channel"), [(-1, 5, None), (5, 5, None), (6, 5, None), (0, 5, -1)])
def test_an_impossible_span_cannot_be_made(start: int, end: int, channel: int | None) -> None:
    with pytest.raises(InvalidSpan):
        Span(start, end, channel)
