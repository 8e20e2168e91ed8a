"""The end of a recording: every copy deleted, in every version, and the ledger told."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial

from chalicelib.errors import StaleRecording
from chalicelib.model import IN_WORK, LIVE, Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine


def end(machine: Machine, recording: Recording, state: State, ground: str, now: datetime) -> Recording:
    """Delete every copy of a recording that is at rest, then say so.

    A crash in between leaves a row that is still due, and is ended again.
    """
    for place in places.superfluous(recording.id, state):
        machine.objects.delete(place)
    return machine.move(recording, state, ground, now)


def sweep(machine: Machine, now: datetime) -> Iterator[Recording | Exception]:
    """End whatever is past its day though no lifecycle rule has come yet; yield each row ended, or why it was not.

    An available recording expires; a quarantined one, or one that never got through, is discarded. One row's
    failure holds up no other; it is still due tomorrow.
    """
    for state in LIVE:
        due = machine.recordings.due(state, machine.day(now))
        with ThreadPoolExecutor(machine.settings.sweep_at_once) as pool:
            ended = pool.map(partial(_end_if_due, machine, now, state), due)
            yield from (outcome for outcome in ended if outcome is not None)


def _end_if_due(machine: Machine, now: datetime, state: State, seen: Recording) -> Recording | Exception | None:
    """End one row, read again first: what the index says may be old, and what is released meanwhile must stay."""
    try:
        recording = machine.recording(seen.id)
        if recording.state is not state or recording.due_on >= machine.day(now):
            return None
        if state is State.AVAILABLE:
            return end(machine, recording, State.EXPIRED, "last-day-passed", now)
        if state is State.QUARANTINED:
            return end(machine, recording, State.DISCARDED, "quarantine-ended", now)
        return _give_up(machine, recording, now)
    except StaleRecording:
        return None
    except Exception as error:  # whatever it is, the other rows have an end to meet
        return error


def _give_up(machine: Machine, recording: Recording, now: datetime) -> Recording:
    """A row in work is taken from its worker first, by the conditional write, and its copies deleted then."""
    assert recording.state in IN_WORK
    recording = machine.move(recording, State.DISCARDED, "never-finished", now)
    machine.tidy(recording)
    machine.transcriber.delete(recording.id)
    return recording
