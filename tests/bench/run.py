"""Seeds run through every detector at hand: one row of figures for each call and detector, and what an hour costs."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from multiprocessing import get_context

from chalicelib.errors import SourdineError
from chalicelib.model import Finding, Transcript
from chalicelib.speech.detect import detect
from tests.bench import tables
from tests.bench.measure import Detector, an_hour, judge
from tests.corpus.speech.calls import Spoken, call, kinds_of
from tests.corpus.speech.surfaces import SURFACES


def sourdine(transcript: Transcript, language: str) -> list[Finding]:
    """Our detector; a language that it refuses is a language in which it mutes nothing."""
    try:
        return detect(transcript, language)
    except SourdineError:
        return []


@cache
def detectors(rival: bool) -> dict[str, Detector]:
    """Every detector by name; Presidio only where it is installed."""
    found: dict[str, Detector] = {"Sourdine": sourdine}
    if rival:
        try:
            from tests.bench import presidio
        except ImportError as error:
            print(f"Presidio is left out: {error}", file=sys.stderr)
        else:
            found |= {"Presidio": presidio.detect, "Presidio, joined": presidio.detect_joined}
    return found


def calls(seed: int, languages: tuple[str, ...], kinds: tuple[str, ...], noises: tuple[int, ...]) -> Iterator[Spoken]:
    """A seed's calls: every language, kind and noise; surfaces take turns, so that seven seeds see all."""
    for language in languages:
        for at, kind in enumerate(kinds_of(language)):
            for turn, noise in enumerate(noises):
                if not kinds or kind in kinds:
                    yield call(seed, language, kind, SURFACES[(seed + 3 * at + turn) % len(SURFACES)], noise)


def _heard(job: tuple[int, tuple[str, ...], tuple[str, ...], tuple[int, ...], bool]) -> list[tables.Row]:
    seed, languages, kinds, noises, rival = job
    return [
        tables.Row(name, spoken.language, spoken.kind, spoken.surface, spoken.noise, judge(spoken, ear).tally)
        for spoken in calls(seed, languages, kinds, noises)
        for name, ear in detectors(rival).items()
    ]


def run(options: argparse.Namespace) -> list[tables.Row]:
    """Every seed, on two processes."""
    jobs = [(s, options.languages, options.kinds, options.noises, options.rival) for s in options.seeds]
    with ProcessPoolExecutor(2, get_context("spawn")) as pool:  # a fork of a process with threads may hang
        return [row for rows in pool.map(_heard, jobs) for row in rows]


def speed(options: argparse.Namespace) -> str:
    """What an hour of transcript costs, and words per second, on one core."""
    lines = []
    for language in [x for x in ("fr-FR", "en-GB") if x in options.languages]:
        hour = an_hour(spoken for seed in range(200) for spoken in calls(seed, (language,), options.kinds, (0,)))
        for name, ear in detectors(options.rival).items():
            spent = min(_timed(ear, hour) for _ in range(3))
            rate = f"{len(hour.words) / spent:,.0f}"
            lines.append([name, language, f"{len(hour.words):,}", f"{spent * 1000:.0f}", rate])
    return tables.table(["", "language", "words in the hour", "ms for the hour", "words per second"], lines)


def _timed(ear: Detector, transcript: Transcript) -> float:
    start = time.perf_counter()
    ear(transcript, transcript.language)
    return time.perf_counter() - start
