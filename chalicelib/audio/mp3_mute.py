"""Silence in an MP3 with nothing encoded again: only the frames of the spans are touched, none changes its size.

A muted frame keeps its header; its main data are zeroed wherever the bit reservoir put them, which may be in the
frames before it, and its side information says that there is nothing. What the next audible frame still points back
to is left. Texts around the frames (ID3, APE) are left behind: they carry names and numbers.
"""

from __future__ import annotations

import mmap
import shutil
import struct
from collections.abc import Iterable, Iterator
from typing import BinaryIO

from chalicelib.audio.mp3 import Frame, Mp3, scan
from chalicelib.audio.xing import DECODER_DELAY, description, told_delay
from chalicelib.model import Span

FRAMES_BEFORE, FRAMES_AFTER = 3, 2
"""Frames silenced beside a span: the decoder's filters and its overlap reach over so many."""

Bytes = bytearray | mmap.mmap


def normalise(source: BinaryIO, target: BinaryIO) -> Mp3:
    """Write the frames of `source` (a real file) to `target`, and nothing that lies around or between them.

    A first frame that describes the others is written anew, out of what they are.

    Frames that point back to main data that are not there (the file was cut out of a longer one, or has a gap) are
    emptied: decoders drop them or not, and would disagree on time. Raises NotARecording or TruncatedRecording before a
    byte is written.
    """
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sound = scan(data, len(data))
        target.write(description(data, sound))
        there, end = 0, -1
        for at, frame in sound.frames:
            there = there if at == end else 0
            written = bytearray(data[at : at + frame.size])
            if told_delay(data, at, frame):  # it describes another file, whose frames were put behind this one's
                written[frame.side_at :] = bytes(frame.size - frame.side_at)
                _write_side_information(written, 0, frame, 0)
            if _points_back(written, 0, frame) > there:
                _write_side_information(written, 0, frame, 0)
            target.write(written)
            there, end = there + frame.main_size, at + frame.size
    target.flush()
    return sound


def mute(source: BinaryIO, target: BinaryIO, spans: Iterable[Span]) -> None:
    """Write `source`, which `normalise` wrote, to `target` (a real file, readable too), silent in `spans`."""
    source.seek(0)
    shutil.copyfileobj(source, target)
    target.flush()
    with mmap.mmap(target.fileno(), 0) as data:
        silence(data, scan(data, len(data)), spans)


def margin_ms(source: BinaryIO) -> int:
    """How far from a span a sample may have changed, in a real file."""
    with mmap.mmap(source.fileno(), 0, access=mmap.ACCESS_READ) as data:
        sound = scan(data, len(data))
    frame_ms = -(-sound.samples_per_frame * 1000 // sound.rate)
    return (FRAMES_BEFORE + FRAMES_AFTER + 3) * frame_ms + -(-(sound.delay + DECODER_DELAY) * 1000 // sound.rate)


def silence(data: Bytes, sound: Mp3, spans: Iterable[Span]) -> None:
    """Write silence into the frames of every span, in place. All channels: they share their frames."""
    for first, last in _ranges(sound, spans):
        _clear_before(data, sound, first, last)
        _clear_within(data, sound, first, last)
        _empty_side_information(data, sound, first, last)


def _ranges(sound: Mp3, spans: Iterable[Span]) -> Iterator[tuple[int, int]]:
    """First and last frame of each stretch, for players that trim the delay and for those that do not."""
    count, wanted = len(sound.frames), list[tuple[int, int]]()
    for span in sorted(spans, key=lambda s: (s.start_ms, s.end_ms)):
        start, end = span.start_ms * sound.rate // 1000, -(-span.end_ms * sound.rate // 1000)
        first = max(0, start // sound.samples_per_frame - FRAMES_BEFORE)
        last = min(count - 1, (end + sound.delay + DECODER_DELAY) // sound.samples_per_frame + FRAMES_AFTER)
        if wanted and first <= wanted[-1][1] + 1:
            wanted[-1] = wanted[-1][0], max(last, wanted[-1][1])
        elif first < count:
            wanted.append((first, last))
    yield from wanted


def _points_back(data: Bytes, at: int, frame: Frame) -> int:
    """main_data_begin: how many bytes before the frame its main data begin."""
    side = at + frame.side_at
    return data[side] << 1 | data[side + 1] >> 7 if frame.is_mpeg_1 else data[side]


def _kept_for_next(data: Bytes, sound: Mp3, last: int) -> int:
    """Bytes at the end of the stretch that belong to the next audible frame."""
    return _points_back(data, *sound.frames[last + 1]) if last + 1 < len(sound.frames) else 0


def _clear_before(data: Bytes, sound: Mp3, first: int, last: int) -> None:
    """Zero what the first frame keeps in the frames before it, but for what reaches over the whole stretch."""
    within = sum(frame.main_size for _, frame in sound.frames[first : last + 1])
    left, spared = _points_back(data, *sound.frames[first]), max(0, _kept_for_next(data, sound, last) - within)
    for at, frame in reversed(sound.frames[:first]):
        if left <= 0:
            return
        size = min(left, frame.main_size)
        spare, end = min(spared, size), at + frame.size
        data[end - size : end - spare] = bytes(size - spare)
        left, spared = left - size, spared - spare


def _clear_within(data: Bytes, sound: Mp3, first: int, last: int) -> None:
    spared = _kept_for_next(data, sound, last)
    for at, frame in reversed(sound.frames[first : last + 1]):
        spare, end = min(spared, frame.main_size), at + frame.size
        data[at + frame.side_at + frame.side_size : end - spare] = bytes(frame.main_size - spare)
        spared -= spare


def _empty_side_information(data: Bytes, sound: Mp3, first: int, last: int) -> None:
    """No granule has a bit; the pointer back grows to its largest: every decoder follows it, and it tells nothing."""
    back = _points_back(data, *sound.frames[first])
    for at, frame in sound.frames[first : last + 1]:
        _write_side_information(data, at, frame, back)
        back = min(511 if frame.is_mpeg_1 else 255, back + frame.main_size)


def _write_side_information(data: Bytes, at: int, frame: Frame, back: int) -> None:
    """Of a frame in which no granule has a bit."""
    side = bytearray(frame.side_size)
    side[:2] = bytes((back >> 1, (back & 1) << 7)) if frame.is_mpeg_1 else bytes((back, 0))
    data[at + frame.side_at : at + frame.side_at + frame.side_size] = bytes(side)
    if frame.has_crc:
        data[at + 4 : at + 6] = struct.pack(">H", _crc(bytes(data[at + 2 : at + 4]) + side))


def _crc(data: bytes) -> int:
    """CRC-16 of ISO/IEC 11172-3: 0x8005, over the header's last two bytes and the side information."""
    crc = 0xFFFF
    for byte in data:
        crc ^= byte << 8
        for _ in range(8):
            crc = (crc << 1 ^ 0x8005) & 0xFFFF if crc & 0x8000 else crc << 1 & 0xFFFF
    return crc
