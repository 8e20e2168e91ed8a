"""Until when a person must be answered, and a breach notified (FACTS 1.6).

Sources: GDPR art. 12(3) and 33(1); Regulation (EEC, Euratom) 1182/71 art. 2 and 3; EDPB Guidelines 01/2022 for the
clock that waits for a proof of identity. Where the law leaves a doubt, the earlier day is taken.

>>> answer_due(date(2026, 3, 6), "mainland")  # a month on is Easter Monday
Deadline(raw_on=datetime.date(2026, 4, 6), due_on=datetime.date(2026, 4, 7))
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import holidays
from dateutil.relativedelta import relativedelta

from chalicelib.errors import InvalidSuspension, NaiveMoment, UnknownRegion

OVERSEAS = {  # the one day that each adds to the national ones (Code du travail, art. L3422-2)
    "guadeloupe": (5, 27),
    "guyane": (6, 10),
    "la-reunion": (12, 20),
    "martinique": (5, 22),
    "mayotte": (4, 27),
    "saint-barthelemy": (10, 9),
}
"""Good Friday, mid-Lent or Schoelcher's day are usage there, and extend no period."""

_OTHER_MEMBER_STATES = "AT BE BG CY CZ DE DK EE ES FI GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK"

REGIONS: dict[str, tuple[str, str | None]] = {
    "mainland": ("FR", None),
    "alsace-moselle": ("FR", "57"),  # Good Friday only where a commune has a Protestant church (art. L3134-13)
    **dict.fromkeys((*OVERSEAS, "saint-pierre-et-miquelon"), ("FR", None)),
    **{code.lower(): (code, None) for code in _OTHER_MEMBER_STATES.split()},
}
"""What a policy may name, as country and subdivision of `holidays`; other Member States by their national days."""

_ALERT_DAYS = (10, 5, 1)

Suspension = tuple[date, date | None]
"""The day on which the proof of identity was asked for, and the day on which it came (None: not yet)."""


@dataclass(frozen=True, slots=True)
class Deadline:
    """`due_on` is the last lawful day; `raw_on` the same before it rolled over, by which one should work."""

    raw_on: date
    due_on: date


def received_on(at: datetime, zone: ZoneInfo) -> date:
    """The day of receipt: the controller's local date when the request arrived, by any channel."""
    return _aware(at).astimezone(zone).date()


def after_months(day: date, months: int) -> date:
    """The same date so many months on, or that month's last day where it has no such date (art. 3(2)(c))."""
    later: date = day + relativedelta(months=months)
    return later


def working_day_from(day: date, region: str) -> date:
    """That day, or the next that is no Saturday, Sunday or public holiday of the region (art. 3(4))."""
    calendar = _calendar(region)
    while day.weekday() >= 5 or day in calendar or (day.month, day.day) == OVERSEAS.get(region):
        day += timedelta(days=1)
    return day


def answer_due(received_on: date, region: str, suspensions: Iterable[Suspension] = ()) -> Deadline | None:
    """One month from receipt (GDPR art. 12(3)). None while an identity is awaited: nothing is due yet."""
    return _due(received_on, 1, region, suspensions)


def extended_due(received_on: date, region: str, suspensions: Iterable[Suspension] = ()) -> Deadline | None:
    """Two further months, counted as three from receipt and not as two from a day that had rolled over."""
    return _due(received_on, 3, region, suspensions)


def breach_notice_due(aware_at: datetime) -> datetime:
    """72 hours after the controller knew (GDPR art. 33(1)): real hours over any change of clocks, no roll-over."""
    return (_aware(aware_at).astimezone(UTC) + timedelta(hours=72)).astimezone(aware_at.tzinfo)


def alerts(deadline: Deadline) -> tuple[date, ...]:
    """The days on which to remind, earliest first: by the raw date, so that no holiday is relied on."""
    return tuple(deadline.raw_on - timedelta(days=days) for days in _ALERT_DAYS)


def _due(received_on: date, months: int, region: str, suspensions: Iterable[Suspension]) -> Deadline | None:
    """The period, longer by each whole day on which it stood still; one that has ended is not revived."""
    raw_on, counted_to = after_months(received_on, months), received_on
    for asked_on, came_on in sorted(suspensions, key=lambda suspension: suspension[0]):
        if came_on and came_on < asked_on:
            raise InvalidSuspension(f"a suspension ends on the day it began or later, not {asked_on} to {came_on}")
        if asked_on > raw_on:
            continue
        if came_on is None:
            return None
        raw_on += max(timedelta(0), came_on - max(asked_on, counted_to))
        counted_to = max(counted_to, came_on)
    return Deadline(raw_on, working_day_from(raw_on, region))


@cache
def _calendar(region: str) -> holidays.HolidayBase:
    if region not in REGIONS:
        raise UnknownRegion(f"no public holidays are known for {region!r}; name one of: {', '.join(sorted(REGIONS))}")
    country, subdivision = REGIONS[region]
    return holidays.country_holidays(country, subdivision, categories=holidays.PUBLIC)


def _aware(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise NaiveMoment("a moment without its zone has no legal date: give the datetime a tzinfo")
    return moment
