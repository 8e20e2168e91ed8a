"""What providers say of calls: any number of deliveries, in any order, has one effect."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import InvalidMessage
from chalicelib.model import Reason, Recording, State
from chalicelib.services.ports import Step
from chalicelib.services.redact import redact
from chalicelib.services.refs import agent_named, media_ref
from chalicelib.services.say import say
from chalicelib.services.told import opaque, told_from, told_plain
from chalicelib.services.transcribe import transcribe
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.facts import Fact, Kind
from chalicelib.telephony.webhook import Act
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.live import NOT_DRAWN, SOUND, Line, at, cut, exact, off, on

JEANNE = agent_named(Twins().machine, "jeanne")


def events(line: Line) -> list[CallEvent]:
    return [
        line.event(Happened.STARTED, 0, started_at=at(0)),
        line.event(Happened.CONNECTED, 1, agent="jeanne"),
        line.event(Happened.OBJECTED, 4),
        line.event(Happened.ENDED, 8),
    ]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_whatever_order_an_objection_stops_what_goes_on_and_nothing_is_kept(order: tuple[int, ...]) -> None:
    line = Line(strict())
    told = events(line)
    for number in order:
        line.hears(told[number], 9)
    assert line.acts == ([Act.STOP] if order.index(2) < order.index(3) else [])
    assert (line.story.objected_at, line.story.ended_at, line.story.started_at) == (at(4), at(8), at(0))
    assert [(seat.agent_ref, seat.since) for seat in line.story.seats] == [(JEANNE, at(1))]
    assert line.twins.switches.calls(JEANNE, at(9)) == []
    assert (line.arrives().ground, line.twins.objects.lying()) == ("objected", set())


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))), ids=lambda order: "".join(map(str, order)))
def test_whatever_order_what_was_said_before_an_objection_stays_where_it_may(order: tuple[int, ...]) -> None:
    line = Line()
    for number in order:
        line.hears(events(line)[number], 9)
    assert line.arrives().cuts == cut((4, 10))


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.integers(1, 12))
def test_fifty_deliveries_in_any_order_have_the_effect_of_one(chance: random.Random, times: int) -> None:
    line, once = Line(), Line()
    for event in events(once)[:3]:
        once.hears(event, 9)
    told = events(line)[:3] * times
    chance.shuffle(told)
    for event in told:
        line.hears(event, 9)
    assert line.story == once.story
    assert set(line.twins.calls.file(line.ref).facts) >= {
        opaque(once.twins.machine, each, NOW).facts[0] for each in told
    }
    assert line.acts == once.acts == [Act.STOP]
    assert line.twins.switches.calls(JEANNE, at(9)) == [line.ref]


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans())
def test_the_last_that_a_provider_is_told_is_right_whatever_came_first(chance: random.Random, is_off: bool) -> None:
    line = Line()
    off(line.twins, -9, "karim")
    if not is_off:
        on(line.twins, -8, "karim")
    told = [
        *events(line)[:2] * 20,
        *[line.event(Happened.CONNECTED, 5, agent="karim")] * 20,
    ]
    chance.shuffle(told)
    say(line.twins.machine, line.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
    for event in told:
        line.hears(event, 9)
    assert (line.acts[-1:] == [Act.PAUSE]) == is_off


def test_the_same_event_fifty_times_is_one_act_and_one_fact() -> None:
    line = Line()
    off(line.twins, -5)
    for _ in range(50):
        line.connects()
    assert line.acts == [Act.PAUSE]
    assert [fact.kind for fact in line.twins.calls.file(line.ref).facts].count(Kind.CONNECTED) == 1


def available(line: Line) -> Recording:
    recording = transcribe(line.twins.machine, line.arrives().id, NOW)
    line.twins.heard(recording)
    return redact(line.twins.machine, recording.id, NOW)


def strict() -> Twins:
    """Of a refused call nothing is kept."""
    twins = exact()
    twins.policy = policy(('keeps = "before"', 'keeps = "nothing"'))
    return twins


def legs(twins: Twins, queue: str = "service-client") -> tuple[Line, Line, Line]:
    """A call and its two transfers, each with an agent."""
    lines = Line(twins, queue=queue), Line(twins, "leg-1", queue, "call-r"), Line(twins, "leg-2", queue, "call-r")
    lines[0].id = "call-r"
    for line, agent in zip(lines, ("jeanne", "karim", "lea"), strict=True):
        say(twins.machine, line.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
        line.connects(agent, 1)
    return lines


def test_an_objection_on_a_leg_stops_the_call_and_its_other_legs() -> None:
    lines = legs(exact())
    assert lines[1].objects(4).done
    assert [line.acts for line in lines] == [[Act.STOP]] * 3
    assert [line.story.objected_at for line in lines] == [at(4)] * 3


def test_an_objection_on_a_leg_that_nobody_had_linked_yet_reaches_the_others_when_it_is_linked() -> None:
    twins = exact()
    lines = Line(twins, "call-r"), Line(twins, "leg-1"), Line(twins, "leg-2", root="call-r")
    for line in lines:
        say(twins.machine, line.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
        line.connects("jeanne", 1)
    lines[1].objects(4)
    assert [line.acts for line in lines] == [[], [Act.STOP], []]
    lines[1].root = "call-r"
    lines[1].starts(2)
    assert [line.acts for line in lines] == [[Act.STOP]] * 3


def test_a_leg_that_is_heard_of_after_the_objection_is_stopped_and_its_recording_ends() -> None:
    twins = strict()
    first, leg = Line(twins), Line(twins, NOT_DRAWN)
    say(twins.machine, leg.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
    recording = leg.arrives(
        SOUND, queue="souscription", **{"contract-part": f"{at(0).isoformat()}/{at(9).isoformat()}"}
    )
    assert recording.state is State.JUDGED
    first.connects()
    first.objects(3)
    leg.root = first.id
    leg.connects("karim", 5)
    assert leg.acts == [Act.STOP]
    assert twins.machine.recording(recording.id).ground == "objected"


STATES: dict[str, Callable[[Line], Recording]] = {
    "judged": lambda line: line.arrives(),
    "transcribing": lambda line: transcribe(line.twins.machine, line.arrives().id, NOW),
    "available": available,
}


@pytest.mark.parametrize("state", STATES)
def test_an_objection_ends_recordings_of_the_call_that_are_here_already(state: str) -> None:
    line = Line(strict())
    line.connects()
    recording = STATES[state](line)
    assert recording.state.value == state
    line.objects(20)
    ended = line.twins.machine.recording(recording.id)
    assert (ended.state, ended.ground) == (
        State.EXPIRED if state == "available" else State.DISCARDED, "objected"
    )  # fmt: skip
    assert line.twins.objects.lying() == set()
    assert recording.id not in line.twins.transcriber.jobs


@pytest.mark.parametrize("state", STATES)
def test_an_objection_under_a_duty_that_binds_changes_nothing_and_says_why(state: str) -> None:
    line = Line(queue="urgences")
    line.connects()
    say(line.twins.machine, line.ref, Fact(Kind.PAYING, at(2)), at(2))
    say(line.twins.machine, line.ref, Fact(Kind.PAID, at(3)), at(3))
    recording = STATES[state](line)
    before = line.twins.recordings.ledger(recording.id)
    outcome = line.objects(5)
    assert (outcome.course.value, outcome.ground, outcome.done) == ("run", "duty-before-switch", True)
    assert line.acts == []
    assert line.twins.machine.recording(recording.id).state.value == state
    assert line.twins.recordings.ledger(recording.id) == before


def test_a_representatives_line_stops_the_call_and_its_recording_is_deleted_even_under_a_duty() -> None:
    line = Line(queue="urgences")
    recording = line.arrives(queue="urgences")
    outcome = line.connects(lines=("3290",))
    assert (outcome.course.value, outcome.ground, line.acts) == ("stop", "mandate", [Act.STOP])
    assert line.twins.machine.recording(recording.id).ground == "mandate"


def test_an_agent_who_is_named_after_the_recording_came_was_off_all_the_same() -> None:
    late, early = Line(), Line()
    for line in (late, early):
        off(line.twins, 2)
        on(line.twins, 3)
        if line is early:
            line.connects()
    ids = [line.arrives(queue="service-client").id for line in (late, early)]
    late.connects()
    rows = [line.twins.machine.recording(each) for line, each in zip((late, early), ids, strict=True)]
    assert rows[0].cuts == rows[1].cuts == cut((2, 3))


def test_what_comes_to_a_cut_recording_twice_leaves_it_as_it_is() -> None:
    line = Line()
    line.connects()
    off(line.twins, 2)
    on(line.twins, 3)
    recording = available(line)
    for _ in range(3):
        line.connects()
    assert line.twins.machine.recording(recording.id).state is State.AVAILABLE


def test_an_agent_on_a_leg_pauses_the_call_that_is_recorded_whenever_they_switch_off() -> None:
    twins = exact()
    first, leg = Line(twins), Line(twins, "leg-1", root=Line().id)
    first.starts()
    say(twins.machine, first.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
    leg.connects("karim", 1)
    off(twins, 2, "karim")
    assert first.acts == [Act.PAUSE]
    on(twins, 3, "karim")
    assert first.acts == [Act.PAUSE, Act.RESUME]
    assert first.arrives().cuts == cut((2, 3))


def test_an_agent_who_is_off_and_comes_by_a_leg_pauses_the_call_that_is_recorded() -> None:
    twins = exact()
    first, leg = Line(twins), Line(twins, "leg-1", root=Line().id)
    off(twins, -5, "karim")
    first.starts()
    say(twins.machine, first.ref, Fact(Kind.ANSWERED, at(0), yes=True), at(0))
    leg.connects("karim", 1)
    assert first.acts == [Act.PAUSE]


def test_a_recording_at_its_provider_is_fetched_until_it_was() -> None:
    line = Line()
    event = line.event(Happened.RECORDING, 9, media=(Media("RE1", line.id, "https://api.twilio.com/RE1"),))
    line.hears(event)
    assert [step for step, _, _ in line.twins.steps.posted] == [Step.FETCH]
    name = media_ref(line.twins.machine, "twilio", "RE1")
    say(line.twins.machine, line.ref, Fact(Kind.FETCHED, NOW, about=name), NOW)
    line.hears(event)
    assert len(line.twins.steps.posted) == 1


def test_an_event_without_a_moment_happened_when_it_was_heard() -> None:
    told = opaque(Twins().machine, CallEvent("twilio", Happened.OBJECTED, "CA1"), NOW)
    assert told.facts == (Fact(Kind.OBJECTED, NOW),)


def test_what_is_told_survives_its_queue_and_holds_no_name() -> None:
    line = Line()
    event = line.event(
        Happened.CONNECTED, 1, agent="jeanne", root_id="call-r", lines=("0612345678", "3290"), announced=True,
        media=(Media("RE1", line.id, "https://api.twilio.com/RE1", at(0)),),
    )  # fmt: skip
    told = opaque(line.twins.machine, event, NOW)
    assert told_from(told_plain(told)) == told
    assert not any(name in repr(told_plain(told)) for name in ("jeanne", "0612345678", "3290"))


@pytest.mark.parametrize("said", [{}, {"provider": "twilio"}, {"facts": 3}])
def test_another_message_is_none_of_what_was_said(said: dict[str, object]) -> None:
    with pytest.raises(InvalidMessage):
        told_from(said)


def test_personal_before_and_after_the_seat_is_no_reason() -> None:
    line = Line()
    off(line.twins, -5, reason=Reason.PERSONAL)
    on(line.twins, -1)
    line.connects()
    assert line.acts == [] and line.arrives(SOUND).state is State.JUDGED
