"""A request whose asker is known: what holds at once, and what is carried out now or waits for the DPO."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.law.request import Request, Right, Status, latest
from chalicelib.model import HoldKind, Reason, State
from chalicelib.services.find import calls_of
from chalicelib.services.freeze import freeze, is_wanted
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Mark, Step
from chalicelib.services.switch import turn_off


def take_up(machine: Machine, request: Request, now: datetime) -> Request:
    """From `identity-awaited` on, once `proven_on` is set. Idempotent.

    An objection holds from this moment on for calls to come. Everything else is the worker's (`exercise`), in seconds.
    Raises StaleRequest where somebody else did in the same moment.
    """
    if request.state is Status.UNPROVEN:
        if request.second_fact is not False:
            _at_once(machine, request, now)
        state = Status.ACCEPTED if _is_clear(machine, request) else Status.OPEN
        request = machine.requests.write(replace(request, state=state), "taken-up", now)
    machine.steps.post(Step.RIGHTS, {"request": request.id})
    return request


def concern(machine: Machine, request: Request, now: datetime) -> None:
    """Mark the calls that it is about, and keep from expiry and use what must be. Idempotent."""
    until = latest(request, machine.policy)
    for ref in calls_of(machine, request):
        machine.people.mark(ref, Mark.ASKED, request.id, until)
        for seen in list(machine.recordings.of_call(ref)):
            recording = machine.recording(seen.id)
            if recording.state is State.AVAILABLE and is_wanted(recording, request, machine):
                freeze(machine, recording, request, now)


def _is_clear(machine: Machine, request: Request) -> bool:
    """Whether nobody has to decide. What an agent asks for concerns callers too, and what they were evaluated by."""
    if request.agent_refs or request.second_fact is False or request.right is Right.RECTIFICATION:
        return False
    if request.right is Right.RESTRICTION:
        return True
    return machine.policy.requests.release == "automatic"


def _at_once(machine: Machine, request: Request, now: datetime) -> None:
    """What holds before anybody decides; each can be repeated."""
    if request.right is Right.OBJECTION:
        _record_no_more(machine, request, now)
    if request.bank_data:
        _mute_again(machine, request)


def _mute_again(machine: Machine, request: Request) -> None:
    """A missed card number is muted at once: every long number in whatever they may mean, before anybody decides.

    What is held for a claim is evidence: the DPO decides.
    """
    for ref in calls_of(machine, request):
        for seen in machine.recordings.of_call(ref):
            if seen.hold and seen.hold.kind is HoldKind.LEGAL_CLAIM:
                continue
            machine.steps.post(Step.RIGHTS, {"mute-again": seen.id, "spans": [], "by": "machine"})


def _record_no_more(machine: Machine, request: Request, now: datetime) -> None:
    """The decision before capture knows it from now on (art. 21(1))."""
    for person in request.persons:
        machine.people.object(person, now, request.id)
    for agent in request.agent_refs[:1]:
        turn_off(machine, agent, Reason.OTHER, None, f"request:{request.id[:20]}", now)
