"""The same figures on calls written by hand: those that the detector was tuned on, and those that it never saw."""

from __future__ import annotations

import argparse

from tests.bench import tables
from tests.bench.measure import Detector, Tally, judge, total
from tests.bench.run import detectors
from tests.corpus.speech.calls import Spoken
from tests.corpus.written import SETS, written

SECRETS = ("pin", "password")
"""What is said aloud in calls of every kind, and is no payment's."""

HEAD = ["", "", "language", "calls", "bank words", "leak", "leak, payments only", "numbers muted", "over-mute s/h"]


def report(options: argparse.Namespace) -> str:
    """One line per set, detector and language."""
    lines = []
    for part in SETS:
        for name, ear in detectors(options.rival).items():
            for language in options.languages:
                calls = list(written(part, language))
                if calls:
                    lines.append([part, name, language, *_figures(calls, ear)])
    head = [
        "",
        "",
        "language",
        "calls",
        "bank words",
        "leak",
        "of it, without PIN and password",
        "numbers muted",
        "s/h",
    ]
    return tables.table(head, lines)


def _figures(calls: list[Spoken], ear: Detector) -> list[str]:
    verdicts = [(call, judge(call, ear)) for call in calls]
    sums: Tally = total(verdict.tally for _, verdict in verdicts)
    payments = [[span for span, kind in call.truth if kind not in SECRETS] for call, _ in verdicts]
    leaked = sum(
        span in spans for (_, verdict), spans in zip(verdicts, payments, strict=True) for span in verdict.leaked
    )
    return [
        str(sums.calls),
        str(sums.sensitive),
        tables.leak(sums),
        tables.per_cent(leaked, sum(map(len, payments))),
        tables.per_cent(sums.muted_other, sums.other),
        tables.over(sums),
    ]
