"""How well keyed digits are found, beside multimon-ng: made tones in noise and in speech; none in recorded voices."""

from __future__ import annotations

import io
import statistics
import time
import wave
from functools import cache

import numpy

from chalicelib.audio.dtmf import HIGH, LOW, keys
from chalicelib.audio.wav import probe
from chalicelib.model import Sound
from tests.bench import multimon
from tests.bench.common import common
from tests.bench.tables import table
from tests.corpus.build import PROMPTS
from tests.sounds import chunk, fmt, riff

RATE, KEYS, GAP_MS, RUNS = 8_000, 1_000, 80, 5
NAMES = "123A456B789C*0#D"
TRIALS = (  # milliseconds, signal to noise in dB, what noise, how far off, high group louder by dB
    (40, 20, "white", 1.0, 0), (70, 10, "white", 1.0, 0), (70, 20, "white", 1.015, 0), (70, 20, "white", 0.985, 0),
    (70, 20, "white", 1.0, 4), (70, 20, "white", 1.0, -8), (100, 20, "speech", 1.0, 0), (100, 10, "speech", 1.0, 0),
)  # fmt: skip
NO_VOICES = "No recorded voices here: `sudo apt-get install asterisk-core-sounds-en-wav asterisk-core-sounds-fr-wav`."
HEAD = ("key", "over noise", "noise", "frequency", "twist", "found, %", "by multimon-ng, %")


def keyed(count: int = KEYS) -> str:
    """The table, of so many keys in each trial, and what is found in voices and how fast."""
    lines = [[f"{ms} ms", f"{snr} dB", noise, f"{off:.3f}", f"{twist} dB", *recall(count, ms, snr, noise, off, twist)]
             for ms, snr, noise, off, twist in TRIALS if noise == "white" or len(voices())]  # fmt: skip
    return f"{table(HEAD, lines)}\n{beside(voices()) if len(voices()) else NO_VOICES}\n"


def beside(speech: numpy.ndarray) -> str:
    """False keys in speech, and seconds of sound that are heard in one of CPU: medians, in turns."""
    given, (stream, sound), spent = multimon.resampled(speech, RATE), opened(speech), ([], [])
    for _ in range(RUNS):
        start = time.process_time()
        false = len(keys(stream, sound))
        spent[0].append(time.process_time() - start)
        if multimon.PROGRAM:
            digits, cpu_s = multimon.heard(given)
            spent[1].append(cpu_s)
    length_s = len(speech) / RATE
    text = f"In {length_s / 60:.0f} minutes of recorded voices: {false} false; {_speed(length_s, spent[0])}."
    if multimon.PROGRAM:
        text += f" multimon-ng: {len(digits)} false; {_speed(length_s, spent[1])} (resampling for it apart)."
    return text


def _speed(length_s: float, spent: list[float]) -> str:
    rate = length_s / statistics.median(spent)
    return f"{rate:,.0f} s of sound ({rate / 3600:.1f} h) in a second of CPU"


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


def made(count: int, ms: int, snr: int, noise: str, off: float, twist: int) -> tuple[numpy.ndarray, str]:
    """Sound with keys, a gap after each, in noise; and their names."""
    rng = numpy.random.default_rng(1)
    step = (ms + GAP_MS) * RATE // 1000
    sound, names = numpy.zeros(count * step), ""
    n = numpy.arange(ms * RATE // 1000)
    for at in range(count):
        low, high = rng.choice(LOW), rng.choice(HIGH)
        pair = ((low, 10 ** (-twist / 40)), (high, 10 ** (twist / 40)))
        tone = sum(0.2 * loud * numpy.sin(2 * numpy.pi * hertz * off * n / RATE) for hertz, loud in pair)
        sound[at * step : at * step + len(n)] = tone
        names += NAMES[LOW.index(low) * 4 + HIGH.index(high)]
    disturbed = rng.normal(size=len(sound)) if noise == "white" else numpy.resize(voices(), len(sound))
    disturbed = disturbed / numpy.sqrt((disturbed**2).mean())
    return sound + disturbed * 0.2 * 10 ** (-snr / 20), names


def recall(count: int, ms: int, snr: int, noise: str, off: float, twist: int) -> tuple[str, str]:
    """Per cent of the keys: covered by us up to their outer hundredths of a second; named by multimon-ng, in order."""
    sound, names = made(count, ms, snr, noise, off, twist)
    spans = [finding.span for finding in keys(*opened(sound))]
    begins = [(ms + GAP_MS) * at for at in range(count)]
    hit = sum(any(s.start_ms <= at + 10 and s.end_ms >= at + ms - 10 for s in spans) for at in begins)
    rival = common(names, multimon.heard(multimon.resampled(sound, RATE))[0]) if multimon.PROGRAM else None
    return f"{100 * hit / count:.1f}", "–" if rival is None else f"{100 * rival / count:.1f}"
