"""MP3 muted with nothing encoded again: silent in the span for two decoders, the same to the sample beyond a margin."""

from __future__ import annotations

import io
import struct
import wave
from functools import cache
from pathlib import Path

import av
import lameenc
import miniaudio
import numpy
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.audio.mp3 import header, scan, sketch
from chalicelib.audio.mp3_mute import margin_ms, mute, normalise, silence
from chalicelib.errors import DamagedRecording, UnreadableRecording
from chalicelib.model import Span
from tests.audio.coded import encoded as described
from tests.sounds import audioop

CALL = Path(__file__).parents[1] / "corpus/demo/en-card.wav"
SPANS = [Span(3_000, 4_000), Span(7_300, 7_420), Span(12_000, 15_000)]
ENCODINGS = [
    (8000, 1, 16, False), (8000, 2, 24, False), (8000, 2, 32, True), (11025, 1, 24, False), (16000, 2, 48, False),
    (22050, 2, 64, True), (24000, 1, 40, False), (32000, 2, 96, False), (44100, 2, 128, True), (48000, 1, 64, False),
]  # fmt: skip


@cache
def encoded(rate: int, channels: int, kbps: int, vbr: bool) -> bytes:
    """Twenty seconds of a recorded call as an MP3."""
    with wave.open(str(CALL)) as call:
        samples = call.readframes(20 * call.getframerate())
        samples, _ = audioop.ratecv(samples, 2, 2, call.getframerate(), rate, None)
    if channels == 1:
        samples = audioop.tomono(samples, 2, 0.5, 0.5)
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(kbps)
    encoder.set_in_sample_rate(rate)
    encoder.set_out_sample_rate(rate)
    encoder.set_channels(channels)
    encoder.set_quality(5)
    encoder.set_vbr(4 if vbr else 0)
    encoder.silence()
    return bytes(encoder.encode(samples) + encoder.flush())


def by_dr_mp3(body: bytes, folder: Path) -> numpy.ndarray:
    form = miniaudio.mp3_get_info(body)
    samples = miniaudio.mp3_read_s16(body).samples
    return numpy.frombuffer(samples, "<i2").reshape(-1, form.nchannels)


def by_ffmpeg(body: bytes, folder: Path) -> numpy.ndarray:
    with av.open(io.BytesIO(body)) as container:
        frames = [frame.to_ndarray() for frame in container.decode(audio=0)]
    return (numpy.concatenate(frames, axis=1).T * 32768).astype("<i4")


def muted(body: bytes, tmp_path: Path) -> bytes:
    with (tmp_path / "frames").open("wb") as frames:
        (tmp_path / "original").write_bytes(body)
        with (tmp_path / "original").open("rb") as source:
            normalise(source, frames)
    with (tmp_path / "frames").open("rb") as source, (tmp_path / "muted").open("w+b") as target:
        mute(source, target, SPANS)
    return (tmp_path / "muted").read_bytes()


@pytest.mark.parametrize("decoded", [by_dr_mp3, by_ffmpeg])
@pytest.mark.parametrize("encoding", ENCODINGS, ids=str)
def test_spans_are_silent_and_nothing_else_is_changed_beyond_the_margin(
    encoding: tuple[int, int, int, bool], decoded: object, tmp_path: Path
) -> None:
    body, rate = encoded(*encoding), encoding[0]
    before, after = decoded(body, tmp_path), decoded(muted(body, tmp_path), tmp_path)  # type: ignore[operator]
    assert before.shape == after.shape
    (tmp_path / "original").write_bytes(body)
    with (tmp_path / "original").open("rb") as source:
        margin = margin_ms(source)
    untouched = numpy.ones(len(before), bool)
    assert abs(before[3 * rate : 15 * rate].astype(int)).max() > 1_000
    for span in SPANS:
        first, last = span.start_ms * rate // 1000, span.end_ms * rate // 1000
        assert abs(after[first:last]).max() == 0
        untouched[max(0, first - margin * rate // 1000) : last + margin * rate // 1000] = False
    assert untouched.sum() > rate * 5
    assert (before[untouched] == after[untouched]).all()


def test_frames_protected_by_a_checksum_get_a_right_one(tmp_path: Path) -> None:
    protected = with_checksums(encoded(44100, 2, 128, False))
    after = muted(protected, tmp_path)
    sound = scan(after, len(after))
    assert all(frame.has_crc for _, frame in sound.frames)
    assert all(
        after[at + 4 : at + 6] == checksum(after[at : at + frame.size], frame.side_size) for at, frame in sound.frames
    )


def with_checksums(body: bytes) -> bytes:
    """The same frames with the protection bit cleared and a checksum put in, at the cost of two bytes of main data.

    Only side information is asked about in this test: what the two bytes were is lost.
    """
    out = bytearray(body)
    for at, frame in scan(body, len(body)).frames:
        side = bytes(out[at + 4 : at + 4 + frame.side_size])
        out[at + 1] &= 0xFE
        out[at + 6 : at + 6 + frame.side_size] = side
        out[at + 4 : at + 6] = checksum(bytes(out[at : at + frame.size]), frame.side_size)
    return bytes(out)


def checksum(frame: bytes, side_size: int) -> bytes:
    """CRC-16/UMTS without reflection, start 0xFFFF, bit by bit over the text of ISO/IEC 11172-3."""
    register = 0xFFFF
    for byte in frame[2:4] + frame[6 : 6 + side_size]:
        for bit in range(7, -1, -1):
            top = register >> 15 ^ byte >> bit & 1
            register = register << 1 & 0xFFFF ^ (0x8005 if top else 0)
    return struct.pack(">H", register)


def test_texts_before_and_after_the_frames_are_left_behind(tmp_path: Path) -> None:
    body = encoded(8000, 1, 16, False)
    name = b"card of Ms Doe"
    tagged = b"ID3\x04\0\0\0\0\0" + bytes([len(name)]) + name + body + b"TAG" + name.ljust(125, b"\0")
    assert name not in muted(tagged, tmp_path)
    assert muted(tagged, tmp_path) == muted(body, tmp_path)


def test_a_first_frame_that_lies_is_written_anew_and_one_that_hides_much_is_refused(tmp_path: Path) -> None:
    body = bytearray(described("mp3", "libmp3lame", 44100, 2, 128, 20))
    sound = scan(body, len(body))
    assert sound.describing
    tag = sound.describing[0] + sound.describing[1].side_at + sound.describing[1].side_size
    body[tag + 8 : tag + 12] = struct.pack(">I", 60)
    body[tag + 16 : tag + 116] = b"card of Ms Doe".ljust(100)
    left = muted(bytes(body), tmp_path)
    assert b"Ms Doe" not in left
    assert struct.unpack_from(">I", left, left.index(bytes(body[tag : tag + 4])) + 8)[0] == len(sound.frames)
    assert len(by_ffmpeg(left, tmp_path)) > 18 * 44100
    lame = tag + 8 + 4 + 4 + 100 + 4
    assert bytes(body[lame : lame + 4]).isalnum()
    body[lame + 22 : lame + 24] = b"\xff\xff"
    with pytest.raises(DamagedRecording, match="hides"):
        muted(bytes(body), tmp_path)


def test_what_described_a_file_that_was_put_behind_another_is_emptied_with_its_texts(tmp_path: Path) -> None:
    body = bytearray(described("mp3", "libmp3lame", 8000, 1, 16, 9))
    sound = scan(body, len(body))
    assert sound.describing
    tag = sound.describing[0] + sound.describing[1].side_at + sound.describing[1].side_size
    body[tag + 16 : tag + 40] = b"card of Ms Doe".ljust(24)
    left = muted(bytes(body) + bytes(body[sound.describing[0] :]), tmp_path)
    assert b"Ms Doe" not in left
    assert len(scan(left, len(left)).frames) == 2 * len(sound.frames) + 1


def test_nothing_of_the_secret_is_left_in_the_file(tmp_path: Path) -> None:
    """Side information restored, the frames of a span still decode to silence: their main data are gone."""
    body = bytearray(encoded(16000, 2, 48, False))
    sound = scan(body, len(body))
    sides = {at: bytes(body[at : at + frame.side_at + frame.side_size]) for at, frame in sound.frames}
    silence(body, sound, [Span(4_000, 9_000)])
    for at, side in sides.items():
        body[at : at + len(side)] = side
    decoded = by_dr_mp3(bytes(body), tmp_path)
    heard = by_dr_mp3(encoded(16000, 2, 48, False), tmp_path)[5 * 16000 : 8 * 16000, 0].astype(float)
    left = decoded[5 * 16000 : 8 * 16000, 0].astype(float)
    assert abs(numpy.corrcoef(heard, left + numpy.random.default_rng(1).normal(size=len(left)) * 1e-6)[0, 1]) < 0.05


def test_a_beginning_tells_channels_and_about_the_length() -> None:
    body = encoded(8000, 2, 24, False)
    seen = sketch(body[:20_000], len(body))
    assert seen.channels == 2
    assert 16_000 < seen.duration_ms < 24_000


def test_a_form_that_changes_in_mid_file_is_refused() -> None:
    for other in ((16000, 1, 32, False), (8000, 2, 24, False)):
        joined = encoded(8000, 1, 16, False) + encoded(*other)
        with pytest.raises(DamagedRecording, match="changes its form"):
            scan(joined, len(joined))


def test_gaps_texts_and_a_missing_beginning_leave_one_time_line(tmp_path: Path) -> None:
    body = encoded(8000, 1, 16, False)
    sound = scan(body, len(body))
    cut = sound.frames[30][0]
    middle = sound.frames[150][0] - cut
    late = body[cut:]
    for broken in (
        late,
        late[:middle] + bytes(range(256)) * 4 + late[middle:],
        late[:middle] + b"ID3\x04\0\0\0\0\0\x7f" + bytes(127) + late[middle:],
        late + b"APETAGEX" + bytes(900),
    ):
        (tmp_path / "in").write_bytes(broken)
        with (tmp_path / "in").open("rb") as source, (tmp_path / "frames").open("wb") as frames:
            kept = normalise(source, frames)
        written = (tmp_path / "frames").read_bytes()
        for decoded in (by_dr_mp3, by_ffmpeg):
            assert abs(len(decoded(written, tmp_path)) - len(kept.frames) * 576) <= 2 * 576
        assert len(kept.frames) >= len(sound.frames) - 34


def test_spans_of_one_time_on_one_channel_and_on_all_are_one() -> None:
    body = bytearray(encoded(8000, 2, 24, False))
    silence(body, scan(body, len(body)), [Span(1_000, 2_000), Span(1_000, 2_000, 0)])


def test_a_description_cut_off_at_the_end_is_no_crash() -> None:
    frame = bytearray(header(b"\xff\xf3\x84\x40").size)  # type: ignore[union-attr]
    frame[:4], frame[21:25] = b"\xff\xf3\x84\x40", b"Xing"
    body = bytes(frame) * 2 + b"\xff\xf3\x14\x40" + bytes(17) + b"Xin" + b"g"
    assert len(scan(body, len(body)).frames) >= 1


def test_headers_of_other_layers_and_reserved_values_are_none() -> None:
    for four in (b"\xff\xfd\x90\x64", b"\xff\xfb\xf0\x64", b"\xff\xfb\x0c\x64", b"\xff\xeb\x90\x64", b"abcd", b"\xff"):
        assert header(four) is None


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 3_000), st.binary(max_size=40), st.integers(0, 6_000))
def test_whatever_is_broken_is_read_or_refused_and_never_more(at: int, put: bytes, cut: int) -> None:
    body = bytearray(encoded(8000, 1, 16, False)[:6_000])
    body[at : at + len(put)] = put
    del body[cut:]
    try:
        sound = scan(body, len(body))
    except UnreadableRecording:
        return
    size = len(body)
    silence(body, sound, [Span(0, 60_000)])
    assert len(body) == size


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=2_000))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    try:
        scan(body, len(body))
    except UnreadableRecording:
        pass
