"""A length of time as a law writes it: whole days, months or years of the calendar, never a float."""

from __future__ import annotations

from datetime import date, timedelta
from functools import cache
from typing import Self

from dateutil.relativedelta import relativedelta
from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

_A_CYCLE = 4 * 365 + 1
"""Days after which the calendar's lengths of months come again (between 1901 and 2099)."""


class Period(BaseModel):
    """Exactly one of days, months and years, from 1."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    days: int | None = Field(None, ge=1, le=3650)
    months: int | None = Field(None, ge=1, le=120)
    years: int | None = Field(None, ge=1, le=10)

    @model_validator(mode="after")
    def _is_one(self) -> Self:
        if [self.days, self.months, self.years].count(None) != 2:
            raise PydanticCustomError("not-one-length", "either days, or months, or years")
        return self

    def after(self, day: date) -> date:
        """The day on which the period that `day` begins ends: the same date that many months later, or that month's
        last day (Reg. 1182/71, art. 3(2)(c))."""
        end: date = day + relativedelta(days=self.days or 0, months=self.months or 0, years=self.years or 0)
        return end

    def is_within(self, longest: Period) -> bool:
        """Whether this is never longer than `longest`, whichever day both begin on."""
        return _is_within(self, longest)

    @property
    def most_days(self) -> int:
        """The most days that it can have."""
        return max((self.after(day) - day).days for day in _every_day())

    def __str__(self) -> str:
        return (
            f"{self.days or self.months or self.years} {'days' if self.days else 'months' if self.months else 'years'}"
        )


@cache
def _is_within(period: Period, longest: Period) -> bool:
    return all(period.after(day) <= longest.after(day) for day in _every_day())


@cache
def _every_day() -> tuple[date, ...]:
    return tuple(date(2024, 1, 1) + timedelta(n) for n in range(_A_CYCLE))


SIX_MONTHS = Period(months=6)
"""The longest that a call recorded for training, evaluation or quality is kept (CNIL; FACTS 1.1)."""
