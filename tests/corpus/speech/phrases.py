"""The phrase books: what people say, by language, read from `phrases_*.toml`, and their {slots}."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus.speech.figures import Figure, Group, Voice, number
from tests.corpus.speech.numbers import say
from tests.corpus.speech.values import Rng

HELD_OUT = 1000
"""Seeds from here on may use every line; those below leave out each fourth line of a list of four or more."""


@cache
def _read(primary: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(f"phrases_{primary}.toml").read_text("utf-8"))


@dataclass(frozen=True, slots=True)
class Book:
    """One language's phrases, as far as a seed may see them."""

    primary: str
    held_out: bool

    def lines(self, topic: str, key: str) -> list[str]:
        """The lines under `[topic] key`; none when the language has none."""
        lines: list[str] = _read(self.primary).get(topic, {}).get(key, [])
        return lines if self.held_out or len(lines) < 4 else [x for i, x in enumerate(lines) if i % 4 != 3]

    def pick(self, rng: Rng, topic: str, key: str) -> str:
        """One line, or nothing."""
        lines = self.lines(topic, key)
        return rng.choice(lines) if lines else ""

    def knows(self, topic: str) -> bool:
        """Whether the language has phrases for `topic`."""
        return topic in _read(self.primary)

    def month(self, value: int) -> str:
        """The name of a month, from 1."""
        return str(_read(self.primary)["slots"]["month"][value - 1])

    def word(self, key: str) -> str:
        """A fixed word of the language, such as its currency."""
        return str(_read(self.primary)["slots"][key])

    def letter_names(self, letter: str) -> list[str]:
        """The words by which `letter` is spelled aloud; none when the language lists none."""
        return str(_read(self.primary).get("letters", {}).get("names", {}).get(letter, "")).split()


def slot(name: str, rng: Rng, voice: Voice, book: Book) -> Group:
    """What stands in a phrase for `{name}`: words, with numbers as figures."""
    makers = {"price": price, "date": day_and_month, "hour": _hour, "year": _year}
    if name in makers:
        return makers[name](rng, voice, book)
    ranges = {"small": (2, 9), "number": (2, 90), "percent": (1, 6), "retour": (14, 31)}
    if name in ranges:
        value = rng.randint(*ranges[name]) * (5 if name == "percent" else 1)
        return (number(str(value), voice),)
    return tuple(book.pick(rng, "slots", name).split())


def price(rng: Rng, voice: Voice, book: Book) -> Group:
    """`quarante-neuf euros quatre-vingt-dix`."""
    whole = number(str(rng.choice((rng.randint(5, 99), rng.randint(20, 400), rng.randint(100, 2500)))), voice)
    cents = rng.choice(("", "", "90", "50", "99", f"{rng.randint(10, 98)}"))
    currency = "dollars" if voice.tongue == "en-US" else book.word("currency")
    return (whole, currency, *((number(cents, voice),) if cents else ()))


def day_and_month(rng: Rng, voice: Voice, book: Book) -> Group:
    """`douze mars`, `twelfth of March`: without its article."""
    return (day(rng.randint(2, 28), voice), *(("of",) if voice.tongue == "en" else ()), book.month(rng.randint(1, 12)))


_ORDINALS = (
    "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh",
    "twelfth", "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth",
    "twentieth",
)  # fmt: skip


def day(value: int, voice: Voice) -> Figure:
    """The day of a month: an ordinal in English."""
    if not voice.tongue.startswith("en"):
        return number(str(value), voice)
    word = _ORDINALS[value - 1] if value <= 20 else f"twenty-{_ORDINALS[value - 21]}"
    ending = "th" if 10 < value < 14 else {1: "st", 2: "nd", 3: "rd"}.get(value % 10, "th")
    return Figure((word,), str(value), f"{value}{ending}")


def year(value: int, rng: Rng, voice: Voice) -> Figure:
    """A year as it is said: `deux mille vingt-sept`, `nineteen seventy-eight`, `twenty twenty-seven`."""
    head, rest = divmod(value, 100)
    halves = voice.tongue.startswith("en") and rest >= 10 and (value < 2000 or rng.random() < 0.7)
    words = (*say(head, voice.tongue), *say(rest, voice.tongue)) if halves else say(value, voice.tongue)
    if voice.tongue == "de" and value < 2000:
        words = (f"{say(head, 'de')[0]}hundert{say(rest, 'de')[0] if rest else ''}",)
    return Figure(words, str(value), str(value))


def _hour(rng: Rng, voice: Voice, book: Book) -> Group:
    return (number(str(rng.randint(2, 12)), voice), *book.word("hour").split())


def _year(rng: Rng, voice: Voice, book: Book) -> Group:
    return (year(rng.randint(1996, 2024), rng, voice),)
