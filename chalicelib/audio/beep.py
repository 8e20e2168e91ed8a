"""A soft beep, for those who take silence for a fault: about 425 Hz at -30 dBFS, the same wave over and over."""

from __future__ import annotations

import math
import struct

from chalicelib.audio.codec import from_linear

_HERTZ = 425
_PEAK = 1036


def beep(codec: str, rate: int) -> bytes:
    """One period of one channel, encoded: a whole number of samples, so that it repeats without a seam."""
    period = round(rate / _HERTZ)
    wave = (round(_PEAK * math.sin(2 * math.pi * n / period)) for n in range(period))
    return from_linear(struct.pack(f"<{period}h", *wave), codec)
