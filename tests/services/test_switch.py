"""An agent's switch: off is off at once, on every call that they are on, and for what comes later."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.adapters.switches import MemorySwitches
from chalicelib.errors import Forbidden, InvalidRequest, StaleSwitch
from chalicelib.model import Off, Reason, State, Stretch, Switch
from chalicelib.services.refs import agent_named
from chalicelib.services.refuse import start_payment, stop_payment
from chalicelib.services.switch import AGENT, Turned, standing
from chalicelib.telephony.webhook import Act
from tests.machines import Twins
from tests.services.live import ID, NOT_DRAWN, Line, at, cut, exact, off, on, wakes

JEANNE = agent_named(Twins().machine, "jeanne")


def test_off_pauses_at_once_every_call_that_the_agent_is_on_and_on_resumes_them() -> None:
    twins = exact()
    one, two = Line(twins), Line(twins, "duty-of-none", "service-client")
    two.id = next(each for each in (f"other-{n}" for n in range(99)) if drawn(each))
    for line in (one, two):
        line.connects()
    turned = off(twins, 2)
    assert [(each.course.value, each.ground, each.done) for each in turned.calls.values()] == [
        ("pause", "agent-off", True)
    ] * 2
    assert (one.acts, two.acts) == ([Act.PAUSE], [Act.PAUSE])
    assert [(each.course.value, each.done) for each in on(twins, 4).calls.values()] == [("run", True)] * 2
    assert (one.acts, two.acts) == ([Act.PAUSE, Act.RESUME], [Act.PAUSE, Act.RESUME])


def drawn(call_id: str) -> bool:
    return Line(id=call_id).connects().course.value == "run"


def test_a_call_that_comes_while_the_agent_is_off_is_paused_when_it_is_heard_of() -> None:
    line = Line()
    off(line.twins, -60)
    outcome = line.connects()
    assert (outcome.course.value, outcome.ground, line.acts) == ("pause", "agent-off", [Act.PAUSE])


def test_a_call_that_began_while_the_agent_was_off_goes_on_when_they_are_on_and_is_kept_from_there() -> None:
    line = Line()
    off(line.twins, -60)
    line.connects()
    on(line.twins, 4)
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((0, 4))


def test_whose_switch_it_is_capitals_do_not_change() -> None:
    line = Line()
    line.connects(" Jeanne ")
    assert len(off(line.twins, 2, "JEANNE").calls) == 1 and line.acts == [Act.PAUSE]


def test_a_call_that_has_ended_is_left_alone() -> None:
    line = Line()
    line.connects()
    line.ends(5)
    assert off(line.twins, 6).calls == {} and line.acts == []


def test_what_was_off_is_cut_exactly_out_of_the_recording_that_arrives_afterwards() -> None:
    line = Line()
    line.connects()
    off(line.twins, 2.25)
    on(line.twins, 3.5)
    off(line.twins, 7)
    on(line.twins, 8)
    line.ends(10)
    recording = line.arrives()
    assert (recording.state, recording.cuts) == (State.JUDGED, cut((2.25, 3.5), (7, 8)))


def test_what_is_still_off_when_the_recording_comes_is_cut_to_its_end() -> None:
    line = Line()
    line.connects()
    off(line.twins, 2.25)
    assert line.arrives().cuts == cut((2.25, 10))


def test_an_off_of_before_and_one_of_after_the_call_cut_nothing() -> None:
    line = Line()
    off(line.twins, -60)
    on(line.twins, -1)
    line.connects()
    line.ends(10)
    off(line.twins, 10)
    on(line.twins, 12)
    recording = line.arrives()
    assert (recording.state, recording.cuts) == (State.JUDGED, ())


def test_a_personal_call_is_not_kept_at_all_and_stays_paused_after_it() -> None:
    line = Line()
    line.connects()
    off(line.twins, 2, reason=Reason.PERSONAL)
    on(line.twins, 3)
    assert line.acts == [Act.PAUSE]
    recording = line.arrives()
    assert (recording.state, recording.ground) == (State.DISCARDED, "personal-call")
    assert line.twins.objects.lying() == set()


def test_a_recording_that_is_here_already_ends_with_the_agents_personal_call() -> None:
    line = Line()
    line.connects()
    first = line.arrives()
    off(line.twins, 5, reason=Reason.PERSONAL)
    ended = line.twins.machine.recording(first.id)
    assert (ended.state, ended.ground, ended.by) == (State.DISCARDED, "personal-call", "agent")


def test_after_a_transfer_the_first_agents_switch_does_not_touch_the_call_and_the_seconds_does() -> None:
    line = Line()
    line.connects("jeanne")
    line.connects("karim", 4)
    off(line.twins, 5, "jeanne")
    on(line.twins, 6, "jeanne")
    assert line.acts == []
    off(line.twins, 7, "karim")
    on(line.twins, 8, "karim")
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((7, 8))


def test_an_off_that_spans_a_transfer_counts_as_long_as_its_agent_sat_there() -> None:
    line = Line()
    line.connects("jeanne")
    off(line.twins, 2, "jeanne")
    line.connects("karim", 4)
    on(line.twins, 9, "jeanne")
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((2, 4))


def test_the_agent_whom_a_recordings_own_source_names_counts_whoever_the_webhooks_name() -> None:
    line = Line()
    line.connects("karim")
    off(line.twins, 2, "jeanne")
    on(line.twins, 3, "jeanne")
    assert line.arrives(agent="jeanne").cuts == cut((2, 3))


def test_a_supervisor_switches_off_and_on_again() -> None:
    twins = exact()
    off(twins, 1, by="team-lead")
    with pytest.raises(Forbidden):
        on(twins, 2, by="other-lead")
    assert on(twins, 2, by="team-lead").switch.reason is None


def test_nobody_but_the_agent_switches_on_what_the_agent_has_off() -> None:
    twins = exact()
    off(twins, 1)
    with pytest.raises(Forbidden):
        on(twins, 2, by="team-lead")
    assert on(twins, 3).switch.reason is None


def test_an_agent_switches_on_whatever_is_off() -> None:
    twins = exact()
    off(twins, 1, by="team-lead")
    assert on(twins, 2).switch == Switch(at(2), AGENT, revision=2)


@pytest.mark.parametrize("until", [None, 5, 50])
def test_a_supervisor_cannot_make_the_agents_off_their_own_nor_shorter_nor_weaker(until: float | None) -> None:
    twins = exact()
    off(twins, 1, reason=Reason.PERSONAL, until=20)
    switch = off(twins, 2, by="team-lead", until=until).switch
    assert (switch.by, switch.reason) == (AGENT, Reason.PERSONAL)
    assert switch.until == (until if until is None else at(max(until, 20)))
    with pytest.raises(Forbidden):
        on(twins, 3, by="team-lead")


class Between(MemorySwitches):
    """Somebody else turns the switch between its reading and its writing."""

    def turn(self, agent_ref: str, switch: Switch, ended: Off | None, until: datetime) -> Switch:
        if switch.by != "racer":
            MemorySwitches.turn(self, agent_ref, self.raced(agent_ref), None, until)
        return MemorySwitches.turn(self, agent_ref, switch, ended, until)

    def raced(self, agent_ref: str) -> Switch:
        current = self.current(agent_ref)
        return Switch(at(1.5), "racer", Reason.MANDATE, revision=current.revision if current else 0)


def test_of_two_who_turn_it_at_once_one_is_told_to_look_again() -> None:
    twins = exact()
    off(twins, 1, by="team-lead")
    twins.switches = Between(twins.switches.switches, twins.switches.ended)
    acts: list[Callable[[], Turned]] = [lambda: on(twins, 2, by="team-lead"), lambda: off(twins, 2)]
    for act in acts:
        with pytest.raises(StaleSwitch):
            act()
        switch = twins.switches.current(JEANNE)
        assert switch is not None and switch.reason is Reason.MANDATE


def test_an_agent_who_switches_off_after_a_supervisor_read_is_not_switched_on() -> None:
    class AgentMeanwhile(MemorySwitches):
        def current(self, agent_ref: str) -> Switch | None:
            seen = MemorySwitches.current(self, agent_ref)
            if seen and seen.revision == 1:
                self.turn(agent_ref, Switch(at(2), AGENT, Reason.OTHER, revision=1), None, at(99))
            return seen

    twins = exact()
    off(twins, 1, by="team-lead")
    twins.switches = AgentMeanwhile(twins.switches.switches)
    with pytest.raises(StaleSwitch):
        on(twins, 3, by="team-lead")
    assert twins.switches.switches[JEANNE].by == AGENT and twins.switches.switches[JEANNE].is_off(at(4))


@pytest.mark.parametrize("until", [-1, 1])
def test_an_end_that_has_passed_is_refused(until: float) -> None:
    twins = exact()
    with pytest.raises(InvalidRequest):
        off(twins, 1, until=until)
    assert twins.switches.current(JEANNE) is None


def test_an_off_whose_end_has_passed_is_on_by_itself_and_its_stretch_is_kept_at_the_next_turn() -> None:
    line = Line()
    line.connects()
    off(line.twins, 2, until=4)
    assert wakes(line.twins) == [2]
    assert standing(line.twins.machine, JEANNE, at(3)) == Switch(at(2), AGENT, Reason.OTHER, at(4), 1)
    assert standing(line.twins.machine, JEANNE, at(5)) == Switch(at(4), AGENT, revision=1)
    line.wakes(4)
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((2, 4))
    off(line.twins, 6)
    assert line.twins.switches.offs(JEANNE, at(0)) == [Off(Reason.OTHER, Stretch(at(2), at(4)))]


def test_the_same_again_is_no_harm_and_loses_nothing_of_what_was_off() -> None:
    line = Line()
    line.connects()
    for seconds in (2, 3, 4):
        off(line.twins, seconds)
    on(line.twins, 5)
    on(line.twins, 6)
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((2, 5))


def test_an_off_that_is_made_shorter_ends_when_it_now_says() -> None:
    line = Line()
    line.connects()
    off(line.twins, 1, until=800)
    off(line.twins, 2, until=4)
    assert wakes(line.twins) == [799, 2]


def test_a_call_that_was_answered_no_does_not_begin_because_a_switch_is_on() -> None:
    line = Line(id=NOT_DRAWN)
    line.connects()
    off(line.twins, 2)
    on(line.twins, 3)
    assert line.acts == [Act.PAUSE]


def test_a_duty_records_whatever_the_switch_says_and_a_payment_is_cut_even_there() -> None:
    line = Line(queue="urgences")
    line.connects()
    off(line.twins, 2, reason=Reason.PERSONAL)
    assert line.acts == []
    start_payment(line.twins.machine, line.ref, at(3), "agent")
    stop_payment(line.twins.machine, line.ref, at(4), "agent")
    assert line.acts == [Act.PAUSE, Act.RESUME]
    assert line.arrives().cuts == cut((3, 4))


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["off", "off", "on", "until", "pay", "paid", "jeanne", "karim"] * 2 + ["private"]),
        st.integers(0, 95),
    ),
    max_size=14,
)


@settings(max_examples=120, deadline=None)
@given(ACTS, st.sampled_from(["service-client", "urgences"]), st.randoms(use_true_random=False))
def test_whatever_was_off_for_the_seated_agent_is_cut_or_nothing_is_kept(
    acts: list[tuple[str, int]], queue: str, chance: random.Random
) -> None:
    line, paying = Line(queue=queue, id=ID), False
    seat, offs = "jeanne", dict[str, float]()  # until when each agent is off
    line.connects(seat, 0)
    done = iter(sorted(acts, key=lambda act: act[1]))
    act = next(done, None)
    forbidden, number, turns = set[int](), 0, 0
    while number < 100:
        while act is not None and act[1] <= number:
            what, tenths = act
            turns += 1
            now, who = tenths / 10 + turns / 1000, chance.choice(["jeanne", "karim"])
            if what in ("jeanne", "karim"):
                line.connects(what, now)
                seat = what
            elif what == "off":
                off(line.twins, now, who)
                offs[who] = 1e9
            elif what == "private":
                off(line.twins, now, who, Reason.PERSONAL)
                offs[who] = 1e9
            elif what == "until":
                off(line.twins, now, who, until=now + 1.53)
                offs[who] = now + 1.53
            elif what == "on":
                on(line.twins, now, who)
                offs.pop(who, None)
            elif what == "pay":
                start_payment(line.twins.machine, line.ref, at(now), "agent")
                paying = True
            else:
                stop_payment(line.twins.machine, line.ref, at(now), "agent")
                paying = False
            act = next(done, None)
        moment = number / 10 + 0.05
        if paying or (queue != "urgences" and offs.get(seat, 0) > moment):
            forbidden.add(round(moment * 1000))
        number += 1
    line.ends(11)
    recording = line.arrives()
    if recording.state is not State.JUDGED:
        assert recording.state is State.DISCARDED and line.twins.objects.lying() == set()
        return
    for moment_ms in forbidden:
        assert any(cut.start_ms <= moment_ms < cut.end_ms for cut in recording.cuts), (moment_ms, recording.cuts)
