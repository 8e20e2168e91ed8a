"""Muting: the original's samples, digital silence or a soft beep in the spans, and nothing else.

The output holds the format and the samples only. Other chunks (LIST/INFO, id3, bext …) carry names and
numbers, so they are left behind; sizes that a streaming recorder never filled in are right in the output.
It is made when it is read, whatever part of it is asked for: `plan` says which parts an object store can copy from the
original by itself. Memory is constant: `_BLOCK` bytes, whatever the recording's length.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterable
from typing import BinaryIO

from chalicelib.audio.beep import beep
from chalicelib.audio.blocks import GSM, GSM_SILENCE, IMA, MS, touched
from chalicelib.audio.plan import LEAST, Copy, Piece, pieces
from chalicelib.audio.window import Window
from chalicelib.errors import SpanOutsideRecording, TruncatedRecording, UnsupportedCodec
from chalicelib.model import Sound, Span

SILENCE = {"pcm8": 0x80, "pcm16": 0, "pcm24": 0, "pcm32": 0, "mu-law": 0xFF, "a-law": 0xD5, IMA: 0, MS: 0}
"""The byte that is digital silence in each codec (ITU-T G.711 for `-law`); GSM has none."""

_BLOCK = 1 << 18


def mute(source: BinaryIO, target: BinaryIO, sound: Sound, spans: Iterable[Span], tone: bool = False) -> None:
    """Write `source` to `target` with `spans` silenced, or beeping where `tone`. Raises what `muted` raises."""
    wanted = list(spans)
    changed = _Muted(source, sound, _ranges(sound, wanted), _wave(sound, tone))
    for piece in plan(source, sound, wanted, least=1):
        stream = source if isinstance(piece, Copy) else changed
        stream.seek(piece.first)
        _copy(stream, target, piece.last - piece.first)
    target.flush()


def muted(source: BinaryIO, sound: Sound, spans: Iterable[Span], tone: bool = False) -> io.BufferedReader:
    """A readable, seekable stream of `source` with `spans` silenced, or beeping where `tone`.

    Codecs of blocks lose whole blocks, on every channel. Raises SpanOutsideRecording, or UnsupportedCodec for a beep in
    one of those, before a byte is read; when it is read, TruncatedRecording where the source ends early.
    """
    return io.BufferedReader(_Muted(source, sound, _ranges(sound, spans), _wave(sound, tone)), _BLOCK)


def plan(source: BinaryIO, sound: Sound, spans: Iterable[Span], least: int = LEAST) -> list[Piece]:
    """The same as pieces: those of `source` that are as they were, and those that must be read from `muted`.

    None but the last is shorter than `least` bytes.
    """
    head = header(sound)
    end = len(head) + sound.data_size
    changed = [
        (len(head) + first * sound.frame_bytes, len(head) + last * sound.frame_bytes)
        for first, last, _ in _ranges(sound, spans)
    ]
    source.seek(0)
    if sound.data_offset != len(head) or source.read(len(head)) != head:
        changed.append((0, len(head)))
    if sound.data_size % 2:
        changed.append((end, end + 1))
    return pieces(end + sound.data_size % 2, sound.data_offset - len(head), changed, least)


def _copy(source: BinaryIO | io.RawIOBase, target: BinaryIO, count: int) -> None:
    while count:
        block = source.read(min(count, _BLOCK))
        if not block:
            raise TruncatedRecording("the recording ended while it was read: ask for it again")
        target.write(block)
        count -= len(block)


def _ranges(sound: Sound, spans: Iterable[Span]) -> list[tuple[int, int, int | None]]:
    """First frame (block, where there are some), the one after the last, and the channel: rounded outward."""
    found = []
    for span in spans:
        require_inside(span, sound)
        first, last = span.start_ms * sound.rate // 1000, -(-span.end_ms * sound.rate // 1000)
        channel = span.channel if sound.block_frames == 1 else None
        found.append((*touched(first, min(last, sound.frames), sound), channel))
    return found


def require_inside(span: Span, sound: Sound) -> None:
    """Return if the span is in the recording, and its channel too. Raises SpanOutsideRecording."""
    if span.end_ms > sound.duration_ms or span.start_ms * sound.rate // 1000 >= sound.frames:
        raise SpanOutsideRecording(
            f"a span of {span.start_ms}-{span.end_ms} ms is not in a recording of {sound.duration_ms} ms"
        )
    if span.channel is not None and span.channel >= sound.channels:
        raise SpanOutsideRecording(f"channel {span.channel} is not in a recording of {sound.channels} channel(s)")


def _wave(sound: Sound, tone: bool) -> bytes:
    """What one channel holds in a span, over and over."""
    if tone and sound.block_frames > 1:
        raise UnsupportedCodec(f"{sound.codec} can be silenced, and not made to beep: have silence put in its place")
    if tone:
        return beep(sound.codec, sound.rate)
    return GSM_SILENCE if sound.codec == GSM else bytes([SILENCE[sound.codec]]) * sound.sample_bytes


def header(sound: Sound) -> bytes:
    """RIFF, fmt, fact where the codec wants it, and the data chunk's head."""
    chunks = _chunk(b"fmt ", sound.fmt)
    if not sound.codec.startswith("pcm"):
        chunks += _chunk(b"fact", struct.pack("<I", sound.frames))
    padded = sound.data_size + sound.data_size % 2
    size = 4 + len(chunks) + 8 + padded
    return struct.pack("<4sI4s", b"RIFF", size, b"WAVE") + chunks + struct.pack("<4sI", b"data", sound.data_size)


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack("<4sI", name, len(body)) + body + b"\0" * (len(body) % 2)


class _Muted(Window):
    """What `muted` buffers."""

    def __init__(self, source: BinaryIO, sound: Sound, ranges: list[tuple[int, int, int | None]], wave: bytes) -> None:
        self._source, self._sound, self._ranges, self._wave = source, sound, ranges, wave
        self._header = header(sound)
        self._end = len(self._header) + sound.data_size
        super().__init__(self._end + sound.data_size % 2)

    def part(self, at: int, count: int) -> bytes | memoryview:
        """Of the header, of the samples, or the byte that pads them."""
        if at < len(self._header):
            return self._header[at : at + count]
        return self._samples(at - len(self._header), count) if at < self._end else b"\0"

    def _samples(self, at: int, count: int) -> memoryview:
        """Whole frames are read and muted, then what was asked for is cut out of them."""
        sound, frame = self._sound, self._sound.frame_bytes
        first, all_frames = at // frame, sound.data_size // frame
        last = min(-(-(at + count) // frame), first + max(1, _BLOCK // frame), all_frames)
        self._source.seek(sound.data_offset + first * frame)
        read = self._source.read((last - first) * frame)
        if len(read) < (last - first) * frame:
            raise TruncatedRecording("the recording ended while it was read: ask for it again")
        block = memoryview(read)
        for start, end, channel in self._ranges:
            if start < last and end > first:
                block = block if not block.readonly else memoryview(bytearray(read))
                begin, stop = max(start, first), min(end, last)
                self._fill(block[(begin - first) * frame : (stop - first) * frame], begin, channel)
        return block[at - first * frame :][:count]

    def _fill(self, block: memoryview, first: int, channel: int | None) -> None:
        """Put the wave on a channel of whole frames, or on all; in the recording's phase, so that none has a seam."""
        width, frame = self._sound.sample_bytes, self._sound.frame_bytes
        turn = first * width % len(self._wave)
        wave = self._wave[turn:] + self._wave[:turn]
        if channel is None:
            every = (wave[at : at + width] * self._sound.channels for at in range(0, len(wave), width))
            block[:] = _repeated(b"".join(every), len(block))
            return
        for byte in range(width):
            place = block[channel * width + byte :: frame]
            place[:] = _repeated(wave[byte::width], len(place))


def _repeated(wave: bytes, length: int) -> bytes:
    return (wave * (length // len(wave) + 1))[:length]
