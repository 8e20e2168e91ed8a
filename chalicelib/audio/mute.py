"""Muting: the original's samples, digital silence in the spans, and nothing else.

The output holds the format and the samples only. Other chunks (LIST/INFO, id3, bext …) carry names and
numbers, so they are left behind; sizes that a streaming recorder never filled in are right in the output.
Memory is constant: `_BLOCK` bytes, whatever the recording's length.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

from chalicelib.errors import SpanOutsideRecording, TruncatedRecording
from chalicelib.model import Sound, Span

SILENCE = {"pcm8": 0x80, "pcm16": 0, "pcm24": 0, "pcm32": 0, "mu-law": 0xFF, "a-law": 0xD5}
"""The byte that is digital silence in each codec (ITU-T G.711 for the last two)."""

_BLOCK = 1 << 20


def mute(source: BinaryIO, target: BinaryIO, sound: Sound, spans: Iterable[Span]) -> None:
    """Write `source` to `target` (writable, readable and seekable) with `spans` silenced.

    Raises SpanOutsideRecording before a byte is written.
    """
    wanted = list(spans)
    for span in wanted:
        _require_inside(span, sound)
    data_at = _write_header(target, sound)
    source.seek(sound.data_offset)
    _copy(source, target, sound.data_size)
    if sound.data_size % 2:
        target.write(b"\0")
    for span in wanted:
        _silence(target, data_at, sound, span)
    target.flush()


def frame_range(span: Span, sound: Sound) -> tuple[int, int]:
    """First sample of the span and the one after its last: rounded outward, never inward."""
    first = span.start_ms * sound.rate // 1000
    last = -(-span.end_ms * sound.rate // 1000)
    return first, min(last, sound.frames)


def _require_inside(span: Span, sound: Sound) -> None:
    if span.end_ms > sound.duration_ms or span.start_ms * sound.rate // 1000 >= sound.frames:
        raise SpanOutsideRecording(
            f"a span of {span.start_ms}-{span.end_ms} ms is not in a recording of {sound.duration_ms} ms"
        )
    if span.channel is not None and span.channel >= sound.channels:
        raise SpanOutsideRecording(f"channel {span.channel} is not in a recording of {sound.channels} channel(s)")


def _write_header(target: BinaryIO, sound: Sound) -> int:
    """Write RIFF, fmt, fact where the codec wants it, and the data chunk's head; return where samples begin."""
    chunks = _chunk(b"fmt ", sound.fmt)
    if not sound.codec.startswith("pcm"):
        chunks += _chunk(b"fact", struct.pack("<I", sound.frames))
    padded = sound.data_size + sound.data_size % 2
    size = 4 + len(chunks) + 8 + padded
    header = struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + chunks + struct.pack("<4sI", b"data", sound.data_size)
    target.write(header)
    return len(header)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)


def _copy(source: BinaryIO, target: BinaryIO, count: int) -> None:
    while count:
        block = source.read(min(count, _BLOCK))
        if not block:
            raise TruncatedRecording("the recording ended while it was read: ask for it again")
        target.write(block)
        count -= len(block)


def _silence(target: BinaryIO, data_at: int, sound: Sound, span: Span) -> None:
    """Overwrite one span, block by block; the other channels' bytes are written back as they were."""
    first, last = frame_range(span, sound)
    step = max(1, _BLOCK // sound.frame_bytes)
    for start in range(first, last, step):
        position = data_at + start * sound.frame_bytes
        target.seek(position)
        block = bytearray(target.read((min(start + step, last) - start) * sound.frame_bytes))
        _blank(block, sound, span.channel)
        target.seek(position)
        target.write(block)


def _blank(block: bytearray, sound: Sound, channel: int | None) -> None:
    silence = SILENCE[sound.codec]
    if channel is None:
        block[:] = bytes([silence]) * len(block)
        return
    for byte in range(sound.sample_bytes):
        place = slice(channel * sound.sample_bytes + byte, None, sound.frame_bytes)
        block[place] = bytes([silence]) * len(block[place])
