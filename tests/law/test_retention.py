"""No object outlives six months: by lifecycle alone, by the sweep alone, with both; on every day of nine years."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest

from chalicelib.law.period import SIX_MONTHS, Period
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue
from chalicelib.law.retention import EXACT_DAYS, last_day, lifecycle_days, tag_days, tag_days_at_most, tags_for
from tests.policies import policy

ZONES = ("Europe/Paris", "America/Guadeloupe", "Indian/Reunion")
EVERY_DAY = [date(2024, 1, 1) + timedelta(days=n) for n in range((date(2033, 1, 1) - date(2024, 1, 1)).days)]
CLOCK = [time(0), time(0, 30), time(9, 30), time(22, 30), time(23, 30), time(23, 59, 59)]
SWEEPS = [time(5, 5), time(11, 5), time(17, 5), time(23, 5)]
LONG = (31, None, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
MOST_LATE = timedelta(days=2)
WRITING = timedelta(minutes=59)


# ------------------------------------------------------------------------------------------------ the oracle


def days_of(year: int, month: int) -> int:
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return LONG[month - 1] or (29 if leap else 28)


def six_months_on(day: date) -> date:
    """The same date six months later, or that month's last day (Reg. 1182/71, art. 3(2)(c)), counted by hand."""
    year, month = (day.year, day.month + 6) if day.month <= 6 else (day.year + 1, day.month - 6)
    return date(year, month, min(day.day, days_of(year, month)))


@cache
def midnight(day: date, zone: str) -> datetime:
    """The first moment of a day in a zone, in UTC, found by trying every quarter of an hour."""
    moment = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    while moment.astimezone(ZoneInfo(zone)).date() < day:
        moment += timedelta(minutes=15)
    return moment


def legal_end(day: date, zone: str) -> datetime:
    """The end of the last day that the law allows, in UTC."""
    return midnight(six_months_on(day) + timedelta(days=1), zone)


def expired_by_s3(written: datetime, days: int) -> datetime:
    """Written time plus Days, rounded up to the next midnight UTC (FACTS 3.1)."""
    moment = written.astimezone(UTC) + timedelta(days=days)
    floor = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return floor if floor == moment else floor + timedelta(days=1)


@cache
def swept(due_on: date, zone: str) -> datetime:
    """The first sweep that ends a row due on that day: the first in whose local day it is due."""
    for day in (due_on + timedelta(days=n) for n in range(-2, 3)):
        for clock in SWEEPS:
            moment = datetime.combine(day, clock, UTC)
            if moment.astimezone(ZoneInfo(zone)).date() >= due_on:
                return moment
    raise AssertionError(due_on)


# ------------------------------------------------------------------------------------------------ what is tested


@cache
def rules(zone: str) -> tuple[Policy, Queue]:
    made = policy(('zone = "Europe/Paris"', f'zone = "{zone}"'))
    queue = made.queue("service-client")
    assert queue is not None
    return made, queue


def moments(zone: str) -> Iterator[tuple[date, datetime]]:
    """Calls on every day at each time by the zone's clock and by UTC's, with the local day on which each began."""
    local = ZoneInfo(zone)
    for day in EVERY_DAY:
        for clock in CLOCK:
            for own in (local, UTC):
                started = datetime.combine(day, clock, own)
                yield started.astimezone(local).date(), started


def test_the_oracle_counts_as_the_regulation_does() -> None:
    for start, end in (
        ((2023, 8, 31), (2024, 2, 29)), ((2024, 8, 31), (2025, 2, 28)), ((2024, 8, 29), (2025, 2, 28)),
        ((2024, 2, 29), (2024, 8, 29)), ((2026, 3, 31), (2026, 9, 30)), ((2026, 12, 31), (2027, 6, 30)),
        ((2026, 11, 24), (2027, 5, 24)),
    ):  # fmt: skip
        assert six_months_on(date(*start)) == date(*end)
    assert expired_by_s3(datetime(2012, 1, 15, 10, 30, tzinfo=UTC), 3) == datetime(2012, 1, 19, tzinfo=UTC)


@pytest.mark.parametrize("zone", ZONES)
def test_no_call_outlives_six_months_whichever_of_lifecycle_and_sweep_still_works(zone: str) -> None:
    made, queue = rules(zone)
    for day, started in moments(zone):
        last = last_day(made, queue, started)
        assert last == six_months_on(day), started
        end = legal_end(day, zone)
        days = lifecycle_days(last, started, made.zone)
        assert 1 <= days <= EXACT_DAYS, started
        alone = expired_by_s3(started, tag_days(days))
        slow = expired_by_s3(started + WRITING, tag_days(days))
        assert alone <= slow <= end, started
        assert alone > end - MOST_LATE, f"a lifecycle so early is no backstop: {started}"
        assert end - timedelta(days=1, hours=1) <= swept(last, zone) < end, started


@pytest.mark.parametrize("zone", ZONES)
def test_a_clock_that_is_an_hour_fast_gives_no_call_a_day_more_than_its_tag_can_say(zone: str) -> None:
    made, queue = rules(zone)
    for day in EVERY_DAY:
        started = midnight(day, zone)
        for before in (timedelta(minutes=5), timedelta(hours=1)):
            now = started - before
            days = lifecycle_days(last_day(made, queue, started), now, made.zone)
            assert expired_by_s3(now + WRITING, tag_days(days)) <= legal_end(day, zone)


@pytest.mark.parametrize("zone", ZONES)
def test_a_delivery_late_by_any_number_of_days_never_makes_a_call_live_longer(zone: str) -> None:
    made, queue = rules(zone)
    step = 1 if zone == ZONES[0] else 13
    for number, day in enumerate(EVERY_DAY):
        started = datetime.combine(day, CLOCK[number % len(CLOCK)], ZoneInfo(zone))
        last, end = last_day(made, queue, started), legal_end(day, zone)
        for late in range(number % step, 201, step):
            now = (started + timedelta(days=late)).astimezone(UTC)
            days = lifecycle_days(last, now, made.zone)
            if days < 1:
                assert now > end - timedelta(days=3), "refused too early"
                continue
            assert expired_by_s3(now + WRITING, tag_days(days)) <= end, (started, late)
            assert expired_by_s3(now, tag_days(days)) > end - MOST_LATE, (started, late)


@pytest.mark.parametrize("zone", ZONES)
def test_on_both_changes_of_clocks_a_call_has_the_day_that_its_clock_shows(zone: str) -> None:
    made, queue = rules(zone)
    for change in (datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC)):
        for minutes in range(-180, 181, 15):
            started = change + timedelta(minutes=minutes)
            local = started.astimezone(ZoneInfo(zone))
            assert last_day(made, queue, started) == last_day(made, queue, local) == six_months_on(local.date())


def test_half_an_hour_before_midnight_utc_is_tomorrow_in_paris_and_the_day_before_in_guadeloupe() -> None:
    started = datetime(2026, 8, 31, 22, 30, tzinfo=UTC)
    for zone, end in (("Europe/Paris", date(2027, 3, 1)), ("America/Guadeloupe", date(2027, 2, 28))):
        made, queue = rules(zone)
        assert last_day(made, queue, started) == end


def test_a_tag_says_the_days_left_exactly_up_to_six_months_and_never_less_beyond() -> None:
    assert [tag_days(days) for days in range(1, EXACT_DAYS + 1)] == list(range(1, EXACT_DAYS + 1))
    for days in range(EXACT_DAYS + 1, 4000):
        assert days <= tag_days(days) < days + 7
    for longest in (1, 30, 184, 185, 731, 1827, 3653):
        tags = tags_for(longest)
        assert {tag_days(days) for days in range(1, longest + 1)} == set(tags)
        assert len(tags) < 1000 - 10 and tags == sorted(tags)


def test_what_no_sweep_ends_has_a_tag_that_is_never_late_and_always_a_rule() -> None:
    rules = set(tags_for(400))
    for days in range(1, 400):
        tagged = tag_days_at_most(days)
        assert tagged in rules and 0 <= days - tagged < 7
        assert tagged == days or days > EXACT_DAYS


def test_six_months_are_never_more_than_the_days_that_have_a_rule_each() -> None:
    lengths = {(six_months_on(day) - day).days for day in EVERY_DAY}
    assert (min(lengths), max(lengths)) == (181, EXACT_DAYS)
    assert SIX_MONTHS.most_days == EXACT_DAYS
    assert [SIX_MONTHS.after(day) for day in EVERY_DAY] == [six_months_on(day) for day in EVERY_DAY]


@pytest.mark.parametrize("zone", [*ZONES, "Pacific/Noumea", "Pacific/Kiritimati", "Pacific/Pago_Pago"])
def test_a_midnight_of_any_zone_ends_the_day_before_it(zone: str) -> None:
    for day in EVERY_DAY[::3]:
        now = midnight(day, zone)
        for ahead in (1, 2, 3, 184):
            end_on = day + timedelta(days=ahead)
            days = lifecycle_days(end_on, now, ZoneInfo(zone))
            over = midnight(end_on + timedelta(days=1), zone)
            assert days < 1 or over - MOST_LATE < expired_by_s3(now, days) <= over


def test_a_duty_that_counts_from_the_signature_does_and_without_one_ends_after_a_month() -> None:
    made, _ = rules("Europe/Paris")
    insurance = made.queue("assurance")
    assert insurance is not None
    started = datetime(2026, 1, 31, 22, 59, tzinfo=UTC)
    assert last_day(made, insurance, started) == date(2026, 2, 28)
    assert last_day(made, insurance, started, date(2026, 2, 20)) == date(2028, 2, 20)
    assert last_day(made, insurance, started, date(2026, 2, 28)) == date(2028, 2, 28)
    assert last_day(made, insurance, started, date(2026, 1, 10)) == date(2028, 1, 10)
    for too_late in (date(2026, 3, 1), date(2100, 1, 1), date.max):
        assert last_day(made, insurance, started, too_late) == date(2026, 2, 28)


def test_a_signature_says_nothing_of_a_call_that_is_recorded_for_quality() -> None:
    made, queue = rules("Europe/Paris")
    started = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert last_day(made, queue, started, date(2026, 2, 20)) == date(2026, 7, 31)


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        (Period(days=1), (2026, 12, 31), (2027, 1, 1)),
        (Period(days=30), (2024, 1, 31), (2024, 3, 1)),
        (Period(months=1), (2024, 1, 31), (2024, 2, 29)),
        (Period(months=1), (2026, 1, 31), (2026, 2, 28)),
        (Period(months=12), (2024, 2, 29), (2025, 2, 28)),
        (Period(years=1), (2024, 2, 29), (2025, 2, 28)),
        (Period(years=4), (2024, 2, 29), (2028, 2, 29)),
        (Period(years=5), (2026, 11, 24), (2031, 11, 24)),
    ],
)
def test_a_period_ends_on_the_same_date_or_on_the_months_last(
    period: Period, start: tuple[int, int, int], end: tuple[int, int, int]
) -> None:
    assert period.after(date(*start)) == date(*end)


@pytest.mark.parametrize(
    ("period", "longest", "within"),
    [
        (Period(days=181), Period(months=6), True),
        (Period(days=182), Period(months=6), False),
        (Period(months=6), Period(days=184), True),
        (Period(months=6), Period(days=183), False),
        (Period(days=365), Period(years=1), True),
        (Period(days=366), Period(years=1), False),
        (Period(months=12), Period(years=1), True),
        (Period(years=1), Period(months=12), True),
        (Period(months=13), Period(years=1), False),
        (Period(days=28), Period(months=1), True),
        (Period(days=29), Period(months=1), False),
        (Period(years=5), Period(years=5), True),
    ],
)
def test_a_period_is_within_another_where_it_is_on_every_day(period: Period, longest: Period, within: bool) -> None:
    assert period.is_within(longest) is within


def test_a_period_knows_the_most_days_that_it_has_and_says_its_name() -> None:
    assert [Period(days=7).most_days, Period(months=1).most_days, Period(years=1).most_days] == [7, 31, 366]
    assert [str(Period(days=7)), str(Period(months=6)), str(Period(years=2))] == ["7 days", "6 months", "2 years"]
