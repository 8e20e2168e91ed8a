"""Ends: of what expired, of what was set aside, of what never got through."""

from datetime import timedelta

import pytest

from chalicelib.errors import ForbiddenTransition
from chalicelib.model import State
from chalicelib.services.end import end, sweep
from chalicelib.services.ports import Bucket
from tests.machines import NOW, Twins


def test_the_sweep_leaves_a_call_on_its_last_day_and_ends_it_the_day_after() -> None:
    twins = Twins()
    recording = twins.available()
    assert list(sweep(twins.machine, NOW + timedelta(days=180))) == []
    assert twins.buckets() == {Bucket.VAULT}
    (ended,) = sweep(twins.machine, NOW + timedelta(days=181))
    assert (ended.id, ended.state, ended.ground) == (recording.id, State.EXPIRED, "last-day-passed")
    assert twins.objects.lying() == set()
    assert list(sweep(twins.machine, NOW + timedelta(days=182))) == []


def test_what_was_set_aside_is_discarded_after_its_short_life() -> None:
    twins = Twins()
    twins.received(b"")
    assert list(sweep(twins.machine, NOW + timedelta(days=30))) == []
    (ended,) = sweep(twins.machine, NOW + timedelta(days=31))
    assert (ended.state, ended.ground) == (State.DISCARDED, "quarantine-ended")
    assert twins.objects.lying() == set()


def test_what_never_got_through_is_discarded_and_said_to_be() -> None:
    twins = Twins()
    twins.transcribing()
    (ended,) = sweep(twins.machine, NOW + timedelta(days=3))
    assert (ended.state, ended.ground) == (State.DISCARDED, "never-finished")
    assert twins.objects.lying() == set()


def test_an_end_is_final() -> None:
    twins = Twins()
    ended = end(twins.machine, twins.available(), State.ERASED, "art-17", NOW)
    assert twins.objects.lying() == set()
    with pytest.raises(ForbiddenTransition):
        end(twins.machine, ended, State.AVAILABLE, "again", NOW)
