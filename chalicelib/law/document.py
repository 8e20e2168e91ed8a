"""What the law has written down and shown to people, as values: a document of sections, ready for a page or for JSON.

Ids are English and stay; titles, labels and texts are French or English (`law/texts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.law.texts import texts


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is said under a label; `lang` is the language of a value that is not in the document's."""

    id: str
    label: str
    value: str
    lang: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """What stands under one heading: paragraphs, facts, and parts of the same shape."""

    id: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    parts: tuple[Section, ...] = ()

    def plain(self) -> dict[str, Any]:
        """For JSON, without what is empty."""
        said = {
            "text": list(self.text),
            "facts": {fact.id: fact.value for fact in self.facts},
            "parts": {part.id: part.plain() for part in self.parts},
        }
        return {"title": self.title} | {name: value for name, value in said.items() if value}


@dataclass(frozen=True, slots=True)
class Document:
    """A whole document in one language; `version` is the policy's."""

    id: str
    language: str
    version: str
    title: str
    sections: tuple[Section, ...]

    def plain(self) -> dict[str, Any]:
        """For JSON: what it is, then each section under its id."""
        head = {"document": self.id, "language": self.language, "version": self.version, "title": self.title}
        return head | {section.id: section.plain() for section in self.sections}


@dataclass(frozen=True, slots=True)
class Writer:
    """Takes texts out of one family (`notice`, `register`) in one language and fills them in with `said`."""

    family: str
    language: str
    said: dict[str, str]

    def word(self, section: str, key: str, **more: str) -> str:
        """One text."""
        return str(texts(self.language)[self.family][section][key]).format(**self.said | more)

    def section(
        self, section: str, keys: Iterable[str] = (), facts: Iterable[Fact] = (), parts: Iterable[Section] = ()
    ) -> Section:
        """A section with its own title, and the paragraphs that `keys` name."""
        paragraphs = tuple(self.word(section, key) for key in keys)
        return Section(section, self.word(section, "title"), paragraphs, tuple(facts), tuple(parts))

    def fact(self, key: str, value: str, lang: str = "") -> Fact:
        """A value under the label that every family has for it."""
        return Fact(key, str(texts(self.language)["label"][key]), value, lang)

    def facts_of(self, section: str, keys: Iterable[str]) -> tuple[Fact, ...]:
        """Texts of a section as facts, each under the label of its own key."""
        return tuple(self.fact(key, self.word(section, key)) for key in keys)


def listed(values: Iterable[str], language: str) -> str:
    """Once each: `a, b and c`."""
    said = list(dict.fromkeys(values))
    return str(texts(language)["calendar"]["and"]).join([", ".join(said[:-1]), said[-1]] if said[1:] else said)


def in_words(day: date, language: str) -> str:
    """A day: `15 October 2026`, `1er mai 2026`."""
    calendar = texts(language)["calendar"]
    number = calendar["first"] if day.day == 1 else str(day.day)
    return f"{number} {calendar['months'][day.month - 1]} {day.year}"


def percent(share: Decimal, language: str) -> str:
    """A share without idle zeros: `2,5 %`, `2.5%`."""
    number = f"{share.normalize():f}"
    return f"{number.replace('.', ',')} %" if language == "fr" else f"{number}%"
