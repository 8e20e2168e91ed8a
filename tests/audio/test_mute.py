"""Muting and its verification, over every codec and against each other."""

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.codec import channel_of, peak, to_linear
from chalicelib.audio.mute import SILENCE, mute
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import SpanOutsideRecording, VerificationFailed
from chalicelib.model import Span
from chalicelib.spans import merge
from tests.sounds import CODECS, chunk, encode, fmt, rf64, riff, tone, wav


def muted(body: bytes, spans: list[Span], tone: bool = False) -> bytes:
    out = io.BytesIO()
    mute(io.BytesIO(body), out, probe(body, len(body)), spans, tone)
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


@pytest.mark.parametrize("at", [131_071, 131_072, 135_999])
def test_a_sample_changed_beside_a_span_of_another_voice_fails_verification_in_whichever_block(at: int) -> None:
    body, spans = wav("pcm16", 2, milliseconds=18_000), [Span(16_000, 17_000, 0)]
    out = bytearray(muted(body, spans))
    verify(io.BytesIO(body), io.BytesIO(out), spans)
    out[probe(body, len(body)).data_offset + at * 4 + 2] ^= 1
    with pytest.raises(VerificationFailed, match="outside"):
        verify(io.BytesIO(body), io.BytesIO(bytes(out)), spans)


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


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_a_wide_recording_becomes_a_plain_one(magic: bytes) -> None:
    text = chunk(b"LIST", b"INFOICMT\x05\0\0\0hello")
    body = rf64(fmt("mu-law", 2), tone(1000), text, magic=magic)
    out = muted(body, [Span(100, 200, 1)])
    assert out == muted(riff(fmt("mu-law", 2), chunk(b"data", tone(1000))), [Span(100, 200, 1)])
    verify(io.BytesIO(body), io.BytesIO(out), [Span(100, 200, 1)])


def test_verification_is_not_led_astray_by_an_odd_chunk() -> None:
    text = chunk(b"LIST", b"INFOICMT\x05\0\0\0hello")
    body = riff(text, fmt("pcm16", 2), text, chunk(b"data", tone(1000) * 2))
    verify(io.BytesIO(body), io.BytesIO(muted(body, [Span(100, 200)])), [Span(100, 200)])


@pytest.mark.parametrize("channels", [1, 2, 4])
@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("rate", [8000, 11025, 44100])
def test_a_beep_is_soft_has_hard_edges_and_touches_its_channel_alone(codec: str, channels: int, rate: int) -> None:
    body, span = wav(codec, channels, 300, rate), Span(100, 203, channels - 1)
    out = muted(body, [span], tone=True)
    sound, first, last = probe(body, len(body)), 100 * rate // 1000, -(-203 * rate // 1000)
    before, after, frame = samples(body), samples(out), sound.frame_bytes
    for number in range(channels):
        old, new = (channel_of(data, channels, sound.sample_bytes, number) for data in (before, after))
        width = sound.sample_bytes
        assert new[: first * width] + new[last * width :] == old[: first * width] + old[last * width :]
        assert (new == old) is (number != span.channel)
    linear, width = to_linear(
        channel_of(after[first * frame : last * frame], channels, sound.sample_bytes, channels - 1), codec
    )
    assert 1 / 45 < peak(linear, width) / (1 << 8 * width - 1) < 1 / 25
    verify(io.BytesIO(body), io.BytesIO(out), [span], tone=True)
    with pytest.raises(VerificationFailed):
        verify(io.BytesIO(body), io.BytesIO(out), [span])


@pytest.mark.parametrize(
    "spans",
    [
        [Span(0, 1)],
        [Span(0, 2)],
        [Span(1998, 2000, 1)],
        [Span(0, 2000)],
        [Span(300, 700, 0), Span(500, 900), Span(900, 1000, 0)],
    ],
    ids=["first", "two-ms", "last", "all", "over-each-other"],
)
def test_beeps_verify_at_the_edges_and_over_each_other(spans: list[Span]) -> None:
    for codec in CODECS:
        body = wav(codec, 2)
        verify(io.BytesIO(body), io.BytesIO(muted(body, spans, tone=True)), spans, tone=True)


def test_a_long_beep_has_no_seam_where_memory_ends() -> None:
    body, span = wav("pcm32", 4, 12_000, 16_000), Span(20, 11_990)
    verify(io.BytesIO(body), io.BytesIO(muted(body, [span], tone=True)), [span], tone=True)


@pytest.mark.parametrize("codec", CODECS)
def test_silence_speech_a_loud_beep_or_one_changed_sample_is_no_soft_beep(codec: str) -> None:
    body, span = wav(codec, 1), Span(500, 900)
    sound, beeping = probe(body, len(body)), muted(body, [span], tone=True)
    period = encode(tone(100, 8000, 8000 / 19, peak=3000)[:38], codec)
    width = sound.sample_bytes
    start = len(beeping) - len(samples(beeping)) + 4000 * width
    loud = beeping[:start] + (period * 200)[: 3200 * width] + beeping[start + 3200 * width :]
    touched = bytearray(beeping)
    touched[start + 3199 * width + width - 1] ^= 2
    for other in (body, muted(body, [span]), loud, bytes(touched)):
        with pytest.raises(VerificationFailed, match="beep"):
            verify(io.BytesIO(body), io.BytesIO(other), [span], tone=True)
