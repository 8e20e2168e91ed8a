"""What a file is, told from its first bytes and never from its name."""

from __future__ import annotations

from chalicelib.errors import EmptyRecording, NotARecording, ScreenRecording, UnsupportedCodec

HEAD_BYTES = 65_536
"""How much of a file's beginning tells what it is: telephony writes headers of under 1 KiB, texts included."""

_SOUND = (
    (b"OggS", "Ogg"),
    (b"fLaC", "FLAC"),
    (b"#!AMR", "AMR"),
    (b"FORM", "AIFF"),
    (b".snd", "AU"),
)
_MOVING_PICTURES = (b"vide", b"V_VP8", b"V_VP9", b"V_AV1", b"V_MPEG")


WAV, MP3 = "wav", "mp3"
"""Formats that are read."""


def kind(head: bytes) -> str:
    """The format that `head` (a file's first `HEAD_BYTES`) begins: `WAV` (RIFF/WAVE or RF64) or `MP3`.

    Raises EmptyRecording, ScreenRecording, UnsupportedCodec (a sound or container known, and not read yet) or
    NotARecording.
    """
    if not head:
        raise EmptyRecording("the file has no byte: ask the telephony for the recording again")
    if head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE":
        return WAV
    if head[:3] == b"ID3" or _is_mpeg_audio(head):
        return MP3
    if head[:4] == b"RIFF" and head[8:12] == b"AVI ":
        raise ScreenRecording("an AVI film is no call recording: stop the source from sending screens")
    if head[4:8] == b"ftyp" or head[:4] == b"\x1aE\xdf\xa3":
        _refuse_container(head)
    for magic, name in _SOUND:
        if head.startswith(magic):
            raise UnsupportedCodec(f"{name} is not read yet: have the telephony write MP3, or WAV, linear or G.711")
    raise NotARecording("the first bytes are of no known sound format, whatever the file's name says")


def _refuse_container(head: bytes) -> None:
    """MP4 and Matroska hold sound, pictures or both; which is not always said at the beginning."""
    if any(mark in head for mark in _MOVING_PICTURES):
        raise ScreenRecording("the file holds moving pictures: stop the source from sending screens")
    raise UnsupportedCodec("MP4 and WebM are not read yet: have the telephony write MP3, or WAV, linear or G.711")


def _is_mpeg_audio(head: bytes) -> bool:
    """A frame header: eleven sync bits, a version and a layer that exist."""
    return len(head) > 2 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 and head[1] & 0x18 != 0x08 and head[1] & 6 != 0
