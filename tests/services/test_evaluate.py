"""Evaluations: who writes and reads them, when they end, what they end with."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from chalicelib.adapters.people import MemoryPeople
from chalicelib.errors import CannotBeEvaluated, Forbidden, UnknownRecording
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.end import end_now, sweep
from chalicelib.services.evaluate import evaluate, kept_of, read, reassign
from chalicelib.services.hold import hold
from chalicelib.services.machine import Machine
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.hearing import grounds, heard_by, jeannes, supervisor
from tests.services.test_listen import HOLD

GRID = {"accueil": 4, "remarques": ["à l'écoute"], "détail": {"note": 3.5}}


def evaluated(twins: Twins) -> Recording:
    recording = jeannes(twins)
    evaluate(twins.machine, recording.id, GRID, supervisor(twins), NOW)
    return recording


def test_an_evaluation_says_the_call_and_who_evaluates_whom_by_references_and_ends_a_year_after_the_call() -> None:
    twins = Twins()
    recording = evaluated(twins)
    place = places.evaluation(recording.id)
    assert json.loads(twins.objects.get(place)) == {
        "recording": recording.id, "agent": recording.agent_ref, "evaluator": "ref-supervisor",
        "at": "2026-11-24T09:00:00+00:00", "day": "2026-11-24", "duration-ms": 2000, "ends": "2027-11-24", "grid": GRID,
    }  # fmt: skip
    assert twins.objects.tags(place) == {"retention-days": "364", "last-day": "2027-11-24", "state": "evaluation"}
    assert grounds(twins, recording) == [("evaluated", "supervisor:ref-supervisor")]


def test_the_end_runs_from_the_calls_day_however_late_it_is_written() -> None:
    twins = Twins()
    recording, later = jeannes(twins), datetime(2027, 5, 20, 9, tzinfo=UTC)
    evaluate(twins.machine, recording.id, GRID, supervisor(twins), later)
    tags = twins.objects.tags(places.evaluation(recording.id))
    assert (tags["last-day"], tags["retention-days"]) == ("2027-11-24", "182")
    evaluate(twins.machine, recording.id, GRID | {"accueil": 5}, supervisor(twins), later)
    assert kept_of(twins.machine, recording.id, later)["grid"]["accueil"] == 5  # type: ignore[index]


def test_where_the_policy_keeps_them_for_days_none_is_written_later() -> None:
    twins = Twins(policy=policy(("[keeping]", "[keeping]\nanalyses = { days = 10 }")))
    recording = jeannes(twins)
    with pytest.raises(CannotBeEvaluated):
        evaluate(twins.machine, recording.id, GRID, supervisor(twins), datetime(2026, 12, 4, 9, tzinfo=UTC))
    assert grounds(twins, recording) == [] and not twins.machine.exists(places.evaluation(recording.id))


def test_only_the_teams_supervisor_evaluates_and_only_what_can_be_heard() -> None:
    twins = Twins()
    recording = jeannes(twins)
    for who in (supervisor(twins, "south"), heard_by(twins, "dpo"), heard_by(twins, "agent", agent="jeanne")):
        with pytest.raises(UnknownRecording):
            evaluate(twins.machine, recording.id, GRID, who, NOW)
    hold(twins.machine, recording.id, HOLD, NOW)
    with pytest.raises(UnknownRecording):
        evaluate(twins.machine, recording.id, GRID, supervisor(twins), NOW)
    assert not twins.machine.exists(places.evaluation(recording.id))


def test_where_calls_are_not_recorded_for_evaluation_none_is_written() -> None:
    twins = Twins(policy=policy(('["training", "evaluation", "service-quality"]', '["training"]')))
    recording = jeannes(twins)
    with pytest.raises(Forbidden, match="not recorded for evaluation"):
        evaluate(twins.machine, recording.id, GRID, supervisor(twins), NOW)
    assert grounds(twins, recording) == [] and not twins.machine.exists(places.evaluation(recording.id))


def test_agent_supervisor_and_dpo_read_it_and_the_ledger_says_so() -> None:
    twins = Twins()
    recording = evaluated(twins)
    for who in (heard_by(twins, "agent", agent="jeanne"), supervisor(twins), heard_by(twins, "dpo")):
        assert read(twins.machine, recording.id, who, NOW)["grid"] == GRID
    assert [by.partition(":")[0] for ground, by in grounds(twins, recording) if ground == "evaluation-read"] == [
        "agent", "supervisor", "dpo",
    ]  # fmt: skip


def test_to_anybody_else_it_is_as_if_there_were_none() -> None:
    twins = Twins()
    recording = evaluated(twins)
    for who in (supervisor(twins, "south"), heard_by(twins, "agent", agent="karim"), heard_by(twins, "agent")):
        said = set()
        for each in (recording.id, "nowhere"):
            with pytest.raises(UnknownRecording) as refused:
                read(twins.machine, each, who, NOW)
            said.add(str(refused.value))
        assert len(said) == 1
    assert [ground for ground, _ in grounds(twins, recording)] == ["evaluated"]


def test_it_outlives_the_sound_for_agent_and_dpo_until_its_own_day() -> None:
    twins = Twins()
    recording = evaluated(twins)
    list(sweep(twins.machine, datetime(2027, 5, 24, 5, tzinfo=UTC)))
    assert twins.machine.recording(recording.id).state is State.EXPIRED
    later = datetime(2027, 11, 23, 9, tzinfo=UTC)
    for who in (heard_by(twins, "agent", agent="jeanne"), heard_by(twins, "dpo")):
        assert read(twins.machine, recording.id, who, later)["grid"] == GRID
        with pytest.raises(UnknownRecording):
            read(twins.machine, recording.id, who, datetime(2027, 11, 24, 9, tzinfo=UTC))
    for who in (supervisor(twins), heard_by(twins, "agent", agent="karim")):
        with pytest.raises(UnknownRecording):
            read(twins.machine, recording.id, who, later)


@pytest.mark.parametrize("state", [State.ERASED, State.EXPIRED])
def test_it_goes_with_a_call_that_is_erased_and_not_with_one_that_expires(state: State) -> None:
    twins = Twins()
    recording = evaluated(twins)
    twins.machine.end(twins.machine.recording(recording.id), state, "ended", NOW)
    assert twins.machine.exists(places.evaluation(recording.id)) is (state is State.EXPIRED)


@pytest.mark.parametrize(("state", "goes"), [(State.DISCARDED, True), (State.ERASED, True), (State.EXPIRED, False),
                                             (State.AVAILABLE, False), (State.HELD, False)])  # fmt: skip
def test_only_a_call_that_should_not_be_known_any_more_has_no_evaluation(state: State, goes: bool) -> None:
    recording = replace(Twins().available(), state=state)
    assert (places.evaluation(recording.id) in places.superfluous(recording)) is goes


REFUSED = ["objected", "mandate", "personal-call", "call-erased", "cut-impossible", "contract-refused"]


@pytest.mark.parametrize("ground", REFUSED)
def test_it_goes_with_a_call_that_is_refused_after_it_was_kept(ground: str) -> None:
    twins = Twins()
    recording = evaluated(twins)
    end_now(twins.machine, twins.machine.recording(recording.id), ground, NOW)
    assert twins.machine.recording(recording.id).state is State.EXPIRED
    assert twins.objects.lying() == set()


def test_a_deletion_that_failed_when_the_call_was_refused_is_made_good_by_the_sweep() -> None:
    twins = Twins()
    recording, delete = evaluated(twins), twins.objects.delete

    class Stuck(type(twins.objects)):  # type: ignore[misc]
        def delete(self, place: Any) -> int:
            if place == places.evaluation(recording.id):
                raise OSError("no answer")
            return int(delete(place))

    stuck = replace(twins.machine, objects=Stuck(twins.objects._kept, twins.objects._numbers))
    with pytest.raises(OSError, match="no answer"):
        end_now(stuck, twins.machine.recording(recording.id), "objected", NOW)
    assert twins.machine.exists(places.evaluation(recording.id))
    list(sweep(twins.machine, NOW))
    assert twins.objects.lying() == set()


def test_a_hold_does_not_keep_what_was_written_about_a_call_that_is_refused() -> None:
    twins = Twins()
    recording = evaluated(twins)
    held = hold(twins.machine, recording.id, HOLD, NOW)
    assert twins.machine.exists(places.evaluation(recording.id))
    still = end_now(twins.machine, held, "objected", NOW)
    assert (still.state, twins.machine.is_whole(still)) == (State.HELD, True)
    assert not twins.machine.exists(places.evaluation(recording.id))


@pytest.mark.parametrize("ended", [(State.ERASED, "asked"), (State.EXPIRED, "objected")])
def test_an_erasure_or_a_refusal_in_the_same_moment_leaves_none(ended: tuple[State, str]) -> None:
    twins = Twins()
    recording, put = jeannes(twins), twins.objects.put

    class Erased(type(twins.objects)):  # type: ignore[misc]
        """The recording ends just before the evaluation is written."""

        def put(self, place: Any, *said: Any) -> None:
            machine = twins.machine
            machine.end(machine.recording(recording.id), *ended, NOW)
            put(place, *said)

    machine: Machine = replace(twins.machine, objects=Erased(twins.objects._kept, twins.objects._numbers))
    evaluate(machine, recording.id, GRID, supervisor(twins), NOW)
    assert twins.objects.lying() == set()


def test_an_evaluation_follows_the_agent_who_took_the_call() -> None:
    twins = Twins()
    recording = evaluated(twins)
    karim = heard_by(twins, "agent", agent="karim")
    reassign(twins.machine, recording.id, karim.agent_ref, NOW)
    twins.machine.note(replace(twins.machine.recording(recording.id), agent_ref=karim.agent_ref), "rectified", NOW)
    end_now(twins.machine, twins.machine.recording(recording.id), "last-day-reached", NOW)
    assert read(twins.machine, recording.id, karim, NOW)["grid"] == GRID
    with pytest.raises(UnknownRecording):
        read(twins.machine, recording.id, heard_by(twins, "agent", agent="jeanne"), NOW)


def test_who_is_on_the_call_finds_its_evaluation_for_as_long_as_it_lies_there() -> None:
    ends: list[date] = []

    class Noted(MemoryPeople):
        def link(self, person: str, call_ref: str, until: date) -> None:
            ends.append(until)
            super().link(person, call_ref, until)

    twins = Twins(people=Noted())
    recording = jeannes(twins)
    twins.people.link("caller", recording.call_ref, NOW.date())
    kept = evaluate(twins.machine, recording.id, GRID, supervisor(twins), NOW)
    assert max(ends) > date.fromisoformat(kept["ends"])
