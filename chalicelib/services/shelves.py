"""From one shelf of the vault to another, as a hold, a release or a longer term asks; nothing is lost on the way.

Copies first, then the row, then the deletions: whatever moment a crash picks, the same act again ends it. Somebody else
may come between any two: whoever loses leaves what the winner's row says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

from chalicelib.errors import ObjectMissing, SourdineError
from chalicelib.model import Recording, Shelf
from chalicelib.services import places
from chalicelib.services.machine import Machine


def reshelve(machine: Machine, recording_id: str, source: Shelf, target: Shelf, tags: dict[str, str]) -> None:
    """Copy sound and transcript to another shelf with their new end; onto the same shelf, that end alone is new."""
    pairs = zip(places.verified(recording_id, source), places.verified(recording_id, target), strict=True)
    for old, new in pairs:
        machine.objects.copy(old, new, tags, machine.objects.info(old).content_type)


@contextmanager
def undone(machine: Machine, recording_id: str, now: datetime) -> Iterator[None]:
    """Where the row was not written (somebody else moved it), leave no copy and no tag that it does not say."""
    try:
        yield
    except SourdineError:
        recording = machine.recording(recording_id)
        machine.tidy(recording)
        if recording.hold is not None:
            tags = held_tags(machine, recording, recording.hold.until, now)
            reshelve(machine, recording.id, Shelf.HELD, Shelf.HELD, tags)
        raise


def shelved(machine: Machine, recording: Recording, source: Shelf, tags: dict[str, str]) -> Recording:
    """Once the row says where it lies: copy again what somebody tidied away before it did, then tidy.

    By the row as it is then: whoever moved it on meanwhile wants none of our copies.
    """
    shelf, current = places.shelf_of(recording), machine.recording(recording.id)
    if shelf and shelf is places.shelf_of(current) and not machine.is_whole(recording):
        with suppress(ObjectMissing):
            reshelve(machine, recording.id, source, shelf, tags)
    machine.tidy(machine.recording(recording.id))
    return recording


def held_tags(machine: Machine, recording: Recording, until: date, now: datetime) -> dict[str, str]:
    """The store lets go of what is held a day after the hold, or on the call's last day if that is later.

    The sweep is first, on the hold's last day, and still finds what it gives back to the call's own time.
    """
    latest = max(until + timedelta(days=1), recording.last_day or until)
    return machine.tags(latest, "held", now) | {"last-day": until.isoformat()}
