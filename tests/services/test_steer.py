"""A recording that goes on is brought to where it should be: whatever changed, and whoever else brings it there."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from chalicelib.adapters.calls import MemoryCalls
from chalicelib.adapters.memory import MemoryControl
from chalicelib.errors import CannotControl, ProviderRefused, ProviderUnreachable
from chalicelib.law.live import Course
from chalicelib.model import Reason
from chalicelib.services.ports import Reach, Steered, Step
from chalicelib.services.refuse import object_to, start_payment, stop_payment
from chalicelib.services.steer import Outcome, steer, steer_or_later
from chalicelib.telephony.event import Happened
from chalicelib.telephony.webhook import Act
from tests.machines import Twins
from tests.services.live import LIMIT_S, Line, at, off, on, posted, wakes


def test_what_is_as_it_should_be_is_left_alone() -> None:
    line = Line()
    assert line.connects() == Outcome(Course.RUN, done=True)
    off(line.twins, 1)
    for seconds in range(2, 9):
        assert steer(line.twins.machine, line.ref, at(seconds)) == Outcome(Course.PAUSE, "agent-off", done=True)
    assert line.acts == [Act.PAUSE]


def test_the_provider_is_told_nothing_of_a_call_that_cannot_be_reached_or_ended_and_what_is_wanted_is_said() -> None:
    line = Line()
    assert steer(line.twins.machine, line.ref, at(1)) == Outcome()
    line.connects()
    line.ends(5)
    assert object_to(line.twins.machine, line.ref, at(6), "agent") == Outcome(Course.STOP, "objected")
    assert line.acts == []


def test_a_payment_that_nobody_ends_is_over_at_its_limit() -> None:
    line = Line()
    line.connects()
    assert start_payment(line.twins.machine, line.ref, at(2), "agent").ground == "payment"
    assert wakes(line.twins) == [LIMIT_S]
    assert line.wakes(2 + LIMIT_S - 1).ground == "payment"
    assert wakes(line.twins) == [LIMIT_S, 1]
    assert line.wakes(2 + LIMIT_S) == Outcome(Course.RUN, done=True)
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert len(wakes(line.twins)) == 2


def test_a_payment_within_an_off_and_forgotten_ends_by_itself_too() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1)
    start_payment(line.twins.machine, line.ref, at(2), "agent")
    on(line.twins, 3)
    assert line.acts == [Act.PAUSE]
    assert wakes(line.twins)[0] == LIMIT_S
    line.wakes(2 + LIMIT_S)
    assert line.acts == [Act.PAUSE, Act.RESUME]


def test_the_next_agents_off_that_ends_is_waited_for_although_it_was_paused_before() -> None:
    line = Line()
    off(line.twins, 0.5, "karim", until=60)
    line.connects("jeanne", 1)
    off(line.twins, 2, "jeanne")
    line.connects("karim", 4)
    assert wakes(line.twins) == [56]
    line.wakes(60)
    assert line.acts == [Act.PAUSE, Act.RESUME]


def test_a_long_off_is_waited_for_in_steps() -> None:
    line = Line()
    line.connects()
    off(line.twins, 0, until=2000)
    now = 0.0
    while wakes(line.twins) and line.acts[-1] is Act.PAUSE:
        now += wakes(line.twins)[-1]
        line.wakes(now)
    assert (now, wakes(line.twins), line.acts) == (2000, [900, 900, 200], [Act.PAUSE, Act.RESUME])


def test_what_has_no_end_is_not_waited_for() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1)
    object_to(line.twins.machine, line.ref, at(2), "agent")
    assert wakes(line.twins) == []


def test_a_payment_that_is_over_leaves_off_what_else_is_off() -> None:
    line = Line()
    line.connects()
    start_payment(line.twins.machine, line.ref, at(1), "agent")
    off(line.twins, 2)
    assert stop_payment(line.twins.machine, line.ref, at(3), "agent").ground == "agent-off"
    assert line.acts == [Act.PAUSE]


def test_what_was_stopped_is_not_begun_again_and_nobody_is_told_that_it_was() -> None:
    line = Line()
    line.connects()
    line.objects(2)
    line.hears(line.event(Happened.STARTED, 3, queue="urgences"))
    outcome = steer(line.twins.machine, line.ref, at(4))
    assert (outcome, line.acts) == (Outcome(Course.RUN, "duty-before-switch", done=False), [Act.STOP])


def test_a_provider_that_does_not_answer_is_told_later_and_nobody_is_told_that_it_was() -> None:
    line = Line()
    line.connects()
    line.twins.control.fails.append(ProviderUnreachable("no answer"))
    (outcome,) = off(line.twins, 1).calls.values()
    assert outcome == Outcome(Course.PAUSE, "agent-off", done=False)
    assert posted(line.twins) == [(Step.CALLS, {"steer": line.ref}, 0)]
    assert steer(line.twins.machine, line.ref, at(2)) == Outcome(Course.PAUSE, "agent-off", done=True)
    assert line.acts == [Act.PAUSE]


def test_what_the_provider_does_not_take_at_an_event_is_told_it_again_from_the_queue() -> None:
    line = Line()
    off(line.twins, -5)
    line.twins.control.fails.append(ProviderUnreachable("no answer"))
    assert line.connects() == Outcome(Course.PAUSE, "agent-off", done=False)
    assert (Step.CALLS, {"steer": line.ref}, 0) in posted(line.twins)
    line.wakes(1)
    assert line.acts == [Act.PAUSE]


@pytest.mark.parametrize(("error", "refused"), [(ProviderRefused(404), True), (CannotControl("no way"), False)])
def test_a_provider_that_will_not_is_not_asked_for_ever_and_it_is_said(error: Exception, refused: bool) -> None:
    line = Line()
    line.connects()
    line.twins.control.fails.append(error)
    (outcome,) = off(line.twins, 1).calls.values()
    assert outcome == Outcome(Course.PAUSE, "agent-off", done=False, refused=refused)
    again = [({"steer": line.ref, "tries": 2}, 20_000)] if refused else []
    assert [(message, delay) for _, message, delay in posted(line.twins)] == again
    assert line.arrives().cuts[0].start_ms == 1000


class Raced(MemoryCalls):
    """Somebody else told the provider too, so many times, just before we write down what we did."""

    def __init__(self, times: int = 1, course: Course = Course.PAUSE) -> None:
        MemoryCalls.__init__(self)
        self.times, self.course = times, course

    def steer(self, call_ref: str, steered: Steered, until: datetime) -> bool:
        if self.times:
            self.times -= 1
            MemoryCalls.steer(self, call_ref, Steered(self.course, steered.revision), until)
        return MemoryCalls.steer(self, call_ref, steered, until)


@pytest.mark.parametrize("course", Course)
def test_who_loses_a_race_tells_the_provider_again_whatever_the_other_told_it(course: Course) -> None:
    twins = Twins(calls=Raced(1, course))
    line = Line(twins)
    line.connects()
    assert line.objects(1) == Outcome(Course.STOP, "objected", done=True)
    assert line.acts == [Act.STOP, Act.STOP]
    assert twins.calls.file(line.ref).steered == Steered(Course.STOP, 2)


def test_a_recording_that_a_racer_stopped_is_not_resumed() -> None:
    twins = Twins(calls=Raced(0, Course.STOP))
    line = Line(twins)
    line.connects()
    off(twins, 1)
    assert isinstance(twins.calls, Raced)
    twins.calls.times = 1
    on(twins, 2)
    assert line.acts[-1] is Act.STOP
    steered = twins.calls.file(line.ref).steered
    assert steered is not None and steered.course is Course.STOP


def test_a_race_without_end_is_left_to_the_queue() -> None:
    twins = Twins(calls=Raced(0, Course.RUN))
    line = Line(twins)
    line.connects()
    assert isinstance(twins.calls, Raced)
    twins.calls.times = 99
    (outcome,) = off(twins, 1).calls.values()
    assert outcome == Outcome(Course.PAUSE, "agent-off", done=False)
    with pytest.raises(ProviderUnreachable):
        steer(twins.machine, line.ref, at(2))
    assert steer_or_later(twins.machine, line.ref, at(2)) == Outcome(Course.PAUSE, "agent-off", done=False)
    assert (Step.CALLS, {"steer": line.ref}, 0) in posted(twins)


class Meanwhile(MemoryControl):
    """While the provider is told something, the agent turns the switch again."""

    line: Line
    at: Act

    def act(self, act: Act, reach: Reach) -> None:
        MemoryControl.act(self, act, reach)
        if act is self.at and self.told.count((act, reach.call_id)) == 1:
            (on if act is Act.PAUSE else off)(self.line.twins, 2.5)


def test_who_switches_off_while_a_recording_is_being_resumed_is_off() -> None:
    control = Meanwhile()
    control.line, control.at = Line(Twins(control=control)), Act.RESUME
    control.line.connects()
    off(control.line.twins, 1)
    on(control.line.twins, 2)
    steered = control.line.twins.calls.file(control.line.ref).steered
    assert (control.line.acts[-1], steered and steered.course) == (Act.PAUSE, Course.PAUSE)


def test_who_switches_on_while_a_recording_is_being_paused_is_on_a_moment_later() -> None:
    control = Meanwhile()
    control.line, control.at = Line(Twins(control=control)), Act.PAUSE
    control.line.connects()
    off(control.line.twins, 1)
    assert wakes(control.line.twins) == [1.5]
    control.line.wakes(2.5)
    assert control.line.acts == [Act.PAUSE, Act.RESUME]


def test_a_provider_whose_clock_is_fast_is_told_to_pause_all_the_same() -> None:
    line = Line()
    off(line.twins, 0)
    assert line.hears(line.event(Happened.CONNECTED, 30, agent="jeanne"), 1).course is Course.PAUSE


def test_grounds_are_those_of_the_law() -> None:
    line = Line()
    line.connects()
    assert {
        off(line.twins, 1, reason=reason).calls[line.ref].ground
        for reason in (Reason.OTHER, Reason.PERSONAL, Reason.MANDATE)
    } == {"agent-off", "personal-call", "mandate"}
    assert line.acts == [Act.PAUSE, Act.STOP]


class Overtaken(MemoryControl):
    """An off that is told to the provider just before the resumption that was on its way already."""

    def __init__(self, line: Line) -> None:
        super().__init__()
        self.line = line

    def act(self, act: Act, reach: Reach) -> None:
        if act is Act.RESUME and Act.RESUME not in [each for each, _ in self.told]:
            off(self.line.twins, 5)
        super().act(act, reach)


def test_an_off_that_a_resumption_overtakes_at_the_provider_is_told_it_again() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1)
    line.twins.control = Overtaken(line)
    on(line.twins, 4)
    assert [act for act, _ in line.twins.control.told][-1] is Act.PAUSE
    assert Act.RESUME in [act for act, _ in line.twins.control.told]


def test_a_resumption_whose_answer_is_lost_leaves_nobody_sure_and_the_next_pause_is_told() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1)
    line.twins.control.fails.append(ProviderUnreachable("it did it, and nobody heard"))
    on(line.twins, 2)
    off(line.twins, 3)
    assert line.acts == [Act.PAUSE, Act.PAUSE]


def test_a_recording_that_begins_while_another_is_paused_is_paused_too() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1)
    for recording in ("RE1", "RE2"):
        line.hears(replace(line.event(Happened.STARTED, 2), ids={"call": line.id, "recording": recording}), 2)
    assert line.acts == [Act.PAUSE, Act.PAUSE]
