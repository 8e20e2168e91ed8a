"""The lot: which calls of a queue are recorded. Keyed, so that nobody can steer it; the same for the same call."""

from __future__ import annotations

import base64
from datetime import date
from decimal import Decimal

from chalicelib.law.queue import Ceiling


def is_drawn(token: str, share_percent: Decimal) -> bool:
    """Whether the lot falls on a call; `token` is 26 characters of base32 out of a keyed hash of its id."""
    number = int.from_bytes(base64.b32decode(token.upper() + "======"), "big")
    numerator, denominator = share_percent.as_integer_ratio()
    return number * 100 * denominator < numerator << 128


def stretch_of(ceiling: Ceiling, day: date) -> str:
    """The day, ISO week or month that a ceiling counts in, by its name."""
    year, week, _ = day.isocalendar()
    return {"day": day.isoformat(), "week": f"{year}-W{week:02d}", "month": f"{day:%Y-%m}"}[ceiling.each]
