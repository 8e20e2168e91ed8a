"""How loud a channel is: enough to tell a voice that was not heard from a line where nobody spoke."""

from __future__ import annotations

from typing import BinaryIO

from chalicelib.audio.codec import channel_of, rms, to_linear
from chalicelib.model import Sound, Span

LOUD_DBFS = -45
LEAST_MS = 1_500
"""A line that is louder than `LOUD_DBFS` for so long in all has somebody, or something, on it."""

SHORT_WORD_MS = 150
_BLOCK_MS = 50


def is_audible(stream: BinaryIO, sound: Sound, channel: int) -> bool:
    """Whether a channel of a WAV is loud for `LEAST_MS` in all."""
    return _is_loud(stream, sound, channel, range(0, sound.frames), LEAST_MS)


def sounds(stream: BinaryIO, sound: Sound, span: Span) -> bool:
    """Whether a channel is loud within a span for as long as a short word lasts; the first one where it names none."""
    if (span.channel or 0) >= sound.channels:
        return False
    first, last = sound.rate * span.start_ms // 1000, min(sound.frames, sound.rate * span.end_ms // 1000)
    return _is_loud(stream, sound, span.channel or 0, range(first, last), SHORT_WORD_MS)


def _is_loud(stream: BinaryIO, sound: Sound, channel: int, within: range, least_ms: int) -> bool:
    """Memory is constant; reading stops when it is."""
    loud_ms, frames = 0, max(1, sound.rate * _BLOCK_MS // 1000)
    stream.seek(sound.data_offset + within.start * sound.frame_bytes)
    for first in range(within.start, within.stop, frames):
        block = stream.read(min(frames, within.stop - first) * sound.frame_bytes)
        samples, width = to_linear(channel_of(block, sound.channels, sound.sample_bytes, channel), sound.codec)
        loud_ms += _BLOCK_MS * (rms(samples, width) > (1 << (8 * width - 1)) * 10 ** (LOUD_DBFS / 20))
        if loud_ms >= least_ms:
            return True
    return False
