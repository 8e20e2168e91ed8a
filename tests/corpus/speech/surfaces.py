"""The ways in which recognisers write down the same speech: words, split hyphens, numerals, joined or not, punctuated.

A surface changes texts and how they are cut; what was heard from first to last word of a number stays covered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby

from chalicelib.model import Span, Word
from tests.corpus.speech.timing import Placed
from tests.corpus.speech.values import Rng

SURFACES = (
    "verbatim", "split", "numerals-per-group", "numerals-joined", "numerals-digits", "mixed", "punctuated",
)  # fmt: skip
_JOINED_WITHIN_MS = 1_500


def dress(placed: Sequence[Placed], surface: str, rng: Rng) -> list[Word]:
    """The words of a transcript, in order of start."""
    words: list[Word] = []
    for channel in (0, 1):
        mine = [p for p in placed if p.span.channel == channel]
        words += _punctuated(mine, rng) if surface == "punctuated" else _written(mine, surface, rng)
    return sorted(words, key=lambda w: (w.span.start_ms, w.span.end_ms))


def _written(mine: Sequence[Placed], surface: str, rng: Rng) -> list[Word]:
    words: list[Word] = []
    for run in _runs(mine, surface):
        style = rng.choice(SURFACES[:4]) if surface == "mixed" else surface
        numeral = run[0].bit.figure is not None and all(p.bit.figure and p.bit.figure.numeral for p in run)
        if numeral and style.startswith("numerals"):
            words += _numerals(run, style, rng)
        else:
            words += [w for p in run for w in (_split(p) if style == "split" else [Word(p.bit.text, p.span)])]
    return [Word(w.text, w.span, round(rng.uniform(0.86, 1.0), 3), w.punctuation) for w in words]


def _runs(mine: Sequence[Placed], surface: str) -> Iterator[list[Placed]]:
    """What may be written as one: a figure, its breath group, or every number until a word or a pause."""
    run: list[Placed] = []
    for item in mine:
        if run and not _together(run[-1], item, surface):
            yield run
            run = []
        run.append(item)
    if run:
        yield run


def _together(before: Placed, after: Placed, surface: str) -> bool:
    a, b = before.bit, after.bit
    if not a.unit or not b.unit or before.turn != after.turn:
        return False
    if a.unit == b.unit:
        return True
    assert a.figure and b.figure
    if not a.figure.numeral or not b.figure.numeral:
        return False
    same = a.group == b.group
    near = after.span.start_ms - before.span.end_ms <= _JOINED_WITHIN_MS
    return same if surface in ("numerals-per-group", "mixed") else near and surface == "numerals-joined"


def _numerals(run: list[Placed], style: str, rng: Rng) -> list[Word]:
    units = [list(unit) for _, unit in groupby(run, key=lambda p: p.bit.unit)]
    if style == "numerals-digits":
        return [word for unit in units for word in _single_digits(unit)]
    if style == "numerals-per-group" and rng.random() < 0.3:  # a numeral for each number, as it was said
        return [word for unit in units for word in _spaced(_numeral(unit), unit)]
    breaths = [list(breath) for _, breath in groupby(units, key=lambda unit: unit[0].bit.group)]
    if style == "numerals-joined" and len(breaths) > 2 and rng.random() < 0.3:
        cut = rng.randrange(1, len(breaths))
        return [_one(breaths[:cut], "", rng), _one(breaths[cut:], "", rng)]
    return [_one(breaths, rng.choice(("", "", "", "-")), rng)]


def _one(breaths: list[list[list[Placed]]], link: str, rng: Rng) -> Word:
    """All as one token: `4970`, `4970-1001-…`, `09/27`."""
    if breaths[0][0][0].bit.kind == "expiry":
        texts = [_plain(unit) for breath in breaths for unit in breath]
        text = rng.choice(("", "/", "/", "-")).join(texts)
    else:
        text = link.join("".join(_plain(unit) for unit in breath) for breath in breaths)
    return Word(text, _over([p for breath in breaths for unit in breath for p in unit]))


def _numeral(unit: list[Placed]) -> str:
    figure = unit[0].bit.figure
    assert figure
    return figure.numeral


def _plain(unit: list[Placed]) -> str:
    """The numeral without words in it: `000`, never `triple 0`."""
    figure = unit[0].bit.figure
    assert figure
    return figure.value if " " in figure.numeral else figure.numeral


def _over(items: list[Placed]) -> Span:
    return Span(items[0].span.start_ms, items[-1].span.end_ms, items[0].span.channel)


def _single_digits(unit: list[Placed]) -> list[Word]:
    text = _numeral(unit)
    return _cut(list(text), _over(unit)) if text.isdigit() else _spaced(text, unit)


def _spaced(text: str, unit: list[Placed]) -> list[Word]:
    return _cut(text.split(), _over(unit))


def _cut(texts: list[str], span: Span) -> list[Word]:
    """The texts side by side over a span, each as long as its letters."""
    weights = [max(1, len(text)) for text in texts]
    total, at, words = sum(weights), span.start_ms, list[Word]()
    for index, text in enumerate(texts):
        end = span.start_ms + (span.end_ms - span.start_ms) * sum(weights[: index + 1]) // total
        words.append(Word(text, Span(at, end, span.channel)))
        at = end
    return words


def _split(item: Placed) -> list[Word]:
    parts = [part for part in item.bit.text.split("-") if part]
    return _cut(parts, item.span)


def _punctuated(mine: Sequence[Placed], rng: Rng) -> list[Word]:
    """Sentences with capitals and marks; a mark stands in the text or beside it, one way for the whole call."""
    attached, numerals = rng.random() < 0.5, rng.random() < 0.5
    turns = [list(turn) for _, turn in groupby(mine, key=lambda p: p.turn)]
    starts = {turn[0].span.start_ms for turn in turns}
    marks = {p.span.end_ms: p.bit.mark for p in mine if p.bit.mark}
    marks |= {t[-1].span.end_ms: t[-1].bit.mark.replace(",", "") or rng.choice((".", ".", "")) for t in turns}
    words, capital = list[Word](), True
    for word in _written(mine, "numerals-per-group" if numerals else "verbatim", rng):
        capital = capital or word.span.start_ms in starts
        text = word.text[:1].upper() + word.text[1:] if capital else word.text
        mark = marks.get(word.span.end_ms, "").replace(":", ",")
        capital = mark[-1:] in (".", "?", "!") if mark else False
        words.append(Word(text + mark if attached else text, word.span, word.confidence, "" if attached else mark))
    return words
