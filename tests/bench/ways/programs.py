"""A copy that mutes nothing, and the programs that people call: each reads and writes the format that it was given."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

Spans = list[list[int]]
CODECS = {
    "pcm16": ("-c:a", "pcm_s16le"), "mu-law": ("-c:a", "pcm_mulaw"),
    "mp3": ("-c:a", "libmp3lame", "-b:a", "32k"), "opus": ("-c:a", "libopus", "-b:a", "24k"),
}  # fmt: skip
"""By the file's stem, which is its format's name."""


def cp(source: Path, target: Path, spans: Spans) -> None:
    """A copy, and nothing muted."""
    shutil.copyfile(source, target)


def ffmpeg(source: Path, target: Path, spans: Spans) -> None:
    """Decoded, turned down in the spans, encoded again as it was."""
    within = "+".join(f"between(t,{start / 1000},{end / 1000})" for start, end in spans)
    command = ["ffmpeg", "-v", "error", "-nostdin", "-y", "-i", source, "-af", f"volume=enable='{within}':volume=0"]
    subprocess.run([*command, *CODECS[source.stem], target], check=True)


def sox(source: Path, target: Path, spans: Spans) -> None:
    """The spans cut out, and silence put in their place: `trim` counts on the old time line, `pad` on the cut one."""
    cuts, pads, gone = ["0"], [], 0.0
    for start, end in spans:
        cuts += [f"={start / 1000}", f"={end / 1000}"]
        pads.append(f"{(end - start) / 1000}@{start / 1000 - gone:.3f}")
        gone += (end - start) / 1000
    subprocess.run(["sox", source, target, "trim", *cuts, "pad", *pads], check=True)
