"""A hold: for a legal claim (GDPR art. 17(3)(e)) or a restriction (art. 18). Nothing is lost, and only the DPO hears.

A held recording lies on a shelf of its own, which no listening reads and whose lifecycle ends with the hold: an object
that stayed where it was would be deleted by the bucket's rules, which know no exception (FACTS 3.1). Held or not, the
call's own last day stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.errors import CannotBeHeld, StaleRecording
from chalicelib.model import NEVER, Hold, Recording, Shelf, State
from chalicelib.services.machine import Machine
from chalicelib.services.shelves import held_tags, redacted_tags, reshelve, shelved, undone

FAILED = "muting-again-failed"
"""On the ledger, of a muting (`redact_again`); and the reference of the hold under which only the DPO hears it."""


def hold(machine: Machine, recording_id: str, asked: Hold, now: datetime, seen: Recording | None = None) -> Recording:
    """Hold an available recording, or set another end to its hold; the same hold again changes nothing.

    `seen` is the row by which somebody decided: another may not be held for it. Raises CannotBeHeld where its state or
    the hold's end does not allow it, UnknownRecording and StaleRecording.
    """
    recording = _as_seen(machine.recording(recording_id), seen)
    _require_lawful(machine, asked, now)
    if recording.state not in (State.AVAILABLE, State.HELD):
        raise CannotBeHeld(f"only a verified recording can be held, and this one is {recording.state}")
    tags = held_tags(machine, recording, asked.until, now)
    if recording.hold != asked:
        source = Shelf.HELD if recording.state is State.HELD else recording.shelf
        with undone(machine, recording.id, now):
            reshelve(machine, recording.id, source, Shelf.HELD, tags)
            recording = machine.move(replace(recording, hold=asked), State.HELD, asked.kind, now, asked.by)
    return shelved(machine, recording, recording.shelf, tags)


def release(
    machine: Machine, recording_id: str, ground: str, now: datetime, by: str = "machine", seen: Recording | None = None
) -> Recording:
    """End a hold: the recording goes back to where it would be by now, or to its end if that has passed.

    `seen` as in `hold`. Raises CannotBeHeld where it is not held, UnknownRecording and StaleRecording.
    """
    recording = _as_seen(machine.recording(recording_id), seen)
    if recording.state is not State.HELD:
        machine.tidy(recording)  # of a release that crashed on its way
        raise CannotBeHeld(f"the recording is not held: it is {recording.state}")
    freed = replace(recording, hold=None)
    tags = redacted_tags(machine, recording.last_day, now)
    if not tags:
        return machine.end(freed, State.EXPIRED, ground, now, by)
    whole = machine.is_whole(recording)
    if not whole and not machine.is_whole(replace(freed, state=State.AVAILABLE)):
        return machine.end(freed, State.EXPIRED, "copies-missing", now, by)
    with undone(machine, recording.id, now):
        if whole:
            reshelve(machine, recording.id, Shelf.HELD, recording.shelf, tags)
        recording = machine.move(freed, State.AVAILABLE, ground, now, by)
    return shelved(machine, recording, Shelf.HELD, tags)


def held(machine: Machine) -> Iterator[Recording]:
    """Every recording that is held, until its hold ends."""
    return machine.recordings.due(State.HELD, NEVER)


def _as_seen(recording: Recording, seen: Recording | None) -> Recording:
    if seen is not None and seen.revision != recording.revision:
        raise StaleRecording("the row changed since it was read")
    return recording


def _require_lawful(machine: Machine, asked: Hold, now: datetime) -> None:
    """A hold ends, and on a day that the policy allows: nobody keeps a call just in case (CNIL SAN-2023-008)."""
    today = machine.day(now)
    latest = machine.policy.keeping.hold.after(today)
    if not today < asked.until <= latest:
        raise CannotBeHeld(f"a hold ends after today and by {latest} at the latest, not on {asked.until}")
