"""One way to mute one file: `python -m tests.bench.ways WAY IN OUT SPANS.json`.

Prints, as JSON: seconds of wall clock and of CPU (children included, imports apart), then MiB of resident memory: the
peak of the largest process, and what this one takes before it begins.
"""

from __future__ import annotations

import importlib
import json
import re
import resource
import sys
import time
from pathlib import Path

MODULES = {"cp": "programs", "ffmpeg": "programs", "sox": "programs", "pydub": "sliced"}


def main() -> None:
    """The command line."""
    name, source, target, spans = sys.argv[1:]
    way = getattr(importlib.import_module(f"tests.bench.ways.{MODULES.get(name, 'ours')}"), name)
    before, cpu, start = own_peak(), cpu_s(), time.perf_counter()
    way(Path(source), Path(target), json.loads(spans))
    wall, spent = time.perf_counter() - start, cpu_s() - cpu
    children = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    peak = children if name in ("ffmpeg", "sox") else max(children, own_peak())
    print(json.dumps([wall, spent, peak, before]))


def cpu_s() -> float:
    """Seconds of CPU so far, of this process and of its children that have ended."""
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in used)


def own_peak() -> float:
    """MiB. Not by getrusage, whose peak is inherited from the process that started this one."""
    (kibibytes,) = re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())
    return int(kibibytes) / 1024


if __name__ == "__main__":
    main()
