"""Turns laid on the time line: how long a word lasts, when the next one comes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from chalicelib.model import Span
from tests.corpus.speech.script import Bit, Turn
from tests.corpus.speech.values import Rng

_STOPS = {",": (120, 350), ":": (120, 350), ".": (250, 500), "?": (250, 500), "!": (250, 500)}


@dataclass(frozen=True, slots=True)
class Placed:
    """A bit with its time and the number of its turn."""

    bit: Bit
    span: Span
    turn: int


def place(turns: Sequence[Turn], rng: Rng) -> list[Placed]:
    """Every word with its span, in order of start; on one channel words never overlap."""
    speeds = (rng.uniform(0.8, 1.2), rng.uniform(0.8, 1.1))
    free, cursor, placed = [0, 0], rng.randint(300, 2500), list[Placed]()
    for number, turn in enumerate(turns):
        at = max(cursor + turn.gap_ms, free[turn.channel] + 40, 0)
        for bit in turn.bits:
            end = at + _length(bit, speeds[turn.channel], rng)
            placed.append(Placed(bit, Span(at, end, turn.channel), number))
            at = end + _pause(bit, rng)
        free[turn.channel] = placed[-1].span.end_ms
        if not turn.aside:
            cursor = placed[-1].span.end_ms + turn.bits[-1].pause_ms
    return sorted(placed, key=lambda p: (p.span.start_ms, p.span.end_ms))


def _length(bit: Bit, speed: float, rng: Rng) -> int:
    """A word's length by its letters; numbers that are dictated take longer."""
    dictated = 1.25 if bit.kind or bit.audible else 1.0
    letters = len(bit.text) if len(bit.text) > 1 else 3
    return max(60, int((80 + 42 * letters) * speed * dictated * rng.uniform(0.8, 1.25)))


def _pause(bit: Bit, rng: Rng) -> int:
    """The silence after a bit."""
    if bit.pause_ms:
        return int(bit.pause_ms * rng.uniform(0.7, 1.3))
    return rng.randint(*_STOPS[bit.mark[-1]]) if bit.mark and bit.mark[-1] in _STOPS else rng.choice((0, 0, 20, 50, 90))
