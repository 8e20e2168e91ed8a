"""Runs: what one voice reads or spells in one go, over fillers, hesitations and a misheard word or two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from chalicelib.speech.lattice import lengths, readings
from chalicelib.speech.stream import Heard
from chalicelib.speech.words import Language, Piece

_MAX_STRANGERS = 2
_MAX_BETWEEN = 8
_MAX_GAP_MS = 5_000
_UNIT_GAP_MS = 1_500
_LONGEST_QUANTITY = 6
_BESIDE_MS = 2_500


@dataclass(frozen=True)
class Run:
    """Numbers, and letters spelled between or beside them, of one voice, in order."""

    heard: tuple[Heard, ...]
    words: Language

    @property
    def first(self) -> Heard:
        return self.heard[0]

    @property
    def last(self) -> Heard:
        return self.heard[-1]

    @property
    def pieces(self) -> tuple[Piece, ...]:
        return tuple(h.piece for h in self.heard)

    @cached_property
    def lengths(self) -> tuple[int, int]:
        """The fewest and the most digits that it may say."""
        return lengths(self.pieces, self.words)

    @cached_property
    def readings(self) -> list[str]:
        """The digit strings that it may be."""
        return readings(self.pieces, self.words)

    def numbers(self) -> Run | None:
        """The same run from its first number to its last; None when it is letters only, or an article (`un moment`)."""
        places = [place for place, h in enumerate(self.heard) if h.piece.number or h.piece.text in self.words.repeat]
        if not any(self.heard[place].piece.number for place in places):
            return None
        inner = self.heard[places[0] : places[-1] + 1]
        if len(places) == 1 and inner[0].piece.text in self.words.articles:
            return None
        return Run(inner, self.words)


def runs(voice: list[Heard], words: Language) -> list[Run]:
    """The runs of one voice; quantities (`douze euros`) and counts (`trois chiffres`) are no part of any."""
    places = _atoms(voice, words) - _quantities(voice, words)
    found: list[list[Heard]] = []
    strangers = between = 0
    for place, heard in enumerate(voice):
        if place not in places:
            strangers += heard.piece.text not in words.bridges
            between += 1
            continue
        near = bool(found) and heard.start_ms - found[-1][-1].end_ms <= _MAX_GAP_MS
        if not near or strangers > _MAX_STRANGERS or between > _MAX_BETWEEN:
            found.append([])
        found[-1].append(heard)
        strangers = between = 0
    return [Run(tuple(run), words) for run in found]


def _atoms(voice: list[Heard], words: Language) -> set[int]:
    """Places of numbers, of what joins or repeats them, of single letters and of what spells them."""
    atoms: set[int] = set()
    for place, heard in enumerate(voice):
        piece = heard.piece
        says = piece.number or piece.mixed or piece.text in words.repeat
        joins = piece.text in words.times and place - 1 in atoms
        if says or joins or (piece.letter and _beside(voice, place, atoms)):
            atoms.add(place)
        elif piece.text in words.spell and place and voice[place - 1].piece.letter:
            atoms.update({place - 1, place, min(place + 1, len(voice) - 1)})
    return atoms


def _beside(voice: list[Heard], place: int, atoms: set[int]) -> bool:
    """Whether a letter stands beside another one or beside a number; alone it is a word (`il y a`)."""
    if place - 1 in atoms:
        return voice[place].start_ms - voice[place - 1].end_ms <= _BESIDE_MS
    after = voice[place + 1] if place + 1 < len(voice) else None
    return after is not None and (after.piece.letter or after.piece.number) and (
        after.start_ms - voice[place].end_ms <= _BESIDE_MS
    )  # fmt: skip


def _quantities(voice: list[Heard], words: Language) -> set[int]:
    """Places of number pieces that a unit or a counted thing follows."""
    found: set[int] = set()
    for place, heard in enumerate(voice):
        if place and (heard.piece.text in words.units or heard.piece.text in words.counting):
            before = voice[place - 1]
            if before.piece.number and heard.start_ms - before.end_ms <= _UNIT_GAP_MS:
                found.update(_quantity(voice, place))
    return found


def _quantity(voice: list[Heard], unit: int) -> Iterator[int]:
    """The number right before a unit; nothing if it is too long to be counted by it (a card number never is)."""
    places = []
    for place in range(unit - 1, max(-1, unit - 2 - _LONGEST_QUANTITY), -1):
        if not voice[place].piece.number or voice[place + 1].start_ms - voice[place].end_ms > _UNIT_GAP_MS:
            break
        places.append(place)
    if sum(len(voice[place].piece.digits) or 1 for place in places) <= _LONGEST_QUANTITY:
        yield from places
