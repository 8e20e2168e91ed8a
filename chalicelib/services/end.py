"""The end of a recording: every copy deleted, in every version, and the ledger told."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.errors import StaleRecording
from chalicelib.model import LIVE, Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine


def end(machine: Machine, recording: Recording, state: State, ground: str, now: datetime) -> Recording:
    """Delete every copy, then say so. A crash in between leaves a row that is still due, and is ended again."""
    machine.delete(recording, places.every(recording.id))
    return machine.move(recording, state, ground, now)


def sweep(machine: Machine, now: datetime) -> Iterator[Recording]:
    """End whatever is past its day though no lifecycle rule has come yet, and yield each row ended.

    An available recording expires; a quarantined one, or one that never got through, is discarded. A row that
    somebody else changes meanwhile is left to the next sweep.
    """
    for state in LIVE:
        for recording in machine.recordings.due(state, machine.day(now)):
            try:
                yield end(machine, recording, *_end_of(state), now)
            except StaleRecording:
                continue


def _end_of(state: State) -> tuple[State, str]:
    if state is State.AVAILABLE:
        return State.EXPIRED, "last-day-passed"
    return State.DISCARDED, "quarantine-ended" if state is State.QUARANTINED else "never-finished"
