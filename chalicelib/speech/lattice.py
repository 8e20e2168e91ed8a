"""From number words to the digits that they may be: a lattice of readings, never one guess.

`soixante dix` is 70, or 60 and 10; `quatre vingt douze` 92, or 80 and 12, or 4, 20 and 12; `cent deux` 102, or 100
and 2. Numerals stand for themselves.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from chalicelib.speech.pieces import Piece
from chalicelib.speech.words import Language

MAX_DIGITS = 40
_MOST_READINGS = 256
_MOST_PIECES = 60
_LONGEST_NUMBER = 8


def lengths(pieces: Sequence[Piece], words: Language) -> tuple[int, int]:
    """The fewest and the most digits that the pieces can say."""
    fewest, most = [0] * (len(pieces) + 1), [0] * (len(pieces) + 1)
    for start in range(len(pieces) - 1, -1, -1):
        options = [(len(text), end) for end, text in _numbers(pieces, start, words)] or [(0, start + 1)]
        fewest[start] = min(size + fewest[end] for size, end in options)
        most[start] = max(size + most[end] for size, end in options)
    return fewest[0], most[0]


def readings(pieces: Sequence[Piece], words: Language) -> list[str]:
    """The digit strings that the pieces can be, likeliest first, `_MOST_READINGS` at the most; none for a monster."""
    if len(pieces) > _MOST_PIECES:
        return []
    tails: list[list[str]] = [[] for _ in pieces] + [[""]]
    for start in range(len(pieces) - 1, -1, -1):
        options = sorted(_numbers(pieces, start, words), reverse=True) or [(start + 1, "")]
        found = dict.fromkeys(text + tail for end, text in options for tail in tails[end])
        tails[start] = [text for text in found if len(text) <= MAX_DIGITS][:_MOST_READINGS]
    return tails[0]


def _numbers(pieces: Sequence[Piece], start: int, words: Language) -> Iterator[tuple[int, str]]:
    """Each number that may begin at `start`: the piece after it, and its digits."""
    first = pieces[start]
    if first.text in words.repeat and start + 1 < len(pieces):
        for end, text in _numbers(pieces, start + 1, words):
            yield end, text * words.repeat[first.text]
        return
    if first.digits:
        yield start + 1, first.digits
    elif first.value >= 0:
        yield from _spoken(pieces, start, words)
        yield from _so_many_times(pieces, start, words)


def _spoken(pieces: Sequence[Piece], start: int, words: Language) -> Iterator[tuple[int, str]]:
    values = {pieces[start].value}
    yield start + 1, str(pieces[start].value)
    for end in range(start + 1, min(start + _LONGEST_NUMBER, len(pieces))):
        piece = pieces[end]
        if piece.text in words.ands:
            continue
        if piece.value < 0:
            return
        values = {joined for value in values for joined in join(value, piece.value, words)}
        for value in values:
            yield end + 1, str(value)
        if not values:
            return


def join(number: int, word: int, words: Language) -> Iterator[int]:
    """What `number` becomes when the word worth `word` follows it as part of the same number; nothing if it cannot."""
    if word in (100, 1000):
        rest = number % 1000 if word == 100 else number
        if 1 <= rest < word:
            yield number - rest + rest * word
        elif word == 100 and number and rest == 0:
            yield number + 100
        return
    if word <= 0 or number <= 0:
        return
    if word == 20 and number % 100 == 4 and words.teens_after:
        yield number - 4 + 80
        return
    fits = number % 10 ** len(str(word)) == 0 or (number % 100 in words.teens_after and 10 <= word <= 19)
    if fits and (number % 100 != 10 or words.teens_after):  # dix-sept; no language says "ten seven" for 17
        yield number + word


def _so_many_times(pieces: Sequence[Piece], start: int, words: Language) -> Iterator[tuple[int, str]]:
    """`trois fois (le) quatre`: 444."""
    count, after = pieces[start].value, start + 1
    if not 1 < count <= 9 or after >= len(pieces) or pieces[after].text not in words.times:
        return
    after += 1
    if after < len(pieces) and not pieces[after].number:
        after += 1
    if after < len(pieces):
        for end, text in _numbers(pieces, after, words):
            yield end, text * count
