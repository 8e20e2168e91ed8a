"""What muting costs and leaves: `python -m tests.bench.audio`, an hour of stereo beside `cp` and what people use.

Each way runs in a process of its own, five times, in turns; figures are medians, memory is the largest. A way that
takes more than twenty seconds runs once, with ten spans. Residue: milliseconds inside the spans above -70 dBFS. Damage:
samples changed outside them, for MP3 and Opus beyond a margin, for Opus by more than one step.
"""

from __future__ import annotations

import argparse
import json
import re
import statistics
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.formats import FORMATS, make, margin_ms, missing, ways
from tests.bench.keyed import KEYS, keyed
from tests.bench.left import Spans, damage, decoded, residue_ms
from tests.bench.price import sentence
from tests.bench.tables import table

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
_MARKS = re.compile(r"(<!-- bench-audio -->\n).*?(<!-- /bench-audio -->)", re.DOTALL)
COUNTS, USUAL, RUNS, SLOW_S, HOUR_S = (1, 10, 40), 10, 5, 20.0, 3_600
HEAD = ("", "", "spans", "wall ÷ cp", "CPU, s", "RSS, MiB", "residue, ms", "damage, samples")


class Run(NamedTuple):
    """One run: seconds, and MiB; `loaded` is what its interpreter takes before it begins."""

    wall: float
    cpu: float
    peak: float
    loaded: float


@dataclass
class Bench:
    """Lines of the table, and what the sentences under it need."""

    folder: Path
    seconds: int
    runs: int
    lines: list[tuple[str, ...]] = field(default_factory=list)
    loaded: dict[str, float] = field(default_factory=dict)
    cpu_s: dict[str, float] = field(default_factory=dict)

    def measure(self, name: str) -> None:
        """One format: every way with every number of spans, the usual one first to see which are slow."""
        source, names, found = make(name, self.folder, self.seconds), ways(name), dict[int, list[tuple[str, ...]]]()
        before, _ = decoded(source, self.folder / "before.raw")
        for count in sorted(COUNTS, key=lambda count: count != USUAL):
            spans = spans_of(count, self.seconds)
            some = self._in_turns(source, names, spans)
            copied = statistics.median(run.wall for run in some["cp"])
            found[count] = [
                (name, way, str(count), *figures(some[way], copied), *self._left(before, source, way, spans))
                for way in names
            ]
            if count == USUAL and "redact" in some:
                self.cpu_s[name] = cpu_s(some["redact"])
            names = [way for way in names if some[way][0].wall < SLOW_S]
        self.lines += [line for count in COUNTS for line in found[count]]

    def _in_turns(self, source: Path, names: list[str], spans: Spans) -> dict[str, list[Run]]:
        """Every run of every way; a slow one is not run again."""
        some: dict[str, list[Run]] = {way: [] for way in ("cp", *names)}
        for _ in range(self.runs):
            for way, runs in some.items():
                if not runs or runs[0].wall < SLOW_S:
                    runs.append(run(way, source, self._target(source, way), spans))
        self.loaded |= {way: runs[0].loaded for way, runs in some.items()}
        return some

    def _target(self, source: Path, way: str) -> Path:
        return self.folder / f"{way}{source.suffix}"

    def _left(self, before: Any, source: Path, way: str, spans: Spans) -> tuple[str, str]:
        after, rate = decoded(self._target(source, way), self.folder / "after.raw")
        form = FORMATS[source.stem]
        harm = damage(before, after, rate, spans, margin_ms(source), form.steps)
        return f"{residue_ms(after, rate, spans):.0f}", harm


def cpu_s(runs: list[Run]) -> float:
    """The usual run's."""
    return statistics.median(run.cpu for run in runs)


def figures(runs: list[Run], copied: float) -> tuple[str, str, str]:
    """Wall by that of a copy, CPU, and memory."""
    wall = statistics.median(run.wall for run in runs)
    mark = "¹" if runs[0].wall >= SLOW_S else ""
    return f"{wall / copied:.1f}{mark}", f"{cpu_s(runs):.2f}", f"{max(run.peak for run in runs):.0f}"


def run(way: str, source: Path, target: Path, spans: Spans) -> Run:
    """One way, in its process."""
    command = [sys.executable, "-m", "tests.bench.ways", way, str(source), str(target), json.dumps(spans)]
    return Run(*json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout))


def spans_of(count: int, seconds: int) -> Spans:
    """`count` spans of ten seconds, or of half of what there is, spread over the call."""
    step = seconds * 1000 // (count + 1)
    return [(step * n, step * n + min(10_000, step // 2)) for n in range(1, count + 1)]


def notes(bench: Bench) -> str:
    """What the table does not say by itself."""
    loaded = ", ".join(
        f"{mib:.0f} with what `{way}` imports" for way, mib in bench.loaded.items() if way in ("ours", "pydub")
    )
    said = [
        f"RSS is the peak of the largest process; the bare interpreter takes {bench.loaded['cp']:.0f} MiB, {loaded}."
    ]
    if any("¹" in line[3] for line in bench.lines):
        said.append(f"¹ One run, with {USUAL} spans only: slower than {SLOW_S:.0f} s.")
    said.append("pydub is left out of Opus, of which it holds the whole hour in memory at 48 kHz;")
    said.append("sox is measured on WAV alone.")
    if missing():
        said.append(f"Not installed here, so not measured: `sudo apt-get install {' '.join(missing())}`.")
    return (
        " ".join(said)
        + "\n\n"
        + sentence({name: spent * HOUR_S / bench.seconds for name, spent in bench.cpu_s.items()})
    )


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.audio", description=__doc__)
    parser.add_argument("--seconds", type=int, default=HOUR_S, help="length of the call (default: %(default)s)")
    parser.add_argument("--runs", type=int, default=RUNS, help="runs of each way (default: %(default)s)")
    parser.add_argument("--keys", type=int, default=KEYS, help="keyed digits in each trial (default: %(default)s)")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as name:
        bench = Bench(Path(name), options.seconds, options.runs)
        for form in FORMATS:
            bench.measure(form)
    text = f"{table(HEAD, bench.lines)}\n{notes(bench)}\nKeyed digits:\n\n{keyed(options.keys)}"
    print(text)
    if options.readme:
        README.write_text(_MARKS.sub(lambda m: m[1] + text + m[2], README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
