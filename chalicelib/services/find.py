"""All that is kept of one person: their calls by the index, and for an agent their switch and what they read."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime

from chalicelib.law.request import Request
from chalicelib.model import Off, Recording, Switch
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Acknowledgement, CallFile
from chalicelib.services.story import story_of
from chalicelib.telephony.facts import Kind

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class FoundCall:
    """One call that the person is on: its recordings, those that have ended too, and what was said of it."""

    ref: str
    recordings: tuple[Recording, ...]
    file: CallFile


@dataclass(frozen=True, slots=True)
class Found:
    """All of it. `switch`, `offs` and `acknowledgements` are an agent's."""

    calls: tuple[FoundCall, ...] = ()
    switch: Switch | None = None
    offs: tuple[Off, ...] = ()
    acknowledgements: tuple[Acknowledgement, ...] = ()

    @property
    def recordings(self) -> tuple[Recording, ...]:
        """Every recording, each once, in the order of the calls."""
        return tuple(recording for call in self.calls for recording in call.recordings)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing of them."""
        return not (self.calls or self.switch or self.offs or self.acknowledgements)


def find(machine: Machine, request: Request) -> Found:
    """Whatever is kept of whose request it is."""
    found = [_theirs(machine, request, call(machine, ref)) for ref in calls_of(machine, request)]
    agents = request.agent_refs
    switches = [switch for ref in agents if (switch := machine.switches.current(ref))]
    return Found(
        calls=tuple(each for each in found if each and (each.recordings or each.file != CallFile())),
        switch=max(switches, key=lambda switch: switch.since, default=None),
        offs=tuple(off for ref in agents for off in machine.switches.offs(ref, _EVER)),
        acknowledgements=tuple(each for ref in agents for each in machine.acknowledgements.of(ref)),
    )


def calls_of(machine: Machine, request: Request) -> list[str]:
    """The references of every call that they are on, in a fixed order.

    A caller is on the legs and transfers of their call too; an agent only where they are said to be.
    """
    own = {ref for agent in request.agent_refs for ref in machine.people.calls(agent)}
    waiting = [ref for person in request.persons for ref in machine.people.calls(person)]
    while waiting:
        ref = waiting.pop()
        if ref not in own:
            own.add(ref)
            waiting += [fact.about for fact in machine.calls.file(ref).facts if fact.kind is Kind.LEG]
    return sorted(own)


def _theirs(machine: Machine, request: Request, found: FoundCall) -> FoundCall | None:
    """An agent's call without the recordings that turned out to be another's; None where none of it is theirs."""
    if not request.agent_refs:
        return found
    seats = {seat.agent_ref for seat in story_of(machine, found.ref).seats}
    if seats & set(request.agent_refs):
        return found
    names = {"", *request.agent_refs}
    rows = tuple(row for row in found.recordings if machine.switches.known_as(row.agent_ref) in names)
    return replace(found, recordings=rows) if rows or not found.recordings else None


def call(machine: Machine, call_ref: str) -> FoundCall:
    """One call with its recordings as their rows are now, the earliest first."""
    rows = [machine.recording(seen.id) for seen in machine.recordings.of_call(call_ref)]
    ordered = sorted(rows, key=lambda row: (row.started_at or _EVER, row.id))
    return FoundCall(call_ref, tuple(ordered), machine.calls.file(call_ref))
