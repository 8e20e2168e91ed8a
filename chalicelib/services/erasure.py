"""An erasure, and what an objection does to what is here: which calls go, which stay and why, and the receipt."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.rights import kept, summed
from chalicelib.model import ENDS, Hold, Recording
from chalicelib.services import answered
from chalicelib.services.erase import erase_call, inventory
from chalicelib.services.find import Found, FoundCall, call
from chalicelib.services.freeze import open_requests
from chalicelib.services.hold import FAILED
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.restrict import restricted_by
from chalicelib.services.story import story_of


def erase(machine: Machine, request: Request, found: Found, now: datetime) -> Request | None:
    """Erasure, and what an objection does to what is here already."""
    waits, stays, told = False, [], list(request.told)
    calls = {ref: call(machine, ref) for ref in request.calls}
    for each in found.calls:
        reasons = _reasons(machine, request, each)
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
    others = {other for each in calls.values() for other in erase_call(machine, each, request.id, now, "data-subject")}
    for other in sorted(others):  # they look again, and find those calls no more
        machine.steps.post(Step.RIGHTS, {"request": other, "once": True})
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


def _reasons(machine: Machine, request: Request, each: FoundCall) -> list[Told]:
    """Why a call is not erased: a call goes as a whole, or a late copy of what must be kept would be erased too."""
    queue = machine.policy.queue(story_of(machine, each.ref).queue)
    of_call = [kept(machine.policy, queue, None)] if queue else []
    of_rows = [
        kept(machine.policy, machine.policy.queue(row.queue), _against(machine, request, row), row.id)
        for row in each.recordings
        if row.state not in ENDS
    ]
    found = [reason for reason in of_rows if reason] or [reason for reason in of_call if reason]
    return list(found)


def _against(machine: Machine, request: Request, row: Recording) -> Hold | None:
    """The hold that stands against an erasure: not the asker's own restriction, nor that of a muting that failed."""
    own = {restricted_by(machine, row, replace(request, persons=(person,))) for person in request.persons}
    spared = row.hold is not None and (row.hold.by in own or row.hold.reference == FAILED)
    return None if spared else row.hold


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
