"""How well keyed digits are found: made tones in noise and in speech; and none in recorded voices."""

from __future__ import annotations

import io
import time
import wave
from functools import cache

import numpy

from chalicelib.audio.dtmf import HIGH, LOW, keys
from chalicelib.audio.wav import probe
from chalicelib.model import Sound
from tests.bench.tables import per_cent, table
from tests.corpus.build import PROMPTS
from tests.sounds import chunk, fmt, riff

RATE, KEYS, GAP_MS = 8_000, 1_000, 80
TRIALS = (  # milliseconds, signal to noise in dB, what noise, how far off, high group louder by dB
    (40, 20, "white", 1.0, 0), (70, 10, "white", 1.0, 0), (70, 20, "white", 1.015, 0), (70, 20, "white", 0.985, 0),
    (70, 20, "white", 1.0, 4), (70, 20, "white", 1.0, -8), (100, 20, "speech", 1.0, 0), (100, 10, "speech", 1.0, 0),
)  # fmt: skip


def keyed() -> str:
    """The tables."""
    lines = [[f"{ms} ms", f"{snr} dB", noise, f"{off:.3f}", f"{twist} dB", recall(ms, snr, noise, off, twist)]
             for ms, snr, noise, off, twist in TRIALS if noise == "white" or len(voices())]  # fmt: skip
    text = table(["key", "over noise", "noise", "frequency", "twist", "found, %"], lines)
    speech = voices()
    if len(speech):
        stream, sound = opened(speech)
        start = time.process_time()
        false = len(keys(stream, sound))
        rate = len(speech) / RATE / (time.process_time() - start)
        minutes = len(speech) / RATE / 60
        text += f"\nIn {minutes:.0f} minutes of recorded voices: {false} false; {rate:,.0f} s of sound a second.\n"
    return text


@cache
def voices() -> numpy.ndarray:
    """Every prompt of the recorded voices, one after the other; nothing where they are not installed."""
    sounds = []
    for path in sorted(PROMPTS.glob("*_f_*/*.wav")):
        with wave.open(str(path)) as prompt:
            sounds.append(numpy.frombuffer(prompt.readframes(prompt.getnframes()), "<i2") / 32_768)
    return numpy.concatenate(sounds) if sounds else numpy.zeros(0)


def opened(sound: numpy.ndarray) -> tuple[io.BytesIO, Sound]:
    samples = (numpy.clip(sound, -1, 1) * 32_767).astype("<i2").tobytes()
    body = riff(fmt("pcm16", 1, RATE), chunk(b"data", samples))
    return io.BytesIO(body), probe(body, len(body))


def recall(ms: int, snr: int, noise: str, off: float, twist: int) -> str:
    """Per cent of the keys that are covered from their first to their last hundredth of a second."""
    rng = numpy.random.default_rng(1)
    step = (ms + GAP_MS) * RATE // 1000
    sound = numpy.zeros(KEYS * step)
    n = numpy.arange(ms * RATE // 1000)
    for at in range(KEYS):
        pair = ((rng.choice(LOW), 10 ** (-twist / 40)), (rng.choice(HIGH), 10 ** (twist / 40)))
        tone = sum(0.2 * loud * numpy.sin(2 * numpy.pi * hertz * off * n / RATE) for hertz, loud in pair)
        sound[at * step : at * step + len(n)] = tone
    disturbed = rng.normal(size=len(sound)) if noise == "white" else numpy.resize(voices(), len(sound))
    disturbed = disturbed / numpy.sqrt((disturbed**2).mean())
    spans = [finding.span for finding in keys(*opened(sound + disturbed * 0.2 * 10 ** (-snr / 20)))]
    begins = [(ms + GAP_MS) * at for at in range(KEYS)]
    hit = sum(any(s.start_ms <= at + 10 and s.end_ms >= at + ms - 10 for s in spans) for at in begins)
    return per_cent(hit, KEYS)
