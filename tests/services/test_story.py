"""A call as its source describes it, with all else that was said of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.law.policy import Policy
from chalicelib.model import Call, Off, Reason, State, Stretch
from chalicelib.services.refs import agent_named, media_ref
from chalicelib.services.refuse import start_payment, stop_payment
from chalicelib.services.say import say
from chalicelib.services.story import as_told
from chalicelib.telephony.event import Happened
from chalicelib.telephony.facts import Fact, Kind
from chalicelib.telephony.webhook import Act
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.live import LIMIT_S, Line, at, cut, exact, off, on

JEANNE = agent_named(Twins().machine, "jeanne")


def told(line: Line, call: Call | None = None) -> Call:
    return as_told(line.twins.machine, call or Call("twilio", line.id, None))


def test_a_call_of_which_nobody_said_anything_is_what_its_source_says() -> None:
    call = Call("twilio", "call-1", at(0), "fr-FR", queue="urgences", announced=True)
    assert told(Line(), call) == call


def test_where_two_say_what_only_one_can_be_the_source_is_believed() -> None:
    line = Line(queue="urgences")
    line.starts(outbound=True, announced=True)
    source = Call("twilio", line.id, at(3), "en-GB", queue="assurance", announced=False)
    call = told(line, source)
    assert (call.started_at, call.language, call.queue, call.announced) == (at(3), "en-GB", "assurance", False)
    assert call.outbound
    unsaid = told(line)
    assert (unsaid.started_at, unsaid.language, unsaid.queue, unsaid.announced) == (at(0), "fr-FR", "urgences", True)


def test_a_queue_that_the_policy_does_not_know_is_not_replaced_by_its_sources_own() -> None:
    line = Line(queue="nobody-knows")
    line.twins.policy = with_a_queue_of_its_own()
    line.connects()
    assert (line.story.queue, line.acts) == ("?", [Act.PAUSE])
    recording = line.arrives()
    assert (recording.state, recording.ground) == (State.DISCARDED, "no-purpose")
    assert Line(line.twins, "another", None).connects().course.value == "run"


def with_a_queue_of_its_own() -> Policy:
    return policy(("[sources.connect]", "[sources.twilio]"))


@pytest.mark.parametrize("ended", [None, 600])
def test_a_recording_of_which_nobody_says_when_it_began_did_so_within_its_call(ended: float | None) -> None:
    line = Line()
    line.starts()
    if ended:
        line.ends(ended)
    call = told(line)
    assert (call.started_at, call.precision_ms) == (at(0), (ended or 24 * 3600) * 1000)


def test_the_earliest_objection_counts_and_one_without_a_moment_is_from_the_beginning() -> None:
    line = Line()
    line.objects(5)
    source = Call("twilio", line.id, at(0), objected=True)
    assert told(line).objected_at == at(5)
    assert told(line, source).objected_at is None
    assert told(line, replace(source, objected_at=at(3))).objected_at == at(3)
    assert told(line, replace(source, objected_at=at(9))).objected_at == at(5)


def test_what_was_paid_is_cut_and_a_payment_that_nobody_ended_to_its_limit() -> None:
    for queue in ("service-client", "urgences"):
        line = Line(queue=queue)
        line.connects()
        start_payment(line.twins.machine, line.ref, at(1), "agent")
        stop_payment(line.twins.machine, line.ref, at(2.5), "agent")
        start_payment(line.twins.machine, line.ref, at(8), "agent")
        assert told(line).offs == (
            Off(Reason.PAYMENT, Stretch(at(1), at(2.5))), Off(Reason.PAYMENT, Stretch(at(8), at(8 + LIMIT_S)))
        )  # fmt: skip
        assert line.arrives().cuts == cut((1, 2.5), (8, 10))


def test_a_switch_is_asked_only_of_who_sat_there_and_while_they_did() -> None:
    line = Line()
    for seconds, until in ((-9, -8), (1, 3), (5, 6)):
        off(line.twins, seconds)
        on(line.twins, until)
    line.connects("jeanne", 2)
    line.connects("karim", 4)
    off(line.twins, 7)
    assert told(line).offs == (Off(Reason.OTHER, Stretch(at(2), at(3))),)


def test_who_comes_back_sits_there_again() -> None:
    line = Line()
    for seconds, agent in ((0, "jeanne"), (2, "karim"), (4, "jeanne")):
        line.connects(agent, seconds)
    off(line.twins, 1)
    assert [each.stretch for each in told(line).offs] == [Stretch(at(1), at(2)), Stretch(at(4), None)]


def test_an_agent_who_is_named_with_the_recording_only_sat_there_from_the_start() -> None:
    """As Zoom does: no event but this one, and it comes when the call is over."""
    line = Line()
    off(line.twins, 2)
    on(line.twins, 3)
    line.hears(line.event(Happened.RECORDING, 60, agent="jeanne", started_at=at(0)))
    assert line.arrives().cuts == cut((2, 3))


def test_the_reference_of_an_agent_is_enough() -> None:
    line = Line()
    off(line.twins, 2)
    call = told(line, Call("twilio", line.id, at(0), agent_ref=JEANNE))
    assert (call.agent_ref, [each.reason for each in call.offs]) == (JEANNE, [Reason.OTHER])


def test_what_was_said_of_a_call_holds_for_its_leg_and_who_is_on_a_leg_is_on_the_call() -> None:
    first = Line(id="root")
    leg = Line(first.twins, "leg", root="root")
    leg.connects("karim", 1)
    first.objects(3)
    start_payment(first.twins.machine, first.ref, at(4), "agent")
    assert (leg.story.objected_at, leg.story.payments) == (at(3), (Stretch(at(4), at(4 + LIMIT_S)),))
    assert [seat.agent_ref for seat in first.story.seats] == [agent_named(first.twins.machine, "karim")]
    assert (first.story.legs, leg.story.root) == ((leg.ref,), first.ref)


def test_a_representatives_line_on_a_leg_is_on_the_call() -> None:
    first = Line(id="root")
    Line(first.twins, "leg", root="root").connects("karim", 1, lines=("+33 1 23", "3290"))
    assert first.story.mandate
    recording = first.arrives()
    assert (recording.state, recording.ground) == (State.DISCARDED, "mandate")


def test_what_is_kept_holds_no_name_and_no_number() -> None:
    line = Line(id="CA-secret")
    line.connects("jeanne@exemple.example", lines=("+33612345678",))
    file = line.twins.calls.file(line.ref)
    kept = repr((file.facts, line.twins.switches, line.twins.steps))
    for name in ("jeanne", "33612345678", "CA-secret"):
        assert name not in kept
    assert file.reach is not None and file.reach.call_id == "CA-secret"


def test_facts_of_a_recording_at_its_provider_are_the_calls_own() -> None:
    line = Line()
    name = media_ref(line.twins.machine, "twilio", "RE1")
    say(line.twins.machine, line.ref, Fact(Kind.FETCHED, NOW, about=name), NOW)
    say(line.twins.machine, line.ref, Fact(Kind.GONE, NOW + timedelta(days=1), about=name), NOW)
    assert (line.story.fetched, line.story.gone) == (frozenset({name}), frozenset({name}))


def test_what_two_sources_call_by_one_name_are_two_calls() -> None:
    line = Line(twins=exact())
    line.objects(1)
    assert not as_told(line.twins.machine, Call("aircall", line.id, None)).objected


def test_a_payment_in_a_files_metadata_ends_none_that_telephony_told() -> None:
    line = Line(queue="urgences")
    start_payment(line.twins.machine, line.ref, at(2), "agent")
    stop_payment(line.twins.machine, line.ref, at(8), "agent")
    paid = f"{at(3).isoformat()}/{at(4).isoformat()}"
    assert [(cut.start_ms, cut.end_ms) for cut in line.arrives(queue="urgences", payment=paid).cuts] == [(2000, 8000)]


def test_an_agent_who_is_named_late_sat_from_the_calls_start() -> None:
    line = Line()
    off(line.twins, 2)
    on(line.twins, 5)
    line.hears(replace(line.event(Happened.STARTED, 60), started_at=at(0), agent="jeanne"), 60)
    assert [(cut.start_ms, cut.end_ms) for cut in line.arrives().cuts] == [(2000, 5000)]


def test_what_was_said_of_a_leg_reaches_the_first_call_however_late_the_links_are() -> None:
    first = Line(exact(), "root")
    middle, last = Line(first.twins, "middle", root="root"), Line(first.twins, "last")
    middle.starts(1)
    last.connects("karim", 2, lines=("3290",))
    last.objects(4)
    last.root = "middle"
    last.starts(5)
    assert (first.story.mandate, first.story.objected_at) == (True, at(4))
    assert len(first.story.seats) == 1
