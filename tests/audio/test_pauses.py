"""Edges moved outward to a pause, so that no half digit stays audible beside a span."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audio.pauses import PAUSE_MS, REACH_MS, outward
from chalicelib.audio.wav import probe
from chalicelib.model import Sound, Span
from tests.sounds import CODECS, chunk, encode, fmt, interleave, riff, tone

SPOKEN = ((500, 1200), (2000, 2600), (2650, 3400))
LENGTH_MS = 6_000


def voice(spoken: tuple[tuple[int, int], ...], milliseconds: int = LENGTH_MS) -> bytes:
    """16-bit samples at 8 kHz with a tone in each `(start, end)` and digital silence elsewhere."""
    samples = bytearray(milliseconds * 16)
    for start, end in spoken:
        samples[start * 16 : end * 16] = tone(end - start)
    return bytes(samples)


def stereo(left: bytes, right: bytes, codec: str = "pcm16") -> tuple[io.BytesIO, Sound]:
    width = CODECS[codec][1] // 8
    body = riff(fmt(codec, 2), chunk(b"data", interleave([encode(left, codec), encode(right, codec)], width)))
    return io.BytesIO(body), probe(body, len(body))


@pytest.mark.parametrize("codec", CODECS)
def test_an_edge_inside_a_word_moves_out_to_the_pause_beside_it(codec: str) -> None:
    stream, sound = stereo(voice(SPOKEN), voice(()), codec)
    moved = outward(stream, sound, Span(2300, 3000, 0))
    assert 1980 <= moved.start_ms <= 2000
    assert 3400 <= moved.end_ms <= 3420


def test_an_edge_in_silence_stays() -> None:
    stream, sound = stereo(voice(SPOKEN), voice(()))
    assert outward(stream, sound, Span(1500, 4000, 0)) == Span(1500, 4000, 0)


def test_a_gap_shorter_than_a_pause_is_inside_a_word() -> None:
    stream, sound = stereo(voice(SPOKEN), voice(()))
    assert outward(stream, sound, Span(2100, 2620, 0)).end_ms >= 3400


def test_a_voice_that_goes_on_and_on_leaves_the_edge_where_it_was() -> None:
    stream, sound = stereo(voice(((0, LENGTH_MS),)), voice(()))
    assert outward(stream, sound, Span(2500, 3500, 0)) == Span(2500, 3500, 0)


def test_the_other_voice_does_not_matter_unless_the_span_is_on_both() -> None:
    stream, sound = stereo(voice(SPOKEN), voice(((2500, 4000),)))
    assert outward(stream, sound, Span(2100, 3300, 0)).end_ms <= 3420
    assert outward(stream, sound, Span(2100, 3300)).end_ms >= 4000


@given(
    st.integers(0, LENGTH_MS - 1),
    st.integers(1, LENGTH_MS),
    st.lists(st.tuples(st.integers(0, LENGTH_MS - 100), st.integers(20, 1500)), max_size=4),
)
def test_a_span_only_grows_stays_inside_and_never_by_more_than_its_reach(
    start: int, length: int, words: list[tuple[int, int]]
) -> None:
    spoken = tuple((at, min(at + size, LENGTH_MS)) for at, size in words)
    stream, sound = stereo(voice(spoken), voice(()))
    span = Span(start, min(start + length, LENGTH_MS), 0)
    moved = outward(stream, sound, span)
    assert 0 <= moved.start_ms <= span.start_ms <= span.end_ms <= moved.end_ms <= sound.duration_ms
    assert span.start_ms - moved.start_ms <= REACH_MS + PAUSE_MS >= moved.end_ms - span.end_ms
