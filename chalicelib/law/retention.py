"""How long a call's sound may live, and what a lifecycle rule must be told of it (CNIL; FACTS 1.1 to 1.3, 3.1).

The clock starts on the *call's* day, whenever an object was written. On the last day it goes: the sweep ends it in that
day's first hour, and S3 alone would at the last midnight (UTC) before that day is over.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from chalicelib.law.period import SIX_MONTHS, Period
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue

EXACT_DAYS = 184
"""The most days that six months have: up to there, each number of days left has a rule of its own."""

_STEP_DAYS = 7
"""Beyond, where a text sets the term and 1,000 rules do not go round: up to so many days late, the sweep never is."""

_WRITTEN_WITHIN = timedelta(hours=1)
"""Longer than any function runs: an object that is begun before midnight may be written after it."""


def last_day(policy: Policy, queue: Queue, started_at: datetime, signed_on: date | None = None) -> date:
    """The day, in the controller's zone, on which a call's sound must go.

    Six months from the call at most, or the term of its duty: from the signature where it says so (C. assur.,
    art. R. 112-7), and soon where nothing was signed; a signature after that comes too late to keep the call for.
    """
    day = started_at.astimezone(policy.zone).date()
    duty = policy.duty(queue)
    if duty and duty.unless_signed:
        unsigned = duty.unless_signed.after(day)
        return duty.retention.after(signed_on) if signed_on and signed_on <= unsigned else unsigned
    return (duty.retention if duty else queue.retention or Period(days=1)).after(day)


def is_long(end_on: date, started_at: datetime, zone: ZoneInfo) -> bool:
    """Whether a term is beyond six months from the call, so that it lies where no rule of six months reaches."""
    return end_on > SIX_MONTHS.after(started_at.astimezone(zone).date())


def lifecycle_days(end_on: date, now: datetime, zone: ZoneInfo) -> int:
    """Days for the rule of an object that is written from `now` on and must be gone when `end_on` is over in `zone`.

    S3 expires an object so many days after it was written, rounded up to the next midnight UTC. Less than 1: it must
    not be written any more.
    """
    over = datetime.combine(end_on + timedelta(days=1), time(), zone).astimezone(UTC)
    return (over.date() - (now + _WRITTEN_WITHIN).astimezone(UTC).date()).days - 1


def tag_days(days: int) -> int:
    """What is written on an object with so many days left: exact up to six months, then whole steps."""
    return days if days <= EXACT_DAYS else -(-days // _STEP_DAYS) * _STEP_DAYS


def tag_days_at_most(days: int) -> int:
    """The same, never late: for what no sweep ends on its day."""
    return days if days <= EXACT_DAYS else days // _STEP_DAYS * _STEP_DAYS


def tags_for(longest_days: int) -> list[int]:
    """Every value that `tag_days` gives up to `longest_days`: one lifecycle rule each."""
    return sorted({tag_days(days) for days in range(1, longest_days + 1)})
