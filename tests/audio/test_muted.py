"""The redacted file, read without being written: the same bytes as `mute` writes, wherever it is read."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.mute import muted, plan
from chalicelib.audio.plan import LEAST, Copy, Written
from chalicelib.audio.wav import probe
from chalicelib.errors import SpanOutsideRecording, TruncatedRecording
from chalicelib.model import Span
from tests.audio.test_mute import muted as written
from tests.sounds import CODECS, chunk, fmt, riff, tone, wav

SPANS = [Span(0, 37), Span(500, 900, 0), Span(880, 1203), Span(1999, 2000, 0)]


@settings(deadline=None, max_examples=60)
@given(st.sampled_from(sorted(CODECS)), st.integers(1, 3), st.integers(1990, 2000), st.randoms(use_true_random=False))
def test_any_range_of_the_view_is_what_muting_writes(codec: str, channels: int, ms: int, pick: random.Random) -> None:
    body = wav(codec, channels, milliseconds=ms, rate=11025)
    spans = [*SPANS[:-1], Span(ms - 1, ms, channels - 1)]
    whole, view = written(body, spans), muted(io.BytesIO(body), probe(body, len(body)), spans)
    assert view.read() == whole
    for _ in range(20):
        at, count = pick.randrange(len(whole) + 9), pick.choice([1, 3, 7, 700, 70_000])
        assert view.seek(at) == view.tell() == at
        assert view.read(count) == whole[at : at + count]
    assert view.seek(-5, io.SEEK_END) == len(whole) - 5
    assert view.read() == whole[-5:]


def test_a_span_outside_is_refused_and_a_cut_original_is_said_to_be() -> None:
    body = wav()
    sound = probe(body, len(body))
    with pytest.raises(SpanOutsideRecording):
        muted(io.BytesIO(body), sound, [Span(1900, 2100)])
    with pytest.raises(TruncatedRecording):
        muted(io.BytesIO(body[:-2]), sound, []).read()


@pytest.mark.parametrize("texts", [b"", chunk(b"LIST", b"INFOIART\x06\0\0\0nobody")], ids=["plain", "texts"])
@pytest.mark.parametrize("spans", [[], [Span(0, 40)], [Span(400_000, 400_100, 0)], [Span(799_000, 799_999)]], ids=str)
def test_copies_and_written_pieces_are_together_what_muting_writes(texts: bytes, spans: list[Span]) -> None:
    data = tone(1000) * 2 * 800
    body = riff(texts, fmt("pcm16", 2), chunk(b"data", data), texts)
    sound = probe(body, len(body))
    view, made = muted(io.BytesIO(body), sound, spans), b""
    planned = plan(io.BytesIO(body), sound, spans)
    for piece in planned:
        if isinstance(piece, Written):
            view.seek(piece.first)
        made += body[piece.first : piece.last] if isinstance(piece, Copy) else view.read(piece.last - piece.first)
    assert made == written(body, spans)
    assert sum(p.last - p.first for p in planned if isinstance(p, Written)) <= LEAST * (bool(texts) + len(spans)) * 1.2


def test_a_byte_that_pads_the_samples_is_written_whatever_stands_there() -> None:
    body = riff(fmt("mu-law", 1), chunk(b"data", b"\x55" * (2 * LEAST + 1)))[:-1] + b"?"
    sound = probe(body, len(body))
    end = len(written(body, [])) - 1
    assert plan(io.BytesIO(body), sound, [])[-1] == Written(end, end + 1)
    assert muted(io.BytesIO(body), sound, []).read()[-2:] == b"\x55\0"
