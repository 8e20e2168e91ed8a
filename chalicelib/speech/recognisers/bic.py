"""BICs (ISO 9362): four letters of a bank, two of a country, two of a place, three of a branch or none."""

from __future__ import annotations

import re

from chalicelib.speech.recognisers.iban import LENGTHS
from chalicelib.speech.runs import Run

_BIC = re.compile(r"[A-Z]{4}([A-Z]{2})[A-Z0-9]{2}(?:[A-Z0-9]{3})?")


def is_bic(run: Run) -> bool:
    """Whether one of its tokens is one, or all of it spells one."""
    return any(map(_is_one, [run.spelled(), *(piece.text.upper() for piece in run.pieces if piece.mixed)]))


def _is_one(text: str) -> bool:
    found = _BIC.fullmatch(text)
    return found is not None and found[1] in LENGTHS
