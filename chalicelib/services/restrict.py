"""A restriction: held, and the DPO alone may listen, for what the law allows (GDPR, art. 18)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.law.request import Request, Status, Told
from chalicelib.law.rights import summed
from chalicelib.model import IN_WORK, Hold, HoldKind, Recording, State
from chalicelib.services import answered
from chalicelib.services.find import Found
from chalicelib.services.hold import hold
from chalicelib.services.machine import Machine


def restrict(machine: Machine, request: Request, found: Found, now: datetime) -> Request | None:
    """Held: the DPO alone may listen (art. 18(2)), until they lift it and tell the person before (18(3))."""
    if any(recording.state in IN_WORK for recording in found.recordings):
        return None
    told = [_restricted(machine, request, recording, now) for recording in found.recordings]
    said = summed([each for each in told if each]) or (Told("nothing-found"),)
    return answered.write(machine, replace(request, told=said), Status.ANSWERED, now)


def _restricted(machine: Machine, request: Request, recording: Recording, now: datetime) -> Told | None:
    if recording.state is State.QUARANTINED:
        return Told("aside-not-restricted", 1, source=recording.due_on.isoformat())
    if recording.state not in (State.AVAILABLE, State.HELD):
        return None
    if recording.hold and recording.hold.kind is not HoldKind.REQUEST and recording.hold.reference != request.id:
        return Told("restricted-already", 1)
    until = machine.policy.keeping.hold.after(machine.day(now))
    asked = Hold(HoldKind.RESTRICTION, request.id, restricted_by(machine, recording, request), until)
    if recording.hold is None or recording.hold.kind is HoldKind.REQUEST:
        hold(machine, recording.id, asked, now, recording)
    return Told("recordings-restricted", 1, source=until.isoformat())


def restricted_by(machine: Machine, recording: Recording, request: Request) -> str:
    """Who restricts a recording, so that they alone are known again: nobody else's reference leads there."""
    person = next(iter(request.persons), "")
    return f"data-subject:{machine.pseudonyms.of('restricts', recording.id, person)}"
