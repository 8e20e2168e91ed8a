"""Card numbers: ISO/IEC 7812, 13 to 19 digits, issuer identification numbers (IIN) and Luhn's check digit."""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.speech.runs import Run

CARD_DIGITS = range(13, 20)
"""Lengths in use."""

_IIN = [
    *((str(n), (13, 16, 19)) for n in (4,)),
    *((str(n), (16,)) for n in range(51, 56)),
    *((str(n), (16,)) for n in range(2221, 2721)),
    *((str(n), (15,)) for n in (34, 37)),
    *((str(n), (14, 16, 19)) for n in (36, 38, 39, *range(300, 306))),
    *((str(n), (16, 19)) for n in (6011, 65, *range(644, 650), 62, *range(3528, 3590))),
    *((str(n), tuple(range(13, 20))) for n in (50, 56, 57, 58, 63, 67, 6304, 6759)),
]
"""Issuer identification numbers with the lengths in use: Visa, Mastercard, American Express, Diners, Discover,
UnionPay, JCB, Maestro."""

_LENGTHS: dict[str, frozenset[int]] = {prefix: frozenset(sizes) for prefix, sizes in _IIN}
_FIRST_DIGITS = frozenset(prefix[0] for prefix, _ in _IIN)


def luhn(digits: str) -> bool:
    """ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def issued(digits: str) -> bool:
    """Whether an issuer writes cards that begin so and are so long."""
    return any(len(digits) in _LENGTHS.get(digits[:size], ()) for size in (1, 2, 3, 4))


def is_card(readings: Iterable[str]) -> bool:
    """Whether one of the readings is a card number to the last digit: length, issuer and Luhn."""
    return any(len(digits) in CARD_DIGITS and issued(digits) and luhn(digits) for digits in readings)


def may_begin_a_card(run: Run) -> bool:
    """Whether it begins as cards in use do; numbers of telephones, meters and parcels often do not."""
    return run.first_number()[:1] in _FIRST_DIGITS
