"""Digits and letters turned into what a person says: groups of figures, each one number, letter or turn of phrase.

A `Figure` knows its words, the characters that they say, and the numeral that a recogniser might write for it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from tests.corpus.speech import numbers
from tests.corpus.speech.values import Rng


@dataclass(frozen=True, slots=True)
class Figure:
    """Words spoken as one. `bare` are the indexes of words that say nothing by themselves (`fois`, `comme`)."""

    words: tuple[str, ...]
    value: str
    numeral: str = ""
    bare: tuple[int, ...] = ()


Group = tuple[Figure | str, ...]
"""What is said in one breath; a plain string is a word that is not part of the number."""

STYLES = ("digits", "pairs", "threes", "numbers", "halves", "mixed")


@dataclass(frozen=True, slots=True)
class Voice:
    """A speaker's habits: the tongue counted in, the word for zero, the liking for `double`."""

    tongue: str
    zero: str
    doubles: float

    @classmethod
    def of(cls, rng: Rng, language: str) -> Voice:
        primary = language.split("-")[0]
        tongue = language if language in ("fr-BE", "fr-CH", "en-US") else primary
        if language == "fr-FR" and rng.random() < 0.06:
            tongue = rng.choice(("fr-BE", "fr-CH"))  # a Belgian or a Swiss who calls a French shop
        zero = rng.choice(("oh", "oh", "zero", "zero", "nought")) if primary == "en" else numbers.UNITS[primary][0]
        if language == "en-US":
            zero = zero.replace("nought", "oh")
        return cls(tongue, zero, rng.choice((0.0, 0.3, 0.8)))


def single(digit: str, voice: Voice) -> Figure:
    """One digit by its name."""
    word = voice.zero if digit == "0" else numbers.say(int(digit), voice.tongue)[0]
    return Figure((word,), digit, digit)


def number(text: str, voice: Voice) -> Figure:
    """The digits as one number; leading zeros are said one by one before it."""
    body = text.lstrip("0")
    words = (voice.zero,) * (len(text) - len(body)) + (numbers.say(int(body), voice.tongue) if body else ())
    return Figure(words, text, text)


def one_by_one(text: str, voice: Voice, rng: Rng) -> Group:
    """Digit by digit, with `double` and `trois fois le` for those who like them."""
    said: list[Figure] = []
    for digit, run in groupby(text):
        count = len(list(run))
        if count in (2, 3) and rng.random() < voice.doubles:
            said.append(_repeated(digit, count, voice, rng))
        else:
            said += [single(digit, voice)] * count
    return tuple(said)


_DOUBLE = {
    "fr": ("double", "triple"), "en": ("double", "triple"), "es": ("doble", "triple"), "it": ("doppio", "triplo"),
    "de": ("doppel", "dreimal"), "pt": ("duplo", "triplo"), "nl": ("dubbel", "driemaal"),
}  # fmt: skip
_TIMES = {
    "fr": ("fois",), "en": ("times",), "es": ("veces",), "it": ("volte",), "de": ("mal",), "pt": ("vezes",),
    "nl": ("keer",),
}  # fmt: skip


def _repeated(digit: str, count: int, voice: Voice, rng: Rng) -> Figure:
    language = voice.tongue.split("-")[0]
    name, value = single(digit, voice).words[0], digit * count
    if language != "en" and rng.random() < (0.7 if count == 3 else 0.25):
        article = rng.choice(((), ("le",), ("le",))) if language == "fr" else ()
        words = (numbers.say(count, voice.tongue)[0], *_TIMES[language], *article, name)
        return Figure(
            words, value, rng.choice((value, f"{count} {' '.join(words[1:-1])} {digit}")), (1, 2)[: len(words) - 2]
        )
    word = _DOUBLE[language][count - 2]
    return Figure((word, name), value, rng.choice((value, f"{word} {digit}")))


def chunk(text: str, style: str, voice: Voice, rng: Rng) -> Group:
    """A handful of digits (1 to 6) in one way of reading."""
    if style == "digits" or len(text) == 1:
        return one_by_one(text, voice, rng)
    if style == "pairs" or not 2 < len(text) < 5:
        return tuple(f for i in range(0, len(text), 2) for f in _pair(text[i : i + 2], voice, rng))
    if style == "threes":
        return (
            (number(text, voice),) if len(text) == 3 else (*_pair(text[:2], voice, rng), *_tail(text[2:], voice, rng))
        )
    if style == "halves":
        head = single(text[0], voice) if len(text) == 3 else number(text[:-2], voice)
        return (head, *_pair(text[-2:], voice, rng))
    return (number(text, voice),)


def _pair(text: str, voice: Voice, rng: Rng) -> Group:
    if len(text) == 2 and text[0] == text[1] and rng.random() < voice.doubles * (0.6 if text == "00" else 0.1):
        return (_repeated(text[0], 2, voice, rng),)
    return (number(text, voice),)


def _tail(text: str, voice: Voice, rng: Rng) -> Group:
    return _pair(text, voice, rng) if len(text) > 1 else (single(text, voice),)


def spread(text: str, style: str, voice: Voice, rng: Rng) -> list[Group]:
    """A long number in breath groups, by the habits of its reader."""
    return [chunk(part, _this_time(style, rng), voice, rng) for part in parted(text, style, rng)]


def _this_time(style: str, rng: Rng) -> str:
    return rng.choice(STYLES[:-1]) if style == "mixed" else style


def parted(text: str, style: str, rng: Rng) -> list[str]:
    """Where the reader breathes."""
    if style == "threes":
        parts = re.findall(".{1,3}", text)
        return [*parts[:-2], parts[-2] + parts[-1]] if len(parts[-1]) == 1 and rng.random() < 0.6 else parts
    if len(text) == 15 and rng.random() < 0.8:
        return [text[:4], text[4:10], text[10:]]
    size = (
        rng.choice((2, 4, 4, 4, 6)) if style == "pairs" else rng.choice((4, 4, 4, 4, 3, 5)) if style == "digits" else 4
    )
    return re.findall(f".{{1,{size}}}", text)
