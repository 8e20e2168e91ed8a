"""What is said before any time is known: bits of speech, turns, and the stage on which a call is written."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tests.corpus.speech.figures import Figure, Group, Voice
from tests.corpus.speech.phrases import Book, slot
from tests.corpus.speech.values import Rng

CUSTOMER, AGENT = 0, 1
SPEAKERS = {"c": CUSTOMER, "a": AGENT}


@dataclass(frozen=True, slots=True)
class Bit:
    """One spoken token. `kind` names the bank datum that it says; `audible` marks a number that must stay.

    The words of one figure share `unit`, those said in one breath `group`.
    """

    text: str
    mark: str = ""
    kind: str = ""
    audible: bool = False
    figure: Figure | None = None
    unit: int = 0
    group: int = 0
    pause_ms: int = 0


@dataclass(frozen=True, slots=True)
class Turn:
    """What one party says in a row. `gap_ms` counts from the end of the turn before; an `aside` holds nobody up."""

    channel: int
    bits: tuple[Bit, ...]
    gap_ms: int
    aside: bool = False


@dataclass
class Stage:
    """A call being written."""

    rng: Rng
    language: str
    book: Book
    voices: tuple[Voice, Voice]
    turns: list[Turn] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def phrase(self, text: str, channel: int) -> tuple[Bit, ...]:
        """The bits of a line of the phrase book, slots filled."""
        bits: list[Bit] = []
        for token in text.split():
            body, mark = re.fullmatch(r"[¿¡]?(.*?)([.,?!:;]*)", token).groups()  # type: ignore[union-attr]
            if not body and bits:
                bits[-1] = replace(bits[-1], mark=mark)
            elif body.startswith("{"):
                filled = slot(body.strip("{}"), self.rng, self.voices[channel], self.book)
                bits += self.group(filled)
                bits[-1] = replace(bits[-1], mark=mark)
            elif body:
                bits.append(Bit(body, mark))
        return tuple(bits)

    def group(self, group: Group, kind: str = "", audible: bool = False, pause_ms: int = 0) -> tuple[Bit, ...]:
        """The bits of one breath of a number."""
        breath, bits = next(self._ids), list[Bit]()
        for item in group:
            if isinstance(item, str):
                bits += self.phrase(item, CUSTOMER)
                continue
            unit = next(self._ids)
            for index, word in enumerate(item.words):
                said = kind if index not in item.bare else ""
                bits.append(Bit(word, "", said, audible, item, unit, breath))
        if bits and pause_ms:
            bits[-1] = replace(bits[-1], pause_ms=pause_ms, mark=bits[-1].mark or ",")
        return tuple(bits)

    def turn(self, channel: int, bits: Iterable[Bit], gap_ms: int | None = None, aside: bool = False) -> None:
        """Let one party speak; without a gap given, as people take turns: mostly soon, at times too soon."""
        said = tuple(bits)
        if gap_ms is None:
            gap_ms = self.rng.randint(-250, -20) if self.rng.random() < 0.1 else self.rng.randint(120, 900)
        if said:
            self.turns.append(Turn(channel, said, gap_ms, aside))

    def exchange(self, topic: str, key: str) -> None:
        """An exchange picked from the phrase book."""
        self.play(self.book.pick(self.rng, topic, key))

    def play(self, exchange: str) -> None:
        """An exchange such as `a: … / c: …`."""
        for line in exchange.split(" / "):
            if line:
                who, _, text = line.partition(": ")
                self.turn(SPEAKERS[who], self.phrase(text, SPEAKERS[who]))

    def line(self, channel: int, topic: str, key: str) -> tuple[Bit, ...]:
        """The bits of one line picked from a list."""
        return self.phrase(self.book.pick(self.rng, topic, key), channel)

    @property
    def words(self) -> int:
        """Words said so far."""
        return sum(len(turn.bits) for turn in self.turns)
