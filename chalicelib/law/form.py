"""A page that somebody fills in, as values: what it says, what it asks, and what was wrong with what was written."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.law.document import Fact


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that is asked for. `kind` is text, lines, choice, day or yes; `options` are a choice's: value, label.
    `error` says what is wrong with `value`. `fills` and `keys` are HTML's `autocomplete` and `inputmode`.
    """

    name: str
    label: str = ""
    kind: str = "text"
    hint: str = ""
    value: str = ""
    options: tuple[tuple[str, str], ...] = ()
    error: str = ""
    fills: str = ""
    keys: str = ""
    longest: int = 0
    needed: bool = True


@dataclass(frozen=True, slots=True)
class Form:
    """Fields that are sent together to `action`, relative to the page."""

    id: str
    action: str
    submit: str
    fields: tuple[Field, ...] = ()
    title: str = ""
    text: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page. `problem` is what is wrong with it as a whole; `links` are an address, its words, their language."""

    language: str
    title: str
    text: tuple[str, ...] = ()
    facts: tuple[Fact, ...] = ()
    forms: tuple[Form, ...] = ()
    problem: str = ""
    links: tuple[tuple[str, str, str], ...] = ()

    @property
    def errors(self) -> tuple[tuple[str, str], ...]:
        """What is wrong, each under the id of its field, "" for the whole page."""
        found = [(f"{form.id}-{each.name}", each.error) for form in self.forms for each in form.fields if each.error]
        return (*((("", self.problem),) if self.problem else ()), *found)
