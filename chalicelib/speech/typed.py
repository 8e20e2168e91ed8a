"""Bank data that people type, where they were asked for words: a request's text, a statement."""

from __future__ import annotations

import re

from chalicelib.speech.amazon import label

_LONG = re.compile(r"(?:[A-Z]{2}\d{2}[\s.\-]?)?(?:\d[\s.\-]?){12,}\d")
"""A card number, or an account's, in writing: a telephone number is shorter."""


def without_numbers(text: str, language: str) -> str:
    """The text with a mark in the place of each number that long: bank data is never kept, whoever sends it.

    >>> without_numbers("Ma carte 4111 1111 1111 1111, rappelez-moi au 06 39 98 12 34.", "fr")
    'Ma carte [chiffres], rappelez-moi au 06 39 98 12 34.'
    """
    return _LONG.sub(label("digits", language), text)
