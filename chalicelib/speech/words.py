"""One language as data: what its words are worth in a reading, and the words around numbers (`language/*.toml`)."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from chalicelib.errors import UnsupportedLanguage
from chalicelib.speech.fold import fold
from chalicelib.speech.pieces import Piece, pieces_of

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
_ALPHABET = """alpha alfa bravo charlie delta echo foxtrot golf hotel india juliet juliett kilo lima mike november
oscar papa quebec romeo sierra tango uniform victor whiskey whisky xray x-ray yankee zulu"""


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
    known: frozenset[str]
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
        return pieces_of(text, made)

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
        known=words("capitals").union(fold(word, name) for cue in data.get("cues", ()) for word in cue["anchor"]),
        pieces=lru_cache(maxsize=65_536)(pieces),
    )
    return made
