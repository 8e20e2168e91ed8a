"""Before a restriction is lifted, whoever asked for it is told (GDPR, art. 18(3))."""

from __future__ import annotations

from datetime import datetime

from chalicelib.law.messages import lifting
from chalicelib.model import HoldKind, Recording
from chalicelib.services.machine import Machine


def tell_before_lifting(machine: Machine, recording: Recording, now: datetime) -> bool:
    """Write to them, if the hold is theirs and they can be written to; whether they were. Raises MessageNotSent."""
    if recording.hold is None or recording.hold.kind is not HoldKind.RESTRICTION:
        return False
    request = machine.requests.get(recording.hold.reference)
    if request is None or not request.contact:
        return False
    machine.messenger.send(request.contact, *lifting(request, machine.policy, machine.day(now)))
    return True
