"""Samples out of their codec, by the standard codec library (`audioop`; `audioop-lts` from Python 3.13 on)."""

from __future__ import annotations

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # audioop leaves the standard library; its heir is pinned
    import audioop

A_LAW_SILENCE = 8
"""A-law has no zero: 0xD5, its digital silence, decodes to +8."""


def channel_of(frames: bytes, channels: int, width: int, channel: int) -> bytes:
    """One channel's samples, of `width` bytes each, out of interleaved frames."""
    if channels == 1:
        return frames
    frame = channels * width
    samples = bytearray(len(frames) // channels)
    for byte in range(width):
        samples[byte::width] = frames[channel * width + byte :: frame]
    return bytes(samples)


def to_linear(samples: bytes, codec: str) -> tuple[bytes, int]:
    """The samples as signed linear PCM in which digital silence is 0, and their width in bytes.

    `codec` is `mu-law`, `a-law` or `pcm8` to `pcm32`.
    """
    if codec == "mu-law":
        return audioop.ulaw2lin(samples, 2), 2
    if codec == "a-law":
        return audioop.bias(audioop.alaw2lin(samples, 2), 2, -A_LAW_SILENCE), 2
    width = int(codec.removeprefix("pcm")) // 8
    return (audioop.bias(samples, 1, -128) if width == 1 else samples), width


def from_linear(samples: bytes, codec: str) -> bytes:
    """Signed 16-bit samples in a codec that `to_linear` reads."""
    if codec == "mu-law":
        return audioop.lin2ulaw(samples, 2)
    if codec == "a-law":
        return audioop.lin2alaw(samples, 2)
    width = int(codec.removeprefix("pcm")) // 8
    wide = audioop.lin2lin(samples, 2, width)
    return audioop.bias(wide, 1, 128) if width == 1 else wide


def peak(samples: bytes, width: int) -> int:
    """The loudest linear sample; 0 for silence."""
    return audioop.max(samples, width)


def rms(samples: bytes, width: int) -> int:
    """The linear samples' root mean square."""
    return audioop.rms(samples, width)
