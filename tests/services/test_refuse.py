"""A caller refuses, or somebody pays, while the call goes on."""

from __future__ import annotations

import pytest

from chalicelib.adapters.memory import MemoryRecordings
from chalicelib.errors import ProviderRefused, ProviderUnreachable, StaleRecording
from chalicelib.law.live import Course
from chalicelib.model import State
from chalicelib.services.refuse import object_to, start_payment, stop_payment
from chalicelib.services.steer import Outcome, steer
from chalicelib.telephony.webhook import Act
from tests.machines import Twins
from tests.services.live import LIMIT_S, Line, at, cut, posted, wakes
from tests.services.test_hear import legs, strict


def test_who_refuses_is_recorded_no_longer_here_nor_at_the_provider() -> None:
    line = Line(strict())
    line.connects()
    first = line.arrives()
    assert object_to(line.twins.machine, line.ref, at(20), "team-lead") == Outcome(Course.STOP, "objected", done=True)
    ended = line.twins.machine.recording(first.id)
    assert (line.acts, ended.ground, ended.by) == ([Act.STOP], "objected", "team-lead")
    assert line.arrives().state is State.DISCARDED


def test_of_a_policy_that_keeps_what_was_said_before_the_rest_is_cut() -> None:
    line = Line()
    line.connects()
    object_to(line.twins.machine, line.ref, at(4), "agent")
    assert line.arrives().cuts == cut((4, 10))


def test_a_payment_is_cut_and_over_when_it_is_said_to_be() -> None:
    line = Line()
    line.connects()
    machine = line.twins.machine
    assert start_payment(machine, line.ref, at(2), "agent") == Outcome(Course.PAUSE, "payment", done=True)
    assert stop_payment(machine, line.ref, at(6), "agent") == Outcome(Course.RUN, done=True)
    assert (line.acts, line.arrives().cuts) == ([Act.PAUSE, Act.RESUME], cut((2, 6)))


def test_the_wake_up_of_a_payment_that_was_ended_disturbs_no_later_one() -> None:
    line = Line()
    line.connects()
    machine = line.twins.machine
    start_payment(machine, line.ref, at(0), "agent")
    stop_payment(machine, line.ref, at(100), "agent")
    start_payment(machine, line.ref, at(300), "agent")
    line.wakes(LIMIT_S)
    assert line.acts == [Act.PAUSE, Act.RESUME, Act.PAUSE]
    assert set(wakes(line.twins)) == {LIMIT_S, 300}
    line.wakes(300 + LIMIT_S)
    assert line.acts[-1] is Act.RESUME


def test_a_payment_on_a_leg_pauses_the_call_and_its_other_legs_and_each_resumes() -> None:
    lines = legs(Twins())
    machine = lines[0].twins.machine
    start_payment(machine, lines[2].ref, at(2), "agent")
    stop_payment(machine, lines[0].ref, at(6), "agent")
    assert [line.acts for line in lines] == [[Act.PAUSE, Act.RESUME]] * 3


def test_a_second_refusal_and_a_payment_after_it_change_nothing() -> None:
    line = Line()
    line.connects()
    for seconds in (2, 3):
        assert object_to(line.twins.machine, line.ref, at(seconds), "agent").done
    assert start_payment(line.twins.machine, line.ref, at(4), "agent").ground == "objected"
    assert stop_payment(line.twins.machine, line.ref, at(5), "agent").ground == "objected"
    assert line.acts == [Act.STOP]


def test_a_provider_that_does_not_answer_is_told_later_and_whoever_refused_is_told_so() -> None:
    line = Line()
    line.connects()
    line.twins.control.fails.append(ProviderUnreachable("no answer"))
    outcome = object_to(line.twins.machine, line.ref, at(2), "agent")
    assert outcome == Outcome(Course.STOP, "objected", done=False)
    assert [message for _, message, _ in posted(line.twins)] == [{"steer": line.ref}]
    assert steer(line.twins.machine, line.ref, at(3)).done
    assert line.acts == [Act.STOP]


def test_a_provider_that_refuses_is_said_to_have() -> None:
    line = Line()
    line.connects()
    line.twins.control.fails.append(ProviderRefused(403))
    assert object_to(line.twins.machine, line.ref, at(2), "agent") == Outcome(Course.STOP, "objected", refused=True)


def test_one_leg_that_cannot_be_reached_leaves_no_other_going_on() -> None:
    lines = legs(Twins())
    lines[0].twins.control.fails.append(ProviderUnreachable("no answer"))
    assert not object_to(lines[0].twins.machine, lines[0].ref, at(4), "agent").done
    assert [line.acts for line in lines] == [[], [Act.STOP], [Act.STOP]]


class Busy(MemoryRecordings):
    """Somebody else works on the row, so many times."""

    def __init__(self) -> None:
        MemoryRecordings.__init__(self)
        self.times = 0

    def advance(self, recording, at):  # type: ignore[no-untyped-def]
        if self.times:
            self.times -= 1
            raise StaleRecording("the row changed since it was read")
        return MemoryRecordings.advance(self, recording, at)


@pytest.mark.parametrize(("times", "ends"), [(1, True), (4, True), (99, False)])
def test_who_works_on_a_recording_meanwhile_keeps_no_refusal_from_the_provider(times: int, ends: bool) -> None:
    busy = Busy()
    twins = strict()
    twins.recordings = busy
    line = Line(twins)
    line.connects()
    recording = line.arrives()
    busy.times = times
    if ends:
        object_to(twins.machine, line.ref, at(20), "agent")
    else:
        with pytest.raises(StaleRecording):
            object_to(twins.machine, line.ref, at(20), "agent")
    assert line.acts == [Act.STOP]
    assert (twins.machine.recording(recording.id).state is State.DISCARDED) == ends


def test_a_second_payment_is_one_although_the_clock_that_signs_it_is_slow() -> None:
    line = Line()
    line.connects()
    machine = line.twins.machine
    start_payment(machine, line.ref, at(100), "platform", at(97))
    stop_payment(machine, line.ref, at(120), "platform", "first-end")
    assert start_payment(machine, line.ref, at(122), "platform", at(119)).course is Course.PAUSE
    assert line.acts == [Act.PAUSE, Act.RESUME, Act.PAUSE]
    assert stop_payment(machine, line.ref, at(123), "platform", "first-end").course is Course.PAUSE
