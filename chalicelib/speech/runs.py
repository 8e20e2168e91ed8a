"""Runs: what one voice reads or spells in one turn, over fillers, hesitations and a misheard word or two."""

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
        """The same run from its first number to its last; None when it is letters only."""
        places = [place for place, h in enumerate(self.heard) if h.piece.number or h.piece.text in self.words.repeat]
        if not any(self.heard[place].piece.number for place in places):
            return None
        return Run(self.heard[places[0] : places[-1] + 1], self.words)


def runs(voice: list[Heard], words: Language, breaks: frozenset[int] = frozenset()) -> list[Run]:
    """The runs of one voice; quantities (`douze euros`) and counts (`trois chiffres`) are no part of any.

    None goes on over a word that begins at one of `breaks` (ms): `j'en prends cinq, mon numéro c'est zéro six …`.
    """
    places = _atoms(voice, words) - _quantities(voice, words)
    found: list[list[Heard]] = []
    strangers = between = 0
    for place, heard in enumerate(voice):
        if place not in places:
            strangers += _MAX_STRANGERS + 1 if heard.start_ms in breaks else heard.piece.text not in words.bridges
            between += 1
            continue
        last = found[-1][-1] if found else None
        near = last is not None and heard.turn == last.turn and heard.start_ms - last.end_ms <= _MAX_GAP_MS
        if not near or strangers > _MAX_STRANGERS or between > _MAX_BETWEEN:
            found.append([])
        found[-1].append(heard)
        strangers = between = 0
    return [Run(tuple(run), words) for run in found if not _only_an_article(run, words)]


def _only_an_article(run: list[Heard], words: Language) -> bool:
    """`un moment`, `one second`: no digit."""
    return len(run) == 1 and run[0].piece.text in words.articles


def _atoms(voice: list[Heard], words: Language) -> set[int]:
    """Places of numbers, of what joins or repeats them, of months, of single letters and of what spells them."""
    atoms: set[int] = set()
    for place, heard in enumerate(voice):
        piece = heard.piece
        says = piece.number or piece.mixed or piece.text in words.repeat or piece.text in words.months
        joins = piece.text in words.times | words.slashes and place - 1 in atoms
        if says or joins or (piece.letter and _beside(voice, place, atoms, words)):
            atoms.add(place)
        elif piece.text in words.spell and place and voice[place - 1].piece.letter:
            atoms.update({place - 1, place, min(place + 1, len(voice) - 1)})
    return atoms


def _beside(voice: list[Heard], place: int, atoms: set[int], words: Language) -> bool:
    """Whether a letter stands beside another one or beside a number; alone it is a word (`il y a`)."""
    letter, after = voice[place], voice[place + 1] if place + 1 < len(voice) else None
    if letter.piece.text in words.short_words and place - 1 not in atoms:
        return after is not None and after.piece.letter and after.piece.text not in words.short_words
    if place - 1 in atoms:
        return letter.start_ms - voice[place - 1].end_ms <= _BESIDE_MS
    beside = after is not None and (after.piece.letter or after.piece.number)
    return beside and after.start_ms - letter.end_ms <= _BESIDE_MS  # type: ignore[union-attr]


def _quantities(voice: list[Heard], words: Language) -> set[int]:
    """Places of number pieces that a unit or a counted thing follows."""
    found: set[int] = set()
    for place, heard in enumerate(voice):
        if place and _counts(voice, place, words):
            before = voice[place - 1]
            soon = heard.turn == before.turn and heard.start_ms - before.end_ms <= _UNIT_GAP_MS
            if before.piece.number and soon:
                found.update(_quantity(voice, place, words))
                found.update(_cents(voice, place, words))
    return found


def _counts(voice: list[Heard], place: int, words: Language) -> bool:
    """A unit, a counted thing, or a `times` after which no number comes (`three times a week`)."""
    text = voice[place].piece.text
    if text in words.units or text in words.counting:
        return True
    return text in words.times and not any(h.piece.number for h in _following(voice, place, 2))


def _following(voice: list[Heard], place: int, count: int) -> list[Heard]:
    """The next words of the same turn."""
    return [h for h in voice[place + 1 : place + 1 + count] if h.turn == voice[place].turn]


def _cents(voice: list[Heard], unit: int, words: Language) -> Iterator[int]:
    """`douze euros cinquante`, `dix heures et trente`: the one number right after a unit."""
    first = unit + 1
    if first < len(voice) and voice[first].piece.text in words.ands:
        first += 1
    after = voice[first : first + 3]
    said = [h for h in after if h.piece.number and h.start_ms - voice[unit].end_ms <= _UNIT_GAP_MS]
    if after and after[0] in said and len(said) <= 2 and all(len(h.piece.digits) <= 2 for h in said):
        yield from range(first, first + len(said))


def _is_an_article(voice: list[Heard], place: int, words: Language) -> bool:
    """`un instant`, and not `quarante et un instants`."""
    return voice[place].piece.text in words.articles and (place == 0 or voice[place - 1].piece.text not in words.ands)


def _quantity(voice: list[Heard], unit: int, words: Language) -> Iterator[int]:
    """The number right before a unit; nothing if it is too long to be counted by it (a card number never is)."""
    places: list[int] = []
    if _is_an_article(voice, unit - 1, words):
        yield unit - 1  # « 4979 un instant »
        return
    for place in range(unit - 1, max(-1, unit - 2 - _LONGEST_QUANTITY), -1):
        joins = voice[place].piece.text in words.ands and places and place and voice[place - 1].piece.number
        if not (voice[place].piece.number or joins) or voice[place + 1].start_ms - voice[place].end_ms > _UNIT_GAP_MS:
            break
        places.append(place)
    if sum(len(voice[place].piece.digits) or voice[place].piece.number for place in places) <= _LONGEST_QUANTITY:
        yield from places
