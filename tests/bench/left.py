"""What muting leaves: milliseconds that sound inside the spans, and samples changed outside them, as FFmpeg decodes."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, pairwise
from pathlib import Path

import av
import numpy

FLOOR = 32_768 * 10 ** (-70 / 20)
_AT_ONCE = 1 << 22
_COUNTED = 0.01

Spans = list[tuple[int, int]]


def decoded(path: Path, raw: Path) -> tuple[numpy.ndarray, int]:
    """Stereo 16-bit samples, on disk in `raw`, and how many there are a second."""
    with av.open(str(path)) as sound, raw.open("wb") as out:
        rate = sound.streams.audio[0].rate
        resampler = av.AudioResampler("s16", "stereo", rate)
        for frame in chain(sound.decode(audio=0), [None]):
            for part in resampler.resample(frame):
                out.write(part.to_ndarray().tobytes())
    return numpy.memmap(raw, "<i2", "r").reshape(-1, 2), rate


def residue_ms(after: numpy.ndarray, rate: int, spans: Spans) -> float:
    """How long any channel sounds inside the spans."""
    inside = (after[start * rate // 1000 : end * rate // 1000].astype(numpy.int32) for start, end in spans)
    return sum(int((abs(samples).max(1) > FLOOR).sum()) for samples in inside if len(samples)) * 1000 / rate


def damage(
    before: numpy.ndarray, after: numpy.ndarray, rate: int, spans: Spans, margin_ms: int = 0, steps: int = 0
) -> str:
    """Samples off by more than some steps, further than the margin from a span; where many, the share of what sounds.

    Digital silence is left out of the share: it stays whatever is done to the sound.
    """
    same = min(len(before), len(after))
    changed = sounding = abs(len(before) - len(after))
    for first, last in _outside(same, rate, spans, margin_ms):
        was, is_now = before[first:last], after[first:last]
        changed += int((abs(was.astype(numpy.int32) - is_now) > steps).any(1).sum())
        sounding += int((was | is_now).any(1).sum())
    share = changed / max(1, sounding)
    return f"{changed:,}" if share < _COUNTED else "all" if share >= 0.995 else f"{share:.0%}".replace("%", " %")


def _outside(samples: int, rate: int, spans: Spans, margin_ms: int) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of what lies between the spans, in pieces."""
    edges = [(max(0, start - margin_ms) * rate // 1000, (end + margin_ms) * rate // 1000) for start, end in spans]
    for (_, begin), (end, _) in pairwise([(0, 0), *edges, (samples, samples)]):
        for at in range(begin, min(end, samples), _AT_ONCE):
            yield at, min(at + _AT_ONCE, end, samples)
