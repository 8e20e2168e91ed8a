"""A request is carried out: the worker behind the queue of rights. Each act can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.errors import StaleRequest
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.rights import kept, summed
from chalicelib.model import ENDS, IN_WORK, Hold, HoldKind, Recording, State
from chalicelib.services import answered, places
from chalicelib.services.annotate import RECTIFIED, WORDS_RECTIFIED, Rectification
from chalicelib.services.erase import erase_call, inventory
from chalicelib.services.find import Found, FoundCall, call, find
from chalicelib.services.freeze import open_requests
from chalicelib.services.hold import FAILED, hold
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
        return _as_it_is(machine, request, now)
    found = find(machine, request)
    done = None if _is_early(request, found, now) else _ACTS[request.right](machine, request, found, now)
    if done is None and not once:
        machine.steps.post(Step.RIGHTS, {"request": request.id}, LATER_MS)
    return answered.tell(machine, done, now) if done else _as_it_is(machine, request, now)


def _as_it_is(machine: Machine, request: Request, now: datetime) -> Request:
    """Whoever ended it meanwhile freed what was frozen only after: it is freed again."""
    current = machine.requests.get(request.id) or request
    return current if current.is_open else answered.tell(machine, current, now)


def _is_early(request: Request, found: Found, now: datetime) -> bool:
    """Whether something that it is about is still on its way; an erasure need not wait."""
    working = any(recording.state in IN_WORK for recording in found.recordings)
    in_time = request.changed_at is not None and now - request.changed_at < _WAITS_FOR
    return working and in_time and request.right not in (Right.ERASURE, Right.OBJECTION)


def _copy(machine: Machine, request: Request, found: Found, now: datetime) -> Request:
    """Access and portability: a package."""
    since = machine.people.objected(request.persons)
    known = [Told("objection-known", 1, source=machine.day(since).isoformat())] if since else []
    told = tuple(each for each in request.told if each.code != "objection-known")
    packed = pack(machine, replace(request, told=(*told, *known)), found, now)
    answer = replace(request, sha256=packed.sha256, package=packed.attempt, told=packed.told)
    try:
        return answered.write(machine, answer, Status.ANSWERED, now)
    except StaleRequest:  # somebody refused it, or answered it meanwhile: nobody may have this one
        machine.objects.delete(places.export(request.id, packed.attempt))
        raise


def _erase(machine: Machine, request: Request, found: Found, now: datetime) -> Request | None:
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


def restricted_by(machine: Machine, recording: Recording, request: Request) -> str:
    """Who restricts a recording, so that they alone are known again: nobody else's reference leads there."""
    person = next(iter(request.persons), "")
    return f"data-subject:{machine.pseudonyms.of('restricts', recording.id, person)}"


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


def _restrict(machine: Machine, request: Request, found: Found, now: datetime) -> Request | None:
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


def _rectify(machine: Machine, request: Request, found: Found, now: datetime) -> Request:
    """What the DPO corrected is written already; the person's statement is kept beside each transcript (art. 16)."""
    told = []
    for recording in found.recordings:
        told += _corrected(machine, request, recording)
        if request.text and recording.state in (State.AVAILABLE, State.HELD):
            rectify(machine, recording.id, Rectification(request.id, request.text), now, "data-subject")
            told.append(Told("statement-kept", 1))
    if found.recordings:
        told.append(Told("audio-not-edited" if told else "nothing-corrected", 1))
    said = [each for each in told if each.code != "audio-not-edited" or not _muted(told)] or [Told("nothing-found")]
    return answered.write(machine, replace(request, told=summed(said)), Status.ANSWERED, now)


def _corrected(machine: Machine, request: Request, recording: Recording) -> list[Told]:
    """What was corrected, and muted again, since they asked."""
    lines = [line for line in machine.recordings.ledger(recording.id) if machine.day(line.at) >= request.received_on]
    by_dpo = any(line.ground in (RECTIFIED, WORDS_RECTIFIED) and line.by.startswith("dpo") for line in lines)
    muted = any(line.ground == MUTED_AGAIN for line in lines)
    return [Told(code, 1) for code, is_so in ((RECTIFIED, by_dpo), (MUTED_AGAIN, muted)) if is_so]


def _muted(told: list[Told]) -> bool:
    return any(each.code == MUTED_AGAIN for each in told)


_ACTS: dict[Right, Act] = {
    Right.ACCESS: _copy,
    Right.PORTABILITY: _copy,
    Right.ERASURE: _erase,
    Right.OBJECTION: _erase,
    Right.RESTRICTION: _restrict,
    Right.RECTIFICATION: _rectify,
}
