"""A hold: for a legal claim (GDPR art. 17(3)(e)) or a restriction (art. 18), nothing is lost and nobody listens.

A held recording lies on a shelf of its own, which no listening reads and whose lifecycle ends with the hold: an object
that stayed where it was would be deleted by the bucket's rules, which know no exception (FACTS 3.1). Held or not, the
call's own last day stays what it was.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.errors import CannotBeHeld, ObjectMissing, SourdineError
from chalicelib.model import NEVER, Hold, Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.machine import Machine


def hold(machine: Machine, recording_id: str, asked: Hold, now: datetime) -> Recording:
    """Hold an available recording, or set another end to its hold; the same hold again changes nothing.

    Raises CannotBeHeld where its state or the hold's end does not allow it, UnknownRecording and StaleRecording.
    """
    recording = machine.recording(recording_id)
    _require_lawful(machine, asked, now)
    if recording.state not in (State.AVAILABLE, State.HELD):
        raise CannotBeHeld(f"only a verified recording can be held, and this one is {recording.state}")
    tags = _tags(machine, recording, asked.until, now)
    if recording.hold != asked:
        source = Shelf.HELD if recording.state is State.HELD else recording.shelf
        with _undone(machine, recording.id, now):
            _move(machine, recording, source, Shelf.HELD, tags)
            recording = machine.move(replace(recording, hold=asked), State.HELD, asked.kind, now, asked.by)
    return _moved(machine, recording, recording.shelf, Shelf.HELD, tags)


def release(machine: Machine, recording_id: str, ground: str, now: datetime, by: str = "machine") -> Recording:
    """End a hold: the recording goes back to where it would be by now, or to its end if that has passed.

    Raises CannotBeHeld where it is not held, UnknownRecording and StaleRecording.
    """
    recording = machine.recording(recording_id)
    if recording.state is not State.HELD:
        machine.tidy(recording)  # of a release that crashed on its way
        raise CannotBeHeld(f"the recording is not held: it is {recording.state}")
    freed = replace(recording, hold=None)
    tags = machine.tags(recording.last_day, "redacted", now)
    if not tags:
        return machine.end(freed, State.EXPIRED, ground, now, by)
    with _undone(machine, recording.id, now):
        _move(machine, recording, Shelf.HELD, recording.shelf, tags)
        recording = machine.move(freed, State.AVAILABLE, ground, now, by)
    return _moved(machine, recording, Shelf.HELD, recording.shelf, tags)


def held(machine: Machine) -> Iterator[Recording]:
    """Every recording that is held, until its hold ends."""
    return machine.recordings.due(State.HELD, NEVER)


def _require_lawful(machine: Machine, asked: Hold, now: datetime) -> None:
    """A hold ends, and on a day that the policy allows: nobody keeps a call just in case (CNIL SAN-2023-008)."""
    today = machine.day(now)
    latest = machine.policy.keeping.hold.after(today)
    if not today < asked.until <= latest:
        raise CannotBeHeld(f"a hold ends after today and by {latest} at the latest, not on {asked.until}")


def _tags(machine: Machine, recording: Recording, until: date, now: datetime) -> dict[str, str]:
    """The store lets go of what is held a day after the hold, or on the call's last day if that is later.

    The sweep is first, on the hold's last day, and still finds what it gives back to the call's own time.
    """
    latest = max(until + timedelta(days=1), recording.last_day or until)
    return machine.tags(latest, "held", now) | {"last-day": until.isoformat()}


@contextmanager
def _undone(machine: Machine, recording_id: str, now: datetime) -> Iterator[None]:
    """Where the row was not written (somebody else moved it), leave no copy and no tag that it does not say."""
    try:
        yield
    except SourdineError:
        recording = machine.recording(recording_id)
        machine.tidy(recording)
        if recording.hold is not None:
            _move(machine, recording, Shelf.HELD, Shelf.HELD, _tags(machine, recording, recording.hold.until, now))
        raise


def _move(machine: Machine, recording: Recording, source: Shelf, target: Shelf, tags: dict[str, str]) -> None:
    """Copy both objects, with their new end; a shelf onto itself sets their end anew."""
    for old, new in zip(places.verified(recording.id, source), places.verified(recording.id, target), strict=True):
        machine.objects.copy(old, new, tags, machine.objects.info(old).content_type)


def _moved(machine: Machine, recording: Recording, source: Shelf, target: Shelf, tags: dict[str, str]) -> Recording:
    """Once the row says where it lies: copy again what somebody tidied away before it did, then tidy.

    By the row as it is then: whoever moved it on meanwhile wants none of our copies.
    """
    if machine.recording(recording.id).state is recording.state and not machine.is_whole(recording):
        with suppress(ObjectMissing):
            _move(machine, recording, source, target, tags)
    machine.tidy(machine.recording(recording.id))
    return recording
