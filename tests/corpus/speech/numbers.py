"""Numbers from 0 to 9999 as people say them, in ten tongues; the words of one number, in order.

A tongue is a language (`fr`, `en`…) or a region that counts otherwise (`fr-BE`, `fr-CH`, `en-US`). A token is
what is written without a space: `quarante-neuf` is one, `vingt et un` three.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path

Words = tuple[str, ...]

_TABLES = tomllib.loads(Path(__file__).with_name("numbers.toml").read_text("utf-8"))
UNITS: dict[str, Words] = {language: tuple(table["units"].split()) for language, table in _TABLES.items()}
TENS: dict[str, Words] = {language: tuple(table["tens"].split()) for language, table in _TABLES.items()}
HUNDREDS: dict[str, Words] = {language: tuple(table.get("hundreds", "").split()) for language, table in _TABLES.items()}
_NEW_TENS: dict[str, tuple[int, ...]] = {"fr": (), "fr-BE": (7, 9), "fr-CH": (7, 8, 9)}


def say(value: int, tongue: str) -> Words:
    """The tokens that say `value` in `tongue`."""
    if not 0 <= value <= 9999:
        raise ValueError(f"only 0 to 9999 are said here, not {value}")
    return _SPEAKERS[tongue.split("-")[0]](value, tongue)


def _french(value: int, tongue: str) -> Words:
    thousands, below = divmod(value, 1000)
    hundreds, rest = divmod(below, 100)
    words = [*(_french(thousands, tongue) if thousands > 1 else ()), *(["mille"] if thousands else [])]
    if hundreds:
        words += [UNITS["fr"][hundreds]] if hundreds > 1 else []
        words.append("cents" if hundreds > 1 and not rest else "cent")
    if rest or not words:
        words += _french_pair(rest, tongue)
    return tuple(words)


def _french_pair(value: int, tongue: str) -> Words:
    if value < 20:
        return (UNITS["fr"][value],)
    tens, unit = divmod(value, 10)
    if tens >= 7 and tens not in _NEW_TENS[tongue]:
        base, unit = ("soixante", value - 60) if tens == 7 else ("quatre-vingt", value - 80)
    else:
        base = TENS["fr"][tens - 2]
    if not unit:
        return ("quatre-vingts",) if base == "quatre-vingt" else (base,)
    joins = unit in (1, 11) and base != "quatre-vingt"
    return (base, "et", UNITS["fr"][unit]) if joins else (f"{base}-{UNITS['fr'][unit]}",)


def _english(value: int, tongue: str) -> Words:
    if value < 20:
        return (UNITS["en"][value],)
    if value < 100:
        tens, unit = divmod(value, 10)
        return (TENS["en"][tens - 2] + (f"-{UNITS['en'][unit]}" if unit else ""),)
    size, name = (1000, "thousand") if value >= 1000 else (100, "hundred")
    head, rest = divmod(value, size)
    link = ("and",) if rest and rest < 100 and tongue != "en-US" else ()
    return (*_english(head, tongue), name, *link, *(_english(rest, tongue) if rest else ()))


def _spanish(value: int, tongue: str) -> Words:
    if value < 30:
        return (UNITS["es"][value],)
    if value < 100:
        tens, unit = divmod(value, 10)
        return (TENS["es"][tens - 2], *(("y", UNITS["es"][unit]) if unit else ()))
    if value < 1000:
        head, rest = divmod(value, 100)
        name = "ciento" if head == 1 and rest else HUNDREDS["es"][head - 1]
        return (name, *(_spanish(rest, tongue) if rest else ()))
    head, rest = divmod(value, 1000)
    return (*(_spanish(head, tongue) if head > 1 else ()), "mil", *(_spanish(rest, tongue) if rest else ()))


def _portuguese(value: int, tongue: str) -> Words:
    if value < 20:
        return (UNITS["pt"][value],)
    if value < 100:
        tens, unit = divmod(value, 10)
        return (TENS["pt"][tens - 2], *(("e", UNITS["pt"][unit]) if unit else ()))
    if value < 1000:
        head, rest = divmod(value, 100)
        name = "cento" if head == 1 and rest else HUNDREDS["pt"][head - 1]
        return (name, *(("e", *_portuguese(rest, tongue)) if rest else ()))
    head, rest = divmod(value, 1000)
    link = ("e",) if rest and (rest < 100 or rest % 100 == 0) else ()
    return (
        *(_portuguese(head, tongue) if head > 1 else ()),
        "mil",
        *link,
        *(_portuguese(rest, tongue) if rest else ()),
    )


def _german(value: int, tongue: str) -> Words:
    return (_glued(value, "de"),)


def _dutch(value: int, tongue: str) -> Words:
    head, rest = divmod(value, 1000)
    first = (("" if head == 1 else _glued(head, "nl")) + "duizend",) if head else ()
    return (*first, *((_glued(rest, "nl"),) if rest or not head else ()))


_GLUE = {"de": ("und", "hundert", "tausend", "ein"), "nl": ("en", "honderd", "duizend", "")}


def _glued(value: int, language: str) -> str:
    """German and Dutch: one word, the unit before the tens."""
    link, hundred, thousand, one = _GLUE[language]
    if value < 20:
        return UNITS[language][value]
    if value < 100:
        tens, unit = divmod(value, 10)
        name = TENS[language][tens - 2]
        if not unit:
            return name
        word = "ein" if language == "de" and unit == 1 else UNITS[language][unit]
        return word + ("ën" if language == "nl" and word.endswith("e") else link) + name
    size, name = (1000, thousand) if value >= 1000 else (100, hundred)
    head, rest = divmod(value, size)
    return (one if head == 1 else _glued(head, language)) + name + (_glued(rest, language) if rest else "")


def _italian(value: int, tongue: str) -> Words:
    word = _italian_word(value)
    return (word[:-3] + "tré" if value > 20 and word.endswith("tre") else word,)


def _italian_word(value: int) -> str:
    if value < 20:
        return UNITS["it"][value]
    if value < 100:
        tens, unit = divmod(value, 10)
        name = TENS["it"][tens - 2]
        return (name[:-1] if unit in (1, 8) else name) + (UNITS["it"][unit] if unit else "")
    if value < 1000:
        head, rest = divmod(value, 100)
        return ("" if head == 1 else UNITS["it"][head]) + "cento" + (_italian_word(rest) if rest else "")
    head, rest = divmod(value, 1000)
    return ("mille" if head == 1 else UNITS["it"][head] + "mila") + (_italian_word(rest) if rest else "")


_SPEAKERS: dict[str, Callable[[int, str], Words]] = {
    "fr": _french, "en": _english, "es": _spanish, "de": _german, "it": _italian, "pt": _portuguese, "nl": _dutch,
}  # fmt: skip
