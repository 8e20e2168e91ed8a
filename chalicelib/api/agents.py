"""What the employer's systems say of agents: that one of them read the notice, by which names telephony knows them,
in which teams they are.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from urllib.parse import unquote

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, identity
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest
from chalicelib.services.acknowledge import acknowledge, acknowledged
from chalicelib.services.ports import Acknowledgement
from chalicelib.services.refs import agent_named, own_ref, team_ref

routes = Blueprint(__name__)

_MOST_NAMES = 20
_TEAM = re.compile(r"[^\s,]{1,64}")


@routes.route("/agents/{agent}/acknowledgements", methods=["POST"], authorizer=IAMAuthorizer())
@told
def write_down(agent: str) -> Response:
    """`{"version": "…"}` was read; the answer says since when that is known."""
    _require()
    body = bodies.document(routes.current_request)
    kept, pseudonyms, now = wiring.acknowledgements(), wiring.pseudonyms(), datetime.now(UTC)
    return bodies.answer(
        _plain(acknowledge(kept, pseudonyms, wiring.policy(), unquote(agent), body.get("version"), now))
    )


@routes.route("/agents/{agent}/acknowledgements", methods=["GET"], authorizer=IAMAuthorizer())
@told
def look_up(agent: str) -> Response:
    """What was read so far, and which version is in force."""
    _require()
    found = acknowledged(wiring.acknowledgements(), wiring.pseudonyms(), unquote(agent))
    return bodies.answer({"current": wiring.policy().version, "acknowledgements": [_plain(each) for each in found]})


@routes.route("/agents/{agent}/names", methods=["PUT"], authorizer=IAMAuthorizer())
@told
def name(agent: str) -> Response:
    """`{"names": ["3201", "…"]}`: by which telephony systems know the agent besides. They are kept as references."""
    _require()
    names, machine = bodies.document(routes.current_request).get("names"), wiring.machine()
    if not isinstance(names, list) or not 0 < len(names) <= _MOST_NAMES:
        raise InvalidRequest(f"`names` is a list of 1 to {_MOST_NAMES} names")
    others = [doors.agent_id(each if isinstance(each, str) else "") for each in names]
    own = own_ref(machine, doors.agent_id(agent))
    for other in others:
        if own_ref(machine, other) != own:
            machine.switches.know_as(own_ref(machine, other), own)
    return bodies.answer({"names": len(others)})


@routes.route("/agents/{agent}/teams", methods=["PUT"], authorizer=IAMAuthorizer())
@told
def place(agent: str) -> Response:
    """`{"teams": ["north", "…"]}`: those that the agent is in, and no other; their supervisors may hear their calls.

    They are kept as references. An empty list: nobody supervises them.
    """
    _require()
    teams, machine = bodies.document(routes.current_request).get("teams"), wiring.machine()
    if not isinstance(teams, list) or len(teams) > _MOST_NAMES:
        raise InvalidRequest(f"`teams` is a list of at most {_MOST_NAMES} names")
    if not all(isinstance(team, str) and team.isprintable() and _TEAM.fullmatch(team) for team in teams):
        raise InvalidRequest("a team's name is 1 to 64 characters without spaces and commas, as tokens list several")
    refs = {team_ref(machine, team) for team in teams}
    machine.switches.place(agent_named(machine, doors.agent_id(agent)), refs)
    return bodies.answer({"teams": len(refs)})


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo", "system")


def _plain(acknowledgement: Acknowledgement) -> dict[str, str]:
    return {"version": acknowledgement.version, "at": acknowledgement.at.isoformat()}
