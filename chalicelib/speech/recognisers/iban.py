"""IBANs (ISO 13616): a country, two check digits, an account; spelled, or with its letters written together."""

from __future__ import annotations

from chalicelib.speech.pieces import Piece
from chalicelib.speech.runs import Run

LENGTHS = {
    "FR": 27, "BE": 16, "LU": 20, "CH": 21, "DE": 22, "ES": 24, "IT": 27, "NL": 18, "PT": 25, "GB": 22, "IE": 22,
    "MC": 27, "AT": 20,
}  # fmt: skip
"""Characters of an IBAN by country, in the countries whose callers are heard."""

_BEGINS_WITHIN = 3


def begins_an_iban(run: Run, numbers: int) -> bool:
    """Whether a country stands near its beginning and it says `numbers` numbers or more, or a bank's letters."""
    pieces = run.telling()
    named = any(_names_a_country(pieces[at : at + 2]) for at in range(min(_BEGINS_WITHIN, len(pieces))))
    bank = len(pieces) > 2 and pieces[1].number and pieces[2].mixed  # « NL 14 ABNA »
    return named and (bank or sum(piece.number for piece in pieces) >= numbers)


def is_iban(run: Run) -> bool:
    """Whether it is an IBAN to the last character: its country's length, and ISO 7064's mod 97-10."""
    text = run.spelled()
    if not text.isascii() or len(text) != LENGTHS.get(text[:2]):
        return False
    return int("".join(str(int(character, 36)) for character in text[4:] + text[:4])) % 97 == 1


def _names_a_country(pieces: list[Piece]) -> bool:
    """`FR76…`, `FR`, or `F` and `R`."""
    first = pieces[0]
    if first.mixed:
        return first.text[:2].upper() in LENGTHS and (len(first.text) == 2 or first.text[2].isdigit())
    return len(pieces) > 1 and all(p.letter for p in pieces) and "".join(p.text for p in pieces).upper() in LENGTHS
