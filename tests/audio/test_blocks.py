"""ADPCM and GSM, in files that FFmpeg and SoX wrote and that FFmpeg decodes."""

import io
import struct
from functools import cache
from pathlib import Path

import av
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.blocks import GSM, IMA, MS, margin_ms
from chalicelib.audio.mute import mute
from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import (
    DamagedRecording,
    EmptyRecording,
    ScreenRecording,
    SpanOutsideRecording,
    TruncatedRecording,
    UnreadableRecording,
    UnsupportedCodec,
    VerificationFailed,
)
from chalicelib.model import Span
from tests.sounds import chunk, rf64, riff, wav

CORPUS = Path(__file__).parents[1] / "corpus"
CALL = CORPUS / "demo" / "en-card.wav"
ENCODERS = {IMA: "adpcm_ima_wav", MS: "adpcm_ms"}
KINDS = [(IMA, 1), (IMA, 2), (MS, 1), (MS, 2), (GSM, 1)]
SPANS = [Span(0, 300), Span(5000, 5600, 0), Span(9870, 9871)]
ALMOST_SILENT = {GSM: 24}
SAME_TO_THE_EAR = {GSM: 328}


@cache
def recording(codec: str, channels: int) -> bytes:
    """The demo's English call in that codec."""
    if codec == GSM:
        return (CORPUS / "gsm" / "en-card.wav").read_bytes()
    out, layout = io.BytesIO(), "mono" if channels == 1 else "stereo"
    with av.open(str(CALL)) as source, av.open(out, "w", format="wav") as target:
        stream = target.add_stream(ENCODERS[codec], rate=8000)
        stream.layout = layout
        resampler = av.AudioResampler(stream.codec_context.format.name, layout, 8000)
        for frame in (*source.decode(audio=0), None):
            for ready in resampler.resample(frame):
                target.mux(stream.encode(ready))
        target.mux(stream.encode(None))
    return out.getvalue()


def decoded(body: bytes) -> np.ndarray:
    """What FFmpeg makes of it: a row per channel."""
    with av.open(io.BytesIO(body)) as source:
        channels = source.streams.audio[0].codec_context.layout.nb_channels
        parts = [
            f.to_ndarray() if f.format.is_planar else f.to_ndarray().reshape(-1, channels).T for f in source.decode()
        ]
    return np.concatenate(parts, axis=1).astype(int)


def muted(body: bytes, spans: list[Span]) -> bytes:
    out = io.BytesIO()
    mute(io.BytesIO(body), out, probe(body[:HEAD_BYTES], len(body), body[-HEAD_BYTES:]), spans)
    return out.getvalue()


def parts(body: bytes) -> tuple[bytes, bytes]:
    """A recording's format chunk, header included, and its samples."""
    sound = probe(body, len(body))
    return chunk(b"fmt ", sound.fmt), body[sound.data_offset : sound.data_offset + sound.data_size]


def form(body: bytes, **changed: int) -> bytes:
    """The same recording, with fields of its format chunk changed."""
    names = ("tag", "channels", "rate", "per_second", "align", "bits", "extra", "block")
    fmt, data = parts(body)
    values = dict(zip(names, struct.unpack_from("<HHIIHHHH", fmt, 8), strict=True)) | changed
    return riff(chunk(b"fmt ", struct.pack("<HHIIHHHH", *values.values()) + fmt[28:]), chunk(b"data", data))


@pytest.mark.parametrize(("codec", "channels"), KINDS)
def test_a_header_tells_how_long_the_call_is_as_its_decoder_does(codec: str, channels: int) -> None:
    body = recording(codec, channels)
    sound = probe(body, len(body))
    assert (sound.codec, sound.channels, sound.rate) == (codec, channels, 8000)
    assert sound.frames == decoded(body).shape[1]
    assert 18_139 <= sound.duration_ms <= 18_139 + 256


@pytest.mark.parametrize(("codec", "channels"), KINDS)
def test_spans_are_silent_on_every_channel_and_beyond_the_margin_nothing_changes(codec: str, channels: int) -> None:
    body = recording(codec, channels)
    sound = probe(body, len(body))
    spans = [*SPANS, Span(sound.duration_ms - 100, sound.duration_ms)]
    out = muted(body, spans)
    before, after, kept = decoded(body), decoded(out), np.ones(sound.frames, dtype=bool)
    assert before.shape == after.shape
    for span in spans:
        first = 160 if codec == GSM and span.start_ms == 0 else span.start_ms * 8
        assert np.abs(after[:, first : span.end_ms * 8]).max() <= ALMOST_SILENT.get(codec, 0)
        kept[max(0, span.start_ms - margin_ms(sound)) * 8 : (span.end_ms + margin_ms(sound)) * 8] = False
    assert np.abs(before - after)[:, kept].max() <= SAME_TO_THE_EAR.get(codec, 0)
    assert np.abs(before[:, kept]).max() > 3000
    verify(io.BytesIO(body), io.BytesIO(out), spans)


@pytest.mark.parametrize(("codec", "channels"), KINDS)
def test_every_way_of_writing_the_header_mutes_to_the_same_file(codec: str, channels: int) -> None:
    fmt, data = parts(recording(codec, channels))
    text, wanted = chunk(b"LIST", b"INFOICMT\x05\0\0\0hello"), [Span(5000, 5600)]
    wide = struct.pack("<H", 0xFFFE) + fmt[10:24] + struct.pack("<H", 22) + fmt[26:28] + bytes(4) + fmt[8:10]
    extensible = chunk(b"fmt ", wide + bytes.fromhex("000000001000800000aa00389b71"))
    plain = muted(riff(fmt, chunk(b"data", data)), wanted)
    for body in (
        recording(codec, channels),
        riff(chunk(b"fmt ", fmt[8:] + b"nobody"), chunk(b"fact", b"\xff" * 4), chunk(b"data", data)),
        riff(text, fmt, chunk(b"data", data), text),
        riff(fmt, chunk(b"data", data, size=0), size=0),
        riff(fmt, chunk(b"data", data, size=0xFFFFFFFF), text, size=0xFFFFFFFF),
        riff(fmt, chunk(b"data", data + b"half a block")),
        riff(extensible, chunk(b"data", data)),
        rf64(fmt, data, text),
        rf64(extensible, data, magic=b"BW64"),
    ):
        out = muted(body, wanted)
        assert out == plain
        verify(io.BytesIO(body), io.BytesIO(out), wanted)
    assert plain[12:].startswith(fmt)
    fact = chunk(b"fact", struct.pack("<I", decoded(plain).shape[1]))
    assert plain[12 + len(fmt) :].startswith(fact + b"data")


@settings(deadline=None, max_examples=40)
@given(st.sampled_from(KINDS), st.lists(st.tuples(st.integers(0, 18_000), st.integers(1, 130)), min_size=1, max_size=4))
def test_whatever_is_muted_verifies_and_one_bit_more_or_less_does_not(
    kind: tuple[str, int], wanted: list[tuple[int, int]]
) -> None:
    body, spans = recording(*kind), [Span(start, start + length) for start, length in wanted]
    out, block = muted(body, spans), probe(body, len(body)).frame_bytes
    verify(io.BytesIO(body), io.BytesIO(out), spans)
    start = len(out) - len(parts(out)[1])
    for at in (start + block // 2, start + probe(body, len(body)).data_size // 2, len(out) - 1 - len(out) % 2):
        other = bytearray(out)
        other[at] ^= 1
        with pytest.raises(VerificationFailed):
            verify(io.BytesIO(body), io.BytesIO(bytes(other)), spans)


@pytest.mark.parametrize(("codec", "channels"), KINDS)
def test_verification_refuses_sound_in_a_span_a_beep_and_another_codec(codec: str, channels: int) -> None:
    body = recording(codec, channels)
    out = muted(body, [Span(5000, 5600)])
    for redacted, spans, tone in (
        (body, [Span(5000, 5600)], False),
        (out, [Span(5000, 5900)], False),
        (out, [], False),
        (out, [Span(5000, 5600)], True),
        (wav("pcm8", 1), [], False),
        (form(out, align=1), [], False),
        (form(out, align=6), [], False),
    ):
        with pytest.raises(VerificationFailed):
            verify(io.BytesIO(body), io.BytesIO(redacted), spans, tone)


@pytest.mark.parametrize(("codec", "channels"), KINDS)
def test_neither_a_beep_nor_a_span_past_the_end_is_written(codec: str, channels: int) -> None:
    body, out = recording(codec, channels), io.BytesIO()
    sound = probe(body, len(body))
    with pytest.raises(UnsupportedCodec, match="beep"):
        mute(io.BytesIO(body), out, sound, [Span(0, 10)], tone=True)
    with pytest.raises(SpanOutsideRecording):
        mute(io.BytesIO(body), out, sound, [Span(0, sound.duration_ms + 1)])
    assert out.getvalue() == b""


@pytest.mark.parametrize(
    ("codec", "changed", "error"),
    [
        (IMA, {"align": 0}, DamagedRecording),
        (MS, {"align": 0}, DamagedRecording),
        (GSM, {"align": 0}, DamagedRecording),
        (IMA, {"align": 4, "block": 1}, DamagedRecording),
        (IMA, {"align": 1026, "block": 2045}, DamagedRecording),
        (MS, {"align": 7, "block": 2}, DamagedRecording),
        (GSM, {"align": 33, "block": 160}, DamagedRecording),
        (IMA, {"block": 2040}, DamagedRecording),
        (MS, {"block": 65535}, DamagedRecording),
        (GSM, {"block": 0}, DamagedRecording),
        (IMA, {"rate": 0}, DamagedRecording),
        (MS, {"channels": 0}, DamagedRecording),
        (GSM, {"channels": 2}, UnsupportedCodec),
        (IMA, {"channels": 3}, UnsupportedCodec),
        (MS, {"channels": 65535}, UnsupportedCodec),
        (IMA, {"bits": 3}, UnsupportedCodec),
    ],
    ids=str,
)
def test_a_format_that_contradicts_itself_is_refused(
    codec: str, changed: dict[str, int], error: type[Exception]
) -> None:
    body = form(recording(codec, 1), **changed)
    with pytest.raises(error):
        probe(body, len(body))


def test_coefficients_of_its_own_make_ms_adpcm_another_codec() -> None:
    body = bytearray(recording(MS, 1))
    body[12 + 8 + 22] ^= 1
    with pytest.raises(UnsupportedCodec, match="coefficients"):
        probe(bytes(body), len(body))


@pytest.mark.parametrize("codec", [IMA, MS, GSM])
def test_less_than_a_block_and_less_than_a_format_are_refused(codec: str) -> None:
    fmt, data = parts(recording(codec, 1))
    for body, error in (
        (riff(fmt, chunk(b"data", data[:60])), EmptyRecording),
        (riff(fmt, chunk(b"data", data, size=len(data) + 1024)), TruncatedRecording),
        (riff(chunk(b"fmt ", fmt[8:24]), chunk(b"data", data)), DamagedRecording),
    ):
        with pytest.raises(error):
            probe(body, len(body))


@settings(deadline=None, max_examples=300)
@given(st.sampled_from(KINDS), st.booleans(), st.lists(st.tuples(st.integers(0, 120), st.binary(max_size=4))))
def test_no_mutated_header_does_anything_but_answer_or_be_refused(
    kind: tuple[str, int], wide: bool, patches: list[tuple[int, bytes]]
) -> None:
    fmt, data = parts(recording(*kind))
    body = bytearray(rf64(fmt, data[:4096]) if wide else recording(*kind)[:4096])
    for at, patch in patches:
        body[at : at + len(patch)] = patch
    mutant = bytes(body)
    try:
        sound = probe(mutant, len(mutant), mutant)
        mute(io.BytesIO(mutant), out := io.BytesIO(), sound, [Span(0, sound.duration_ms)])
        assert len(out.getvalue()) <= len(mutant) + 100
    except (UnreadableRecording, ScreenRecording):
        return
    try:
        verify(io.BytesIO(mutant), out, [Span(0, sound.duration_ms)])
    except VerificationFailed:
        pass
