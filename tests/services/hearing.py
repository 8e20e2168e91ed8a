"""A recording of Jeanne's in a queue that supervisors may hear, and who wants to hear it."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.model import Recording
from chalicelib.services.listen import Listener
from chalicelib.services.refs import agent_named, team_ref
from tests.machines import NOW, Twins


def heard_by(twins: Twins, *roles: str, agent: str = "", teams: tuple[str, ...] = ()) -> Listener:
    machine = twins.machine
    refs = frozenset(team_ref(machine, team) for team in teams)
    return Listener(frozenset(roles), f"ref-{roles[0]}", agent_named(machine, agent) if agent else "", refs)


def supervisor(twins: Twins, *teams: str) -> Listener:
    return heard_by(twins, "supervisor", teams=teams or ("north",))


def jeannes(twins: Twins, queue: str = "service-client", recording: Recording | None = None) -> Recording:
    """A recording in the vault, of Jeanne's, who is in the team north."""
    machine = twins.machine
    jeanne = agent_named(machine, "jeanne")
    machine.switches.place(jeanne, {team_ref(machine, "north")})
    row = recording or twins.available()
    return machine.note(replace(row, queue=queue, agent_ref=jeanne), "prepared", NOW)


def grounds(twins: Twins, recording: Recording) -> list[tuple[str, str]]:
    """What was written down since, and who did it."""
    lines = [(line.ground, line.by) for line in twins.recordings.ledger(recording.id)]
    return lines[[ground for ground, _ in lines].index("prepared") + 1 :]
