"""A recording as another decoder hears it (FFmpeg's, through PyAV), so that nothing here takes our own word."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

RATE = 8000


def listen(path: Path) -> NDArray[np.int16]:
    """Samples at 8 kHz, shape (channels, samples)."""
    with av.open(str(path)) as container:
        layout = container.streams.audio[0].layout.name
        resampler = av.AudioResampler(format="s16p", layout=layout, rate=RATE)
        frames = [out for frame in container.decode(audio=0) for out in resampler.resample(frame)]
        frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray() for frame in frames], axis=1).astype(np.int16)


def part(sound: NDArray[np.int16], start_ms: int, end_ms: int, channel: int) -> NDArray[np.int16]:
    """One channel's samples from `start_ms` to `end_ms`."""
    return sound[channel, start_ms * RATE // 1000 : end_ms * RATE // 1000]
