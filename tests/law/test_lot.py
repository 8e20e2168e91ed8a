"""The lot falls as often as the policy says, on the same calls each time, and nobody can steer it."""

from __future__ import annotations

import base64
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise
from math import sqrt

import pytest

from chalicelib.adapters.opaque import opaque_id
from chalicelib.law.lot import is_drawn, stretch_of
from chalicelib.law.queue import Ceiling

MANY = 20_000
KEY = b"a fixed key for tests"
TOKENS = [opaque_id(KEY, "lot", "drop", f"call-{n}") for n in range(MANY)]
SHARES = [Decimal(share) for share in ("0.01", "0.5", "1", "5", "10", "33.3", "50", "99.5")]


def drawn(share: Decimal) -> set[str]:
    return {token for token in TOKENS if is_drawn(token, share)}


def test_the_same_call_gets_the_same_answer() -> None:
    assert drawn(Decimal(5)) == drawn(Decimal("5.0")) == drawn(Decimal("5.00"))
    for token in TOKENS[:200]:
        assert is_drawn(token.upper(), Decimal(30)) == is_drawn(token.lower(), Decimal(30))


@pytest.mark.parametrize("share", SHARES, ids=str)
def test_the_lot_falls_about_as_often_as_the_share_says(share: Decimal) -> None:
    expected = MANY * float(share) / 100
    spread = sqrt(expected * (1 - float(share) / 100))
    assert abs(len(drawn(share)) - expected) < 4 * spread + 1


def test_what_is_drawn_at_a_small_share_is_drawn_at_every_larger_one() -> None:
    falls = [drawn(share) for share in SHARES]
    for small, large in pairwise(falls):
        assert small < large


def test_every_tenth_of_the_tokens_is_hit_alike() -> None:
    """Chi-square with 9 degrees of freedom: 27.9 is passed once in a thousand, and these tokens are fixed."""
    counts = [len(drawn(Decimal(10 * (n + 1)))) - len(drawn(Decimal(10 * n))) for n in range(9)]
    counts.append(MANY - sum(counts))
    assert sum((count - MANY / 10) ** 2 / (MANY / 10) for count in counts) < 27.9


def test_calls_whose_names_follow_one_another_are_not_drawn_in_rows() -> None:
    half = [is_drawn(token, Decimal(50)) for token in TOKENS]
    runs = 1 + sum(one != other for one, other in pairwise(half))
    assert abs(runs - MANY / 2) < 4 * sqrt(MANY) / 2


def test_another_deployments_key_draws_other_calls() -> None:
    others = {n for n in range(MANY) if is_drawn(opaque_id(b"another key", "lot", "drop", f"call-{n}"), Decimal(50))}
    ours = {n for n, token in enumerate(TOKENS) if is_drawn(token, Decimal(50))}
    assert abs(len(ours & others) - MANY / 4) < 4 * sqrt(MANY * 3 / 16)


def token(number: int) -> str:
    return base64.b32encode(number.to_bytes(16, "big")).decode().rstrip("=").lower()


def test_a_share_is_counted_exactly_at_its_edge() -> None:
    half = 1 << 127
    assert is_drawn(token(0), Decimal("0.001"))
    assert is_drawn(token(half - 1), Decimal(50)) and not is_drawn(token(half), Decimal(50))
    assert not is_drawn(token((1 << 128) - 1), Decimal("99.999"))
    assert not is_drawn(token((1 << 128) // 1000), Decimal("0.0999"))


@pytest.mark.parametrize(
    ("day", "day_name", "week", "month"),
    [
        (date(2026, 11, 24), "2026-11-24", "2026-W48", "2026-11"),
        (date(2026, 12, 31), "2026-12-31", "2026-W53", "2026-12"),
        (date(2027, 1, 1), "2027-01-01", "2026-W53", "2027-01"),
        (date(2027, 1, 3), "2027-01-03", "2026-W53", "2027-01"),
        (date(2027, 1, 4), "2027-01-04", "2027-W01", "2027-01"),
        (date(2024, 12, 29), "2024-12-29", "2024-W52", "2024-12"),
        (date(2024, 12, 30), "2024-12-30", "2025-W01", "2024-12"),
        (date(2025, 1, 5), "2025-01-05", "2025-W01", "2025-01"),
    ],
)
def test_a_ceiling_counts_in_the_day_the_iso_week_or_the_month(day: date, day_name: str, week: str, month: str) -> None:
    names = [stretch_of(Ceiling(calls=1, each=each), day) for each in ("day", "week", "month")]  # type: ignore[arg-type]
    assert names == [day_name, week, month]


def test_every_week_of_nine_years_has_seven_days_and_a_name_of_its_own() -> None:
    ceiling = Ceiling(calls=1, each="week")
    days = [date(2024, 1, 1) + timedelta(days=n) for n in range(7 * 470)]
    names = [stretch_of(ceiling, day) for day in days]
    assert len(set(names)) == 470
    assert all(names.count(name) == 7 for name in set(names))
