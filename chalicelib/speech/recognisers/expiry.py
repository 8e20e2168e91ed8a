"""Expiry dates: a month and a year, and no day."""

from __future__ import annotations

from chalicelib.speech.runs import Run

_YEARS = range(20, 60)
"""The last two digits of years in which cards expire."""

_LONGEST_YEAR = 4
"""Words: `two thousand and thirty`."""

_MONTHS = frozenset(map(str, range(1, 13)))


def begins_with_its_month(run: Run) -> bool:
    """`mars vingt-huit`: the name of a month, then a year; a day before them makes it another date."""
    if len(run.heard) < 2 or run.pieces[0].text not in run.words.months or not run.pieces[1].number:
        return False
    return any(_is_a_year(text) for text in Run(run.heard[1 : 1 + _LONGEST_YEAR], run.words).readings)


def is_month_slash_year(run: Run) -> bool:
    """`trois barre vingt-sept`, and nothing else."""
    slashes = [place for place, piece in enumerate(run.pieces) if piece.text in run.words.slashes]
    if len(slashes) != 1 or not all(piece.number or piece.text in run.words.slashes for piece in run.pieces):
        return False
    month, year = (Run(part, run.words) for part in (run.heard[: slashes[0]], run.heard[slashes[0] + 1 :]))
    months = {text.lstrip("0") for text in month.readings}
    return bool(months & _MONTHS) and any(map(_is_a_year, year.readings))


def _is_a_year(text: str) -> bool:
    return (len(text) == 2 or (len(text) == 4 and text.startswith("20"))) and int(text[-2:]) in _YEARS
