"""How well it hears: `python -m tests.bench.speech` on seeded calls, beside Presidio in the same run.

Leak: bank words, as spoken, less than 95 % silent once findings are padded by 250 ms; in brackets, calls with any.
Harmless calls muted: calls without bank data of which any number lost more than 5 %. Over-mute: seconds silent,
both channels added, more than 1 s away from any bank word, in an hour of call. Seeds 0–999 are for development,
1000 and up held out: those use phrases that no development seed has.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tests.bench import show, tables, written
from tests.bench.measure import judge
from tests.bench.run import calls, run, sourdine, speed
from tests.corpus.speech.calls import LANGUAGES, NEGATIVES, POSITIVES
from tests.corpus.speech.noise import NOISES
from tests.corpus.speech.phrases import HELD_OUT
from tests.corpus.speech.surfaces import SURFACES

README = Path(__file__).parents[2] / "README.md"
WRITTEN = (
    "Calls written by hand (`tests/corpus/written`), full of other numbers: those that it was tuned on, and those that "
    "were held out. Leak as above; numbers muted: per cent of the numbers that should stay audible; seconds muted for "
    "nothing in an hour of such calls."
)
_MARKS = re.compile(r"(<!-- bench-speech -->\n).*?(<!-- /bench-speech -->)", re.DOTALL)


def report(rows: list[tables.Row]) -> str:
    """Every table."""
    parts = ["## Summary\n", tables.summary(rows)]
    for detector in dict.fromkeys(r.detector for r in rows):
        mine = tables.only(rows, detector=detector)
        clean = tables.only(mine, noise=0)
        secret = tables.only(mine, kind=POSITIVES)
        written = tables.only(secret, noise=0)
        grids = (
            ("leak by kind, noise 0", tables.grid(clean, "kind", POSITIVES, tables.leak)),
            ("harmless calls muted by kind, noise 0", tables.grid(clean, "kind", NEGATIVES, tables.negative)),
            ("leak by surface, noise 0", tables.grid(written, "surface", SURFACES, tables.leak)),
            ("leak by noise", tables.grid(secret, "noise", NOISES, tables.leak)),
            ("harmless calls muted by noise", tables.grid(mine, "noise", NOISES, tables.negative)),
            ("over-mute, s per hour of call, by noise", tables.grid(mine, "noise", NOISES, tables.over)),
        )
        for title, text in grids:
            parts += [f"## {detector}: {title}\n", text]
    return "\n".join(parts)


def worst(options: argparse.Namespace, count: int, over: bool) -> None:
    """The calls that leak most, or those that are muted most for nothing, with what was said there."""
    judged = [
        (spoken, judge(spoken, sourdine))
        for seed in options.seeds
        for spoken in calls(seed, options.languages, options.kinds, options.noises)
    ]
    bad = [(s, v, (*v.muted_other, *v.far) if over else v.leaked) for s, v in judged]
    bad = sorted((b for b in bad if b[2]), key=lambda b: -(b[1].tally.far_ms if over else len(b[2])))
    print(f"{len(bad)} of {len(judged)} calls\n")
    for spoken, verdict, marked in bad[:count]:
        print(show.story(spoken, verdict, sourdine, marked))


def readme(rows: list[tables.Row], others: str, speeds: str, seeds: range) -> str:
    """What README shows of a run; `others` are the tables of calls written by hand."""
    ours = tables.only(rows, detector="Sourdine")
    sums = tables.of(ours)
    head = (
        f"Seeds {seeds.start} to {seeds.stop - 1}: {len(ours):,} calls, {sums.duration_ms / 3_600_000:.0f} hours, "
        f"{sums.sensitive:,} bank words. Leak: per cent of the bank words left audible; in brackets, per cent of "
        "the calls with any. Harmless calls: per cent of those without bank data in which a number was muted."
    )
    french, english = ("fr-FR", "fr-BE", "fr-CH"), ("en-GB", "en-US")
    return "\n".join((
        head + "\n", tables.summary(rows),
        "By kind, without noise; leaks above, harmless calls below. French:\n", tables.by_kind(rows, french),
        "English:\n", tables.by_kind(rows, english), WRITTEN + "\n", others, "On one core:\n", speeds,
    ))  # fmt: skip


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.speech", description=__doc__)
    parser.add_argument("--seeds", type=_range, default=None, help="A-B, both included (default 1000-1013)")
    parser.add_argument("--quick", action="store_true", help="three seeds")
    parser.add_argument("--languages", type=_names(LANGUAGES), default=LANGUAGES, help="fr-FR,en-GB,…")
    parser.add_argument("--kinds", type=_names((*POSITIVES, *NEGATIVES)), default=(), help="card,iban,…")
    parser.add_argument("--noises", type=_noises, default=NOISES, help="per cent of the words: 0,1,3,8")
    parser.add_argument("--no-rival", dest="rival", action="store_false", help="without Presidio")
    parser.add_argument("--readme", action="store_true", help="write the tables into README.md")
    parser.add_argument("--worst", type=int, metavar="N", help="show the N calls that leak most (seeds below 1000)")
    parser.add_argument("--over", type=int, metavar="N", help="show the N calls most muted for nothing")
    parser.add_argument("--dump", nargs=2, metavar=("N", "DIR"), help="write N calls and their truth as JSON")
    return parser


def _range(text: str) -> range:
    first, _, last = text.partition("-")
    return range(int(first), int(last or first) + 1)


def _names(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def names(text: str) -> tuple[str, ...]:
        asked = tuple(text.split(","))
        if unknown := set(asked) - set(known):
            raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: not among {', '.join(known)}")
        return asked

    return names


def _noises(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(","))


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = _parser()
    options = parser.parse_args(arguments)
    looks = options.worst or options.over
    first = 0 if looks or options.dump else HELD_OUT
    options.seeds = options.seeds or range(first, first + (3 if options.quick else 14))
    if looks:
        if options.seeds.stop > HELD_OUT:
            parser.error("--worst and --over look at development seeds only (0-999)")
        worst(options, looks, over=bool(options.over))
    elif options.dump:
        every = (s for seed in options.seeds for s in calls(seed, options.languages, options.kinds, options.noises))
        print(show.dump_calls(islice(every, int(options.dump[0])), Path(options.dump[1])), "calls written")
    else:
        rows, speeds, others = run(options), speed(options), written.report(options)
        print(report(rows), "## Calls written by hand\n", others, "## Speed\n", speeds, sep="\n")
        if options.readme:
            text = readme(rows, others, speeds, options.seeds)
            README.write_text(_MARKS.sub(lambda m: m[1] + text + m[2], README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
