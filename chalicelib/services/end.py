"""The end of recordings on their day: every copy deleted, in every version, and the ledger told; then the row's own."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.errors import MessageNotSent, StaleRecording, UnknownRecording
from chalicelib.model import ENDS, LIVE, Recording, State
from chalicelib.services import places
from chalicelib.services.freeze import frozen, open_requests
from chalicelib.services.hold import release
from chalicelib.services.lift import tell_before_lifting
from chalicelib.services.machine import Machine


def sweep(machine: Machine, now: datetime) -> Iterator[Recording | Exception]:
    """End whatever has come to its day; yield each row ended, or why it was not.

    An available recording expires; a quarantined one, or one that never got through, is discarded; a hold is released;
    what an earlier end left undeleted is deleted. A row of which nothing is left is forgotten, and no more said of it.
    One row's failure holds up no other; it is still due.
    """
    for state in (*ENDS, *LIVE):
        due = machine.recordings.due(state, machine.day(now, 1))
        with ThreadPoolExecutor(machine.settings.sweep_at_once) as pool:
            ended = pool.map(partial(_end_if_due, machine, now, state), due)
            yield from (outcome for outcome in ended if outcome is not None)


def end_now(machine: Machine, recording: Recording, ground: str, now: datetime, by: str = "machine") -> Recording:
    """End a living recording before its day, for it was refused; one that is held ends with its hold.

    What was written about the call goes with it, also where a hold does not let the sound go yet.
    """
    if recording.state is State.HELD:
        machine.objects.delete(places.evaluation(recording.id))
        if recording.last_day and recording.last_day <= machine.day(now):
            return recording  # it ends with its hold already
        return machine.note(replace(recording, last_day=machine.day(now)), ground, now, by)
    end = State.EXPIRED if recording.state is State.AVAILABLE else State.DISCARDED
    return machine.end(recording, end, ground, now, by)


def _end_if_due(machine: Machine, now: datetime, state: State, seen: Recording) -> Recording | Exception | None:
    """End one row, read again first: what the index says may be old, and what is released meanwhile must stay."""
    try:
        recording = machine.recording(seen.id)
        if recording.state is not state or recording.due_on > machine.day(now):
            return None
        if frozen(machine, recording, now):
            return None
        if state is State.HELD:
            with suppress(MessageNotSent):  # nothing is held for longer because nobody can be written to
                tell_before_lifting(machine, recording, now)
            return release(machine, recording.id, "hold-ended", now, seen=recording)
        if state in ENDS:
            return _forget(machine, recording) if recording.settled else machine.settle(recording, now)
        end, ground = _END.get(state, (State.DISCARDED, "never-finished"))
        return machine.end(recording, end, ground, now)
    except (StaleRecording, UnknownRecording):  # somebody else was faster
        return None
    except Exception as error:  # whatever it is, the other rows have an end to meet
        return error


def _forget(machine: Machine, recording: Recording) -> Recording | None:
    """Forget a row and its lines. It stays while an evaluation is found by it, or an answer about it is owed."""
    asked = open_requests(machine, recording.call_ref)
    if not asked and not machine.objects.versions(places.evaluation(recording.id)):
        machine.recordings.forget(recording)
    return None


_END = {
    State.AVAILABLE: (State.EXPIRED, "last-day-reached"),
    State.QUARANTINED: (State.DISCARDED, "quarantine-ended"),
}
