"""Who hears which recording: a purpose, a line of the ledger, and then a link of five minutes.

Supervisors reach the available recordings of their teams' agents, agents their own, the DPO every one. Whoever does not
reach a recording is told the same as if it had never existed.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.errors import CannotBeHeard, Forbidden, UnknownRecording
from chalicelib.law.listening import granted, may_hear, may_listen
from chalicelib.law.texts import texts
from chalicelib.model import ENDS, Finding, HoldKind, Recording, State
from chalicelib.services import places
from chalicelib.services.hold import FAILED
from chalicelib.services.insist import insisted
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Place

ROLES = ("dpo", "supervisor", "agent")
"""Who may listen, in the order in which somebody of several roles acts."""

LASTS_S = 300
NOBODY = "nobody"
"""In the place of a reference, where there is none to look up."""

_OF_RESTRICTED = ("request", "claim")
"""What may be done with what a person restricted, besides storing it (GDPR, art. 18(2))."""

_SUFFIX = {"mpeg": "mp3"}


@dataclass(frozen=True, slots=True)
class Listener:
    """Who wants to hear: their roles, and references of them, of the agent that they are, of the teams they supervise.

    `agent_ref` is empty where their token names no agent; it leads to recordings in the role of one alone.
    """

    roles: frozenset[str]
    reference: str
    agent_ref: str = ""
    teams: frozenset[str] = frozenset()

    def by(self, role: str) -> str:
        """As the ledger says it."""
        return f"{role}:{self.reference}"


@dataclass(frozen=True, slots=True)
class Heard:
    """A link to the redacted sound, until when it opens it, and what of it was muted."""

    url: str = field(repr=False)
    expires: datetime
    media_type: str
    muted: tuple[Finding, ...]


def listen(machine: Machine, recording_id: str, purpose: str, who: Listener, now: datetime) -> Heard:
    """Write down that they listen, then give the link.

    Raises Forbidden where the purpose is not granted, UnknownRecording where the recording is not theirs to hear,
    CannotBeHeard where it stands so that there is no link, ObjectMissing and StaleRecording: ask again.
    """
    if not any(purpose in granted(machine.policy, role) for role in who.roles):
        raise _refused("not-granted")  # before any row is read: it tells of none
    return insisted(lambda: _listened(machine, recording_id, purpose, who, now))


def _listened(machine: Machine, recording_id: str, purpose: str, who: Listener, now: datetime) -> Heard:
    recording, roles = reached(machine, recording_id, who)
    queue = machine.policy.queue(recording.queue)
    why = {role: may_listen(machine.policy, queue, role, purpose) for role in roles}
    held = recording.hold
    asked = held is not None and held.kind is HoldKind.RESTRICTION and held.reference != FAILED
    if asked and purpose not in _OF_RESTRICTED:
        raise _refused("restricted")
    role = next((role for role, code in why.items() if code is None), None)
    if role is None:
        raise _refused(next(code for code in reversed(why.values()) if code))
    if recording.state is State.QUARANTINED:
        machine.note(recording, f"quarantine-asked:{purpose}", now, who.by(role))
    place = _require_playable(recording)
    media_type = machine.objects.info(place).content_type
    recording = machine.note(recording, f"listened:{purpose}", now, who.by(role))
    suffix = media_type.rpartition("/")[2]
    url = machine.objects.link(place, LASTS_S, f"{recording.id}.{_SUFFIX.get(suffix, suffix)}")
    return Heard(url, now + timedelta(seconds=LASTS_S), media_type, recording.muted)


def reached(machine: Machine, recording_id: str, who: Listener) -> tuple[Recording, tuple[str, ...]]:
    """The row, and in which of their roles they may hear it for some purpose. Raises UnknownRecording."""
    recording = machine.recordings.get(recording_id)
    roles = [role for role in ROLES if role in who.roles and reaches(machine, recording, who, role)]
    if recording is not None:
        queue = machine.policy.queue(recording.queue)
        roles = [role for role in roles if may_hear(machine.policy, queue, role)]
    if recording is None or not roles:
        raise UnknownRecording("there is no such recording, or it is not yours to hear")
    return recording, tuple(roles)


def reached_of(machine: Machine, agent_ref: str, who: Listener) -> list[Recording]:
    """Those of an agent's recordings that they may hear for some purpose."""
    found = []
    for call_ref in machine.people.calls(agent_ref):
        for seen in machine.recordings.of_call(call_ref):
            with suppress(UnknownRecording):
                found.append(reached(machine, seen.id, who)[0])
    return found


def reaches(machine: Machine, recording: Recording | None, who: Listener, role: str) -> bool:
    """Whether the role leads them to the recording; as long for one that does not exist as for another team's."""
    if role == "dpo":
        return recording is not None
    agent = machine.switches.known_as(recording.agent_ref if recording and recording.agent_ref else NOBODY)
    theirs = agent == who.agent_ref
    if role == "supervisor":
        theirs = not who.teams.isdisjoint(machine.switches.teams(agent))
    return theirs and recording is not None and recording.state is State.AVAILABLE


def _require_playable(recording: Recording) -> Place:
    """Where it lies, to be heard. Raises CannotBeHeard."""
    shelf = places.shelf_of(recording)
    if shelf is not None:
        return places.audio(recording.id, shelf)
    if recording.state is State.QUARANTINED:
        raise CannotBeHeard("the recording is set aside: it is read from the quarantine with the DPO's own IAM role")
    if recording.state in ENDS:
        raise CannotBeHeard(f"nothing is left of the recording to hear: it is {recording.state}")
    raise CannotBeHeard("the recording is not verified yet: ask again later")


def _refused(code: str) -> Forbidden:
    return Forbidden(str(texts("en")["listening"][code]))
