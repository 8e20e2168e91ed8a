"""MP3 (MPEG-1, 2 and 2.5, layer III): where its frames are, and how they play."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from chalicelib.audio.sketch import Sketch
from chalicelib.audio.xing import told_delay
from chalicelib.errors import DamagedRecording, NotARecording, TruncatedRecording

Bytes = bytes | bytearray | mmap.mmap

_KBPS_1 = (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320)
_KBPS_2 = (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160)
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_MPEG_1, _RESERVED = 3, 1

_SYNC_WITHIN = 65_536
_FRAMES_IN_A_ROW = 3
_HAS_FOOTER = 0x10


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

    @property
    def form(self) -> tuple[int, int, int]:
        """What must not change in a file: rate, samples in a frame, channels."""
        return self.rate, self.samples, self.channels

    @property
    def main_size(self) -> int:
        """Bytes of main data that the frame carries, whichever frame they belong to."""
        return self.size - self.side_at - self.side_size


@dataclass(frozen=True, slots=True)
class Mp3:
    """A file's frames, all of one form: how they play, and the byte at which each begins.

    `describing` is a first frame that has no sound and only describes the others (Xing, LAME, VBRI).
    """

    rate: int
    channels: int
    samples_per_frame: int
    delay: int
    frames: tuple[tuple[int, Frame], ...]
    describing: tuple[int, Frame] | None = None

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
    return Frame(size, rate, 1152 if is_1 else 576, 1 if mono else 2, 6 if crc else 4, side, crc, is_1)


def scan(data: Bytes, end: int) -> Mp3:
    """Every frame of a file of `end` bytes; whatever lies between frames is passed over.

    Raises NotARecording (also where the form changes: decoders then disagree on time and on channels) or
    TruncatedRecording.
    """
    frames = list(_frames(data, end))
    described = told_delay(data, *frames[0]) if frames else 0
    found = frames[1:] if described else frames
    if not found:
        raise TruncatedRecording("the MP3 holds not one whole frame: ask for it again")
    form = found[0][1]
    return Mp3(
        form.rate, form.channels, form.samples, max(described, 0), tuple(found), frames[0] if described else None
    )


def _frames(data: Bytes, end: int) -> Iterator[tuple[int, Frame]]:
    """Whole frames; after something else, only where several follow each other again."""
    at, form = _first(data, end), None
    while at + 4 <= end:
        frame = header(bytes(data[at : at + 4]))
        if frame is None or (form and frame.form != form):
            if frame is not None and _follow(data, at, end):
                raise DamagedRecording("the MP3 changes its form in mid-file: have the telephony write one throughout")
            at = _next(data, at + 1, end)
            continue
        if at + frame.size > end:
            return
        form = frame.form
        yield at, frame
        at += frame.size


def _next(data: Bytes, at: int, end: int) -> int:
    """Where frames go on; `end` if nowhere."""
    while (at := data.find(b"\xff", at, end)) >= 0:
        if _follow(data, at, end):
            return at
        at += 1
    return end


def sketch(head: bytes, size: int) -> Sketch:
    """Of a file of `size` bytes by its first ones. Raises NotARecording or TruncatedRecording."""
    seen = scan(head, len(head))
    begin, (last_at, last) = seen.frames[0][0], seen.frames[-1]
    played = len(seen.frames) * seen.samples_per_frame * 1000
    return Sketch(seen.channels, played * (size - begin) // (seen.rate * (last_at + last.size - begin)))


def texts_end(head: Bytes) -> int:
    """The byte after the ID3 texts that a file begins with; 0 if it begins with none."""
    at = 0
    while bytes(data := head[at : at + 10])[:3] == b"ID3" and len(data) == 10:
        size = (data[6] & 127) << 21 | (data[7] & 127) << 14 | (data[8] & 127) << 7 | data[9] & 127
        at += 10 + size + (10 if data[5] & _HAS_FOOTER else 0)
    return at


def _first(data: Bytes, end: int) -> int:
    """Where frames begin: after ID3 texts, or whatever else; anywhere, should those lie about their length."""
    texts = texts_end(data)
    for begin in (texts, 0) if texts else (0,):
        at = _next(data, begin, min(end, begin + _SYNC_WITHIN))
        if at < min(end, begin + _SYNC_WITHIN):
            return at
    raise NotARecording("no MPEG frames follow each other: this is no MP3, whatever its name says")


def _follow(data: Bytes, at: int, end: int) -> bool:
    """Whether several frames of one form follow each other from a byte on, or up to the end."""
    form = None
    for _ in range(_FRAMES_IN_A_ROW):
        frame = header(bytes(data[at : at + 4]))
        if frame is None or (form and frame.form != form):
            return False
        form = frame.form
        at += frame.size
        if at >= end:
            return True
    return True
