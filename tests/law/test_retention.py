"""Six months from the call, however late the recording arrives."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.law.retention import LAWFUL_DAYS, last_day, lifecycle_days

PARIS = ZoneInfo("Europe/Paris")
moments = st.datetimes(datetime(2024, 1, 1), datetime(2032, 12, 31), timezones=st.just(UTC))


def six_months_later(day: date) -> date:
    """The same date six months on, or that month's last day (Reg. 1182/71, art. 3(2)(c))."""
    year, month = divmod(day.year * 12 + day.month - 1 + 6, 12)
    for number in range(day.day, 0, -1):
        try:
            return date(year, month + 1, number)
        except ValueError:
            continue
    raise AssertionError


def expiry(written_at: datetime, days: int) -> datetime:
    """When S3 expires an object: that many days later, at the next midnight UTC (FACTS 3.1)."""
    moment = written_at + timedelta(days=days)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight if moment == midnight else midnight + timedelta(days=1)


@given(moments, st.timedeltas(timedelta(0), timedelta(days=179)))
def test_no_recording_outlives_six_months_by_its_lifecycle_rule(started_at: datetime, late: timedelta) -> None:
    written_at = started_at + late
    days = lifecycle_days(started_at, written_at, LAWFUL_DAYS)
    if days >= 1:
        midnight_after_the_term = datetime.combine(six_months_later(started_at.date()), datetime.min.time(), UTC)
        assert expiry(written_at, days) <= midnight_after_the_term + timedelta(days=1)


@given(moments)
def test_no_recording_outlives_six_months_by_the_sweep(started_at: datetime) -> None:
    assert last_day(started_at, PARIS, LAWFUL_DAYS) <= six_months_later(started_at.astimezone(PARIS).date())


@given(moments, st.integers(0, 400))
def test_a_late_delivery_does_not_restart_the_clock(started_at: datetime, late: int) -> None:
    on_time = lifecycle_days(started_at, started_at, LAWFUL_DAYS)
    assert lifecycle_days(started_at, started_at + timedelta(days=late), LAWFUL_DAYS) == on_time - late


@pytest.mark.parametrize(
    ("started_at", "written_at", "days"),
    [
        (datetime(2026, 3, 6, 9, 30, tzinfo=UTC), datetime(2026, 3, 6, 9, 31, tzinfo=UTC), 180),
        (datetime(2026, 3, 6, 23, 59, tzinfo=UTC), datetime(2026, 3, 7, 0, 1, tzinfo=UTC), 179),
        (datetime(2026, 3, 6, 9, 30, tzinfo=UTC), datetime(2026, 4, 15, 8, 0, tzinfo=UTC), 140),
        (datetime(2026, 3, 6, 9, 30, tzinfo=UTC), datetime(2026, 9, 2, 9, 0, tzinfo=UTC), 0),
    ],
)
def test_days_left_are_counted_from_the_call(started_at: datetime, written_at: datetime, days: int) -> None:
    assert lifecycle_days(started_at, written_at, 180) == days


def test_the_last_day_is_counted_in_the_controllers_zone() -> None:
    assert last_day(datetime(2026, 3, 6, 23, 30, tzinfo=UTC), PARIS, 180) == date(2026, 9, 3)
