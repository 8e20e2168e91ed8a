"""Expiry dates: a month and a year, and no day."""

from __future__ import annotations

from chalicelib.speech.runs import Run

_YEARS = range(20, 60)
"""The last two digits of years in which cards expire."""

_MONTHS = frozenset(map(str, range(1, 13)))


def begins_with_its_month(run: Run) -> bool:
    """`mars vingt-huit`: the name of a month, then a year; a day before them makes it another date."""
    pieces = run.pieces
    return len(pieces) > 1 and pieces[0].text in run.words.months and pieces[1].year() in _YEARS


def is_month_slash_year(run: Run) -> bool:
    """`trois barre vingt-sept`, and nothing else."""
    slashes = [place for place, piece in enumerate(run.pieces) if piece.text in run.words.slashes]
    if len(slashes) != 1 or not all(piece.number or piece.text in run.words.slashes for piece in run.pieces):
        return False
    month, year = (Run(part, run.words) for part in (run.heard[: slashes[0]], run.heard[slashes[0] + 1 :]))
    months = {text.lstrip("0") for text in month.readings}
    years = {text[-2:] for text in year.readings if len(text) == 2 or (len(text) == 4 and text.startswith("20"))}
    return bool(months & _MONTHS) and any(int(text) in _YEARS for text in years)
