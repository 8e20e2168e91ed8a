"""A request is carried out: the worker behind the queue of rights. Each act can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.rights import kept, summed
from chalicelib.model import ENDS, IN_WORK, Hold, HoldKind, Recording, State
from chalicelib.services import answered
from chalicelib.services.annotate import RECTIFIED, WORDS_RECTIFIED, Rectification
from chalicelib.services.erase import erase_call, inventory
from chalicelib.services.find import Found, FoundCall, call, find
from chalicelib.services.freeze import open_requests
from chalicelib.services.hold import hold
from chalicelib.services.machine import Machine
from chalicelib.services.package import pack
from chalicelib.services.ports import Step
from chalicelib.services.rectify import rectify
from chalicelib.services.redact_again import MUTED_AGAIN
from chalicelib.services.story import story_of
from chalicelib.services.take_up import concern

LATER_MS = 900_000
"""A queue's longest delay: what is still in work is looked at again then."""

_WAITS_FOR = timedelta(days=4)
"""What never got through is given up on the third day."""

Act = Callable[[Machine, Request, Found, datetime], Request | None]
"""Returns the request at its end, or None where it has to wait."""


def exercise(machine: Machine, request_id: str, now: datetime, once: bool = False) -> Request | None:
    """Do whatever is left to do of a request; None where there is none. Raises whatever another try can mend.

    What has to wait is looked at again in a quarter of an hour, unless it is so already (`once`).
    """
    request = machine.requests.get(request_id)
    if request is None:
        return None
    if not request.is_open:
        return answered.tell(machine, request, now)
    if request.state is Status.UNPROVEN:
        return request
    concern(machine, request, now)
    if request.state is not Status.ACCEPTED:
        return request
    found = find(machine, request)
    done = None if _is_early(request, found, now) else _ACTS[request.right](machine, request, found, now)
    if done is None and not once:
        machine.steps.post(Step.RIGHTS, {"request": request.id}, LATER_MS)
    return answered.tell(machine, done, now) if done else request


def _is_early(request: Request, found: Found, now: datetime) -> bool:
    """Whether something that it is about is still on its way; an erasure need not wait."""
    working = any(recording.state in IN_WORK for recording in found.recordings)
    in_time = request.changed_at is not None and now - request.changed_at < _WAITS_FOR
    return working and in_time and request.right not in (Right.ERASURE, Right.OBJECTION)


def _copy(machine: Machine, request: Request, found: Found, now: datetime) -> Request:
    """Access and portability: a package."""
    packed = pack(machine, request, found, now)
    return answered.write(machine, replace(request, sha256=packed.sha256, told=packed.told), Status.ANSWERED, now)


def _erase(machine: Machine, request: Request, found: Found, now: datetime) -> Request | None:
    """Erasure, and what an objection does to what is here already."""
    waits, stays, told = False, [], list(request.told)
    calls = {ref: call(machine, ref) for ref in request.calls}
    for each in found.calls:
        reasons = _reasons(machine, each)
        if each.ref in calls:
            continue
        if reasons:
            stays += reasons
        elif _is_waited_for(machine, each, request):
            waits = True
        else:
            calls[each.ref] = each
    told += inventory(machine, [each for ref, each in calls.items() if ref not in request.calls])
    request = _counted(machine, request, tuple(calls), told, now)
    for each in calls.values():
        erase_call(machine, each, request.id, now, "data-subject")
    if waits:
        return None
    ends = [*told, *stays, *_future(machine, request)] or [Told("nothing-found")]
    none_at_all = not calls and bool(stays) and request.right is Right.ERASURE
    status = Status.REFUSED if none_at_all else Status.ANSWERED
    return answered.write(machine, replace(request, told=summed(ends), calls=()), status, now)


def _counted(machine: Machine, request: Request, calls: tuple[str, ...], told: list[Told], now: datetime) -> Request:
    """Write down what is about to be erased, once, so that who goes on after a crash still knows how much it was."""
    if calls == request.calls:
        return request
    return machine.requests.write(replace(request, calls=calls, told=summed(told)), "counted", now)


def _reasons(machine: Machine, each: FoundCall) -> list[Told]:
    """Why a call is not erased: a call goes as a whole, or a late copy of what must be kept would be erased too."""
    queue = machine.policy.queue(story_of(machine, each.ref).queue)
    of_call = [kept(machine.policy, queue, None)] if queue else []
    of_rows = [
        kept(machine.policy, machine.policy.queue(row.queue), row.hold, row.id)
        for row in each.recordings
        if row.state not in ENDS
    ]
    found = [reason for reason in of_rows if reason] or [reason for reason in of_call if reason]
    return list(found)


def _is_waited_for(machine: Machine, each: FoundCall, request: Request) -> bool:
    """Whether somebody asked before for a copy of it, or to have it mended: they are answered first."""
    others = [other for other in open_requests(machine, each.ref) if other.id != request.id]
    first = (Right.ACCESS, Right.PORTABILITY, Right.RECTIFICATION)
    return any(other.right in first and other.received_on <= request.received_on for other in others)


def _future(machine: Machine, request: Request) -> list[Told]:
    """What an objection means for calls to come."""
    if request.right is not Right.OBJECTION:
        return []
    policy = machine.policy
    bound = [policy.duties[queue.duty or ""].source for queue in policy.queues if policy.binds(queue)]
    spared = [Told("recorded-under-duty", 1, source=each) for each in dict.fromkeys(bound)]
    return [Told("recorded-no-more", 1), *spared]


def _restrict(machine: Machine, request: Request, found: Found, now: datetime) -> Request:
    """Held: nobody listens (art. 18(2)), until the DPO lifts it and tells the person before (18(3))."""
    told = [_restricted(machine, request, recording, now) for recording in found.recordings]
    said = summed([each for each in told if each]) or (Told("nothing-found"),)
    return answered.write(machine, replace(request, told=said), Status.ANSWERED, now)


def _restricted(machine: Machine, request: Request, recording: Recording, now: datetime) -> Told | None:
    if recording.state not in (State.AVAILABLE, State.HELD):
        return Told("not-restricted-yet", 1) if recording.state not in ENDS else None
    if recording.hold and recording.hold.kind is not HoldKind.REQUEST:
        return Told("restricted-already", 1)
    until = machine.policy.keeping.hold.after(machine.day(now))
    hold(machine, recording.id, Hold(HoldKind.RESTRICTION, request.id, "data-subject", until), now)
    return Told("recordings-restricted", 1)


def _rectify(machine: Machine, request: Request, found: Found, now: datetime) -> Request:
    """What the DPO corrected is written already; the person's statement is kept beside each transcript (art. 16)."""
    told = []
    for recording in found.recordings:
        grounds = {line.ground for line in machine.recordings.ledger(recording.id)}
        told += [Told(RECTIFIED, 1)] if grounds & {RECTIFIED, WORDS_RECTIFIED} else []
        told += [Told(MUTED_AGAIN, 1)] if MUTED_AGAIN in grounds else []
        if request.text and recording.state in (State.AVAILABLE, State.HELD):
            rectify(machine, recording.id, Rectification(request.id, request.text), now, "data-subject")
            told.append(Told("statement-kept", 1))
    said = [*told, Told("audio-not-edited", 1)] if found.recordings else [Told("nothing-found")]
    return answered.write(machine, replace(request, told=summed(said)), Status.ANSWERED, now)


_ACTS: dict[Right, Act] = {
    Right.ACCESS: _copy,
    Right.PORTABILITY: _copy,
    Right.ERASURE: _erase,
    Right.OBJECTION: _erase,
    Right.RESTRICTION: _restrict,
    Right.RECTIFICATION: _rectify,
}
