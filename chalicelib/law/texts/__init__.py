"""What the law room says to people, in French and in English (`*.toml`, the same keys in both)."""

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
    return tomllib.loads((resources.files(__name__) / f"{language}.toml").read_text("utf-8"))


def length(period: Period, language: str) -> str:
    """A period in words: `6 months`."""
    unit = "days" if period.days else "months" if period.months else "years"
    number = period.days or period.months or period.years or 0
    return str(texts(language)["unit"][unit][number > 1]).format(n=number)
