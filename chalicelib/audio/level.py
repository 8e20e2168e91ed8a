"""How loud a channel is: enough to tell a voice that was not heard from a line where nobody spoke."""

from __future__ import annotations

from typing import BinaryIO

from chalicelib.audio.codec import channel_of, rms, to_linear
from chalicelib.model import Sound

LOUD_DBFS = -45
LEAST_MS = 1_500
"""A line that is louder than `LOUD_DBFS` for so long in all has somebody, or something, on it."""

_BLOCK_MS = 50


def is_audible(stream: BinaryIO, sound: Sound, channel: int) -> bool:
    """Whether a channel of a WAV is loud for `LEAST_MS` in all. Memory is constant; reading stops when it is."""
    loud_ms, frames = 0, max(1, sound.rate * _BLOCK_MS // 1000)
    stream.seek(sound.data_offset)
    for first in range(0, sound.frames, frames):
        block = stream.read(min(frames, sound.frames - first) * sound.frame_bytes)
        samples, width = to_linear(channel_of(block, sound.channels, sound.sample_bytes, channel), sound.codec)
        loud_ms += _BLOCK_MS * (rms(samples, width) > (1 << (8 * width - 1)) * 10 ** (LOUD_DBFS / 20))
        if loud_ms >= LEAST_MS:
            return True
    return False
