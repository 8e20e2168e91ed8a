"""Is a reading bank data? What was brought up decides first, then what the number itself is; in doubt, yes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.speech.checks import CARD_DIGITS, is_card
from chalicelib.speech.dialogue import Reading
from chalicelib.speech.stream import Heard

STRICT_DIGITS = 9
"""In strict mode any run of so many digits is muted."""

SPELLED = frozenset({"iban", "rib", "bic", "pin", "password"})
"""Data with letters in them."""

_SAME_BREATH_MS = 2_500
_WEAK = frozenset({"client", "order", "amount", "date", "postcode"})
_LONG = frozenset({"siret", "parcel", "meter", "imei", "client", "order"})
"""Other numbers that are as long as a card's."""

_AT_ONCE_MS, _AT_ONCE_TURNS = 9_000, 3
_LIKELY_CARD = range(15, 17)
_SMALL = 2
_TELEPHONE = re.compile(r"^(?:0[1-9]\d{8}|0[1-9]\d{9}|0?0?33[1-9]\d{8}|0?0?44[1-9]\d{9})$")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind of bank data, how sure, and by which rule."""

    kind: str
    confidence: float
    rule: str


def verdict(reading: Reading, strict: bool) -> Verdict | None:
    """The kind of bank data that a reading is, or None. Luhn and issuer raise confidence; talk of it is enough."""
    on, (fewest, most) = reading.on, reading.lengths()
    card_long = most >= CARD_DIGITS.start and fewest < CARD_DIGITS.stop
    proved = card_long and is_card(reading.whole().readings)
    other = _answers_the_other(reading, proved) or _is_a_telephone(reading)
    if on.bank and not other and (on.fresh or most > _SMALL):
        return Verdict(on.bank.topic, 0.99 if proved else 0.9, "asked-and-luhn" if proved else "asked")
    if proved and (not other or (on.bank and fewest in _LIKELY_CARD)):
        return Verdict("card", 0.95, "issuer-and-luhn")
    if card_long and fewest >= CARD_DIGITS.start - 1 and not other:
        return Verdict("card", 0.6, "as-long-as-a-card")
    return Verdict("digits", 0.5, "strict") if strict and most >= STRICT_DIGITS else None


def _is_a_telephone(reading: Reading) -> bool:
    """Whether it can only be a telephone number of France or Britain, and no card was asked for a moment ago.

    No card begins with 0, and no half of a reading is exactly so long.
    """
    on, (fewest, most) = reading.on, reading.lengths()
    if fewest > 13 or most < 10 or on.bank is None or (on.fresh and on.bank.topic == "card"):
        return False
    return on.bank.topic not in SPELLED and any(_TELEPHONE.match(digits) for digits in reading.whole().readings)


def unasked(reading: Reading) -> Iterator[Heard]:
    """Where, in a reading before which nothing was brought up, runs in a row are as long as a card."""
    if reading.on.bank:
        return
    start = 0
    while start < len(reading.runs):
        for end in range(start + 1, len(reading.runs) + 1):
            part = Reading(reading.on, reading.runs[start:end])
            found = verdict(part, strict=False)
            if found and found.kind == "card":
                yield part.runs[0].first
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
        first, cue = reading.runs[0].first, on.other.at
        at_once = first.clock_ms - cue.clock_ms <= _AT_ONCE_MS and first.turn - cue.turn <= _AT_ONCE_TURNS
        return on.other.topic in _LONG and at_once and not (on.bank and proved and fewest in _LIKELY_CARD)
    if on.bank and on.fresh and on.other.topic in _WEAK:  # « la carte du client », « pour régler votre commande »
        same = on.other.at.channel == on.bank.at.channel and on.other.at.start_ms - on.bank.at.end_ms <= _SAME_BREATH_MS
        return not same
    return True
