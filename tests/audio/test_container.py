"""AAC and Opus in MP4 and WebM: packets muted, the others passed on, nothing encoded again."""

from __future__ import annotations

import errno
import io
import struct

import av
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.aac import silent_frame
from chalicelib.audio.container import BESIDE, margin_ms, mute, normalise, sketch
from chalicelib.errors import DamagedRecording, ScreenRecording, UnreadableRecording, UnsupportedCodec
from chalicelib.model import Span
from tests.audio.coded import NAME, encoded, film, heard

SPANS = [Span(2_000, 3_000), Span(2_100, 2_900, 0), Span(6_000, 6_120), Span(12_000, 14_500)]
CALLS = {
    "M4A, 8 kHz": ("ipod", "aac", 8000, 1, 16),
    "M4A, 16 kHz, stereo": ("ipod", "aac", 16000, 2, 64),
    "MP4, 44.1 kHz": ("mp4", "aac", 44100, 1, 48),
    "MP4, 48 kHz, stereo": ("mp4", "aac", 48000, 2, 96),
    "MP4 in fragments": ("mp4", "aac", 16000, 1, 32, 16, "movflags=frag_keyframe+empty_moov"),
    "MP4 in fragments of a second": ("mp4", "aac", 16000, 1, 32, 16, "movflags=delay_moov:frag_duration=1000000"),
    "MP4 with Opus": ("mp4", "libopus", 48000, 2, 32),
    "WebM, stereo": ("webm", "libopus", 48000, 2, 24),
    "WebM for speech, with copies of earlier packets": (
        "webm", "libopus", 48000, 1, 20, 16, "application=voip:fec=1:packet_loss=20",
    ),
    "WebM, packets of 60 ms": ("webm", "libopus", 48000, 1, 16, 16, "frame_duration=60"),
    "WebM without an index": ("webm", "libopus", 48000, 1, 24, 16, "live=1"),
}  # fmt: skip


def muted(body: bytes, spans: list[Span]) -> bytes:
    out = io.BytesIO()
    mute(io.BytesIO(body), out, spans)
    return out.getvalue()


def packets(body: bytes) -> list[tuple[float, bytes]]:
    with av.open(io.BytesIO(body)) as container:
        return [(float(packet.pts * packet.time_base), bytes(packet)) for packet in container.demux() if packet.size]


@pytest.mark.parametrize("call", CALLS)
def test_spans_are_silent_and_the_sound_settles_soon_after_them(call: str) -> None:
    body = encoded(*CALLS[call])
    (before, rate), (after, _) = heard(body), heard(muted(body, SPANS))
    assert 0 <= len(after) - len(before) <= rate * 6 // 100  # what a player does not play of the last packet
    after = after[: len(before)]
    margin, untouched = margin_ms(io.BytesIO(body)), numpy.ones(len(before), bool)
    for span in SPANS:
        first, last = span.start_ms * rate // 1000, span.end_ms * rate // 1000
        assert abs(before[first:last]).max() > 500
        assert abs(after[first:last]).max() < 1e-6
        untouched[max(0, first - margin * rate // 1000) : last + margin * rate // 1000] = False
    assert untouched.sum() > 3 * rate
    loud = numpy.sqrt((before[untouched] ** 2).mean()), numpy.sqrt((after[untouched] ** 2).mean())
    assert abs(loud[0] - loud[1]) < 0.01 * loud[0]


@pytest.mark.parametrize("call", CALLS)
def test_packets_away_from_the_spans_are_the_same_at_the_same_time_and_none_of_the_secret_is_left(call: str) -> None:
    body = encoded(*CALLS[call])
    left = muted(body, SPANS)
    before, after = packets(body), packets(left)
    length = before[5][0] - before[4][0]
    far = [abs(at - (s.start_ms + s.end_ms) / 2000) - (s.end_ms - s.start_ms) / 2000 for at, _ in before for s in SPANS]
    assert [at for at, _ in before] == pytest.approx([at for at, _ in after], abs=0.002)
    for number, ((_, one), (_, other)) in enumerate(zip(before, after, strict=True)):
        nearest = min(far[number * len(SPANS) : (number + 1) * len(SPANS)])
        if nearest > (BESIDE + 2) * length:
            assert one == other
        elif nearest < 0:
            assert len(other) <= 16
            assert body.count(one) > 1 or one not in left


def test_texts_behind_the_codecs_header_are_left_behind() -> None:
    for call in ("MP4, 44.1 kHz", "WebM, stereo"):
        out = io.BytesIO()
        with av.open(io.BytesIO(encoded(*CALLS[call]))) as whole, av.open(out, "w", format=CALLS[call][0]) as told:
            copy = told.add_stream(template=whole.streams.audio[0])
            copy.codec_context.extradata = bytes(copy.codec_context.extradata) + NAME.encode()
            for packet in whole.demux():
                if packet.size:
                    packet.stream = copy
                    told.mux(packet)
        with av.open(io.BytesIO(out.getvalue())) as told:
            assert NAME.encode() in bytes(told.streams.audio[0].codec_context.extradata)
        left = muted(out.getvalue(), [])
        assert NAME.encode() not in left
        assert heard(left)[0].any()


def test_names_that_the_file_carries_are_left_behind() -> None:
    for call in ("MP4, 44.1 kHz", "WebM, stereo"):
        body = encoded(*CALLS[call])
        assert NAME.encode() in body
        assert NAME.encode() not in muted(body, [])


@pytest.mark.parametrize("call", CALLS)
def test_channels_and_length_are_told_without_decoding(call: str) -> None:
    body = encoded(*CALLS[call])
    samples, rate = heard(body)
    seen = sketch(io.BytesIO(body))
    assert seen.channels == samples.shape[1]
    assert abs(seen.duration_ms - 1000 * len(samples) / rate) < 150


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_a_file_with_moving_pictures_is_refused(form: str) -> None:
    with pytest.raises(ScreenRecording):
        normalise(io.BytesIO(film(form)), io.BytesIO())


OTHERS = [("matroska", "aac", 16000, 1, 32), ("webm", "libvorbis", 16000, 1, 32), ("mp4", "libmp3lame", 16000, 1, 32)]


@pytest.mark.parametrize("call", OTHERS)
def test_sound_of_another_codec_is_refused(call: tuple[str, str, int, int, int]) -> None:
    with pytest.raises(UnsupportedCodec):
        normalise(io.BytesIO(encoded(*call, 4)), io.BytesIO())


def test_a_file_whose_sound_has_a_gap_is_refused() -> None:
    out = io.BytesIO()
    with av.open(io.BytesIO(encoded(*CALLS["WebM, stereo"]))) as whole, av.open(out, "w", format="webm") as gappy:
        copy = gappy.add_stream(template=whole.streams.audio[0])
        for packet in whole.demux():
            if packet.size and not 4_000 < packet.pts < 6_000:
                packet.stream = copy
                gappy.mux(packet)
    with pytest.raises(DamagedRecording, match="gap"):
        normalise(io.BytesIO(out.getvalue()), io.BytesIO())


def test_a_silent_frame_is_made_for_mono_and_stereo_at_rates_in_and_out_of_the_table() -> None:
    assert silent_frame(bytes((0x15, 0x88))) == bytes.fromhex("00000007")
    assert len(silent_frame(bytes((0x15, 0x90)))) == 6
    written_out = int("00010" + "1111" + f"{9_000:024b}" + "0001" + "000", 2).to_bytes(5, "big")
    assert silent_frame(written_out) == silent_frame(bytes((0x15, 0x88)))
    for other in (b"", b"\x15", bytes((0x15, 0xB0)), struct.pack(">H", 23 << 11)):
        with pytest.raises(UnsupportedCodec):
            silent_frame(other)


def test_tables_that_announce_more_than_the_file_can_hold_are_refused_before_memory_is_made_for_them() -> None:
    body = bytearray(encoded(*CALLS["M4A, 8 kHz"]))
    at = body.index(b"stsz") + 12
    body[at : at + 4] = struct.pack(">I", 60_000_000)
    with pytest.raises(DamagedRecording, match="more than it can hold"):
        sketch(io.BytesIO(bytes(body)))
    hidden = bytearray(encoded(*CALLS["M4A, 8 kHz"]))
    hidden += struct.pack(">I4s", 4_000, b"udta") + struct.pack(">I4sIII", 20, b"stsz", 0, 1, 60_000_000)
    with pytest.raises(DamagedRecording, match="more than it can hold"):
        sketch(io.BytesIO(bytes(hidden)))
    at = body.index(b"elst") + 8
    body[body.index(b"stsz") + 12 : body.index(b"stsz") + 16] = struct.pack(">I", 100)
    body[at : at + 4] = struct.pack(">I", 100_000)
    with pytest.raises(DamagedRecording, match="more than it can hold"):
        sketch(io.BytesIO(bytes(body)))
    nested = struct.pack(">I4s", 16, b"ftyp") + b"isom" + bytes(4)
    nested += b"".join(struct.pack(">I4s", 8 * (5_000 - n), b"moov") for n in range(5_000))
    with pytest.raises(UnreadableRecording):
        sketch(io.BytesIO(nested))


def test_a_full_disk_is_no_damage_of_the_recording() -> None:
    class Full(io.BytesIO):
        def write(self, _: object) -> int:
            raise OSError(errno.ENOSPC, "No space left on device")

    for call in ("M4A, 8 kHz", "WebM, stereo"):
        with pytest.raises(OSError, match="No space"):
            normalise(io.BytesIO(encoded(*CALLS[call])), Full())


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["M4A, 8 kHz", "WebM, stereo"]), st.integers(0, 60_000), st.binary(max_size=40), st.booleans())
def test_whatever_is_broken_is_read_or_refused(call: str, at: int, put: bytes, cut: bool) -> None:
    body = bytearray(encoded(*CALLS[call]))
    at %= len(body)
    body[at : at + len(put)] = put
    try:
        left = muted(bytes(body[:at] if cut else body), [Span(0, 60_000)])
    except (UnreadableRecording, ScreenRecording):
        return
    assert len(left) < 2 * len(body)
