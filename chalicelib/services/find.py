"""All that is kept of one person: their calls by the index, and for an agent their switch and what they read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime

from chalicelib.law.request import Request
from chalicelib.model import Off, Recording, Switch
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Acknowledgement, CallFile

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
    refs = (*request.persons, *request.agent_refs)
    found = [call(machine, ref) for ref in calls_of(machine, refs)]
    agents = request.agent_refs
    switches = [switch for ref in agents if (switch := machine.switches.current(ref))]
    return Found(
        calls=tuple(each for each in found if each.recordings or each.file != CallFile()),
        switch=max(switches, key=lambda switch: switch.since, default=None),
        offs=tuple(off for ref in agents for off in machine.switches.offs(ref, _EVER)),
        acknowledgements=tuple(each for ref in agents for each in machine.acknowledgements.of(ref)),
    )


def calls_of(machine: Machine, refs: Iterable[str]) -> list[str]:
    """The references of every call that one of them is on, in a fixed order."""
    return sorted({call_ref for ref in refs for call_ref in machine.people.calls(ref)})


def call(machine: Machine, call_ref: str) -> FoundCall:
    """One call with its recordings as their rows are now, the earliest first."""
    rows = [machine.recording(seen.id) for seen in machine.recordings.of_call(call_ref)]
    ordered = sorted(rows, key=lambda row: (row.started_at or _EVER, row.id))
    return FoundCall(call_ref, tuple(ordered), machine.calls.file(call_ref))
