"""What muting costs and leaves: `python -m tests.bench.audio`, an hour of stereo beside `cp` and pydub.

Each way runs in a process of its own, five times, in turns; wall times are medians, divided by those of `cp` on the
same file; memory is the peak above that of `cp`. Residue: milliseconds inside the spans above -70 dBFS. Damage:
samples changed outside them, for MP3 beyond its margin.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
import wave
from pathlib import Path

import lameenc
import numpy

from chalicelib.audio import mp3_mute
from chalicelib.audio.decode import to_wav
from chalicelib.audio.mp3 import scan
from tests.bench.keyed import keyed
from tests.bench.tables import table
from tests.sounds import audioop, chunk, encode, fmt, riff

README = Path(__file__).parents[2] / "README.md"
_MARKS = re.compile(r"(<!-- bench-audio -->\n).*?(<!-- /bench-audio -->)", re.DOTALL)
CALL = Path(__file__).parents[1] / "corpus/demo/en-card.wav"
RATE, COUNTS, RUNS = 8_000, (1, 10, 40), 5
FLOOR = 32_768 * 10 ** (-70 / 20)
WAYS = {"pcm16": ("ours", "verified", "pydub"), "mu-law": ("ours", "verified"), "mp3": ("ours", "verified")}

Spans = list[tuple[int, int]]


def make(folder: Path, minutes: int) -> dict[str, Path]:
    """The same stereo call over and over, in each format."""
    with wave.open(str(CALL)) as call:
        once = call.readframes(call.getnframes())
    samples = (once * (minutes * 60 * RATE * 4 // len(once) + 1))[: minutes * 60 * RATE * 4]
    files = {name: folder / f"{name}.{'mp3' if name == 'mp3' else 'wav'}" for name in WAYS}
    for codec in ("pcm16", "mu-law"):
        files[codec].write_bytes(riff(fmt(codec, 2, RATE), chunk(b"data", encode(samples, codec))))
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(32)
    encoder.set_in_sample_rate(RATE)
    encoder.set_out_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(7)
    encoder.silence()
    files["mp3"].write_bytes(bytes(encoder.encode(samples) + encoder.flush()))
    return files


def spans_of(count: int, minutes: int) -> Spans:
    """`count` spans of ten seconds, or of half of what there is, spread over the call."""
    step = minutes * 60_000 // (count + 1)
    return [(step * n, step * n + min(10_000, step // 2)) for n in range(1, count + 1)]


def run(way: str, source: Path, target: Path, spans: Spans) -> tuple[float, float]:
    """Seconds and MiB of one run."""
    command = [sys.executable, "-m", "tests.bench.audio_ways", way, str(source), str(target), json.dumps(spans)]
    seconds, mebibytes = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return seconds, mebibytes


def samples_of(path: Path, folder: Path) -> numpy.ndarray:
    """What a file sounds like, 16-bit, by a decoder that is not ours."""
    if path.suffix == ".mp3":
        to_wav(path, folder / "decoded.wav")
        path = folder / "decoded.wav"
    try:
        with wave.open(str(path)) as sound:
            frames = sound.readframes(sound.getnframes())
    except wave.Error:
        frames = audioop.ulaw2lin(path.read_bytes().split(b"data", 1)[1][4:], 2)
    return numpy.frombuffer(frames, "<i2").reshape(-1, 2).astype(numpy.int32)


def left(source: Path, target: Path, spans: Spans, folder: Path) -> tuple[float, int]:
    """Residue in ms, and damage in samples."""
    before, after = samples_of(source, folder), samples_of(target, folder)
    margin_ms = 0
    if source.suffix == ".mp3":
        body = source.read_bytes()
        margin_ms = mp3_mute.margin_ms(scan(body, len(body)))
    outside, residue = numpy.ones(len(before), bool), 0
    for start, end in spans:
        first, last = start * RATE // 1000, end * RATE // 1000
        residue += int((abs(after[first:last]).max(1) > FLOOR).sum())
        outside[max(0, first - margin_ms * RATE // 1000) : last + margin_ms * RATE // 1000] = False
    same = min(len(before), len(after))
    changed = (before[:same] != after[:same]).any(1) & outside[:same]
    return residue * 1000 / RATE, int(changed.sum()) + abs(len(before) - len(after))


def lines(files: dict[str, Path], minutes: int, folder: Path, runs: int) -> list[list[str]]:
    """One line per format, way and number of spans."""
    found = []
    for name, ways in WAYS.items():
        for count in COUNTS:
            spans, target = spans_of(count, minutes), folder / f"out{files[name].suffix}"
            some: dict[str, list[tuple[float, float]]] = {way: [] for way in ("cp", *ways)}
            for _ in range(runs):
                for way, figures in some.items():
                    figures.append(run(way, files[name], target, spans))
            copied = statistics.median(seconds for seconds, _ in some["cp"])
            for way in ways:
                run(way, files[name], target, spans)
                residue, damage = left(files[name], target, spans, folder)
                wall = statistics.median(seconds for seconds, _ in some[way]) / copied
                memory = max(mebibytes for _, mebibytes in some[way]) - min(mebibytes for _, mebibytes in some["cp"])
                found.append([name, way, str(count), f"{wall:.1f}", f"{memory:.0f}", f"{residue:.0f}", str(damage)])
    return found


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audio", description=__doc__)
    parser.add_argument("--minutes", type=int, default=60, help="length of the call (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each way (default: %(default)s)")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        muting = lines(make(folder, options.minutes), options.minutes, folder, options.runs)
    head = ["", "", "spans", "wall ÷ cp", "MiB over cp", "residue, ms", "damage, samples"]
    text = f"{table(head, muting)}\nKeyed digits:\n\n{keyed()}"
    print(text)
    if options.readme:
        README.write_text(_MARKS.sub(lambda m: m[1] + text + m[2], README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
