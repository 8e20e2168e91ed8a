"""A recogniser's mistakes: words dropped, words that nobody said, words misheard for others that sound alike."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

from chalicelib.model import Span, Word
from tests.corpus.speech.values import Rng

NOISES = (0, 1, 3, 8)
"""Per cent of the words."""


@cache
def _heard(primary: str) -> tuple[dict[str, list[str]], list[str]]:
    """What a word is misheard for, and the words that recognisers invent."""
    table = tomllib.loads(Path(__file__).with_name("misheard.toml").read_text("utf-8"))[primary]
    return {word: others.split() for word, others in table["alike"].items()}, table["invented"].split()


def spoil(words: Sequence[Word], per_cent: int, language: str, rng: Rng) -> list[Word]:
    """The words with about so many per cent of them dropped, misheard, or followed by an invented one."""
    spoiled: list[Word] = []
    ends = {c: [w.span.start_ms for w in words if w.span.channel == c] for c in (0, 1)}
    seen = {0: 0, 1: 0}
    for word in words:
        channel = word.span.channel or 0
        seen[channel] += 1
        if rng.random() * 100 >= per_cent:
            spoiled.append(word)
            continue
        change = rng.choices(("drop", "mishear", "insert"), (4, 4, 2))[0]
        following = ends[channel][seen[channel]] if seen[channel] < len(ends[channel]) else word.span.end_ms + 200
        if change == "mishear":
            spoiled.append(_misheard(word, language, rng))
        elif change == "insert":
            spoiled += _inserted(word, following, language, rng)
    return sorted(spoiled, key=lambda w: (w.span.start_ms, w.span.end_ms))


def _misheard(word: Word, language: str, rng: Rng) -> Word:
    alike, invented = _heard(language.split("-")[0])
    text = word.text
    if any(c.isdigit() for c in text):
        heard = _other_digits(text, rng)
    else:
        parts = text.split("-")
        at = rng.randrange(len(parts))
        others = alike.get(parts[at].lower().strip(".,?!"))
        parts[at] = rng.choice(others) if others else parts[at]
        heard = "-".join(parts) if others else rng.choice(invented)
    return replace(word, text=heard, confidence=round(rng.uniform(0.25, 0.8), 3))


def _other_digits(text: str, rng: Rng) -> str:
    at = rng.choice([i for i, c in enumerate(text) if c.isdigit()])
    changed = text[:at] + rng.choice(("", str(rng.randrange(10)), text[at] * 2)) + text[at + 1 :]
    return changed or str(rng.randrange(10))


def _inserted(word: Word, following_ms: int, language: str, rng: Rng) -> list[Word]:
    """The word, and after it one that nobody said: in the pause if there is one, else in the word's own time."""
    text = rng.choice(_heard(language.split("-")[0])[1])
    start, end = word.span.end_ms, following_ms
    if end - start < 40:
        start, end = word.span.start_ms + max(1, (word.span.end_ms - word.span.start_ms) * 7 // 10), word.span.end_ms
        word = replace(word, span=Span(word.span.start_ms, start, word.span.channel))
    said = Span(start, max(start + 1, min(end, start + 250)), word.span.channel)
    return [word, Word(text, said, round(rng.uniform(0.2, 0.7), 3))]
