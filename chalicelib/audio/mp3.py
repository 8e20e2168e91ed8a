"""MP3 (MPEG-1, 2 and 2.5, layer III): where its frames are, and how they play."""

from __future__ import annotations

import mmap
import struct
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.errors import NotARecording, TruncatedRecording

Bytes = bytes | bytearray | memoryview | mmap.mmap

_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG_1, _RESERVED = 3, 1

DECODER_DELAY = 529
"""Samples by which a decoder that trims nothing is late; with the encoder's own, what players may or may not trim."""

_SYNC_WITHIN = 65_536
_FRAMES_IN_A_ROW = 3


@dataclass(frozen=True, slots=True)
class Frame:
    """What a frame's header says; sizes are bytes, `side_at` counts from the frame's first."""

    size: int
    rate: int
    samples: int
    channels: int
    side_at: int
    side_size: int
    has_crc: bool
    is_mpeg_1: bool
    kbps: int

    @property
    def main_size(self) -> int:
        """Bytes of main data that the frame carries, whichever frame they belong to."""
        return self.size - self.side_at - self.side_size


@dataclass(frozen=True, slots=True)
class Mp3:
    """A file's frames: how they play, and the byte at which each begins.

    One that only describes the others is left out of `frames`; `begin` is the first byte of any, `end` the one after
    the last.
    """

    rate: int
    channels: int
    samples_per_frame: int
    delay: int
    begin: int
    end: int
    frames: tuple[tuple[int, Frame], ...]

    @property
    def duration_ms(self) -> int:
        """Length rounded up, encoder's padding included."""
        return -(-len(self.frames) * self.samples_per_frame * 1000 // self.rate)


@lru_cache(maxsize=4096)
def header(four: bytes) -> Frame | None:
    """The frame that four bytes begin; None if they are no header of layer III."""
    if len(four) < 4 or four[0] != 0xFF or four[1] & 0xE6 != 0xE2:
        return None
    version, kbps_at, rate_at = four[1] >> 3 & 3, four[2] >> 4, four[2] >> 2 & 3
    if version == _RESERVED or rate_at == 3 or kbps_at in (0, 15):
        return None
    is_1, rate = version == _MPEG_1, _RATES[version][rate_at]
    kbps = (_KBPS_1 if is_1 else _KBPS_2)[kbps_at]
    size = (144_000 if is_1 else 72_000) * kbps // rate + (four[2] >> 1 & 1)
    mono, crc = four[3] >> 6 == 3, not four[1] & 1
    side = (17 if mono else 32) if is_1 else (9 if mono else 17)
    return Frame(size, rate, 1152 if is_1 else 576, 1 if mono else 2, 6 if crc else 4, side, crc, is_1, kbps)


def scan(data: Bytes, end: int) -> Mp3:
    """Every frame of a file of `end` bytes, in linear time. Raises NotARecording or TruncatedRecording."""
    at = begin = _first(data, end)
    rate = samples = channels = delay = 0
    found: list[tuple[int, Frame]] = []
    while at + 4 <= end:
        frame = header(bytes(data[at : at + 4]))
        if frame is None or (rate and (frame.rate, frame.samples) != (rate, samples)):
            if bytes(data[at : at + 3]) in (b"TAG", b"APE", b"LYR", b"ID3"):
                break
            at += 1
            continue
        if at + frame.size > end:
            break
        described = not found and _described(data, at, frame)
        if described:
            delay = described
        else:
            found.append((at, frame))
        rate, samples, channels = frame.rate, frame.samples, max(channels, frame.channels)
        at += frame.size
    if not found:
        raise TruncatedRecording("the MP3 holds not one whole frame: ask for it again")
    last_at, last = found[-1]
    return Mp3(rate, channels, samples, max(delay, 0), begin, last_at + last.size, tuple(found))


@dataclass(frozen=True, slots=True)
class Sketch:
    """What a file's beginning tells: its channels, and its length as far as the frames there are like the rest."""

    channels: int
    duration_ms: int


def sketch(head: bytes, size: int) -> Sketch:
    """Of a file of `size` bytes by its first ones. Raises NotARecording or TruncatedRecording."""
    seen = scan(head, len(head))
    played = len(seen.frames) * seen.samples_per_frame * 1000
    return Sketch(seen.channels, played * (size - seen.begin) // (seen.rate * (seen.end - seen.begin)))


def _first(data: Bytes, end: int) -> int:
    """Where frames begin: after ID3 texts, at the first place from which several follow each other."""
    at = 0
    while bytes(data[at : at + 3]) == b"ID3" and at + 10 <= end:
        size = data[at + 6 : at + 10]
        at += 10 + ((size[0] & 127) << 21 | (size[1] & 127) << 14 | (size[2] & 127) << 7 | size[3] & 127)
        at += 10 if data[min(at, end) - 10 : at] == b"3DI" else 0
    for start in range(at, min(end, at + _SYNC_WITHIN)):
        if _follow(data, start, end):
            return start
    raise NotARecording("no MPEG frames follow each other: this is no MP3, whatever its name says")


def _follow(data: Bytes, at: int, end: int) -> bool:
    for _ in range(_FRAMES_IN_A_ROW):
        frame = header(bytes(data[at : at + 4]))
        if frame is None:
            return False
        at += frame.size
        if at >= end:
            return True
    return True


def _described(data: Bytes, at: int, frame: Frame) -> int:
    """The delay in samples that a Xing, Info or VBRI frame tells, -1 where it tells none; 0 if it is sound."""
    tag = at + frame.side_at + frame.side_size
    name = bytes(data[tag : tag + 4])
    if name == b"VBRI" or bytes(data[at + 36 : at + 40]) == b"VBRI":
        return -1
    if name not in (b"Xing", b"Info"):
        return 0
    (flags,) = struct.unpack_from(">I", data, tag + 4)
    lame = tag + 8 + 4 * (flags & 1) + 4 * (flags >> 1 & 1) + 100 * (flags >> 2 & 1) + 4 * (flags >> 3 & 1)
    if lame + 24 > at + frame.size or not bytes(data[lame : lame + 4]).isalnum():
        return -1
    return (data[lame + 21] << 4 | data[lame + 22] >> 4) + DECODER_DELAY or -1
