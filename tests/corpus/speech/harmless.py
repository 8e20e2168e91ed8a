"""Numbers that are nobody's bank data, one function for each kind, as they are read aloud."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tests.corpus.speech import values
from tests.corpus.speech.figures import STYLES, Figure, Group, chunk, number, spread
from tests.corpus.speech.numbers import say
from tests.corpus.speech.phrases import day, price, year
from tests.corpus.speech.teller import Teller, mixed, spell


def _telephone(teller: Teller) -> list[Group]:
    rng, english = teller.rng, teller.language.startswith("en")
    style = rng.choices(("digits", "pairs", "numbers", "halves"), (8, 1, 0, 1) if english else (1, 6, 2, 1))[0]
    return [chunk(part, style, teller.voice, rng) for part in values.telephone(rng, teller.language)]


def _long(teller: Teller, least: int, most: int, letters: float = 0.0) -> list[Group]:
    """A reference of so many digits, in some firms with letters before it."""
    rng = teller.rng
    text = values.digits(rng, rng.randint(least, most), "123456789")
    prefix = spell("".join(rng.choices("ABCDEFGHKLMNPRSTVX", k=2)), teller, 0.2) if rng.random() < letters else ()
    groups = spread(text, rng.choice(STYLES), teller.voice, rng)
    return [(*prefix, *groups[0]), *groups[1:]]


def _siret(teller: Teller) -> list[Group]:
    style = teller.rng.choice(("digits", "numbers", "numbers", "halves"))
    return [chunk(p, style, teller.voice, teller.rng) for p in values.siret(teller.rng, teller.language)]


def _imei(teller: Teller) -> list[Group]:
    return spread(values.imei(teller.rng), teller.rng.choice(STYLES), teller.voice, teller.rng)


def _meter(teller: Teller) -> list[Group]:
    return _long(teller, *teller.rng.choice(((4, 6), (4, 6), (14, 14), (8, 10))))


def _postcode(teller: Teller) -> list[Group]:
    rng, voice = teller.rng, teller.voice
    if teller.language == "en-GB":
        area = "".join(rng.choices("BCDEGHLMNPRSW", k=rng.choice((1, 2))))
        inward = f"{rng.randint(1, 9)}{''.join(rng.choices('ABDEFGHJLN', k=2))}"
        return [mixed(part, "digits", teller, 0.1) for part in (f"{area}{rng.randint(1, 29)}", inward)]
    if teller.language in ("fr-BE", "fr-CH"):
        return [chunk(str(rng.randint(1000, 9658)), rng.choice(("numbers", "pairs")), voice, rng)]
    if teller.language == "en-US":
        return [chunk(values.digits(rng, 5), "digits", voice, rng)]
    department = rng.randint(10, 95)
    if rng.random() < 0.4:
        return [(Figure((*say(department, voice.tongue), "mille"), f"{department}000", f"{department}000"),)]
    rest = chunk(f"{rng.randint(0, 99):02}0", rng.choice(("numbers", "halves")), voice, rng)
    return [(number(str(department), voice), *rest)]


def _date(teller: Teller) -> list[Group]:
    rng, voice = teller.rng, teller.voice
    at, month, when = rng.randint(1, 28), rng.randint(1, 12), year(rng.randint(1938, 2025), rng, voice)
    if rng.random() < 0.25:
        return [(number(f"{at:02}", voice), number(f"{month:02}", voice), when)]
    return [(day(at, voice), *(("of",) if voice.tongue == "en" else ()), teller.book.month(month), when)]


def _amount(teller: Teller) -> list[Group]:
    return [price(teller.rng, teller.voice, teller.book)]


HARMLESS: dict[str, Callable[[Teller], list[Group]]] = {
    "telephone": _telephone, "order": partial(_long, least=6, most=10, letters=0.3),
    "parcel": partial(_long, least=11, most=15, letters=0.3), "client": partial(_long, least=6, most=10, letters=0.1),
    "siret": _siret, "meter": _meter, "imei": _imei, "postcode": _postcode, "date": _date, "amount": _amount,
}  # fmt: skip
