"""The end of rows and ledger lines: as long after the recording's own as an access log is kept, and not a day more."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.adapters.memory import MemoryRecordings
from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.end import sweep
from chalicelib.services.ports import History, Mark
from chalicelib.services.receive import receive
from chalicelib.services.reconcile import reconcile
from tests.machines import CALL, NOW, Twins
from tests.policies import policy

KEPT = {
    "12 months": (policy(), date(2027, 11, 24)),
    "6 months": (policy(("[keeping]", "[keeping]\naccess_log = { months = 6 }")), date(2027, 5, 24)),
}
FORGOTTEN = date(2027, 11, 24)
"""A year after what ended on the first day."""


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 5, 5, tzinfo=UTC)


def sweeps(twins: Twins, day: date) -> list[Recording | Exception]:
    return list(sweep(twins.machine, at(day)))


def ended(twins: Twins, state: State = State.EXPIRED, ground: str = "ended") -> Recording:
    recording = twins.machine.end(twins.available(), state, ground, NOW)
    assert (recording.settled, recording.due_on) == (True, FORGOTTEN)
    return recording


def is_forgotten(twins: Twins, recording: Recording) -> bool:
    """Whether neither row nor line is left; half of it is an error."""
    history = twins.recordings.history(recording.id)
    assert bool(history.row) == bool(history.lines)
    return history == History(recording.id, None, ())


@pytest.mark.parametrize("kept", KEPT)
def test_row_and_ledger_lines_stay_as_long_as_an_access_log_and_then_nothing_is_left(kept: str) -> None:
    twins = Twins(policy=KEPT[kept][0])
    recording, last = twins.received(b""), KEPT[kept][1]
    twins.machine.end(recording, State.DISCARDED, "quarantine-ended", NOW)
    assert sweeps(twins, last - timedelta(days=1)) == []
    assert not is_forgotten(twins, recording)
    assert sweeps(twins, last) == []
    assert is_forgotten(twins, recording)
    assert list(twins.recordings.histories()) == []


def test_the_time_runs_from_the_day_on_which_the_recording_ended() -> None:
    twins = Twins()
    recording = twins.available()
    (expired,) = sweeps(twins, date(2027, 5, 24))
    assert (expired.id, expired.state, expired.due_on) == (recording.id, State.EXPIRED, date(2028, 5, 24))  # type: ignore[union-attr]
    assert sweeps(twins, date(2028, 5, 23)) == []
    assert not is_forgotten(twins, recording)
    sweeps(twins, date(2028, 5, 24))
    assert is_forgotten(twins, recording)


def test_what_is_not_settled_is_settled_first_and_forgotten_a_year_after_that() -> None:
    twins = Twins()
    recording = twins.machine.move(twins.available(), State.EXPIRED, "last-day-reached", NOW)
    assert (recording.settled, recording.due_on) == (False, NOW.date())
    (settled,) = sweeps(twins, FORGOTTEN)
    assert (settled.settled, settled.due_on) == (True, date(2028, 11, 24))  # type: ignore[union-attr]


def test_settling_again_or_being_spoken_of_again_gives_no_more_time() -> None:
    twins = Twins()
    recording = ended(twins)
    again = twins.machine.settle(recording, NOW + timedelta(days=100))
    assert twins.machine.note(again, "dropped-again", NOW + timedelta(days=200)).due_on == FORGOTTEN


def test_what_ends_once_more_is_kept_a_year_from_then() -> None:
    twins = Twins()
    recording = ended(twins)
    erased = twins.machine.end(recording, State.ERASED, "asked", NOW + timedelta(days=100))
    assert (erased.settled, erased.due_on) == (True, date(2028, 3, 4))


def test_what_is_mended_is_settled_no_more() -> None:
    twins = Twins()
    refused = twins.received(metadata=CALL | {"queue": "nope"})
    assert (refused.state, refused.settled) == (State.DISCARDED, True)
    mended = twins.received(metadata=CALL)
    assert (mended.id, mended.state, mended.settled) == (refused.id, State.JUDGED, False)


def test_the_tombstone_of_an_erased_call_stays() -> None:
    twins = Twins()
    recording = ended(twins, State.ERASED)
    sweeps(twins, FORGOTTEN)
    assert is_forgotten(twins, recording)
    assert twins.recordings.is_erased(recording.call_ref)
    assert list(reconcile(twins.machine, at(FORGOTTEN))) == []


def test_a_row_stays_as_long_as_an_evaluation_is_found_by_it() -> None:
    twins = Twins()
    recording = ended(twins)
    twins.objects.put(places.evaluation(recording.id), b"{}", "application/json", {})
    sweeps(twins, FORGOTTEN)
    assert not is_forgotten(twins, recording)
    twins.objects.delete(places.evaluation(recording.id))
    sweeps(twins, FORGOTTEN + timedelta(days=1))
    assert is_forgotten(twins, recording)


def test_a_row_stays_as_long_as_somebody_is_owed_an_answer_about_it() -> None:
    twins = Twins()
    recording = ended(twins)
    asked = Request("r1", Right.ACCESS, Status.OPEN, FORGOTTEN, ground="asked")
    twins.requests.add(asked, at(FORGOTTEN))
    twins.people.mark(recording.call_ref, Mark.ASKED, "r1", FORGOTTEN + timedelta(days=90))
    sweeps(twins, FORGOTTEN)
    assert not is_forgotten(twins, recording)
    twins.requests.write(replace(twins.requests.rows["r1"], state=Status.ANSWERED), "answered", at(FORGOTTEN))
    sweeps(twins, FORGOTTEN)
    assert is_forgotten(twins, recording)


class Interfered(MemoryRecordings):
    """Something happens just before a row is forgotten."""

    happens: Callable[[Recording], object]

    def forget(self, recording: Recording) -> None:
        self.happens(recording)
        super().forget(recording)


def test_a_row_that_moves_on_meanwhile_is_not_forgotten() -> None:
    rows = Interfered()
    twins = Twins(recordings=rows)
    recording = ended(twins)
    rows.happens = lambda seen: rows.note(seen, "dropped-again", NOW)
    assert sweeps(twins, FORGOTTEN) == []
    assert twins.recordings.ledger(recording.id)[-1].ground == "dropped-again"
    rows.happens = lambda seen: None
    sweeps(twins, FORGOTTEN)
    assert is_forgotten(twins, recording)


def test_of_two_sweeps_at_once_one_forgets_and_none_fails() -> None:
    rows = Interfered()
    twins = Twins(recordings=rows)
    recording = ended(twins)
    rows.happens = lambda seen: MemoryRecordings.forget(rows, seen)
    assert sweeps(twins, FORGOTTEN) == []
    assert is_forgotten(twins, recording)


def test_a_failure_is_told_and_holds_up_no_other_row() -> None:
    def fail(seen: Recording) -> None:
        if seen.id == first.id:
            raise OSError("no answer")

    rows = Interfered()
    twins = Twins(recordings=rows)
    first = ended(twins)
    second = twins.machine.end(twins.received(b""), State.DISCARDED, "quarantine-ended", NOW)
    rows.happens = fail
    assert [type(outcome) for outcome in sweeps(twins, FORGOTTEN)] == [OSError]
    assert (is_forgotten(twins, first), is_forgotten(twins, second)) == (False, True)


LATE = at(FORGOTTEN + timedelta(days=1))
LONG = policy(("retention = { months = 6 }\nannounced = false", "retention = { years = 5 }"))


@pytest.mark.parametrize(("term", "state", "ground"), [
    ("six months", State.DISCARDED, "past-retention"), ("five years", State.QUARANTINED, "too-late-to-know"),
])  # fmt: skip
def test_a_file_that_comes_again_after_its_row_was_forgotten_is_too_late(term: str, state: State, ground: str) -> None:
    """Past its term it is deleted; under a longer one set aside, for nobody knows any more what was said of it."""
    twins = Twins(policy=LONG if term == "five years" else policy())
    recording = ended(twins, ground="mandate")
    sweeps(twins, FORGOTTEN)
    twins.drop()
    again = receive(twins.machine, "call.wav", None, LATE)
    assert (again.id, again.state, again.ground) == (recording.id, state, ground)
    assert [line.revision for line in twins.recordings.ledger(again.id)][:2] == [0, 1]


def test_a_file_of_an_erased_call_is_erased_on_arrival_also_after_its_row_was_forgotten() -> None:
    twins = Twins(policy=LONG)
    ended(twins, State.ERASED)
    sweeps(twins, FORGOTTEN)
    twins.drop()
    again = receive(twins.machine, "call.wav", None, LATE)
    assert (again.state, again.ground, twins.objects.lying()) == (State.ERASED, "call-erased", set())
