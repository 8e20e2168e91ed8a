"""What somebody asked for is not lost before they are answered, and nobody else uses it meanwhile (FACTS 1.6).

A hold of its own kind: it goes before the call's day, ends with the answer, and never in the place of another hold.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chalicelib.errors import CannotBeHeld, ObjectMissing, StaleRecording
from chalicelib.law.request import Request, Right, latest
from chalicelib.model import Hold, HoldKind, Recording, State
from chalicelib.services.hold import hold, release
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Mark

AT_ONCE = (Right.ERASURE, Right.OBJECTION, Right.RESTRICTION)
"""Nobody listens to what is contested (art. 18(1)); what is asked a copy of is frozen only when its day comes."""

_BEFORE = timedelta(days=3)
_TRIES = 5


def open_requests(machine: Machine, call_ref: str) -> list[Request]:
    """Those that concern a call and are owed an answer."""
    marked = (machine.requests.get(request_id) for request_id in machine.people.marks(call_ref, Mark.ASKED))
    return [request for request in marked if request and request.is_open]


def require_not_being_erased(machine: Machine, recording_id: str) -> None:
    """Raises CannotBeHeld, UnknownRecording: what a receipt counts already cannot be had back."""
    call_ref = machine.recording(recording_id).call_ref
    if any(call_ref in request.calls for request in open_requests(machine, call_ref)):
        raise CannotBeHeld("the call's erasure has begun on a person's request")


def freeze(machine: Machine, recording: Recording, request: Request, now: datetime) -> bool:
    """Hold a recording for a request; whether that was possible.

    Another's hold stays: it ends after this one, or the sweep comes back to it then.
    """
    until = min(latest(request, machine.policy) + _BEFORE, machine.policy.keeping.hold.after(machine.day(now)))
    asked = Hold(HoldKind.REQUEST, request.id, "machine", max(until, machine.day(now, 1)))
    for _ in range(_TRIES):
        recording = machine.recording(recording.id)
        if recording.state is State.HELD and not _ends(recording, machine.day(now)):
            return True
        try:
            hold(machine, recording.id, asked, now, recording)
            return True
        except (CannotBeHeld, ObjectMissing):
            return False
        except StaleRecording:
            continue
    return False


def frozen(machine: Machine, recording: Recording, now: datetime) -> bool:
    """Whether a recording that has come to its day is asked for, and held now for that: the sweep asks."""
    if recording.state not in (State.AVAILABLE, State.HELD):
        return False
    asking = open_requests(machine, recording.call_ref)
    return any(freeze(machine, recording, request, now) for request in asking[:1])


def thaw(machine: Machine, recording: Recording, now: datetime) -> None:
    """After the answer: it goes back to where it would be by now, unless somebody else asks for it."""
    for _ in range(_TRIES):
        recording = machine.recording(recording.id)
        if recording.hold is None or recording.hold.kind is not HoldKind.REQUEST:
            return
        if open_requests(machine, recording.call_ref):
            return
        try:
            recording = release(machine, recording.id, "request-answered", now, seen=recording)
            for request in open_requests(machine, recording.call_ref)[:1]:  # who took this hold for theirs meanwhile
                freeze(machine, recording, request, now)
            return
        except (StaleRecording, CannotBeHeld):
            continue


def is_wanted(recording: Recording, request: Request, machine: Machine) -> bool:
    """Whether it is frozen now: where its day could come before the answer; and at once what a caller contests.

    Not on the word of who could not say a day of their calls, nor on an agent's: it would stop a team's work.
    """
    contested = request.right in AT_ONCE and request.second_fact is not False and not request.agent_refs
    return contested or recording.due_on <= latest(request, machine.policy) + _BEFORE


def _ends(recording: Recording, today: date) -> bool:
    """Whether its hold is over."""
    return recording.hold is None or recording.hold.until <= today
