"""The French account number, RIB: bank (5 digits), branch (5), account (11 digits and letters), key (2 digits)."""

from __future__ import annotations

from chalicelib.speech.runs import Run

_LENGTH = 23
_LEAST_DIGITS = 12
"""Bank, branch and key are digits always."""

_VALUES = str.maketrans("ABCDEFGHIJKLMNOPQRSTUVWXYZ", "12345678912345678923456789")
"""Letters of the account stand for digits in the key: A, J are 1; B, K, S are 2 (FACTS 1.7)."""


def is_rib(run: Run) -> bool:
    """Whether one way to read it is a RIB whose key is right: 97 - (89 bank + 15 branch + 3 account) mod 97."""
    fewest, most = run.lengths
    if fewest > _LENGTH or most < _LEAST_DIGITS:
        return False
    return any(len(text) == _LENGTH and _is_keyed(text) for text in (run.spelled(), *run.readings))


def _is_keyed(text: str) -> bool:
    digits = text.translate(_VALUES)
    if not (digits.isascii() and digits.isdecimal() and text[-2:].isdecimal()):
        return False
    bank, branch, account = int(digits[:5]), int(digits[5:10]), int(digits[10:21])
    return int(text[21:]) == 97 - (89 * bank + 15 * branch + 3 * account) % 97
