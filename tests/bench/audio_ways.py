"""One way to mute one file, in a process of its own: `python -m tests.bench.audio_ways WAY IN OUT SPANS.json`.

Prints seconds of wall clock (imports apart) and the process's peak memory in MiB, as JSON.
"""

from __future__ import annotations

import json
import resource
import shutil
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

from chalicelib.audio import mp3_mute
from chalicelib.audio.mute import mute
from chalicelib.model import Span
from chalicelib.services.media import examine, media, mute_media


def cp(source: Path, target: Path, spans: list[Span]) -> None:
    """A copy, and nothing muted."""
    shutil.copyfile(source, target)


def ours(source: Path, target: Path, spans: list[Span]) -> None:
    """Muted."""
    with source.open("rb") as original, target.open("w+b") as redacted:
        if source.suffix == ".mp3":
            mp3_mute.mute(original, redacted, spans)
        else:
            mute(original, redacted, examine(source), spans)


def verified(source: Path, target: Path, spans: list[Span]) -> None:
    """Muted and verified, decoding included."""
    with media(source) as original:
        mute_media(original, target, spans)


def pydub(source: Path, target: Path, spans: list[Span]) -> None:
    """As people do it: slices joined with silence."""
    from pydub import AudioSegment

    whole, at, parts = AudioSegment.from_wav(str(source)), 0, []
    for span in spans:
        silent = AudioSegment.silent(span.end_ms - span.start_ms, whole.frame_rate).set_channels(whole.channels)
        parts += [whole[at : span.start_ms], silent]
        at = span.end_ms
    sum([*parts[1:], whole[at:]], parts[0]).export(str(target), format="wav")


WAYS: dict[str, Callable[[Path, Path, list[Span]], None]] = {w.__name__: w for w in (cp, ours, verified, pydub)}


def main() -> None:
    """The command line."""
    way, source, target, spans = sys.argv[1:]
    wanted = [Span(*span) for span in json.loads(spans)]
    if way == "pydub":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
    start = time.perf_counter()
    WAYS[way](Path(source), Path(target), wanted)
    spent = time.perf_counter() - start
    print(json.dumps([spent, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024]))


if __name__ == "__main__":
    main()
