"""Who reads aloud, in which language, and how letters are spelled."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import groupby

from tests.corpus.speech.figures import Figure, Group, Voice, chunk
from tests.corpus.speech.phrases import Book
from tests.corpus.speech.values import Rng


@dataclass(frozen=True, slots=True)
class Teller:
    """A reader: chance, language, habits, and the phrases of the language."""

    rng: Rng
    language: str
    voice: Voice
    book: Book


def spell(text: str, teller: Teller, habit: float) -> Group:
    """Letters by their names; `habit` is how often a word comes to their help."""
    rng, said = teller.rng, []
    for letter, run in groupby(text):
        count = len(list(run))
        names = teller.book.letter_names(letter.upper())
        if count == 2 and rng.random() < 0.25:
            said.append(_twice(letter, teller))
        elif names and rng.random() < habit:
            link = teller.book.pick(rng, "letters", "link").split()
            bare = tuple(range(1, 1 + len(link)))
            said += [Figure((letter, *link, rng.choice(names)), letter, "", bare)] * count
        else:
            said += [Figure((letter,), letter, letter)] * count
    return tuple(said)


def _twice(letter: str, teller: Teller) -> Figure:
    forms = [("double", letter)] if teller.language[:2] == "en" else [("deux", "fois", letter), ("deux", letter)]
    words = teller.rng.choice(forms)
    return Figure(words, letter * 2, "", (1,) if len(words) == 3 else ())


def mixed(text: str, style: str, teller: Teller, habit: float = 0.0) -> Group:
    """Letters spelled, digits read."""
    parts = re.findall(r"\d+|\D+", text)
    items = [chunk(p, style, teller.voice, teller.rng) if p.isdigit() else spell(p, teller, habit) for p in parts]
    return tuple(item for group in items for item in group)
