"""What one word says as recognisers write it: digits, a number word's value, a letter, or a token of both.

The value of a number word comes from text2num, one token at a time (`quarante-neuf` 49, `neunundvierzig` 49); how
tokens join into numbers is `lattice.py`'s. What text2num does not know (unaccented `zero`, `oh`, `quatrevingt`) is in
`language/*.toml`.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING

from text_to_num import text2num

from chalicelib.speech.fold import AROUND, DASHES, fold

if TYPE_CHECKING:
    from chalicelib.speech.words import Language

_LONGEST = 60
_LARGEST = 1_000_000
_BIC = re.compile(r"^(?:[A-Z]{2,8}|[A-Z]{11})$")
_QUANTITY = re.compile(
    r"[€£$%]|^[0-2]?\d:[0-5]\d$|^\d{1,2}h(?:\d\d)?$|^\d{1,4}(?:am|pm|er|ere|ème|eme|e|st|nd|rd|th|km|kg|m|cm|º|ª)$"
)
"""`£9.99`, `7:45`, `14h30`, `3rd`: what no bank datum is written as."""

_SEPARATED = re.compile(r"^\+?\d+(?:[\s.,/:'_-]+\d+)*$")


@dataclass(frozen=True, slots=True)
class Piece:
    """What one spoken token is. `digits` are numerals as written, `value` is a number word's, -1 for none."""

    text: str
    digits: str = ""
    value: int = -1
    letter: bool = False
    mixed: bool = False

    @property
    def number(self) -> bool:
        """Whether it says digits, in words or in numerals."""
        return bool(self.digits) or self.value >= 0


def pieces_of(text: str, words: Language) -> tuple[Piece, ...]:
    """A word as recognisers write it, taken apart where it joins several numbers."""
    if any(c.isdecimal() for c in text):
        return (_numeral(text, words.name),)
    folded = fold(text[:_LONGEST], words.name)
    parts = [part for part in folded.split("-") if part]
    if len(parts) > 1:
        values = [_value(part, words) for part in parts]
        if all(len(part) == 1 and part.isalpha() for part in parts):
            return tuple(Piece(part, letter=True) for part in parts)
        if any(v >= 0 for v in values) and all(v >= 0 or p in words.ands for p, v in zip(parts, values, strict=True)):
            return tuple(Piece(part, value=value) for part, value in zip(parts, values, strict=True))
    letter = (len(folded) == 1 and folded.isalpha()) or folded in words.alphabet
    return (Piece(folded, value=_value(folded, words), letter=letter, mixed=_is_written_out(text, folded, words)),)


def _is_written_out(text: str, folded: str, words: Language) -> bool:
    """A BIC, or letters of an IBAN, in capitals; not the words PIN, BIC, SMS."""
    return bool(_BIC.match(text.strip(AROUND))) and folded not in words.known


def _numeral(text: str, name: str) -> Piece:
    """`4970`, `49-70`, `01.99.00.12.34`, `12/27` are digits; `FR76` is mixed; `7:45`, `49€` are neither."""
    bare = text.translate(DASHES).strip(AROUND)
    if _QUANTITY.search(bare.lower()):
        return Piece(fold(text[:_LONGEST], name))
    digits = "".join(str(unicodedata.decimal(c)) for c in bare if c.isdecimal())
    if _SEPARATED.match(bare):
        return Piece(bare, digits=digits)
    return Piece(fold(text[:_LONGEST], name), mixed=True)


def _value(word: str, words: Language) -> int:
    """What a single word is worth, or -1."""
    if word in words.extra:
        return words.extra[word]
    if not word.isalpha() or (len(word) == 1 and word != "y"):
        return -1
    try:
        value = text2num(word, words.name)
    except ValueError:
        value = _accented(word, words)
    return int(value) if 0 <= value < _LARGEST else -1


_ACCENTS = {
    "tweeen": "tweeën",
    "zero": "zéro",
    "tres": "três",
    "dreissig": "dreißig",
    "een": "één",
    "zwolf": "zwölf",
    "funf": "fünf",
}
_PLAIN = re.compile("|".join(_ACCENTS))


def _accented(word: str, words: Language) -> int:
    """The same word with the accents that folding took away, where text2num wants them."""
    accented = _PLAIN.sub(lambda found: _ACCENTS[found[0]], word)
    try:
        return int(text2num(accented, words.name)) if accented != word else -1
    except ValueError:
        return -1
