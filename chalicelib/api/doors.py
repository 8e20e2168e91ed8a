"""Who may ask what on the routes that agents, supervisors and payment platforms use, by token or by signature."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote

from chalicelib import wiring
from chalicelib.api import bodies, people
from chalicelib.api.identity import Caller
from chalicelib.errors import InvalidRequest, UnknownProvider
from chalicelib.services.machine import Machine
from chalicelib.services.refs import team_ref
from chalicelib.telephony import standard
from chalicelib.telephony.webhook import Secrets

_LONGEST_ID = 256


def asker(request: Any, now: datetime) -> Caller:
    """Who asks. A signature covers the body alone, which therefore has to say what it is for, as `request`.

    Raises what `people.asker` raises, and InvalidRequest.
    """
    caller = people.asker(request, people.Proofs(wiring.tokens(), standard.verify, _secrets), now)
    if is_signed(request):
        path = request.path.format(**{name: unquote(value) for name, value in (request.uri_params or {}).items()})
        wanted = f"{request.method} {path}"
        if bodies.document(request).get("request") != wanted:
            raise InvalidRequest(f"a signed body says what it asks for: `request` is {json.dumps(wanted)}")
    return caller


def supervises(machine: Machine, asked: Caller, agents: Iterable[str]) -> bool:
    """Whether they supervise a team that one of those agents is in; agents are named by their references."""
    teams = {team_ref(machine, team) for team in asked.teams} if "supervisor" in asked.roles else set()
    return bool(teams) and any(not teams.isdisjoint(machine.switches.teams(agent)) for agent in agents)


def is_signed(request: Any) -> bool:
    """Whether a machine asks, by a signature."""
    return "webhook-signature" in request.headers


def asked_at(request: Any, now: datetime) -> datetime:
    """The moment of what is asked: of a signed body, when it was signed, so that playing it again changes nothing."""
    if not is_signed(request):
        return now
    return datetime.fromtimestamp(int(request.headers["webhook-timestamp"]), UTC)


def call_id(text: str) -> str:
    """A call's id out of a path. Raises InvalidRequest."""
    found = unquote(text).strip()
    if not found or len(found) > _LONGEST_ID or not found.isprintable():
        raise InvalidRequest(f"a call's id is 1 to {_LONGEST_ID} printable characters")
    return found


def agent_id(text: str) -> str:
    """An agent's id out of a path. Raises InvalidRequest."""
    found = unquote(text).strip()
    if not found or len(found) > _LONGEST_ID or not found.isprintable() or "%" in found:
        raise InvalidRequest(f"an agent's id is 1 to {_LONGEST_ID} printable characters, without %")
    return found


def _secrets() -> Secrets:
    with suppress(UnknownProvider):
        return wiring.machine().secrets.signing("standard")
    return ()
