"""The first frame of an MP3 that has no sound and describes the others: Xing's, with LAME's part, or VBRI."""

from __future__ import annotations

import mmap
import struct
from typing import TYPE_CHECKING

from chalicelib.errors import DamagedRecording, TruncatedRecording

if TYPE_CHECKING:
    from chalicelib.audio.mp3 import Frame, Mp3

Bytes = bytes | bytearray | mmap.mmap

DECODER_DELAY = 529
"""Samples by which a decoder that trims nothing is late; with the encoder's own, what players may or may not trim."""

_MISCOUNTED = 3
"""Frames by which encoders miscount, or which were cut short at the end."""

_TRIMMING = (b"LAME", b"Lavf", b"Lavc")
"""Encoders whose word on what to trim players take."""

_LAME_BYTES = 24


def told_delay(data: Bytes, at: int, frame: Frame) -> int:
    """The delay in samples that a Xing, Info or VBRI frame tells, -1 where it tells none; 0 if it is sound."""
    tag = at + frame.side_at + frame.side_size
    name = bytes(data[tag : tag + 4])
    if name == b"VBRI" or bytes(data[at + 36 : at + 40]) == b"VBRI":
        return -1
    if name not in (b"Xing", b"Info") or tag + 8 > at + frame.size:
        return 0
    trimmed = _trimmed(data, at, frame)
    return trimmed[0] + DECODER_DELAY if trimmed else -1


def _trimmed(data: Bytes, at: int, frame: Frame) -> tuple[int, int] | None:
    """Samples of the encoder's at the beginning and at the end, by LAME's part of a Xing frame; None without one."""
    tag = at + frame.side_at + frame.side_size
    (flags,) = struct.unpack_from(">I", data, tag + 4)
    lame = tag + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    if lame + 24 > at + frame.size or bytes(data[lame : lame + 4]) not in _TRIMMING:
        return None
    return data[lame + 21] << 4 | data[lame + 22] >> 4, (data[lame + 22] & 15) << 8 | data[lame + 23]


def description(data: Bytes, sound: Mp3) -> bytes:
    """The frame that describes the others, made anew: how many there are, their bytes, and what players trim.

    Nothing where there was none, or where it told neither; one that lies would have players leave out sound that we
    hear, or play what we do not, and what else it holds may be text. Raises DamagedRecording where it trims more than
    encoders do.
    """
    if not sound.describing:
        return b""
    at, frame = sound.describing
    tag = frame.side_at + frame.side_size
    if bytes(data[at + tag : at + tag + 4]) not in (b"Xing", b"Info") or frame.size < tag + 16 + _LAME_BYTES:
        return b""
    trimmed = _trimmed(data, at, frame)
    if max(trimmed or (0,)) > 2 * frame.samples + DECODER_DELAY:  # as much as encoders write
        raise DamagedRecording("the MP3 hides part of what it holds: have the telephony write what is played")
    if struct.unpack_from(">I", data, at + tag + 4)[0] & 1:
        (count,) = struct.unpack_from(">I", data, at + tag + 8)
        if count > len(sound.frames) + _MISCOUNTED:
            raise TruncatedRecording("the MP3 ends before the frames that it announces: ask the telephony for it again")
    size = frame.size + sum(kept.size for _, kept in sound.frames)
    told = bytes(data[at + tag : at + tag + 4]) + struct.pack(">III", 3, len(sound.frames), size & 0xFFFFFFFF)
    if trimmed:
        told += b"LAME3.100".ljust(21, b"\0") + (trimmed[0] << 12 | trimmed[1]).to_bytes(3, "big")
    head = bytes((data[at], data[at + 1] | 1, data[at + 2], data[at + 3]))  # without a checksum
    return (head + bytes(frame.side_size) + told).ljust(frame.size, b"\0")
