"""A request is carried out: the worker behind the queue of rights. Each act can be repeated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.errors import StaleRequest
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.rights import summed
from chalicelib.model import IN_WORK, Recording, State
from chalicelib.services import answered, places
from chalicelib.services.annotate import RECTIFIED, WORDS_RECTIFIED, Rectification
from chalicelib.services.erasure import erase
from chalicelib.services.find import Found, find
from chalicelib.services.machine import Machine
from chalicelib.services.package import pack
from chalicelib.services.ports import Step
from chalicelib.services.rectify import rectify
from chalicelib.services.redact_again import MUTED_AGAIN
from chalicelib.services.restrict import restrict
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
    packed = pack(machine, replace(request, told=(*told, *known)), found, now, machine.settings.region)
    answer = replace(request, sha256=packed.sha256, package=packed.attempt, told=packed.told)
    try:
        return answered.write(machine, answer, Status.ANSWERED, now)
    except StaleRequest:  # somebody refused it, or answered it meanwhile: nobody may have this one
        machine.objects.delete(places.export(request.id, packed.attempt))
        raise


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
    Right.ERASURE: erase,
    Right.OBJECTION: erase,
    Right.RESTRICTION: restrict,
    Right.RECTIFICATION: _rectify,
}
