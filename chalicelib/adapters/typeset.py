"""Where a line of French or English must not be broken."""

from __future__ import annotations

import re

_TIED = re.compile(r"(?<=\bart\.) |(?<=\bL\.) ")
_TIED_IN_FRENCH = re.compile(r" (?=[:;?!%»])|(?<=«) ")


def typeset(language: str, text: str) -> str:
    """No line breaks inside a law's number, nor, in French, before a colon or beside a quote."""
    tied = _TIED.sub("\N{NO-BREAK SPACE}", text)
    return _TIED_IN_FRENCH.sub("\N{NO-BREAK SPACE}", tied) if language == "fr" else tied
