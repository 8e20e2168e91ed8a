"""Every copy of a call, everywhere (GDPR, art. 17): the tombstone first, so that whatever is on its way meets it.

Every act can be repeated: whatever moment a crash picks, the same again ends it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import chain

from chalicelib.errors import StaleRecording, StaleRequest
from chalicelib.law.parts import PROVIDERS
from chalicelib.law.request import Request, Status, Told
from chalicelib.model import Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.find import FoundCall
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Mark, Place, Step
from chalicelib.telephony.providers import DELETES

GROUND = "erased-on-request"
_TRIES = 5


def inventory(machine: Machine, calls: Iterable[FoundCall]) -> list[Told]:
    """What there is to be erased of calls, as their receipt says it: how many, and no content."""
    calls = list(calls)
    packages = {each for call in calls for each in machine.people.marks(call.ref, Mark.COPIED)}
    counted = [each for call in calls for each in _of_call(machine, call)]
    return [each for each in (*counted, Told("packages-erased", len(packages))) if each.count]


def _of_call(machine: Machine, call: FoundCall) -> list[Told]:
    versions = sum(machine.objects.versions(place) for row in call.recordings for place in everywhere(row.id))
    living = [row for row in call.recordings if row.state is not State.ERASED]
    file = call.file
    kept = len(file.facts) + len(file.copies) + sum(each is not None for each in (file.reach, file.steered))
    return [
        Told("recordings-erased", len(living)),
        Told("objects-erased", versions),
        Told("facts-erased", kept),
        Told("links-erased", len(machine.people.persons(call.ref))),
        *(_provider(copy.provider) for copy in file.copies),
        Told("tombstone", 1),
    ]


def erase_call(machine: Machine, call: FoundCall, request_id: str, now: datetime, by: str) -> set[str]:
    """Erase all of it; returns the other requests that concern it. Idempotent."""
    machine.recordings.bury(call.ref)
    for row in call.recordings:
        erase_recording(machine, row.id, now, by)
    for copy in machine.calls.file(call.ref).copies:
        if copy.provider in DELETES:
            said = {"provider": copy.provider, "source": copy.source, "media": dict(copy.media), "delete": True}
            machine.steps.post(Step.FETCH, said)
    for other in machine.people.marks(call.ref, Mark.COPIED):
        _unpack(machine, other, now)
    machine.calls.forget(call.ref)
    others = set(machine.people.marks(call.ref, Mark.ASKED)) - {request_id}
    machine.people.forget(call.ref)
    return others


def erase_recording(machine: Machine, recording_id: str, now: datetime, by: str, ground: str = GROUND) -> Recording:
    """One recording, whatever its state: whoever works on it meanwhile loses."""
    for left in reversed(range(_TRIES)):
        recording = machine.recording(recording_id)
        try:
            if recording.state is State.ERASED:
                return recording if recording.settled else machine.settle(recording, now)
            return machine.end(recording, State.ERASED, ground, now, by)
        except StaleRecording:
            if not left:
                raise
    raise AssertionError("the loop returns or raises")


def everywhere(recording_id: str) -> Iterator[Place]:
    """Every place where a copy of a recording could lie."""
    shelves = chain.from_iterable(places.verified(recording_id, shelf) for shelf in Shelf)
    aside = places.quarantined(recording_id), places.evaluation(recording_id)
    return chain(places.unredacted(recording_id), shelves, aside)


def _provider(provider: str) -> Told:
    """What becomes of the provider's own copy."""
    code = "provider-asked" if provider in DELETES else "provider-keeps"
    return Told(code, 1, source=PROVIDERS.get(provider, provider))


def _unpack(machine: Machine, request_id: str, now: datetime) -> None:
    """Delete a package that holds the call; whoever has not had it yet is given another, without the call."""
    machine.objects.empty(places.exports(request_id))
    for left in reversed(range(_TRIES)):
        try:
            repacked(machine, request_id, now)
            return
        except StaleRequest:
            if not left:
                raise


def repacked(machine: Machine, request_id: str, now: datetime) -> Request | None:
    """Open a request again whose package was lost while it could still be had; None where it need not be."""
    request = machine.requests.get(request_id)
    if request is None or request.downloaded or request.state is not Status.ANSWERED or not request.sha256:
        return None
    ends_on = machine.policy.keeping.exports.after(request.answered_on or machine.day(now))
    if machine.day(now) > ends_on or not (request.persons or request.agent_refs):
        return None
    opened = replace(request, state=Status.ACCEPTED, sha256="", package="", by="machine")
    opened = machine.requests.write(opened, "packed-again", now)
    machine.steps.post(Step.RIGHTS, {"request": request_id})
    return opened
