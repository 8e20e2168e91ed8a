"""May this call be recorded: answered before capture, and what comes of it on arrival."""

from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.model import Call, Fate, State, Stretch
from chalicelib.services.answer import answer
from chalicelib.services.refs import agent_named
from chalicelib.services.story import as_told
from chalicelib.telephony.event import Happened
from tests.machines import Twins
from tests.services.live import ID, NOT_DRAWN, SOUND, Line, at, exact, off


def asked(line: Line, seconds: float = 0, **said: object) -> Fate:
    call = Call("twilio", line.id, None, "fr-FR", queue=line.queue, agent="jeanne")
    call = as_told(line.twins.machine, replace(call, **said))  # type: ignore[arg-type]
    return answer(line.twins.machine, call, at(seconds)).fate


@pytest.mark.parametrize("call_id", [ID, NOT_DRAWN])
def test_the_lot_says_the_same_before_capture_and_on_arrival(call_id: str) -> None:
    asked_of, unasked = Line(id=call_id), Line(id=call_id)
    before = asked(asked_of)
    recording = unasked.arrives(queue="service-client", agent="jeanne")
    assert (before is Fate.KEEP) == (recording.state is State.JUDGED) == (call_id == ID)


def test_what_was_answered_no_and_recorded_all_the_same_is_deleted_and_stays_so() -> None:
    line = Line(id=NOT_DRAWN)
    assert asked(line) is Fate.DISCARD
    for _ in range(2):
        recording = line.arrives(queue="souscription", **{"contract-part": "/"})
        assert (recording.state, recording.ground) == (State.DISCARDED, "refused-before-capture")
    assert line.twins.objects.lying() == set()


def test_a_no_for_quality_does_not_defeat_a_duty_that_the_call_comes_under_later() -> None:
    line = Line(id=NOT_DRAWN)
    assert asked(line) is Fate.DISCARD
    assert line.arrives(queue="urgences").state is State.JUDGED


def test_a_later_yes_lets_the_part_that_concludes_a_contract_in() -> None:
    line = Line(queue="souscription")
    assert asked(line, 0) is Fate.DISCARD
    assert asked(line, 4, useful=Stretch(at(4), at(9))) is Fate.KEEP
    assert line.story.answered is True
    part = f"{at(4).isoformat()}/{at(9).isoformat()}"
    recording = line.arrives(SOUND, **{"contract-part": part})
    assert recording.state is State.JUDGED
    assert [(span.start_ms, span.end_ms) for span in recording.cuts] == [(0, 4000), (9000, 10_000)]


def test_an_answer_counts_against_the_ceiling_once_however_often_it_is_asked_and_arrives() -> None:
    twins = exact()
    line = Line(twins)
    for seconds in range(5):
        assert asked(line, seconds) is Fate.KEEP
    line.arrives(agent="jeanne")
    ((_, counted),) = twins.ceilings.counted.items()
    assert len(counted) == 1


def test_the_answer_is_given_for_the_agent_whose_switch_it_is() -> None:
    line = Line()
    off(line.twins, -5)
    assert asked(line) is Fate.DISCARD


def test_the_agent_who_is_asked_about_sits_on_the_call_and_of_a_transfer_from_then_on() -> None:
    line = Line()
    line.connects("karim", 1, started_at=at(0))
    asked(line, 5, started_at=at(0))
    karim, jeanne = (agent_named(line.twins.machine, agent) for agent in ("karim", "jeanne"))
    assert [(seat.agent_ref, seat.since) for seat in line.story.seats] == [(karim, at(1)), (jeanne, at(5))]


def test_a_representatives_line_is_remembered_though_it_is_not_kept() -> None:
    line = Line(queue="urgences")
    assert asked(line, lines=("3290",)) is Fate.DISCARD
    assert line.story.mandate
    assert "3290" not in repr(line.twins.calls)


def test_a_call_in_no_language_yet_is_not_refused_before_capture_by_itself() -> None:
    """With several languages it would be in doubt, which is for whoever asks: nobody asked."""
    line = Line(queue="urgences")
    outcome = line.connects(language=None)
    assert (line.story.answered, outcome.course.value) == (None, "run")
    assert line.arrives().state is State.JUDGED


def test_who_asks_of_a_call_in_no_language_is_told_no() -> None:
    assert asked(Line(queue="urgences"), language=None) is Fate.QUARANTINE


def test_a_call_is_judged_when_its_queue_is_told_though_that_comes_after_its_agent() -> None:
    line = Line(id=NOT_DRAWN, queue=None)
    assert line.connects().course.value == "run"
    assert line.hears(replace(line.event(Happened.STARTED, 0), queue="service-client"), 2).course.value == "pause"
    assert line.hears(replace(line.event(Happened.CONNECTED, 5), queue="urgences"), 5).course.value == "run"
    assert line.story.answered is None


def test_nobody_is_judged_of_whom_no_queue_is_known() -> None:
    line = Line(Twins(), queue=None)
    line.connects()
    assert line.story.answered is None
