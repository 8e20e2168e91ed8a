"""Headers: every shape that telephony writes, and everything that is none."""

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.wav import probe
from chalicelib.errors import (
    EmptyRecording,
    NotARecording,
    ScreenRecording,
    TruncatedRecording,
    UnreadableRecording,
    UnsupportedCodec,
)
from chalicelib.model import Sound
from tests.sounds import CODECS, chunk, fmt, riff, tone, wav

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
    ],
    ids=["plain", "extensible", "sizes-of-0", "sizes-of-ffffffff", "odd-chunk-before", "texts-after"],
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
        (riff(chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 8000, 0, 0, 16)), chunk(b"data", DATA)), NotARecording),
        (
            riff(chunk(b"fmt ", struct.pack("<HHIIHH", 0x31, 1, 8000, 1625, 65, 0)), chunk(b"data", DATA)),
            UnsupportedCodec,
        ),
        (b"RF64" + wav()[4:], UnsupportedCodec),
        (b"OggS" + bytes(60), UnsupportedCodec),
        (b"ID3\x04" + bytes(60), NotARecording),
        (b"\xff\xfb\x90\x64" + bytes(60), NotARecording),
        (b"#!AMR\n" + bytes(60), UnsupportedCodec),
        (b"\0\0\0\x18ftypM4A " + bytes(60), UnsupportedCodec),
        (b"\0\0\0\x18ftypisom" + bytes(60) + b"hdlr\0\0\0\0\0\0\0\0vide", ScreenRecording),
        (b"\x1aE\xdf\xa3" + bytes(60) + b"V_VP9", ScreenRecording),
        (b"RIFF\0\0\0\0AVI LIST", ScreenRecording),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else str(value[:12]),
)
def test_what_cannot_be_read_is_refused_by_name(body: bytes, error: type[Exception]) -> None:
    with pytest.raises(error):
        look(body)


@given(st.binary(max_size=200), st.integers(0, 44), st.binary(max_size=40))
def test_no_bytes_make_the_reader_do_anything_but_answer_or_refuse(junk: bytes, cut: int, patch: bytes) -> None:
    good = wav(milliseconds=20)
    for body in (junk, good[:cut] + patch + good[cut + len(patch) :], good[:cut]):
        try:
            assert look(body).frames > 0
        except (UnreadableRecording, ScreenRecording):
            pass
