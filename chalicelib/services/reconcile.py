"""Every tombstone applied again: what a restored backup brought back is erased once more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from chalicelib.model import State
from chalicelib.services.erase import erase_recording, everywhere
from chalicelib.services.find import call
from chalicelib.services.machine import Machine


@dataclass(frozen=True, slots=True)
class CameBack:
    """What there was again of an erased call, and is no more: recordings, objects' versions, other items."""

    call_ref: str
    recordings: int
    objects: int
    items: int


def reconcile(machine: Machine, now: datetime, by: str = "reconcile") -> Iterator[CameBack]:
    """Yield each erased call of which there was something. Idempotent; a second run right after the first yields none.

    Recordings are found by their rows: objects that came back without any are the lifecycle rules' to end.
    """
    for call_ref in machine.recordings.buried():
        found = call(machine, call_ref)
        living = [row for row in found.recordings if row.state is not State.ERASED]
        objects = 0
        for row in found.recordings:
            lying = sum(machine.objects.versions(place) for place in everywhere(row.id))
            objects += lying
            if lying or row in living:
                erase_recording(machine, row.id, now, by, "erased-again")
                for place in everywhere(row.id):
                    machine.objects.delete(place)
        items = machine.calls.forget(call_ref) + machine.people.forget(call_ref)
        if living or objects or items:
            yield CameBack(call_ref, len(living), objects, items)
