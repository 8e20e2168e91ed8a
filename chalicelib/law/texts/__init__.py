"""What the law room says to people, in French and in English: `fr.toml`, `en.toml` and what stands beside them.

`rights.fr.toml` and `rights.en.toml` hold tables of their own; each pair has the same keys.
"""

from __future__ import annotations

import tomllib
from functools import cache
from importlib import resources
from typing import Any

from chalicelib.law.period import Period

LANGUAGES = ("fr", "en")


@cache
def texts(language: str) -> dict[str, Any]:
    """All texts in `fr` or `en`."""
    files = [file for file in resources.files(__name__).iterdir() if file.name.endswith(f"{language}.toml")]
    found: dict[str, Any] = {}
    for file in sorted(files, key=lambda each: each.name):
        found |= tomllib.loads(file.read_text("utf-8"))
    return found


def length(period: Period, language: str) -> str:
    """A period in words: `6 months`."""
    unit = "days" if period.days else "months" if period.months else "years"
    number = period.days or period.months or period.years or 0
    return str(texts(language)["unit"][unit][number > 1]).format(n=number)
