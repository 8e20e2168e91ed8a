"""Edges on silence: a span widened to where its voice pauses, so that no half digit stays audible beside it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import BinaryIO

from chalicelib.audio.codec import channel_of, rms, to_linear
from chalicelib.model import Sound, Span

REACH_MS = 1_000
"""How far an edge is moved at the most: where a voice goes on for longer, the edge stays where it was."""

PAUSE_MS = 120
"""Silence that is a pause between words; the closure of a plosive inside a word is shorter."""

QUIET_DBFS = -45
_BLOCK_MS = 20
_MOST_BLOCKS = (REACH_MS + PAUSE_MS) // _BLOCK_MS


def outward(stream: BinaryIO, sound: Sound, span: Span) -> Span:
    """The span, each edge moved outward to the nearest pause of its channel within `REACH_MS`; never inward.

    On every channel when the span is. `stream` is a seekable WAV that `sound` describes; a span on a channel that it
    does not have stays, for whoever checks.
    """
    if (span.channel or 0) >= sound.channels:
        return span
    step = sound.rate * _BLOCK_MS // 1000
    first, last = sound.rate * span.start_ms // 1000, min(sound.frames, -(-sound.rate * span.end_ms // 1000))
    before, after = min(_MOST_BLOCKS, first // step), min(_MOST_BLOCKS, (sound.frames - last) // step)
    earlier = list(_quiet(stream, sound, span.channel, first - before * step, before))[::-1]
    later = list(_quiet(stream, sound, span.channel, last, after))
    end_ms = min(span.end_ms + _to_pause(later), max(span.end_ms, sound.duration_ms))
    return replace(span, start_ms=max(0, span.start_ms - _to_pause(earlier)), end_ms=end_ms)


def _to_pause(quiet: list[bool]) -> int:
    """Milliseconds of blocks, nearest first, before the first pause; 0 when there is none in reach."""
    needed = PAUSE_MS // _BLOCK_MS
    for place in range(len(quiet) - needed + 1):
        if all(quiet[place : place + needed]):
            return place * _BLOCK_MS
    return 0


def _quiet(stream: BinaryIO, sound: Sound, channel: int | None, frame: int, blocks: int) -> Iterator[bool]:
    """Of each of `blocks` blocks from a frame on, whether it is silent on the channels asked."""
    channels = range(sound.channels) if channel is None else (channel,)
    size = sound.rate * _BLOCK_MS // 1000 * sound.frame_bytes
    stream.seek(sound.data_offset + frame * sound.frame_bytes)
    for _ in range(blocks):
        block = stream.read(size)
        yield all(_is_quiet(block, sound, number) for number in channels)


def _is_quiet(block: bytes, sound: Sound, channel: int) -> bool:
    samples, width = to_linear(channel_of(block, sound.channels, sound.sample_bytes, channel), sound.codec)
    return rms(samples, width) <= (1 << (8 * width - 1)) * 10 ** (QUIET_DBFS / 20)
