"""What a recording that goes on should be doing: a call, a moment, and the law's course."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.law.live import Course, Wanted, wanted
from chalicelib.model import Call, Off, Reason, Stretch
from tests.law.test_decision import DUTY, NOW, POLICY, QUALITY, REFUSABLE, START
from tests.policies import policy

RUN, PAUSE, STOP = Course.RUN, Course.PAUSE, Course.STOP
OBJECTED = replace(QUALITY, objected=True, objected_at=NOW - timedelta(minutes=1))
NO = replace(QUALITY, answered=False)


def off(reason: Reason, since: float | None = -5, until: float | None = None, call: Call = QUALITY) -> Call:
    """The call with something off, from and to so many minutes from now."""
    ends = [None if minutes is None else NOW + timedelta(minutes=minutes) for minutes in (since, until)]
    return replace(call, offs=(*call.offs, Off(reason, Stretch(*ends))))


def duty(call: Call) -> Call:
    return replace(call, queue="urgences")


TABLE = [
    ("nothing was said", QUALITY, RUN, ""),
    ("answered yes", replace(QUALITY, answered=True), RUN, ""),
    ("answered no", NO, PAUSE, "refused-before-capture"),
    ("a queue that nobody knows is judged by the answer", replace(QUALITY, queue="?"), RUN, ""),
    ("objection", OBJECTED, STOP, "objected"),
    ("objection at no moment", replace(QUALITY, objected=True), STOP, "objected"),
    ("objection by a clock that is fast", replace(OBJECTED, objected_at=NOW + timedelta(seconds=9)), STOP, "objected"),
    ("mandate", off(Reason.MANDATE), STOP, "mandate"),
    ("mandate of the whole call", off(Reason.MANDATE, None), STOP, "mandate"),
    ("mandate that is over", off(Reason.MANDATE, -5, -1), STOP, "mandate"),
    ("a representative's line", replace(QUALITY, lines=("3290",)), STOP, "mandate"),
    ("personal call", off(Reason.PERSONAL), PAUSE, "personal-call"),
    ("personal call that is over: nothing of it is kept", off(Reason.PERSONAL, -5, -1), PAUSE, "personal-call"),
    ("personal call of before this call", off(Reason.PERSONAL, -60, -31), RUN, ""),
    ("off", off(Reason.OTHER), PAUSE, "agent-off"),
    ("off until later", off(Reason.OTHER, -5, 1), PAUSE, "agent-off"),
    ("off until now", off(Reason.OTHER, -5, 0), RUN, ""),
    ("off that is over", off(Reason.OTHER, -5, -1), RUN, ""),
    ("off to come", off(Reason.OTHER, 1, 2), RUN, ""),
    ("mandate to come", off(Reason.MANDATE, 1), RUN, ""),
    ("personal call to come", off(Reason.PERSONAL, 1), RUN, ""),
    ("payment", off(Reason.PAYMENT, -1, 9), PAUSE, "payment"),
    ("payment from now", off(Reason.PAYMENT, 0, 9), PAUSE, "payment"),
    ("payment that is over", off(Reason.PAYMENT, -5, 0), RUN, ""),
    ("payment to come", off(Reason.PAYMENT, 1, 9), RUN, ""),
    ("payment within an off", off(Reason.PAYMENT, -1, 9, off(Reason.OTHER)), PAUSE, "payment"),
    ("objection within a payment", off(Reason.PAYMENT, -1, 9, OBJECTED), STOP, "objected"),
    ("mandate, and objection", off(Reason.MANDATE, None, None, OBJECTED), STOP, "mandate"),
    ("duty", DUTY, RUN, ""),
    ("duty and objection", duty(OBJECTED), RUN, "duty-before-switch"),
    ("duty and personal call", duty(off(Reason.PERSONAL)), RUN, "duty-before-switch"),
    ("duty and off", duty(off(Reason.OTHER)), RUN, "duty-before-switch"),
    ("duty and payment", duty(off(Reason.PAYMENT, -1, 9)), PAUSE, "payment"),
    ("duty, payment and objection", duty(off(Reason.PAYMENT, -1, 9, OBJECTED)), PAUSE, "payment"),
    ("duty and mandate", duty(off(Reason.MANDATE)), STOP, "mandate"),
]


@pytest.mark.parametrize(("call", "course", "ground"), [row[1:] for row in TABLE], ids=[row[0] for row in TABLE])
def test_the_course_of_a_call(call: Call, course: Course, ground: str) -> None:
    assert wanted(call, POLICY, NOW) == Wanted(course, ground)


@pytest.mark.parametrize(
    ("call", "course", "ground"),
    [
        (OBJECTED, STOP, "objected"),
        (off(Reason.PERSONAL), PAUSE, "personal-call"),
        (off(Reason.MANDATE), STOP, "mandate"),
        (off(Reason.PAYMENT, -1, 9), PAUSE, "payment"),
        (off(Reason.OTHER), PAUSE, "agent-off"),
        (off(Reason.PAYMENT, -5, 0), RUN, ""),
    ],
)
def test_a_duty_that_can_be_refused_gives_way_to_who_refuses(call: Call, course: Course, ground: str) -> None:
    assert wanted(duty(call), REFUSABLE, NOW) == Wanted(course, ground)


@pytest.mark.parametrize("keeps", ["before", "nothing"])
def test_whatever_may_stay_of_before_an_objection_nothing_is_recorded_after_it(keeps: str) -> None:
    assert wanted(OBJECTED, policy(('keeps = "before"', f'keeps = "{keeps}"')), NOW).course is STOP


@pytest.mark.parametrize("started", [None, START])
def test_a_call_of_which_nobody_says_when_it_began_is_steered_all_the_same(started: datetime | None) -> None:
    for call, course in ((off(Reason.OTHER), PAUSE), (OBJECTED, STOP), (off(Reason.PAYMENT, -1, 9), PAUSE)):
        assert wanted(replace(call, started_at=started), POLICY, NOW).course is course


def test_time_alone_brings_a_recording_back() -> None:
    call = off(Reason.PAYMENT, -1, 9)
    courses = [wanted(call, POLICY, NOW + timedelta(minutes=minutes)).course for minutes in (-2, -1, 0, 8.99, 9, 10)]
    assert courses == [RUN, PAUSE, PAUSE, PAUSE, RUN, RUN]
