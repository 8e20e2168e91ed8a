"""Runs: what one voice reads or spells in one turn, over fillers, hesitations and a misheard word or two."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from chalicelib.speech.lattice import lengths, readings
from chalicelib.speech.pieces import Piece
from chalicelib.speech.quantities import quantities
from chalicelib.speech.stream import Heard
from chalicelib.speech.words import Language

_MAX_STRANGERS = 2
_MAX_BETWEEN = 8
_MAX_GAP_MS = 5_000
_BESIDE_MS = 2_500
_ARTICLE_GAP_MS = 500


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

    def telling(self) -> list[Piece]:
        """Its numbers, letters, and tokens of both."""
        return [piece for piece in self.pieces if piece.number or piece.letter or piece.mixed]

    def spelled(self) -> str:
        """The same in one word, in capitals: each number word for itself, with no thought of how they may join."""
        return "".join(p.text if p.letter or p.mixed else p.digits or str(p.value) for p in self.telling()).upper()

    def first_number(self) -> str:
        """Its first number's digits; an article before others is none: `the new one, 4658 …`."""
        numbers = [piece for piece in self.pieces if piece.number]
        if len(numbers) > 1 and numbers[0].text in self.words.articles:
            numbers = numbers[1:]
        return next((piece.digits or str(piece.value) for piece in numbers), "")

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
    places = _atoms(voice, words) - quantities(voice, words)
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
    return [Run(tuple(said), words) for run in found if (said := _without_article(run, words))]


def _without_article(run: list[Heard], words: Language) -> list[Heard]:
    """`un moment`, `un numéro, 4970`: no digit, where words and time follow it; before a mere pause it is one."""
    if run[0].piece.text not in words.articles:
        return run
    return run[1:] if len(run) == 1 or _is_far(run[0], run[1]) else run


def _is_far(article: Heard, after: Heard) -> bool:
    talks = not (after.piece.number or after.piece.letter)  # a month is itself a word of the talk
    return after.talk - article.talk > talks and after.start_ms - article.end_ms > _ARTICLE_GAP_MS


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
    if place - 1 in atoms and letter.start_ms - voice[place - 1].end_ms <= _BESIDE_MS:
        return True
    beside = after is not None and (after.piece.letter or after.piece.number)
    return beside and after.start_ms - letter.end_ms <= _BESIDE_MS  # type: ignore[union-attr]
