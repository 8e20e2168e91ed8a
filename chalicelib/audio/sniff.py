"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

from chalicelib.errors import EmptyRecording, NotARecording, ScreenRecording, UnsupportedCodec

HEAD_BYTES = 65_536
"""How much of a file's beginning tells what it is: telephony writes headers of under 1 KiB, texts included."""

WAV, MP3, OGG, FLAC, AMR, MP4, MATROSKA = "wav", "mp3", "ogg", "flac", "amr", "mp4", "webm"
"""Formats that are read; of Ogg and WebM those with Opus, of MP4 those with AAC or Opus."""

_MAGIC = {b"OggS": OGG, b"fLaC": FLAC, b"#!AMR": AMR, b"\x1aE\xdf\xa3": MATROSKA, b"ID3": MP3}
_UNREAD = {b"FORM": "AIFF", b".snd": "AU", b"caff": "CAF", b"0&\xb2u": "WMA"}
INSTEAD = "have the telephony write WAV, MP3, Opus, AAC, AMR or FLAC"
"""What a refusal asks for."""


RF64 = (b"RF64", b"BW64")
"""What begins a WAV whose sizes are 64 bits wide (EBU Tech 3306, ITU-R BS.2088)."""


def kind(head: bytes) -> str:
    """The format that `head` (a file's first `HEAD_BYTES`) begins, RIFF/WAVE, RF64 and BW64 being `WAV`.

    Raises EmptyRecording, ScreenRecording, UnsupportedCodec (a format that is known, and not read) or NotARecording.
    """
    if not head:
        raise EmptyRecording("the file has no byte: ask the telephony for the recording again")
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        raise ScreenRecording("an AVI film is no call recording: stop the source from sending screens")
    if found := _found(head):
        return found
    for magic, name in _UNREAD.items():
        if head.startswith(magic):
            raise UnsupportedCodec(f"{name} is not read: {INSTEAD}")
    raise NotARecording(f"the first bytes are of no known sound format, whatever the file's name says: {INSTEAD}")


def _found(head: bytes) -> str | None:
    if head[:4] in (b"RIFF", *RF64) and head[8:12] == b"WAVE":
        return WAV
    if head[4:8] == b"ftyp":
        return MP4
    named = next((form for magic, form in _MAGIC.items() if head.startswith(magic)), None)
    return named or (MP3 if _is_mpeg_audio(head) else None)


def _is_mpeg_audio(head: bytes) -> bool:
    """A frame header: eleven sync bits, a version and a layer that exist."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x18 != 0x08 and head[1] & 6 != 0
