"""Bank data as they are read aloud, one function for each kind: the groups of breath."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial

from tests.corpus.speech import values
from tests.corpus.speech.figures import STYLES, Figure, Group, chunk, number, spread
from tests.corpus.speech.phrases import year
from tests.corpus.speech.teller import Teller, mixed, spell


def _card(teller: Teller) -> list[Group]:
    rng, text = teller.rng, values.card(teller.rng)
    if rng.random() < 0.07:  # a caller who stumbles: a digit wrong, forgotten or said twice
        at = rng.randrange(1, len(text))
        text = text[:at] + rng.choice(("", str(rng.randrange(10)), text[at] * 2)) + text[at + 1 :]
    return spread(text, rng.choices(STYLES, (4, 5, 1, 2, 1, 3))[0], teller.voice, rng)


def _code(teller: Teller, length: int = 3) -> list[Group]:
    style = teller.rng.choices(("digits", "numbers", "halves"), (6, 2, 2))[0]
    return [chunk(values.digits(teller.rng, length), style, teller.voice, teller.rng)]


def _security_code(teller: Teller) -> list[Group]:
    return _code(teller, 4 if teller.rng.random() < 0.07 else 3)


def _expiry(teller: Teller) -> list[Group]:
    rng, voice, book = teller.rng, teller.voice, teller.book
    month, ends = rng.randint(1, 12), rng.randint(2026, 2032)
    named = Figure((book.month(month),), f"{month:02}")
    first = rng.choice((number(f"{month:02}", voice), number(f"{month:02}", voice), number(str(month), voice), named))
    last = rng.choice((number(str(ends % 100), voice), number(str(ends % 100), voice), year(ends, rng, voice)))
    between = book.pick(rng, "reading", "point").split() if first is not named else []
    return [(first, *between, last)]


def _iban(teller: Teller) -> list[Group]:
    rng, text = teller.rng, values.iban(teller.rng, teller.language)
    style, habit = rng.choice(("digits", "pairs", "pairs", "numbers", "halves")), rng.choice((0.0, 0.0, 0.5, 1.0))
    size = rng.choice((4, 4, 4, 2))
    parts = [text[:4], *re.findall(f".{{1,{size}}}", text[4:])]
    if text.startswith("FR") and rng.random() < 0.25:
        parts = [text[:4], text[4:9], text[9:14], text[14:18], text[18:22], text[22:25], text[25:]]
    return [mixed(part, style, teller, habit) for part in parts]


def _rib(teller: Teller) -> list[Group]:
    rng, groups = teller.rng, []
    style, labelled = rng.choice(("digits", "pairs", "numbers")), rng.random() < 0.7
    for label, text in zip(("bank", "branch", "account", "key"), values.rib(rng), strict=True):
        parts = spread(text, style, teller.voice, rng) if len(text) > 5 else [chunk(text, style, teller.voice, rng)]
        words = teller.book.pick(rng, "rib", label) if labelled else ""
        groups += [(*words.split(), *parts[0]), *parts[1:]]
    return groups


def _bic(teller: Teller) -> list[Group]:
    text, habit = values.bic(teller.rng, teller.language), teller.rng.choice((0.0, 0.0, 0.4, 1.0))
    return [mixed(part, "digits", teller, habit) for part in (text[:4], text[4:6], text[6:8], text[8:]) if part]


def _password(teller: Teller) -> list[Group]:
    rng, word = teller.rng, teller.book.pick(teller.rng, "password", "secrets")
    capital = tuple(teller.book.pick(rng, "letters", "capital").split()) if rng.random() < 0.3 else ()
    end = chunk(values.digits(rng, rng.randint(2, 4)), rng.choice(("digits", "pairs")), teller.voice, rng)
    plain: Group = (Figure((word,), word), *capital)
    groups = [(*plain, *end)] if rng.random() < 0.6 else [plain]
    return [*groups, spell(word.lower(), teller, 0.0)] if rng.random() < 0.25 else groups


BANK: dict[str, Callable[[Teller], list[Group]]] = {
    "card": _card, "security-code": _security_code, "expiry": _expiry, "iban": _iban, "rib": _rib, "bic": _bic,
    "pin": partial(_code, length=4), "password": _password,
}  # fmt: skip
