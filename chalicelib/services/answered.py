"""The end of a request: written down, what it froze freed, the person told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.law.messages import answer_ready
from chalicelib.law.request import Request, Status
from chalicelib.services.find import Found, calls_of
from chalicelib.services.freeze import thaw
from chalicelib.services.machine import Machine
from chalicelib.services.package import pack
from chalicelib.services.ports import Mark, Step

TOLD = "told"


def write(machine: Machine, request: Request, status: Status, now: datetime, by: str = "machine") -> Request:
    """The answer itself. Raises StaleRequest."""
    ended = replace(request, state=status, answered_on=machine.day(now), by=by)
    return machine.requests.write(ended, status.value, now)


def tell(machine: Machine, request: Request, now: datetime) -> Request:
    """Free what waited for it, and write to the person, once it is written down. Idempotent."""
    for ref in calls_of(machine, (*request.persons, *request.agent_refs)):
        waiting = [other for other in machine.people.marks(ref, Mark.ASKED) if other != request.id]
        machine.people.unmark(ref, Mark.ASKED, request.id)
        for seen in list(machine.recordings.of_call(ref)):
            thaw(machine, seen, now)
        for other in waiting:
            machine.steps.post(Step.RIGHTS, {"request": other, "once": True})
    if request.ground not in (Status.ANSWERED, Status.REFUSED):
        return request  # told already
    sha256 = request.sha256 or pack(machine, request, Found(), now).sha256  # the letter, where nothing is copied
    if request.contact:
        subject, text = answer_ready(request, machine.policy, machine.settings.public_url)
        machine.messenger.send(request.contact, subject, text)
    return machine.requests.write(replace(request, sha256=sha256, by="machine"), TOLD, now)
