"""What the DPO does with a request: release, extend, refuse; and what the clock does with all of them each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.errors import CannotBeDone, InvalidRequest, UnknownRequest
from chalicelib.law import messages
from chalicelib.law.deadlines import alerts
from chalicelib.law.request import ENDED, OPEN, Channel, Request, Right, Status, Told, due, forgotten, may_extend
from chalicelib.services import answered
from chalicelib.services.download import offer
from chalicelib.services.find import calls_of
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.take_up import take_up
from chalicelib.telephony.numbers import address

_TOLD_WITHIN = timedelta(days=31)
"""Whom no message reaches for so long is not kept for one that might."""


@dataclass(frozen=True, slots=True)
class Alert:
    """A request that is due in so many days; 0 and less is late."""

    request: str
    days: int


def request_of(machine: Machine, request_id: str) -> Request:
    """Raises UnknownRequest."""
    request = machine.requests.get(request_id)
    if request is None:
        raise UnknownRequest("there is no such request")
    return request


def owed(machine: Machine) -> list[Request]:
    """Every request that is owed an answer, the first that is due first; last those that the DPO entered and nobody has
    proven yet. Of who proves nothing on the web, none is owed.
    """
    found = [request for state in (Status.OPEN, Status.ACCEPTED) for request in machine.requests.of(state)]
    found += [each for each in machine.requests.of(Status.UNPROVEN) if each.channel is not Channel.WEB]
    return sorted(found, key=lambda request: (_due_on(machine, request) or date.max, request.received_on, request.id))


def release(machine: Machine, request_id: str, now: datetime, by: str) -> Request:
    """Have it carried out. Raises CannotBeDone, UnknownRequest, StaleRequest."""
    request = request_of(machine, request_id)
    if request.state is Status.OPEN:
        request = machine.requests.write(replace(request, state=Status.ACCEPTED, by=by), "released", now)
    elif request.state is not Status.ACCEPTED:
        raise CannotBeDone(f"only an open request is released, and this one is {request.state}")
    machine.steps.post(Step.RIGHTS, {"request": request.id})
    return request


def extend(machine: Machine, request_id: str, reasons: str, now: datetime, by: str) -> Request:
    """Two further months, for its complexity or their number; the person is told why, within the first month
    (art. 12(3)). Raises CannotBeDone, UnknownRequest, StaleRequest.
    """
    request = request_of(machine, request_id)
    if not may_extend(request, machine.policy, now) or request.state is Status.UNPROVEN:
        raise CannotBeDone("a request is extended once, and the person told within the first month of it")
    request = machine.requests.write(replace(request, extended=True, reasons=reasons, by=by), "extended", now)
    machine.steps.post(Step.RIGHTS, {"extended": request.id})
    return request


def tell_extension(machine: Machine, request_id: str, now: datetime) -> None:
    """Write to the person, once."""
    request = machine.requests.get(request_id)
    told = any(line.ground == "extension-told" for line in machine.requests.log(request_id))
    if request is None or told or not (request.is_open and request.extended and request.contact):
        return
    machine.messenger.send(request.contact, *messages.extended(request, machine.policy, machine.settings.public_url))
    machine.requests.write(replace(request, by="machine"), "extension-told", now)


def refuse(machine: Machine, request_id: str, code: str, reasons: str, now: datetime, by: str) -> Request:
    """With reasons, the CNIL and the judge (art. 12(4)). Raises CannotBeDone, UnknownRequest, StaleRequest."""
    request = request_of(machine, request_id)
    if request.state not in OPEN:
        raise CannotBeDone(f"only an open request is refused, and this one is {request.state}")
    if request.calls:
        raise CannotBeDone("its erasure has begun: what is gone cannot be refused")
    said = replace(request, reasons=reasons, told=(Told(f"refused-{code}"),), calls=())
    request = answered.write(machine, said, Status.REFUSED, now, by)
    for person in request.persons if request.right is Right.OBJECTION else ():
        machine.people.withdraw(person, request.id)
    machine.steps.post(Step.RIGHTS, {"request": request.id})
    return request


def prove(machine: Machine, request_id: str, now: datetime, by: str) -> Request:
    """The DPO knows otherwise who asks. Raises CannotBeDone, UnknownRequest, StaleRequest."""
    request = request_of(machine, request_id)
    if request.state is not Status.UNPROVEN:
        raise CannotBeDone(f"only a request that awaits an identity is proven, and this one is {request.state}")
    proven = replace(request, proven_on=machine.day(now), policy=machine.policy.version, by=by)
    return take_up(machine, machine.requests.write(proven, "proven", now), now)


def hand_over(machine: Machine, request_id: str, now: datetime, by: str) -> tuple[Request, str]:
    """The answer, for whoever cannot come for it: the request, and a link's token. Raises UnknownRequest, StaleRequest,
    CannotBeDone."""
    request = request_of(machine, request_id)
    token = offer(machine, request, now)
    if token is None:
        raise CannotBeDone("there is no answer to hand over: it is not written yet, was had, or is too old")
    return machine.requests.write(replace(request, by=by), "handed-to-dpo", now), token


def withdraw(machine: Machine, who: str) -> None:
    """Somebody does not object to being recorded any more. Raises InvalidRequest."""
    found = address(who, machine.policy.requests.country)
    if found is None:
        raise InvalidRequest("`who` is a telephone number or an e-mail address")
    for person in machine.identities.of(found):
        machine.people.withdraw(person)


def tick(machine: Machine, now: datetime) -> list[Alert]:
    """Once a day: what is due, and whatever stands still sent on. `forget` comes after it."""
    today, found = machine.day(now), []
    for request in owed(machine):
        machine.steps.post(Step.RIGHTS, {"request": request.id, "once": True})
        deadline = due(request, machine.policy)
        if deadline and (today in alerts(deadline) or today >= deadline.raw_on):
            found.append(Alert(request.id, (deadline.raw_on - today).days))
        if request.extended:
            machine.steps.post(Step.RIGHTS, {"extended": request.id})
    return found


def forget(machine: Machine, now: datetime) -> Iterator[Exception]:
    """Once a day: have told what was not, and forget what is over; yields what went wrong with one of them."""
    for state in ENDED:
        for seen in machine.requests.of(state):
            try:
                _forget(machine, seen.id, now)
            except Exception as error:  # whatever it is, the others are over too
                yield error


def _forget(machine: Machine, request_id: str, now: datetime) -> None:
    """A while after the answer nobody needs to know any more whose request it was; years after it, that there was one.

    Whoever restricted a recording is told before that ends (art. 18(3)): their address stays until then.
    """
    request, today = machine.requests.get(request_id), machine.day(now)
    if request is None or request.is_open:
        return
    ended_on = request.answered_on or request.received_on
    if request.ground in (Status.ANSWERED, Status.REFUSED) and today <= ended_on + _TOLD_WITHIN:
        machine.steps.post(Step.RIGHTS, {"request": request.id, "once": True})
        return
    kept = machine.policy.keeping.exports if request.state is Status.LAPSED else machine.policy.keeping.requests
    if kept.after(ended_on) < today:
        machine.requests.forget(request.id)
        return
    over = forgotten(request) != request and machine.policy.keeping.exports.after(ended_on) < today
    if over and not _is_restricting(machine, request):
        machine.requests.write(replace(forgotten(request), by="machine"), "forgotten", now)


def _is_restricting(machine: Machine, request: Request) -> bool:
    """Whether a recording is still held for it."""
    if request.right is not Right.RESTRICTION:
        return False
    rows = [row for ref in calls_of(machine, request) for row in machine.recordings.of_call(ref)]
    return any(row.hold and row.hold.reference == request.id for row in rows)


def _due_on(machine: Machine, request: Request) -> date | None:
    deadline = due(request, machine.policy)
    return deadline.due_on if deadline else None
