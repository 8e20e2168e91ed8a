"""Is a reading bank data? What was brought up decides first, then what the number itself is; in doubt, yes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.speech.checks import CARD_DIGITS, is_card
from chalicelib.speech.dialogue import ON_A_CARD, On, Reading
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard
from chalicelib.speech.words import Piece

STRICT_DIGITS = 9
"""In strict mode any run of so many digits is muted."""

SPELLED = frozenset({"iban", "rib", "bic", "pin", "password"})
"""Data with letters in them."""

WITH_WORDS = SPELLED | {"expiry"}
"""Data of which letters, or months, are as telling as digits."""

_MONTHS = frozenset(map(str, range(1, 13)))
_YEARS = range(20, 60)
"""The last two digits of years in which cards expire."""

_SAME_BREATH_MS = 2_500
_WEAK = frozenset({"client", "order", "amount", "date", "postcode"})
_LONG = frozenset({"siret", "parcel", "meter", "imei", "client", "order"})
"""Other numbers that are as long as a card's."""

_LONGEST = {"security-code": 12, "expiry": 12, "pin": 12}
"""Digits of a short datum read twice or thrice; more of them answer another question."""

_PART_OF_A_TELEPHONE = 8
_IN_A_SENTENCE = 3
_TALK_INSIDE = 4
"""Other words, of both voices, among the digits of a number that nobody asked for; more are sentences with numbers."""

_SHORT = 4
_LIKELY_CARD = range(15, 17)
_SMALL = 2
_MOST_RUNS = 40
_COUNTRIES = frozenset(("FR", "BE", "LU", "CH", "DE", "ES", "IT", "NL", "PT", "GB", "IE", "MC", "AT"))
_IBAN_NUMBERS, _IBAN_BEGINS = 3, 3
_CODES = frozenset({"pin", "security-code", "expiry"})
_ON_AN_ACCOUNT = frozenset({"iban", "rib", "bic"})
_BIC = re.compile(r"^[A-Z]{6}[A-Z0-9]{2}(?:[A-Z0-9]{3})?$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind of bank data, how sure, and by which rule."""

    kind: str
    confidence: float
    rule: str


def verdict(reading: Reading, strict: bool) -> Verdict | None:
    """The kind of bank data that a reading is, or None. Luhn and issuer raise confidence; talk of it is enough."""
    on, (fewest, most) = reading.on, reading.lengths()
    long_enough = most >= CARD_DIGITS.start and _may_begin_a_card(reading)  # date and code may follow in one breath
    alone = reading.talk() <= _TALK_INSIDE
    proved = long_enough and is_card(reading.whole().readings)
    other = _answers_the_other(reading, proved) or _is_a_telephone(reading)
    if on.bank and not other and _is_read_out(reading):
        return Verdict(on.bank.topic, 0.99 if proved else 0.9, "asked-and-luhn" if proved else "asked")
    if _is_an_iban(reading) and not (on.other and on.other.topic == "siret"):
        return Verdict("iban", 0.9, "country-and-digits")
    if _is_a_bic(reading):
        return Verdict("bic", 0.9, "bank-and-country")
    if _is_an_expiry(reading):
        return Verdict("expiry", 0.7, "month-and-year")
    if alone and proved and (not other or (_asked(on) and fewest in _LIKELY_CARD)):
        return Verdict("card", 0.95, "issuer-and-luhn")
    if alone and long_enough and fewest >= CARD_DIGITS.start - 1 and not other:
        return Verdict("card", 0.6, "as-long-as-a-card")
    return Verdict("digits", 0.5, "strict") if strict and most >= STRICT_DIGITS else None


def _may_begin_a_card(reading: Reading) -> bool:
    """Cards in use begin with 2 to 6 (FACTS 1.7's issuers); numbers of telephones, meters and parcels often do not."""
    return _first_number(reading)[:1] in tuple("23456")


def _first_number(reading: Reading) -> str:
    """As digits, an article before others apart: `the new one, 4658 …`."""
    run = reading.whole()
    numbers = [p for p in run.pieces if p.number]
    if len(numbers) > 1 and numbers[0].text in run.words.articles:
        numbers = numbers[1:]
    return next((p.digits or str(p.value) for p in numbers), "")


def _asked(on: On) -> bool:
    return on.bank is not None and on.bank.strong


def _is_read_out(reading: Reading) -> bool:
    """Whether a number is read, and not said in passing: `commandé en 2015`; more so where no number was asked for."""
    on, (fewest, most), first = reading.on, reading.lengths(), reading.runs[0].first
    if on.bank is None:
        return False
    if on.bank.topic in SPELLED and on.bank.strong and _is_spelled(reading):
        return True
    if on.bank.topic == "expiry" and most == 0:
        return on.bank.strong and first.talk - on.bank.at.talk <= _TALK_INSIDE
    at_once = len(reading.runs) == 1
    if at_once and fewest > _LONGEST.get(on.bank.topic, fewest) and not _may_begin_a_card(reading):
        return False
    if not (on.fresh or most > _SMALL):
        return False
    if not on.bank.strong:
        return fewest >= _SHORT and (on.fresh or (on.bank.topic == "pin" and most <= _LONGEST["pin"]))
    return on.bank.at.turn == first.turn or not all(_is_in_passing(run, on.bank.topic) for run in reading.runs)


def _is_in_passing(run: Run, topic: str) -> bool:
    """A short number after other words of the same breath, unless it is read out: digit by digit, a PIN in pairs."""
    numbers = [h.piece for h in run.heard if h.piece.number]
    one_by_one = len(numbers) > _SMALL and all(len(p.digits or str(p.value)) == 1 for p in numbers)
    if one_by_one or (topic == "pin" and run.lengths[0] == _SHORT and len(numbers) > 1):
        return False
    if topic == "expiry" and any(h.piece.text in run.words.months for h in run.heard):
        return False
    return run.first.said >= _IN_A_SENTENCE and run.lengths[0] <= _SHORT


def _is_spelled(reading: Reading) -> bool:
    """Two letters or more, or a token of letters and digits."""
    pieces = reading.whole().pieces
    return any(piece.mixed for piece in pieces) or sum(piece.letter for piece in pieces) >= _SMALL


def _is_a_telephone(reading: Reading) -> bool:
    """Whether it can only be a telephone number of its language, and no card was asked for a moment ago."""
    on, (fewest, most) = reading.on, reading.lengths()
    if not 9 <= fewest <= 13 or most < 10 or on.bank is None or (on.fresh and on.bank.topic == "card"):
        return False
    whole = reading.whole()
    return on.bank.topic not in SPELLED and bool(whole.words.telephone.fullmatch("".join(whole.readings[:1])))


def _is_an_expiry(reading: Reading) -> bool:
    """`fin mars vingt-huit` where a card is talked about, `trois barre vingt-sept` anywhere: no day before them."""
    on, run = reading.on, reading.runs[0]
    if _is_written_as_one(run):
        return on.other is None or not on.other_since_bank
    if on.bank is None or on.bank.topic not in ON_A_CARD or (on.other_since_bank and on.other and on.other.strong):
        return False
    months = [place for place, piece in enumerate(run.pieces[:-1]) if piece.text in run.words.months]
    return bool(months) and months[0] == 0 and run.pieces[1].year() in _YEARS


def _is_written_as_one(run: Run) -> bool:
    """A month, a slash, a year, and nothing else."""
    said = [h.piece for h in run.heard]
    slashes = [place for place, piece in enumerate(said) if piece.text in run.words.slashes]
    if len(slashes) != 1 or not all(piece.number or piece.text in run.words.slashes for piece in said):
        return False
    month, year = (Run(part, run.words) for part in (run.heard[: slashes[0]], run.heard[slashes[0] + 1 :]))
    months = {text.lstrip("0") for text in month.readings}
    years = {text[-2:] for text in year.readings if len(text) == 2 or (len(text) == 4 and text.startswith("20"))}
    return bool(months & _MONTHS) and any(int(text) in _YEARS for text in years)


def _is_an_iban(reading: Reading) -> bool:
    """Two letters of a country that has IBANs near its beginning, then digits; fewer of them where an account is on."""
    on, pieces = reading.on, [piece for piece in reading.whole().pieces if _says(piece)]
    on_account = on.bank is not None and on.bank.topic in _ON_AN_ACCOUNT
    needed = 1 if on_account else _IBAN_NUMBERS
    named = any(_names_a_country(pieces[at : at + 2]) for at in range(min(_IBAN_BEGINS, len(pieces))))
    return named and sum(piece.number for piece in pieces) >= needed


def _names_a_country(pieces: list[Piece]) -> bool:
    """`FR76…`, `FR`, or `F` and `R`."""
    first = pieces[0]
    if first.mixed:
        return first.text[:2].upper() in _COUNTRIES and (len(first.text) == _SMALL or first.text[2].isdigit())
    return len(pieces) > 1 and all(p.letter for p in pieces) and "".join(p.text for p in pieces).upper() in _COUNTRIES


def _is_a_bic(reading: Reading) -> bool:
    """Four letters of a bank, two of a country, two or five characters more (ISO 9362), whole or spelled."""
    pieces = reading.whole().pieces
    spelled = "".join(p.text if p.letter or p.mixed else p.digits or str(p.value) for p in pieces if _says(p))
    return _BIC.match(spelled.upper()) is not None and spelled[4:6].upper() in _COUNTRIES


def _says(piece: Piece) -> bool:
    return piece.letter or piece.mixed or piece.number


def unasked(reading: Reading) -> Iterator[tuple[Heard, str]]:
    """Where, in a reading before which nothing was asked for, runs in a row are a card or an IBAN; and which."""
    if reading.on.bank and reading.on.bank.strong:
        return
    start = 0
    while start < len(reading.runs):
        for end in range(start + 1, min(start + _MOST_RUNS, len(reading.runs)) + 1):
            part = Reading(reading.on, reading.runs[start:end])
            found = verdict(part, strict=False)
            if found and (found.kind in ("card", "bic") or _is_an_iban(part)):
                yield part.runs[0].first, found.kind
                start = end - 1
                break
            if part.lengths()[0] > CARD_DIGITS.stop:
                break
        start += 1


def _answers_the_other(reading: Reading, proved: bool) -> bool:
    """Whether the other number that was brought up is what is being read."""
    on, (fewest, _) = reading.on, reading.lengths()
    if not on.other_since_bank or on.other is None:
        return False
    if fewest >= CARD_DIGITS.start - 1:  # a number as long as a card's must have been asked for, right before
        if on.other.topic == "telephone" and not _may_begin_a_card(reading):
            return True
        return on.other.topic in _LONG and not (_asked(on) and proved and fewest in _LIKELY_CARD)
    if on.bank and on.bank.strong and on.other.topic == "misc" and fewest >= _SHORT:
        return False
    part = _SMALL < fewest < _PART_OF_A_TELEPHONE and not _first_number(reading).startswith("0")
    if on.bank and on.other.topic == "telephone" and not on.other.strong and part:
        return False
    if (
        on.bank and on.fresh and (on.other.topic in _WEAK or on.bank.topic in _CODES)
    ):  # « la carte du client », « pour régler votre commande »
        same = on.other.at.channel == on.bank.at.channel and on.other.at.start_ms - on.bank.at.end_ms <= _SAME_BREATH_MS
        return not same
    return True
