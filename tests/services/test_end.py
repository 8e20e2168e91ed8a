"""Ends: of what expired, of what was set aside, of what never got through."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest

from chalicelib.adapters.memory import MemoryObjects, MemoryRecordings
from chalicelib.errors import ForbiddenTransition
from chalicelib.model import Recording, State
from chalicelib.services.end import sweep
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, Place
from chalicelib.services.redact import redact
from tests.machines import NOW, Twins


def swept(machine: Machine, now: datetime) -> list[Recording]:
    return [outcome for outcome in sweep(machine, now) if isinstance(outcome, Recording)]


def test_the_sweep_leaves_a_call_on_its_last_day_and_ends_it_the_day_after() -> None:
    twins = Twins()
    recording = twins.available()
    assert list(sweep(twins.machine, NOW + timedelta(days=180))) == []
    assert twins.buckets() == {Bucket.VAULT}
    (ended,) = swept(twins.machine, NOW + timedelta(days=181))
    assert (ended.id, ended.state, ended.ground) == (recording.id, State.EXPIRED, "last-day-reached")
    assert twins.objects.lying() == set()
    assert list(sweep(twins.machine, NOW + timedelta(days=182))) == []


def test_what_was_set_aside_is_discarded_after_its_short_life() -> None:
    twins = Twins()
    twins.received(b"")
    assert list(sweep(twins.machine, NOW + timedelta(days=29))) == []
    (ended,) = swept(twins.machine, NOW + timedelta(days=30))
    assert (ended.state, ended.ground) == (State.DISCARDED, "quarantine-ended")
    assert twins.objects.lying() == set()


def test_what_never_got_through_is_discarded_and_said_to_be() -> None:
    twins = Twins()
    twins.transcribing()
    (ended,) = swept(twins.machine, NOW + timedelta(days=3))
    assert (ended.state, ended.ground) == (State.DISCARDED, "never-finished")
    assert twins.objects.lying() == set()


def test_a_recording_that_is_released_while_the_sweep_looks_at_it_stays() -> None:
    class Indexed(MemoryRecordings):
        """Rows whose index is older than they are."""

        def due(self, state: State, before: date) -> Iterator[Recording]:
            found = list(super().due(state, before))
            if found and state is State.TRANSCRIBING:
                redact(twins.machine, recording.id, NOW)
            yield from found

    twins = Twins(recordings=Indexed())
    recording = twins.transcribing()
    twins.heard(recording)
    assert list(sweep(twins.machine, NOW + timedelta(days=3))) == []
    assert twins.buckets() == {Bucket.VAULT}


def test_one_recording_that_cannot_be_ended_holds_up_no_other() -> None:
    class Stuck(MemoryObjects):
        def delete(self, place: Place) -> None:
            if stuck and stuck[0] in place.key:
                raise OSError
            super().delete(place)

    stuck: list[str] = []
    twins = Twins(objects=Stuck())
    first, second = twins.received(b""), twins.received(b"text")
    stuck.append(first.id)
    outcomes = list(sweep(twins.machine, NOW + timedelta(days=31)))
    assert [type(outcome).__name__ for outcome in outcomes if isinstance(outcome, Exception)] == ["OSError"]
    assert [outcome.id for outcome in outcomes if isinstance(outcome, Recording)] == [second.id]
    stuck.clear()
    assert len(list(sweep(twins.machine, NOW + timedelta(days=32)))) == 1


def test_an_end_is_final() -> None:
    twins = Twins()
    ended = twins.machine.end(twins.available(), State.ERASED, "art-17", NOW)
    assert twins.objects.lying() == set()
    with pytest.raises(ForbiddenTransition):
        twins.machine.end(ended, State.AVAILABLE, "again", NOW)
