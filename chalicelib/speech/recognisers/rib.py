"""The French account number, RIB: bank (5), branch (5), account (11), key (2)."""

from __future__ import annotations

from collections.abc import Iterable

_DIGITS = 23


def is_rib(readings: Iterable[str]) -> bool:
    """Whether one of the readings is a RIB whose key is right (Comité français d'organisation et de normalisation
    bancaires: the key is 97 less 89 times bank, 15 times branch and 3 times account, modulo 97)."""
    return any(len(digits) == _DIGITS and _key(digits) == int(digits[21:]) for digits in readings)


def _key(digits: str) -> int:
    bank, branch, account = int(digits[:5]), int(digits[5:10]), int(digits[10:21])
    return 97 - (89 * bank + 15 * branch + 3 * account) % 97
