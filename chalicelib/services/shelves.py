"""From shelf to shelf of the vault: copies with a new end, and their tags, which the lifecycle rules go by.

Copies first, then the row, then the deletions: whatever moment a crash picks, the same act again ends it. Somebody else
may come between any two: whoever loses leaves what the winner's row says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta

from chalicelib.errors import ObjectMissing
from chalicelib.law.retention import lifecycle_days, tag_days
from chalicelib.model import Recording, Shelf
from chalicelib.services import places
from chalicelib.services.machine import DAYS_TAG, Machine


def redacted_tags(machine: Machine, end_on: date | None, now: datetime) -> dict[str, str]:
    """What the lifecycle goes by, and what a person reads in the console; nothing personal.

    None at all when no day is left on which an object that is written now may lie there.
    """
    days = lifecycle_days(end_on, now, machine.policy.zone) if end_on else 0
    if end_on is None or days < 1:
        return {}
    return {DAYS_TAG: str(tag_days(days)), "last-day": end_on.isoformat(), "state": "redacted"}


def held_tags(machine: Machine, recording: Recording, until: date, now: datetime) -> dict[str, str]:
    """The store lets go of what is held a day after the hold, or on the call's last day if that is later.

    The sweep is first, on the hold's last day, and still finds what it gives back to the call's own time.
    """
    latest = max(until + timedelta(days=1), recording.last_day or until)
    return redacted_tags(machine, latest, now) | {"last-day": until.isoformat(), "state": "held"}


def reshelve(machine: Machine, recording_id: str, source: Shelf, target: Shelf, tags: dict[str, str]) -> None:
    """Copy sound and transcript to another shelf with their new end; onto the same shelf, that end alone is new."""
    for old, new in zip(places.verified(recording_id, source), places.verified(recording_id, target), strict=True):
        machine.objects.copy(old, new, tags, machine.objects.info(old).content_type)


@contextmanager
def undone(machine: Machine, recording_id: str, now: datetime) -> Iterator[None]:
    """Where the row was not written (somebody else moved it), leave no copy and no tag that it does not say."""
    try:
        yield
    except Exception:  # whatever it is: a copy that nobody's row knows would outlive the call
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
