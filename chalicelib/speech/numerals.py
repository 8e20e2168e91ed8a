"""The words that say digits, by language: data, and how many digits a token is worth at the least.

Plain on purpose: enough to know that digits are being read. The readings themselves (70, or 60 and 10?) are the
business of the card recogniser that will stand here.
"""

from __future__ import annotations

import re
import unicodedata

_FRENCH = """
zéro un une deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize vingt vingts
trente quarante cinquante soixante septante huitante octante nonante cent cents mille double triple
"""
_ENGLISH = """
zero oh nought one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen twenty thirty forty fourty fifty sixty seventy eighty ninety hundred thousand double
triple
"""
_BRIDGES = {
    "fr": "et puis ensuite alors euh heu hum bon voilà donc attendez pardon fois le les de virgule tiret espace",
    "en": "and then uh um er so okay well sorry wait times dash space comma",
}


def _plain(word: str) -> str:
    """Lower case, without accents: recognisers drop them."""
    decomposed = unicodedata.normalize("NFKD", word.lower())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


_WORDS = {"fr": frozenset(_plain(_FRENCH).split()), "en": frozenset(_plain(_ENGLISH).split())}
_FILLERS = {language: frozenset(_plain(words).split()) for language, words in _BRIDGES.items()}
LANGUAGES = frozenset(_WORDS)
"""Primary language subtags (ISO 639-1) that are known here."""

_PIECES = re.compile(r"[^\W\d_]+|\d+")
_MAX_LETTERS = 200


def digits_in(text: str, language: str) -> int:
    """How many digits a token says at the least; 0 when any part of it says none.

    `text` is a word as a recogniser wrote it (`quarante-neuf`, `4970`, `zéro,`), `language` a key of LANGUAGES.
    A token too long to be a word counts its numerals only.
    """
    pieces = _PIECES.findall(_plain(text) if len(text) <= _MAX_LETTERS else re.sub(r"\D+", " ", text))
    worth = [len(p) if p.isdigit() else int(p in _WORDS[language]) for p in pieces]
    if any(p.isdigit() for p in pieces):
        return sum(worth)
    return sum(worth) if worth and all(worth) else 0


def is_bridge(text: str, language: str) -> bool:
    """Whether people say this between the digits of one reading."""
    return _plain(text).strip(" .,;:!?…-'’") in _FILLERS[language]
