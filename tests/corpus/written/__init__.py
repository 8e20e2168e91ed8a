"""Calls written by hand (README.md beside this), laid on a time line at the pace of speech."""

from __future__ import annotations

import random
import re
from collections.abc import Iterator
from pathlib import Path

from chalicelib.model import Span, Transcript, Word
from tests.corpus.speech.calls import Spoken

HERE = Path(__file__).parent
SETS = ("seen", "held-out")
CHANNELS = {"C": 0, "A": 1}
_TOKEN = re.compile(r"(?P<open>[{<])(?P<kind>[a-z-]+):|(?P<close>[}>])|(?P<word>[^\s{}<>]+)")
_MARKS = set(',.;:!?…-–—«»"')
_MOST_MS = 9_000


def written(part: str, language: str) -> Iterator[Spoken]:
    """The calls of a set (`seen`, `held-out`) in a language (`fr-FR`); none where nobody wrote any."""
    path = HERE / part / f"{language}.txt"
    texts = path.read_text("utf-8").strip().split("\n\n") if path.exists() else []
    for number, text in enumerate(texts):
        yield _call(text, number, language)


def _call(text: str, number: int, language: str) -> Spoken:
    said = list(_words(text, random.Random(f"{language}{number}")))
    words = tuple(word for word, _, _ in said)
    truth = tuple((word.span, kind) for word, kind, secret in said if secret)
    audible = tuple(word.span for word, kind, secret in said if kind and not secret)
    end = words[-1].span.end_ms + 500
    return Spoken(number, language, "written", "written", 0, Transcript(words, language, 2), truth, audible, words, end)


def _words(text: str, rng: random.Random) -> Iterator[tuple[Word, str, bool]]:
    """Each word with its time, the kind of its mark, and whether it is bank data."""
    at = 500
    for line in text.splitlines():
        if line.startswith("|"):
            at += int(line[1:]) * 1000
            continue
        kind, secret = "", False
        at += rng.randint(150, 700)
        for token in _TOKEN.finditer(line[2:]):
            if token["open"]:
                kind, secret = token["kind"], token["open"] == "{"
            elif token["close"]:
                kind, secret = "", False
            elif token["word"] and not set(token["word"]) <= _MARKS:
                length = _length(token["word"])
                yield Word(token["word"], Span(at, at + length, CHANNELS[line[0]])), kind, secret
                at += length + rng.randint(20, 120)


def _length(word: str) -> int:
    """Milliseconds that a word takes: numerals by the digit, others by the letter."""
    digits = sum(character.isdecimal() for character in word)
    return min(250 * digits if digits else 120 + 55 * len(word), _MOST_MS)
