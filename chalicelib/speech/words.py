"""One language's words as data: what they are worth as digits, and what they are in a reading.

The value of a number word comes from text2num, one token at a time (`quarante-neuf` 49, `neunundvierzig` 49); how
tokens join into numbers is `lattice.py`'s. What text2num does not know (unaccented `zero`, `oh`, `quatrevingt`) is in
`language/*.toml`, with the words around numbers.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from text_to_num import text2num

from chalicelib.errors import UnsupportedLanguage

LANGUAGES = ("fr", "en", "es", "de", "it", "pt", "nl")
"""Primary language subtags (ISO 639-1) that are heard."""

_COMMON = (
    "bridges",
    "homophones",
    "units",
    "counting",
    "months",
    "asking",
    "numbering",
    "mine",
    "announcing",
    "trying",
    "refusing",
)
_LONGEST = 60
_LARGEST = 1_000_000
_BIC = re.compile(r"^(?:[A-Z]{6}(?:[A-Z]{2}|[A-Z]{5})|[A-Z]{2,5})$")
_ALPHABET = """alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november
oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu"""
_ELISION = re.compile(r"^(?:[a-z]|qu|lorsqu)'(?=[a-z])")
_ENCLITIC = re.compile(
    r"(?<=[a-z]{2})-(?:moi|toi|lui|nous|vous|leur|le|la|les|je|tu|il|elle|on|ce|ci|y|en|t-il|t-elle)$"
)
_POSSESSIVE = re.compile(r"'(?:s|re|ll|ve|d|m)$")
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-") | {ord("’"): "'", ord("ʼ"): "'"}
_AROUND = " ¿¡\t\r\n.,;:!?…\"«»“”()[]*'-"
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

    def year(self) -> int:
        """The last two digits of the year that it may be, or -1: `28`, `2028`, `vingt-huit`."""
        said = self.digits or str(self.value)
        return int(said[-2:]) if len(said) == 2 or (len(said) == 4 and said.startswith("20")) else -1


@dataclass(frozen=True)
class Language:
    """The data of `language/*.toml`, folded, and the pieces of any word in it."""

    name: str
    ands: frozenset[str]
    extra: dict[str, int]
    times: frozenset[str]
    repeat: dict[str, int]
    spell: frozenset[str]
    teens_after: frozenset[int]
    articles: frozenset[str]
    alphabet: frozenset[str]
    short_words: frozenset[str]
    homophones: frozenset[str]
    bridges: frozenset[str]
    slashes: frozenset[str]
    units: frozenset[str]
    counting: frozenset[str]
    months: frozenset[str]
    asking: frozenset[str]
    numbering: frozenset[str]
    mine: frozenset[str]
    which: frozenset[str]
    announcing: frozenset[str]
    trying: frozenset[str]
    refusing: frozenset[str]
    common: frozenset[str]
    telephone: re.Pattern[str]
    cues: tuple[dict[str, Any], ...]
    anchors: frozenset[str]
    pieces: Callable[[str], tuple[Piece, ...]] = field(compare=False)


@cache
def language(tag: str) -> Language:
    """The language of a BCP 47 tag (`fr-FR`). Raises UnsupportedLanguage."""
    name = tag.split("-")[0].lower()
    if name not in LANGUAGES:
        raise UnsupportedLanguage(
            f"bank data is heard in {', '.join(LANGUAGES)}: set the call's language to one of them"
        )
    data = tomllib.loads(resources.files(__package__).joinpath("language", f"{name}.toml").read_text("utf-8"))

    def words(key: str) -> frozenset[str]:
        return frozenset(fold(word, name) for word in data.get(key, ()))

    def pieces(text: str) -> tuple[Piece, ...]:
        return _pieces(text, made)

    made = Language(
        name=name,
        ands=words("and"),
        extra=data.get("extra_numbers", {}),
        times=words("times"),
        repeat=data.get("repeat", {}),
        spell=words("spell"),
        teens_after=frozenset(data.get("decades_with_teens", ())),
        articles=words("articles"),
        alphabet=words("alphabet").union(_ALPHABET.split()),
        short_words=words("short_words"),
        homophones=words("homophones"),
        bridges=words("bridges"),
        slashes=words("slashes"),
        units=words("units"),
        counting=words("counting"),
        months=words("months"),
        asking=words("asking"),
        numbering=words("numbering"),
        mine=words("mine"),
        which=words("which"),
        announcing=words("announcing"),
        trying=words("trying"),
        refusing=words("refusing"),
        common=words("common").union(*(words(key) for key in _COMMON)),
        telephone=re.compile(data.get("telephone", "(?!)")),
        cues=tuple(data.get("cues", ())),
        anchors=frozenset(fold(word, name) for cue in data.get("cues", ()) for word in cue["anchor"]),
        pieces=lru_cache(maxsize=65_536)(pieces),
    )
    return made


def fold(text: str, name: str) -> str:
    """Small letters, no accents, plain hyphens and apostrophes, no marks around, no elision: `L’Échéance,` echeance."""
    plain = unicodedata.normalize("NFKD", text.translate(_DASHES).lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).strip(_AROUND)
    if name in ("fr", "it"):
        return _ENCLITIC.sub("", _ELISION.sub("", plain))
    return _POSSESSIVE.sub("", plain) if name == "en" else plain


def _pieces(text: str, words: Language) -> tuple[Piece, ...]:
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
    return bool(_BIC.match(text.strip(_AROUND))) and folded not in words.anchors


def _numeral(text: str, name: str) -> Piece:
    """`4970`, `49-70`, `01.99.00.12.34`, `12/27` are digits; `FR76` is mixed; `7:45`, `49€` are neither."""
    bare = text.translate(_DASHES).strip(_AROUND)
    if _QUANTITY.search(bare.lower()):
        return Piece(fold(text[:_LONGEST], name))
    digits = "".join(str(unicodedata.decimal(c)) for c in bare if c.isdecimal())
    if _SEPARATED.match(bare):
        return Piece(digits, digits=digits)
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
