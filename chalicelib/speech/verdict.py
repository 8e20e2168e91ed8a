"""Is a reading bank data? What was brought up decides first, then what the number itself is; in doubt, yes."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.speech.on import ON_A_CARD
from chalicelib.speech.others import LIKELY_CARD, answers_another, is_a_date, is_a_telephone
from chalicelib.speech.reading import Reading
from chalicelib.speech.recognisers.bic import is_bic
from chalicelib.speech.recognisers.card import CARD_DIGITS, is_card, may_begin_a_card
from chalicelib.speech.recognisers.expiry import begins_with_its_month, is_month_slash_year
from chalicelib.speech.recognisers.iban import begins_an_iban, is_iban
from chalicelib.speech.recognisers.rib import is_rib
from chalicelib.speech.runs import Run

STRICT_DIGITS = 9
"""In strict mode any run of so many digits is muted."""

SPELLED = frozenset({"iban", "rib", "bic", "pin", "password"})
"""Data with letters in them."""

WITH_WORDS = SPELLED | {"expiry"}
"""Data of which letters, or months, are as telling as digits."""

SURE = 0.95
"""The confidence of a number whose check digits are right."""

_LONGEST_PIN = 12
"""Digits of a PIN said thrice."""

_FITS = {"security-code": range(3, 5), "expiry": range(3, 7), "pin": range(4, 7)}
"""Digits of a short datum, which answer its question however long the sentence around them."""

_IN_A_SENTENCE = 3
_TALK_INSIDE = 4
"""Other words, of both voices, among the digits of a number that nobody asked for; more are sentences with numbers."""

_SHORT = 4
_SMALL = 2
_IBAN_NUMBERS = 3
_ON_AN_ACCOUNT = frozenset({"iban", "rib", "bic"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """A kind of bank data, how sure, and by which rule."""

    kind: str
    confidence: float
    rule: str


def verdict(reading: Reading, strict: bool) -> Verdict | None:
    """The kind of bank data that a reading is, or None. Check digits raise confidence; talk of it is enough."""
    on = reading.on
    proof = _proof(reading)
    other = answers_another(reading, proof == "luhn") or is_a_telephone(reading) or is_a_date(reading)
    if on.bank and not other and _is_read_out(reading):
        return Verdict(on.bank.topic, 0.99 if proof else 0.9, f"asked-and-{proof}" if proof else "asked")
    shown = _by_its_shape(reading) or _as_a_card(reading, proof == "luhn", other)
    return shown or (Verdict("digits", 0.5, "strict") if strict and reading.most >= STRICT_DIGITS else None)


def _proof(reading: Reading) -> str:
    """Which check digits are right; empty where none are."""
    if reading.most < CARD_DIGITS.start:
        return ""
    whole = reading.whole()
    if is_iban(whole):
        return "mod-97"
    if is_rib(whole):
        return "key"
    return "luhn" if _is_long_enough(reading) and is_card(whole.readings) else ""


def _by_its_shape(reading: Reading) -> Verdict | None:
    """What says by itself that it is bank data, whatever was talked about."""
    whole = reading.whole()
    if is_an_iban(reading):
        return Verdict("iban", 0.9, "country-and-digits")
    if is_bic(whole):
        return Verdict("bic", 0.9, "bank-and-country")
    return Verdict("expiry", 0.7, "month-and-year") if _is_an_expiry(reading) else None


def _as_a_card(reading: Reading, proved: bool, other: bool) -> Verdict | None:
    """A number that nobody asked for and that is as long as a card's; sentences with numbers in them are none."""
    fewest = reading.fewest
    if reading.talk() > _TALK_INSIDE:
        return None
    if proved and (not other or (reading.on.asked and fewest in LIKELY_CARD)):
        return Verdict("card", SURE, "issuer-and-luhn")
    if _is_long_enough(reading) and fewest >= CARD_DIGITS.start - 1 and not other:
        return Verdict("card", 0.6, "as-long-as-a-card")
    return None


def _is_long_enough(reading: Reading) -> bool:
    """As a card, which it may begin; date and code may follow in one breath."""
    return reading.most >= CARD_DIGITS.start and may_begin_a_card(reading.whole())


def _is_read_out(reading: Reading) -> bool:
    """Whether a number is read, and not said in passing: `commandé en 2015`; more so where no number was asked for."""
    on, fewest, most, first = reading.on, reading.fewest, reading.most, reading.runs[0].first
    if on.bank is None:
        return False
    if on.bank.topic in SPELLED and on.bank.strong and _is_spelled(reading):
        return True
    if on.bank.topic == "expiry" and most == 0:
        return on.bank.strong and first.talk - on.bank.at.talk <= _TALK_INSIDE
    if not (on.fresh or most > _SMALL):
        return False
    if on.bank.topic == "card" and not on.bank.begun and _is_a_year(reading):
        return False
    if not on.bank.strong:
        said = any(run.lengths[0] >= _SMALL for run in reading.runs)
        return fewest >= _SHORT and ((on.fresh and said) or (on.bank.topic == "pin" and most <= _LONGEST_PIN))
    if first.turn == on.bank.at.turn + 1 and fewest in _FITS.get(on.bank.topic, ()):
        return True  # « attendez que je mette mes lunettes, six cent quatorze »
    return on.bank.at.turn == first.turn or not all(
        _is_in_passing(run, on.bank.topic, on.fresh) for run in reading.runs
    )


def _is_a_year(reading: Reading) -> bool:
    """`since two thousand and fourteen`: no card begins so."""
    return reading.fewest == _SHORT and "".join(reading.whole().readings[:1]).startswith(("19", "20"))


def _is_in_passing(run: Run, topic: str, fresh: bool) -> bool:
    """A short number after other words of the same breath, unless it is read out: digit by digit, a PIN in pairs."""
    numbers = [h.piece for h in run.heard if h.piece.number]
    one_by_one = len(numbers) > _SMALL and all(len(p.digits or str(p.value)) == 1 for p in numbers)
    if one_by_one or (topic == "pin" and run.lengths[0] == _SHORT and len(numbers) > 1):
        return False
    if topic == "expiry" and any(h.piece.text in run.words.months for h in run.heard):
        return False
    if run.lengths[0] > _SHORT:
        return False
    needed = _IN_A_SENTENCE - (not fresh and run.lengths[0] <= _SMALL)
    return run.first.said >= needed or (not fresh and run.last.left >= _IN_A_SENTENCE)


def _is_spelled(reading: Reading) -> bool:
    """Two letters or more, or a token of letters and digits."""
    pieces = reading.whole().pieces
    return any(piece.mixed for piece in pieces) or sum(piece.letter for piece in pieces) >= _SMALL


def _is_an_expiry(reading: Reading) -> bool:
    """`fin mars vingt-huit` where a card is talked about, `trois barre vingt-sept` anywhere but as another's answer."""
    on, run = reading.on, reading.runs[0]
    if is_month_slash_year(run):
        return not on.other_since_bank
    other = on.other_since_bank and on.other is not None and on.other.strong
    return on.bank is not None and on.bank.topic in ON_A_CARD and not other and begins_with_its_month(run)


def is_an_iban(reading: Reading) -> bool:
    """A country, then digits; one number is enough where an account is talked about. A French VAT number begins so."""
    bank, other = reading.on.bank, reading.on.other
    needed = 1 if bank and bank.topic in _ON_AN_ACCOUNT else _IBAN_NUMBERS
    named = other is not None and (other.topic == "siret" or (other.topic == "meter" and other.strong))
    return begins_an_iban(reading.whole(), needed) and not named
