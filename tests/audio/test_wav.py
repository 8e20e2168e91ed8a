"""Headers: every shape that telephony writes, and everything that is none."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.wav import is_plain, probe
from chalicelib.errors import (
    DamagedRecording,
    EmptyRecording,
    NotARecording,
    ScreenRecording,
    TruncatedRecording,
    UnreadableRecording,
    UnsupportedCodec,
)
from chalicelib.model import Sound
from tests.sounds import CODECS, chunk, fmt, rf64, riff, tone, wav

DATA = tone(1000) * 2


def look(body: bytes) -> Sound:
    return probe(body[:HEAD_BYTES], len(body))


@pytest.mark.parametrize("channels", [1, 2, 3])
@pytest.mark.parametrize("codec", CODECS)
def test_a_header_gives_codec_channels_rate_and_duration(codec: str, channels: int) -> None:
    sound = look(wav(codec, channels, milliseconds=1500))
    assert (sound.codec, sound.channels, sound.rate, sound.duration_ms) == (codec, channels, 8000, 1500)


@pytest.mark.parametrize(
    "body",
    [
        riff(fmt("pcm16", 2), chunk(b"data", DATA)),
        riff(fmt("pcm16", 2, extensible=True), chunk(b"data", DATA)),
        riff(fmt("pcm16", 2), chunk(b"data", DATA, size=0), size=0),
        riff(fmt("pcm16", 2), chunk(b"data", DATA, size=0xFFFFFFFF), size=0xFFFFFFFF),
        riff(fmt("pcm16", 2), chunk(b"LIST", b"INFOICMT\x05\0\0\0hello"), chunk(b"data", DATA)),
        riff(fmt("pcm16", 2), chunk(b"data", DATA), chunk(b"LIST", b"INFOIART\x06\0\0\0nobody")),
        rf64(fmt("pcm16", 2), DATA),
        rf64(fmt("pcm16", 2, extensible=True), DATA, chunk(b"LIST", b"INFOICMT\x05\0\0\0hello"), magic=b"BW64"),
    ],
    ids=["plain", "extensible", "sizes-of-0", "sizes-of-ffffffff", "odd-chunk-before", "texts-after", "rf64", "bw64"],
)
def test_every_way_of_writing_one_second_reads_as_one_second(body: bytes) -> None:
    assert (look(body).duration_ms, look(body).frames) == (1000, 8000)


def test_a_duration_covers_the_last_sample() -> None:
    body = riff(fmt("pcm16", 1), chunk(b"data", b"\1\0" * 8001))
    assert look(body).duration_ms == 1001


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (b"", EmptyRecording),
        (riff(fmt("pcm16", 2), chunk(b"data", b"")), EmptyRecording),
        (riff(fmt("pcm16", 2), chunk(b"data", DATA, size=len(DATA) * 2)), TruncatedRecording),
        (wav()[:30], TruncatedRecording),
        (b"Bonjour, ceci est un texte.\n" * 40, NotARecording),
        (b"\0" * 5000, NotARecording),
        (riff(chunk(b"data", DATA)), NotARecording),
        (riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 8000, 0, 0, 16)), chunk(b"data", DATA)), DamagedRecording),
        (riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 17, 8000, 0, 34, 16)), chunk(b"data", DATA)), DamagedRecording),
        (
            riff(chunk(b"fmt ", struct.pack("<HHIIHH", 0x45, 1, 8000, 4000, 1, 4)), chunk(b"data", DATA)),
            UnsupportedCodec,
        ),
        (riff(fmt("pcm16", 2), chunk(b"data", DATA, size=0xFFFFFFFE)), TruncatedRecording),
        (riff(fmt("pcm16", 2), chunk(b"LIST", b"INFO", size=0xFFFFFFFF), chunk(b"data", DATA)), TruncatedRecording),
        (riff(chunk(b"LIST", b"") * 9000, fmt("pcm16", 2), chunk(b"data", DATA)), TruncatedRecording),
        (riff(fmt("pcm16", 2), fmt("pcm16", 2, 16000), chunk(b"data", DATA)), DamagedRecording),
        (b"RF64" + wav()[4:], DamagedRecording),
        (rf64(fmt("pcm16", 2), DATA, riff_off=1000), TruncatedRecording),
        (rf64(fmt("pcm16", 2), DATA, riff_off=-1000), TruncatedRecording),
        (rf64(fmt("pcm16", 2), DATA, data_off=4), TruncatedRecording),
        (rf64(fmt("pcm16", 2), DATA, data_off=1 << 63), TruncatedRecording),
        (b"OggS" + bytes(60), NotARecording),
        (b".snd" + bytes(60), UnsupportedCodec),
        (b"FORM\0\0\0\0AIFF" + bytes(60), UnsupportedCodec),
        (b"ID3\x04" + bytes(60), NotARecording),
        (b"\xff\xfb\x90\x64" + bytes(60), NotARecording),
        (b"RIFF\0\0\0\0AVI LIST", ScreenRecording),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value[:12]),
)
def test_what_cannot_be_read_is_refused_by_name(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        look(body)


@pytest.mark.parametrize("head", [rf64(fmt("pcm16", 2), b""), riff(fmt("pcm16", 2), chunk(b"data", b"", size=0))])
def test_samples_of_4_gib_are_refused_before_they_are_written(head: bytes) -> None:
    size = len(head) + (1 << 32)
    if head[:4] == b"RF64":
        head = head[:20] + struct.pack("<QQ", size - 8, 1 << 32) + head[36:]
    with pytest.raises(UnsupportedCodec, match="4 GiB"):
        probe(head, size)


@given(st.binary(max_size=200), st.integers(0, 80), st.binary(max_size=40))
def test_no_bytes_make_the_reader_do_anything_but_answer_or_refuse(junk: bytes, cut: int, patch: bytes) -> None:
    good, wide = wav(milliseconds=20), rf64(fmt("pcm16", 2), DATA[:640])
    patched = (body[:cut] + patch + body[cut + len(patch) :] for body in (good, wide))
    for body in (junk, good[:cut], wide[:cut], *patched):
        try:
            assert look(body).frames > 0
        except (UnreadableRecording, ScreenRecording):
            pass


@pytest.mark.parametrize(
    ("body", "plain"),
    [
        (wav(), True),
        (wav("a-law"), False),
        (wav("pcm24"), False),
        (riff(fmt("pcm16", 2, extensible=True), chunk(b"data", DATA)), False),
        (riff(fmt("pcm16", 2), chunk(b"data", DATA, size=0)), False),
        (riff(fmt("pcm16", 2), chunk(b"data", DATA), size=0), False),
        (riff(fmt("pcm16", 2), chunk(b"data", DATA), chunk(b"data", DATA)), False),
        (riff(fmt("pcm16", 2), chunk(b"LIST", b"INFO"), chunk(b"data", DATA)), True),
        (rf64(fmt("pcm16", 2), DATA), False),
        (b"fLaC" + bytes(60), False),
    ],
    ids=["pcm16", "a-law", "pcm24", "extensible", "size-0", "riff-0", "two-data", "a-list", "rf64", "flac"],
)
def test_only_a_wav_that_every_reader_reads_alike_is_plain(body: bytes, plain: bool) -> None:
    assert is_plain(body, len(body)) is plain


def test_a_wav_of_more_than_a_recogniser_takes_is_not_plain() -> None:
    body = wav()
    assert not is_plain(struct.pack("<4sI", b"RIFF", 2_000_000_100 - 8) + body[8:], 2_000_000_100)
