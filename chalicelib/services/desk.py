"""What the DPO does with a request: release, extend, refuse; and what the clock does with all of them each day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime

from chalicelib.errors import CannotBeDone, UnknownRequest
from chalicelib.law import messages
from chalicelib.law.deadlines import alerts
from chalicelib.law.request import ENDED, OPEN, Request, Status, Told, due, forgotten, may_extend
from chalicelib.services import answered
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step


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
    """Every request that is not answered, the first that is due first; those that await an identity last."""
    found = [request for state in OPEN for request in machine.requests.of(state)]
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
    machine.messenger.send(request.contact, *messages.extended(request, machine.policy))
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
    machine.steps.post(Step.RIGHTS, {"request": request.id})
    return request


def tick(machine: Machine, now: datetime) -> Iterator[Alert]:
    """Once a day: remind of what is due, send on what stands still, forget what is over."""
    today = machine.day(now)
    for request in owed(machine):
        if request.state is Status.ACCEPTED:
            machine.steps.post(Step.RIGHTS, {"request": request.id, "once": True})
        deadline = due(request, machine.policy)
        if deadline and (today in alerts(deadline) or today >= deadline.raw_on):
            yield Alert(request.id, (deadline.raw_on - today).days)
    for state in ENDED:
        for request in machine.requests.of(state):
            _forget(machine, request, today, now)


def _forget(machine: Machine, request: Request, today: date, now: datetime) -> None:
    """A while after the answer nobody needs to know any more whose request it was; in the end, nor that it was."""
    ended_on, keeping = request.answered_on or request.received_on, machine.policy.keeping
    if keeping.requests.after(ended_on) < today:
        machine.requests.forget(request.id)
    elif forgotten(request) != request and keeping.exports.after(ended_on) < today:
        machine.requests.write(replace(forgotten(request), by="machine"), "forgotten", now)


def _due_on(machine: Machine, request: Request) -> date | None:
    deadline = due(request, machine.policy)
    return deadline.due_on if deadline else None
