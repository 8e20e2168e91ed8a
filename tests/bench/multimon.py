"""multimon-ng, which hears keyed digits and names them, but does not say when."""

from __future__ import annotations

import re
import resource
import shutil
import subprocess
import tempfile

import av
import numpy

RATE = 22_050
PROGRAM = shutil.which("multimon-ng")


def resampled(sound: numpy.ndarray, rate: int) -> bytes:
    """Mono sound from -1 to 1 as the samples that it wants."""
    samples = (numpy.clip(sound, -1, 1) * 32_767).astype(numpy.int16).reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(samples, format="s16", layout="mono")
    frame.rate = rate
    resampler = av.AudioResampler("s16", "mono", RATE)
    return b"".join(part.to_ndarray().tobytes() for given in (frame, None) for part in resampler.resample(given))


def heard(samples: bytes) -> tuple[str, float]:
    """Digits in order, and seconds of CPU."""
    with tempfile.NamedTemporaryFile(suffix=".raw") as raw:
        raw.write(samples)
        raw.flush()
        before = _cpu_s()
        command = ["multimon-ng", "-q", "-a", "DTMF", "-t", "raw", raw.name]
        printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        return "".join(re.findall(r"DTMF: (\S)", printed)), _cpu_s() - before


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime
