"""FLAC muted without a loss: every sample outside the spans is the same, on every channel."""

from __future__ import annotations

import io

import numpy
import pytest

from chalicelib.audio.decode import to_lossless_wav
from chalicelib.audio.flac import encode, sketch
from chalicelib.audio.mute import muted as silenced
from chalicelib.audio.sketch import Sketch
from chalicelib.audio.wav import probe
from chalicelib.errors import TruncatedRecording, UnreadableRecording
from chalicelib.model import Span
from tests.audio.coded import NAME, encoded, heard

SPANS = [Span(0, 300, 0), Span(3_000, 4_000), Span(7_300, 7_420, 1)]


def muted(body: bytes, spans: list[Span]) -> bytes:
    linear, out = io.BytesIO(), io.BytesIO()
    to_lossless_wav(io.BytesIO(body), linear)
    wav = linear.getvalue()
    encode(silenced(io.BytesIO(wav), probe(wav, len(wav)), spans), out)
    return out.getvalue()


@pytest.mark.parametrize("width", ["s16", "s32"])
def test_spans_are_silent_on_their_channels_and_nothing_else_is_touched(width: str) -> None:
    body = encoded("flac", "flac", 8000, 2, 0, width=width)
    (before, rate), (after, _) = heard(body), heard(muted(body, SPANS))
    expected = before.copy()
    expected[: 300 * rate // 1000, 0] = 0
    expected[3 * rate : 4 * rate] = 0
    expected[7_300 * rate // 1000 : 7_420 * rate // 1000, 1] = 0
    assert numpy.array_equal(after, expected)
    assert not numpy.array_equal(after, before)


def test_names_that_the_file_carries_are_left_behind() -> None:
    body = encoded("flac", "flac", 8000, 1, 0)
    assert NAME.encode() in body
    assert NAME.encode() not in muted(body, [])


def test_its_first_bytes_tell_channels_and_length() -> None:
    body = encoded("flac", "flac", 16000, 2, 0)
    assert sketch(body) == Sketch(2, 16_000)
    with pytest.raises(TruncatedRecording):
        sketch(body[:40])


def test_a_broken_file_is_refused() -> None:
    body = encoded("flac", "flac", 8000, 1, 0)
    for broken in (body[:60] + bytes(500), body[:42], body[:4] + bytes(100)):
        with pytest.raises(UnreadableRecording):
            to_lossless_wav(io.BytesIO(broken), io.BytesIO())
