"""Numbers that count something: `douze euros cinquante`, `trois chiffres`. Nobody's bank data."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.speech.stream import Heard
from chalicelib.speech.words import Language

_UNIT_GAP_MS = 1_500
_LONGEST_QUANTITY = 6


def quantities(voice: list[Heard], words: Language) -> set[int]:
    """Places of number pieces that a unit or a counted thing follows."""
    found: set[int] = set()
    for place, heard in enumerate(voice):
        if place and _counts(voice, place, words):
            before = voice[place - 1]
            soon = heard.turn == before.turn and heard.start_ms - before.end_ms <= _UNIT_GAP_MS
            if before.piece.number and soon:
                found.update(_quantity(voice, place, words))
                if heard.piece.text in words.units:
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
