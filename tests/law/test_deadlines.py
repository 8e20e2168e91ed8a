"""One month, three months, 72 hours: from the day of receipt to the last lawful day."""

import doctest
import tomllib
from calendar import monthrange
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidSuspension, NaiveMoment, UnknownRegion
from chalicelib.law import deadlines
from chalicelib.law.deadlines import (
    OVERSEAS,
    REGIONS,
    Deadline,
    after_months,
    alerts,
    answer_due,
    breach_notice_due,
    extended_due,
    received_on,
    working_day_from,
)

DATA = tomllib.loads(Path(__file__).with_name("deadlines.toml").read_text("utf-8"))
PARIS = ZoneInfo("Europe/Paris")
FRENCH = ("mainland", "alsace-moselle", "saint-pierre-et-miquelon", *OVERSEAS)
EVERY_DAY = [date(2024, 1, 1) + timedelta(days=n) for n in range((date(2033, 1, 1) - date(2024, 1, 1)).days)]
OVERSEAS_CODES = {"guadeloupe": "971", "martinique": "972", "guyane": "973", "la-reunion": "974", "mayotte": "976"}
days = st.sampled_from(EVERY_DAY)
regions = st.sampled_from(sorted(REGIONS))


@st.composite
def suspension(draw: st.DrawFn) -> tuple[date, date]:
    asked_on = draw(days)
    return asked_on, asked_on + timedelta(days=draw(st.integers(0, 60)))


def weekday_holidays(region: str, *years: int) -> set[date]:
    """The days of those years, Saturdays and Sundays apart, that roll over."""
    return {d for d in EVERY_DAY if d.year in years and d.weekday() < 5 and working_day_from(d, region) != d}


def test_the_example_of_the_module_holds() -> None:
    assert doctest.testmod(deadlines).attempted == 1 and not doctest.testmod(deadlines).failed


@pytest.mark.parametrize("vector", DATA["vectors"], ids=lambda vector: str(vector["received"]))
def test_answers_are_due_as_the_law_counts(vector: dict[str, date]) -> None:
    assert answer_due(vector["received"], "mainland") == Deadline(vector["raw"], vector["due"])
    assert extended_due(vector["received"], "mainland") == Deadline(vector["raw3"], vector["extended"])


@pytest.mark.parametrize("region", FRENCH)
def test_no_day_of_nine_years_is_due_early_late_or_on_a_day_of_rest(region: str) -> None:
    for received in EVERY_DAY:
        for due in (answer_due(received, region), extended_due(received, region)):
            assert due and due.raw_on <= due.due_on <= due.raw_on + timedelta(days=4)
            assert due.due_on.weekday() < 5 and working_day_from(due.due_on, region) == due.due_on
            rested = [due.raw_on + timedelta(days=n) for n in range((due.due_on - due.raw_on).days)]
            assert all(working_day_from(day, region) == due.due_on for day in rested)


@given(days, regions)
def test_in_every_member_state_a_due_day_is_a_working_day_within_a_week(received: date, region: str) -> None:
    due = answer_due(received, region)
    assert due and timedelta(0) <= due.due_on - due.raw_on <= timedelta(days=7) and due.due_on.weekday() < 5
    country, subdivision = REGIONS[region]
    assert due.due_on not in holidays.country_holidays(country, subdivision)


@given(days, st.integers(0, 36))
def test_months_keep_the_date_or_end_with_the_month(day: date, months: int) -> None:
    later = after_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    assert later.day == min(day.day, monthrange(later.year, later.month)[1])


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (date(2024, 1, 31), 1, date(2024, 2, 29)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2024, 2, 29), 1, date(2024, 3, 29)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2027, 11, 30), 3, date(2028, 2, 29)),
    ],
)
def test_leap_days_are_days(day: date, months: int, later: date) -> None:
    assert after_months(day, months) == later


def test_the_mainland_rests_on_its_eleven_holidays_and_no_other_weekday() -> None:
    assert len(DATA["holidays"]) == 22
    assert weekday_holidays("mainland", 2026, 2027) == {d for d in DATA["holidays"] if d.weekday() < 5}


def test_alsace_and_moselle_add_good_friday_and_the_26th_of_december() -> None:
    added = weekday_holidays("alsace-moselle", 2025, 2026) - weekday_holidays("mainland", 2025, 2026)
    assert added == {date(2025, 4, 18), date(2025, 12, 26), date(2026, 4, 3)}
    assert answer_due(date(2026, 3, 3), "alsace-moselle") == Deadline(date(2026, 4, 3), date(2026, 4, 7))
    assert answer_due(date(2026, 3, 3), "mainland") == Deadline(date(2026, 4, 3), date(2026, 4, 3))


@pytest.mark.parametrize("region", OVERSEAS)
def test_overseas_only_the_day_of_the_abolition_of_slavery_is_added_to_the_national_ones(region: str) -> None:
    years = range(2024, 2033)
    expected = {date(year, *OVERSEAS[region]) for year in years}
    added = weekday_holidays(region, *years) - weekday_holidays("mainland", *years)
    assert added == {d for d in expected if d.weekday() < 5} - weekday_holidays("mainland", *years)
    assert expected <= set(holidays.France(subdiv=OVERSEAS_CODES.get(region, "BL"), years=years))


@pytest.mark.parametrize(
    ("region", "day"),
    [("be", date(2026, 7, 21)), ("lu", date(2026, 6, 23)), ("de", date(2025, 10, 3)), ("es", date(2026, 10, 12))],
)
def test_another_member_states_national_day_is_a_day_of_rest_there_alone(region: str, day: date) -> None:
    assert working_day_from(day, region) > day
    assert working_day_from(day, "mainland") == day


def test_every_region_that_is_named_can_be_asked() -> None:
    for region in REGIONS:
        assert working_day_from(date(2026, 12, 25), region) > date(2026, 12, 25)


def test_an_unknown_region_is_refused_with_the_known_ones() -> None:
    with pytest.raises(UnknownRegion, match=r"'paris'.*alsace-moselle.*mainland"):
        answer_due(date(2026, 3, 6), "paris")


def test_a_request_is_received_on_the_controllers_local_date() -> None:
    assert received_on(datetime(2026, 3, 5, 23, 30, tzinfo=UTC), PARIS) == date(2026, 3, 6)
    assert received_on(datetime(2026, 7, 5, 22, 0, tzinfo=UTC), PARIS) == date(2026, 7, 6)
    assert received_on(datetime(2026, 7, 5, 21, 59, tzinfo=UTC), PARIS) == date(2026, 7, 5)


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(NaiveMoment):
        received_on(datetime(2026, 3, 6, 9, 0), PARIS)
    with pytest.raises(NaiveMoment):
        breach_notice_due(datetime(2026, 3, 6, 9, 0))


def test_the_clock_stands_still_while_an_identity_is_awaited_and_then_rolls_over() -> None:
    waited = [(date(2026, 3, 10), date(2026, 3, 13))]
    assert answer_due(date(2026, 3, 6), "mainland", waited) == Deadline(date(2026, 4, 9), date(2026, 4, 9))
    assert extended_due(date(2026, 3, 6), "mainland", waited) == Deadline(date(2026, 6, 9), date(2026, 6, 9))


@pytest.mark.parametrize(
    ("suspensions", "suspended_days"),
    [
        ([(date(2026, 3, 10), date(2026, 3, 10))], 0),
        ([(date(2026, 3, 10), date(2026, 3, 14)), (date(2026, 3, 12), date(2026, 3, 16))], 6),
        ([(date(2026, 3, 12), date(2026, 3, 13)), (date(2026, 3, 10), date(2026, 3, 16))], 6),
        ([(date(2026, 3, 1), date(2026, 3, 8))], 2),  # only from receipt on
        ([(date(2026, 2, 1), date(2026, 2, 8))], 0),  # before receipt
        ([(date(2026, 4, 6), date(2026, 4, 8))], 2),  # asked on the last day
        ([(date(2026, 4, 7), date(2026, 4, 9))], 0),  # asked when the month was over
        ([(date(2026, 4, 7), None)], 0),
        ([(date(2026, 4, 1), date(2026, 4, 3)), (date(2026, 4, 7), date(2026, 4, 9))], 4),
    ],
)
def test_each_suspended_day_counts_once_and_never_revives_a_period(
    suspensions: list[tuple[date, date | None]], suspended_days: int
) -> None:
    due = answer_due(date(2026, 3, 6), "mainland", suspensions)
    assert due and due.raw_on == date(2026, 4, 6) + timedelta(days=suspended_days)


def test_nothing_is_due_while_the_identity_is_still_awaited() -> None:
    assert answer_due(date(2026, 3, 6), "mainland", [(date(2026, 3, 10), None)]) is None
    assert (
        extended_due(date(2026, 3, 6), "be", [(date(2026, 3, 7), date(2026, 3, 8)), (date(2026, 3, 8), None)]) is None
    )


def test_a_suspension_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(InvalidSuspension):
        answer_due(date(2026, 3, 6), "mainland", [(date(2026, 3, 13), date(2026, 3, 10))])


@given(days, st.lists(suspension(), max_size=5))
def test_a_suspension_never_shortens_a_period_nor_lengthens_it_by_more_than_itself(
    received: date, suspensions: list[tuple[date, date]]
) -> None:
    plain, due = answer_due(received, "mainland"), answer_due(received, "mainland", suspensions)
    total = sum((end - begin for begin, end in suspensions), timedelta(0))
    assert plain and due and plain.raw_on <= due.raw_on <= plain.raw_on + total


@given(days, st.lists(suspension(), max_size=5))
def test_the_order_in_which_suspensions_are_told_does_not_matter(
    received: date, suspensions: list[tuple[date, date]]
) -> None:
    told_backwards = list(reversed(suspensions))
    assert answer_due(received, "mainland", suspensions) == answer_due(received, "mainland", told_backwards)


def test_reminders_go_by_the_raw_date() -> None:
    deadline = Deadline(date(2026, 4, 6), date(2026, 4, 7))
    assert alerts(deadline) == (date(2026, 3, 27), date(2026, 4, 1), date(2026, 4, 5))


@pytest.mark.parametrize(
    ("aware_at", "due"),
    [
        (datetime(2026, 3, 6, 10, 20, tzinfo=PARIS), datetime(2026, 3, 9, 10, 20, tzinfo=PARIS)),
        (datetime(2026, 3, 27, 10, 20, tzinfo=PARIS), datetime(2026, 3, 30, 11, 20, tzinfo=PARIS)),
        (datetime(2026, 10, 23, 10, 20, tzinfo=PARIS), datetime(2026, 10, 26, 9, 20, tzinfo=PARIS)),
        (datetime(2026, 10, 25, 2, 30, tzinfo=PARIS, fold=1), datetime(2026, 10, 28, 2, 30, tzinfo=PARIS)),
    ],
)
def test_a_breach_is_notified_within_72_real_hours_whatever_the_clocks_do(aware_at: datetime, due: datetime) -> None:
    assert breach_notice_due(aware_at) == due and breach_notice_due(aware_at).tzinfo is PARIS
    assert due.astimezone(UTC) - aware_at.astimezone(UTC) == timedelta(hours=72)
