"""What is being talked about: words that announce bank data, or other numbers, on either channel.

A cue is data (`language/*.toml`): an `anchor` word; `with`, of which one must stand within `near` words of it;
`unless`, of which none may. It is `strong` when a number is asked for: by the anchor itself, or by an `asking` word
near it (a `numbering` word, where it is no bank data); never when it is a `mention`. `needs_payment` means nothing
until bank data is talked about.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from chalicelib.speech.fold import fold
from chalicelib.speech.recognisers.iban import LENGTHS
from chalicelib.speech.stream import Heard
from chalicelib.speech.words import language

BANK = frozenset({"card", "security-code", "expiry", "iban", "rib", "bic", "pin", "password"})
"""Topics whose numbers are bank data; `closed` ends them, every other topic has numbers of its own."""

_IBAN = re.compile(rf"(?:{'|'.join(LENGTHS)})\d\d", re.IGNORECASE)
_NEAR, _UNLESS_NEAR, _ASKED_NEAR = 6, 4, 6


@dataclass(frozen=True, slots=True)
class Pattern:
    """One cue of a language."""

    topic: str
    near: int
    beside: frozenset[str]
    unless: frozenset[str]
    needs_payment: bool
    strong: bool
    mention: bool


@dataclass(frozen=True, slots=True)
class Cue:
    """A topic brought up at a word; `strong` when it is asked for or announced, not merely mentioned.

    `begun` once a number was read for it, `answered` once one as long as it needs was.
    """

    topic: str
    at: Heard
    needs_payment: bool = False
    strong: bool = True
    answered: bool = False
    begun: bool = False


@cache
def patterns(name: str) -> dict[str, tuple[Pattern, ...]]:
    """The patterns of a language by anchor."""
    found: dict[str, list[Pattern]] = {}
    for data in language(name).cues:
        beside, unless = (frozenset(fold(w, name) for w in data.get(key, ())) for key in ("with", "unless"))
        near, gated = data.get("near", _NEAR), data.get("needs_payment", False)
        for anchor in data["anchor"]:
            pattern = Pattern(
                data["topic"], near, beside, unless, gated, data.get("strong", False), data.get("mention", False)
            )
            found.setdefault(fold(anchor, name), []).append(pattern)
    return {anchor: tuple(some) for anchor, some in found.items()}


def cues(voice: list[Heard], name: str) -> Iterator[Cue]:
    """The cues in one voice's words, in order."""
    known, asking, numbering = patterns(name), language(name).asking, language(name).numbering
    for place, heard in enumerate(voice):
        if heard.piece.mixed and _IBAN.match(heard.piece.text):
            yield Cue("iban", heard)
        for pattern in known.get(heard.piece.text, ()):
            if pattern.beside and not pattern.beside & _around(voice, place, pattern.near):
                continue
            if pattern.unless & _around(voice, place, _UNLESS_NEAR):
                continue
            asked = asking if pattern.topic in BANK else numbering
            strong = pattern.strong or (not pattern.mention and bool(asked & _around(voice, place, _ASKED_NEAR)))
            yield Cue(pattern.topic, heard, pattern.needs_payment, strong)


def _around(voice: list[Heard], place: int, near: int) -> set[str]:
    """The words within `near` of one in the same turn, or close to it in time."""
    at = voice[place]
    window = voice[max(0, place - near) : place] + voice[place + 1 : place + 1 + near]
    return {h.piece.text for h in window if h.turn == at.turn or abs(h.start_ms - at.start_ms) < 3_000}
