"""The words of a call as the detector walks them: pieces in time on each channel, with turns and a clock of speech."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from chalicelib.model import Transcript, Word
from chalicelib.speech.pieces import Piece
from chalicelib.speech.words import Language

_LONGEST_SILENCE_MS = 3_000


@dataclass(frozen=True, slots=True)
class Heard:
    """A piece where it was heard.

    `turn` counts the changes of voice before it, `talk` the words that are neither numbers nor said between numbers,
    `said` those of them in the same turn, and `left` those that follow in it. `clock_ms` is the time of speech before
    it: silences beyond 3 s are left out, so that a hold is no time passed.
    """

    piece: Piece
    start_ms: int
    end_ms: int
    channel: int | None
    turn: int
    talk: int
    said: int
    clock_ms: int
    confidence: float
    left: int


Voices = dict[int | None, list[Heard]]
"""What each channel says, in order."""


def stream(transcript: Transcript, words: Language) -> list[Heard]:
    """Every piece in the order of its start."""
    rows: list[tuple[Piece, Word, int, int, int, int]] = []
    talk_of_turn = [0]
    turn = talk = clock = last_end = 0
    channel: int | None = None
    for word in _ordered(transcript.words):
        span = word.span
        if rows and span.channel != channel:
            turn += 1
            talk_of_turn.append(0)
        channel = span.channel
        clock += max(0, min(span.start_ms - last_end, _LONGEST_SILENCE_MS)) + span.end_ms - max(span.start_ms, last_end)
        last_end = max(last_end, span.end_ms)
        for piece in words.pieces(word.text):
            talks = not (piece.number or piece.letter or piece.text in words.bridges or piece.text in words.repeat)
            talk, talk_of_turn[turn] = talk + talks, talk_of_turn[turn] + talks
            rows.append((piece, word, turn, talk, talk_of_turn[turn], clock))
    return [
        Heard(piece, w.span.start_ms, w.span.end_ms, w.span.channel, turn, talk, said, clock, w.confidence,
              talk_of_turn[turn] - said)
        for piece, w, turn, talk, said, clock in rows
    ]  # fmt: skip


def _ordered(words: Iterable[Word]) -> list[Word]:
    return sorted(words, key=lambda w: (w.span.start_ms, w.span.end_ms))


def by_channel(heard: Iterable[Heard]) -> Voices:
    """Each voice by itself, in order."""
    voices: Voices = {}
    for item in heard:
        voices.setdefault(item.channel, []).append(item)
    return voices
