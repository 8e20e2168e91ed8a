"""The end of a request: written down, what it froze freed, the person told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.law.messages import answer_ready
from chalicelib.law.request import Channel, Request, Status
from chalicelib.services import places
from chalicelib.services.erase import repacked
from chalicelib.services.find import Found, calls_of
from chalicelib.services.freeze import thaw
from chalicelib.services.machine import Machine
from chalicelib.services.package import pack
from chalicelib.services.ports import Mark, Step

TOLD = "told"

BY_HAND = (Channel.POST, Channel.COUNTER)
"""Who asked so is not written to by machine: the DPO hands the answer over."""


def write(machine: Machine, request: Request, status: Status, now: datetime, by: str = "machine") -> Request:
    """The answer itself. Raises StaleRequest."""
    on = request.answered_on or machine.day(now)  # a package that is made again is no later answer
    ended = replace(request, state=status, answered_on=on, by=by)
    return machine.requests.write(ended, status.value, now)


def tell(machine: Machine, request: Request, now: datetime) -> Request:
    """Free what waited for it, and write to the person, once it is written down. Idempotent."""
    _free(machine, request, now)
    if request.sha256 and not machine.exists(places.export(request.id, request.package)):
        return repacked(machine, request.id, now) or request
    if request.ground not in (Status.ANSWERED, Status.REFUSED):
        return request  # told already
    if not request.sha256:  # the letter, where nothing is copied
        packed = pack(machine, request, Found(), now, machine.settings.region)
        request = replace(request, sha256=packed.sha256, package=packed.attempt)
    if request.contact and request.channel not in BY_HAND:
        subject, text = answer_ready(request, machine.policy, machine.settings.public_url)
        machine.messenger.send(request.contact, subject, text)
    return machine.requests.write(replace(request, by="machine"), TOLD, now)


def _free(machine: Machine, request: Request, now: datetime) -> None:
    waiting: set[str] = set()
    for ref in calls_of(machine, request):
        machine.people.unmark(ref, Mark.ASKED, request.id)
        waiting |= set(machine.people.marks(ref, Mark.ASKED))
        for seen in list(machine.recordings.of_call(ref)):
            thaw(machine, seen, now)
    for other in sorted(waiting):
        machine.steps.post(Step.RIGHTS, {"request": other, "once": True})
