"""Muting and its verification, over every codec and against each other."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.mute import SILENCE, mute
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import SpanOutsideRecording, VerificationFailed
from chalicelib.model import Span
from chalicelib.spans import merge
from tests.sounds import CODECS, chunk, fmt, riff, tone, wav


def muted(body: bytes, spans: list[Span]) -> bytes:
    out = io.BytesIO()
    mute(io.BytesIO(body), out, probe(body, len(body)), spans)
    return out.getvalue()


def samples(body: bytes) -> bytes:
    sound = probe(body, len(body))
    return body[sound.data_offset : sound.data_offset + sound.data_size]


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_a_span_is_silent_on_its_channel_and_nothing_else_changes(codec: str, channels: int) -> None:
    body, width = wav(codec, channels), CODECS[codec][1] // 8
    last = channels - 1
    out = muted(body, [Span(500, 900, last)])
    before, after, frame = samples(body), samples(out), width * channels
    for number in range(channels):
        for byte in range(number * width, (number + 1) * width):
            old, new = before[byte::frame], after[byte::frame]
            inside = bytes([SILENCE[codec]]) * 3200 if number == last else old[4000:7200]
            assert new == old[:4000] + inside + old[7200:]
    verify(io.BytesIO(body), io.BytesIO(out), [Span(500, 900, last)])


def test_a_span_without_a_channel_silences_everybody() -> None:
    body = wav("mu-law", 2)
    out = muted(body, [Span(0, 2000)])
    assert set(samples(out)) == {0xFF}
    verify(io.BytesIO(body), io.BytesIO(out), [Span(0, 2000)])


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(sorted(CODECS)),
    st.integers(1, 2),
    st.lists(st.tuples(st.integers(0, 998), st.integers(1, 400), st.sampled_from([None, 0, 1])), max_size=5),
)
def test_whatever_is_muted_verifies_and_less_or_more_does_not(
    codec: str, channels: int, wanted: list[tuple[int, int, int | None]]
) -> None:
    body = wav(codec, channels, milliseconds=1000, rate=11025)
    spans = merge(Span(s, min(s + n, 1000), c) for s, n, c in wanted if c is None or c < channels)
    out = muted(body, spans)
    verify(io.BytesIO(body), io.BytesIO(out), spans)
    assert probe(out, len(out)).frames == probe(body, len(body)).frames
    for span in spans:
        with pytest.raises(VerificationFailed):
            verify(io.BytesIO(body), io.BytesIO(body), [span])
    if spans:
        with pytest.raises(VerificationFailed):
            verify(io.BytesIO(body), io.BytesIO(out), [])


def test_a_single_sample_of_sound_left_in_a_span_fails_verification() -> None:
    body = wav("pcm16", 2)
    out = bytearray(muted(body, [Span(500, 900, 0)]))
    position = probe(body, len(body)).data_offset + 7199 * 4
    out[position] = 1
    with pytest.raises(VerificationFailed, match="left in the span"):
        verify(io.BytesIO(body), io.BytesIO(bytes(out)), [Span(500, 900, 0)])


def test_a_single_sample_changed_outside_fails_verification() -> None:
    body = wav("a-law", 2)
    out = bytearray(muted(body, [Span(500, 900, 0)]))
    out[-1] ^= 1
    with pytest.raises(VerificationFailed, match="outside"):
        verify(io.BytesIO(body), io.BytesIO(bytes(out)), [Span(500, 900, 0)])


@pytest.mark.parametrize(
    "other",
    [wav("mu-law", 2), wav("pcm16", 1), wav("pcm16", 2, rate=16000), wav("pcm16", 2, milliseconds=1999), b"RIFF", b""],
    ids=["codec", "channels", "rate", "duration", "cut", "nothing"],
)
def test_another_format_or_duration_fails_verification(other: bytes) -> None:
    with pytest.raises(VerificationFailed):
        verify(io.BytesIO(wav("pcm16", 2)), io.BytesIO(other), [])


def test_texts_that_name_people_are_left_behind_and_sizes_are_repaired() -> None:
    data = tone(1000) * 2
    name = chunk(b"LIST", b"INFOIART\x06\0\0\0nobody")
    body = riff(name, fmt("pcm16", 2), chunk(b"data", data, size=0), size=0)
    out = muted(body, [Span(100, 200, 1)])
    assert b"nobody" not in out
    assert int.from_bytes(out[4:8], "little") == len(out) - 8
    verify(io.BytesIO(body), io.BytesIO(out), [Span(100, 200, 1)])


def test_texts_after_the_samples_of_a_file_that_announces_no_size_are_no_samples() -> None:
    data, name = tone(1000) * 2, chunk(b"LIST", b"INFOIART\x06\0\0\0nobody")
    body = riff(fmt("pcm16", 2), chunk(b"data", data, size=0xFFFFFFFF), name, size=0xFFFFFFFF)
    sound, out = probe(body, len(body), body), io.BytesIO()
    assert sound.duration_ms == 1000
    mute(io.BytesIO(body), out, sound, [Span(100, 200, 1)])
    assert b"nobody" not in out.getvalue()
    verify(io.BytesIO(body), out, [Span(100, 200, 1)])


def test_names_in_an_oversized_format_chunk_are_left_behind() -> None:
    body = riff(chunk(b"fmt ", fmt("pcm16", 2)[8:] + b"nobody"), chunk(b"data", tone(1000) * 2))
    assert b"nobody" not in muted(body, [])


def test_a_text_smuggled_in_after_the_samples_fails_verification() -> None:
    body = wav("pcm16", 2)
    with pytest.raises(VerificationFailed, match="more than its samples"):
        verify(io.BytesIO(body), io.BytesIO(body + chunk(b"LIST", b"INFO")), [])


@pytest.mark.parametrize("span", [Span(1900, 2001), Span(2000, 2100), Span(0, 100, 2)], ids=str)
def test_a_span_that_is_not_in_the_recording_is_refused_before_a_byte_is_written(span: Span) -> None:
    body, out = wav("pcm16", 2), io.BytesIO()
    with pytest.raises(SpanOutsideRecording):
        mute(io.BytesIO(body), out, probe(body, len(body)), [span])
    assert out.getvalue() == b""
    with pytest.raises(VerificationFailed):
        verify(io.BytesIO(body), io.BytesIO(body), [span])
