"""The figures of a run as Markdown tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from tests.bench.measure import Tally, total
from tests.corpus.speech.calls import NEGATIVES, POSITIVES


@dataclass(frozen=True, slots=True)
class Row:
    """One call as one detector heard it."""

    detector: str
    language: str
    kind: str
    surface: str
    noise: int
    tally: Tally


Rows = Sequence[Row]
Key = Callable[[Row], object]


def per_cent(part: float, whole: float) -> str:
    """`0.13`, `100`, or a dash when there is nothing to divide."""
    if not whole:
        return "–"
    share = 100 * part / whole
    return f"{share:.2f}" if share < 10 else f"{share:.0f}"


def leak(tally: Tally) -> str:
    """Bank words left audible, and calls with any, in per cent."""
    return f"{per_cent(tally.leaked, tally.sensitive)} ({per_cent(tally.leaky_calls, tally.calls)})"


def negative(tally: Tally) -> str:
    """Harmless calls muted, in per cent."""
    return per_cent(tally.muted_negatives, tally.negatives)


def over(tally: Tally) -> str:
    """Seconds silent for nothing in an hour of call."""
    return f"{tally.far_ms / max(1, tally.duration_ms) * 3600:.1f}"


def only(rows: Rows, **wanted: object) -> list[Row]:
    """The rows whose fields are as wanted; a tuple lists alternatives."""
    return [r for r in rows if all(getattr(r, k) in (v if isinstance(v, tuple) else (v,)) for k, v in wanted.items())]


def of(rows: Iterable[Row]) -> Tally:
    """The sum of rows."""
    return total(row.tally for row in rows)


def table(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """A Markdown table, columns aligned for reading as text too."""
    cells = [list(head), *[list(line) for line in lines]]
    widths = [max(len(line[i]) for line in cells) for i in range(len(head))]
    text = ["| " + " | ".join(c.ljust(w) for c, w in zip(line, widths, strict=True)) + " |" for line in cells]
    return "\n".join([text[0], "|" + "|".join("-" * (w + 2) for w in widths) + "|", *text[1:]]) + "\n"


def grid(rows: Rows, down: str, order: Sequence[object], shown: Callable[[Tally], str]) -> str:
    """`down` (a field) by language."""
    languages = list(dict.fromkeys(r.language for r in rows))
    lines = []
    for value in order:
        mine = only(rows, **{down: value})
        if mine:
            cells = [shown(of(here)) if (here := only(mine, language=x)) else "" for x in languages]
            lines.append([str(value), *cells, shown(of(mine))])
    return table([down, *languages, "all"], lines)


def summary(rows: Rows) -> str:
    """One line per language and detector: leaks by noise, then what was muted for nothing, without noise and at 3 %."""
    noises = sorted({r.noise for r in rows})
    lines = []
    for detector in dict.fromkeys(r.detector for r in rows):
        for language in [*dict.fromkeys(r.language for r in rows if r.detector == detector)]:
            mine = only(rows, detector=detector, language=language)
            lines.append([detector, language, *_figures(mine, noises)])
        lines.append([f"**{detector}**", "**all**", *_figures(only(rows, detector=detector), noises)])
    head = [f"leak, noise {n} %" for n in noises]
    return table(["", "language", *head, "harmless calls muted", "over-mute s/h"], lines)


def _figures(rows: Rows, noises: Sequence[int]) -> list[str]:
    leaks = [leak(of(only(rows, noise=n, kind=POSITIVES))) for n in noises]
    clean = only(rows, noise=0)
    return [*leaks, negative(of(only(clean, kind=NEGATIVES))), over(of(clean))]


def by_kind(rows: Rows, languages: Sequence[str]) -> str:
    """One line per kind, without noise, over these languages: every detector side by side."""
    clean = only(rows, noise=0, language=tuple(languages))
    detectors = list(dict.fromkeys(r.detector for r in clean))
    lines = []
    for kind in (*POSITIVES, *NEGATIVES):
        mine = only(clean, kind=kind)
        if mine:
            show = leak if kind in POSITIVES else negative
            lines.append([kind, *(show(of(only(mine, detector=d))) for d in detectors)])
    return table(["kind", *detectors], lines)
