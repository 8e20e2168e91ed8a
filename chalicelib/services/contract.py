"""A contract came of a call, or did not: what a duty that runs from the signature makes of its recordings.

C. assur., art. R. 112-7 (FACTS 1.3): two years from the signature; destroyed if the person refuses, or if nothing is
signed within a month, which happens by itself: until a signature is told, that month is the recording's term.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from chalicelib.law.queue import Queue
from chalicelib.law.retention import is_long, last_day
from chalicelib.model import ENDS, Call, Recording, Shelf, State
from chalicelib.services.end import end_now
from chalicelib.services.machine import Machine
from chalicelib.services.refs import call_ref
from chalicelib.services.shelves import redacted_tags, reshelve, shelved, undone


def signed(machine: Machine, call: Call, signed_on: date, now: datetime, by: str = "system") -> list[Recording]:
    """Give every recording of the call its term from the signature; returns those that have one."""
    terms = [
        (each, last_day(machine.policy, queue, each.started_at, signed_on))
        for each, queue in _concerned(machine, call)
        if each.started_at and each.last_day  # without a believable start it is set aside, and has no term
    ]
    return [_until(machine, recording, end_on, now, by) for recording, end_on in terms]


def refused(machine: Machine, call: Call, now: datetime, by: str = "system") -> list[Recording]:
    """End every recording of the call whose contract will not be; one that is held ends with its hold."""
    return [end_now(machine, recording, "contract-refused", now, by) for recording, _ in _concerned(machine, call)]


def _concerned(machine: Machine, call: Call) -> Iterator[tuple[Recording, Queue]]:
    """The call's living recordings under a duty that asks for a signature."""
    for seen in list(machine.recordings.of_call(call_ref(machine, call))):
        recording = machine.recording(seen.id)
        queue = machine.policy.queue(recording.queue)
        duty = machine.policy.duty(queue) if queue else None
        if recording.state not in ENDS and queue and duty and duty.unless_signed:
            yield recording, queue


def _until(machine: Machine, recording: Recording, end_on: date, now: datetime, by: str) -> Recording:
    long = recording.started_at is None or is_long(end_on, recording.started_at, machine.policy.zone)
    longer = replace(recording, last_day=end_on, shelf=Shelf.KEPT if long else Shelf.CALLS)
    if recording.state is not State.AVAILABLE:
        return machine.note(longer, "contract-signed", now, by)
    tags = redacted_tags(machine, end_on, now)
    if not tags:
        return machine.end(recording, State.EXPIRED, "contract-signed", now, by)
    with undone(machine, recording.id, now):
        reshelve(machine, recording.id, recording.shelf, longer.shelf, tags)
        longer = machine.move(longer, State.AVAILABLE, "contract-signed", now, by)
    return shelved(machine, longer, recording.shelf, tags)
