"""What is being read though it is no bank data: the other number that was brought up, or a telephone's."""

from __future__ import annotations

import re

from chalicelib.speech.reading import Reading
from chalicelib.speech.recognisers.card import CARD_DIGITS, may_begin_a_card
from chalicelib.speech.runs import Run

LIKELY_CARD = range(15, 17)
"""Digits of nearly all cards."""

_WEAK = frozenset({"client", "order", "amount", "date", "postcode"})
_LONG = frozenset({"siret", "parcel", "meter", "imei", "client", "order"})
"""Other numbers that are as long as a card's."""

_CODES = frozenset({"pin", "security-code", "expiry"})
_CODE_DIGITS = {"pin": range(4, 7), "security-code": range(3, 5)}
_NO_TELEPHONES = frozenset({"iban", "rib", "password"})
_WRITTEN_TELEPHONE = re.compile(r"\(?\d{3}\)?[-.]\d{3}[-.]\d{4}|0\d(?:[.-]\d\d){4}")
"""As recognisers write them in one word: `303-555-0155`, `01.99.00.12.34`. No card is grouped so."""

_TELEPHONES = range(9, 14)
_PART_OF_A_TELEPHONE = range(3, 8)
_SHORT = 4
_DAY_DIGITS = 2
_SAME_BREATH_MS = 2_500


def answers_another(reading: Reading, proved: bool) -> bool:
    """Whether the other number that was brought up is what is being read. `proved`: it is a card by Luhn and issuer."""
    on, other, fewest = reading.on, reading.on.other, reading.fewest
    if not on.other_since_bank or other is None:
        return False
    if fewest >= CARD_DIGITS.start - 1:  # a number as long as a card's must have been asked for, right before
        if other.topic == "telephone" and not may_begin_a_card(reading.whole()):
            return True
        if on.asked and on.fresh and not other.strong:
            return False
        return other.topic in _LONG and not (on.asked and proved and fewest in LIKELY_CARD)
    if on.bank is None:
        return True
    if on.asked and other.topic == "misc" and fewest >= _SHORT:
        return False
    if other.topic == "telephone" and not other.strong and _is_no_part_of_a_telephone(reading):
        return False
    if on.asked and on.fresh and not other.strong and reading.fewest in _CODE_DIGITS.get(on.bank.topic, ()):
        return False
    if on.fresh and not on.bank.answered and (other.topic in _WEAK or on.bank.topic in _CODES):
        # « la carte du client », « pour régler votre commande »
        return other.at.channel != on.bank.at.channel or other.at.start_ms - on.bank.at.end_ms > _SAME_BREATH_MS
    return True


def _is_no_part_of_a_telephone(reading: Reading) -> bool:
    return reading.fewest in _PART_OF_A_TELEPHONE and not reading.whole().first_number().startswith("0")


def is_a_date(reading: Reading) -> bool:
    """Whether it is only a day with the name of its month, and a year or none; an expiry date has no day."""
    return all(map(_is_a_day, reading.runs)) and not (reading.on.bank and reading.on.bank.topic == "expiry")


def _is_a_day(run: Run) -> bool:
    named = [place for place, piece in enumerate(run.pieces) if piece.text in run.words.months]
    if not named or not any(piece.number for piece in run.pieces[: named[0]]):
        return False
    day, year = Run(run.heard[: named[0]], run.words), run.pieces[named[0] + 1 :]
    return day.lengths[0] <= _DAY_DIGITS and all(piece.number or piece.text in run.words.bridges for piece in year)


def is_a_telephone(reading: Reading) -> bool:
    """Whether it can only be a telephone number of its language, and no card is being read. None begins with 0."""
    bank, whole = reading.on.bank, reading.whole()
    numbers = [piece for piece in whole.pieces if piece.number]
    if len(numbers) == 1 and _WRITTEN_TELEPHONE.fullmatch(numbers[0].text):
        return True
    if reading.fewest not in _TELEPHONES or (bank is not None and bank.topic in _NO_TELEPHONES):
        return False
    begins = bank is not None and not bank.begun and whole.first_number().startswith("0")
    if bank is not None and bank.topic == "card" and reading.on.fresh and not bank.answered and not begins:
        return False
    return bool(whole.words.telephone.fullmatch("".join(whole.readings[:1])))
