"""What the employer's systems say of agents: that one of them read the notice, by which names telephony knows them."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, identity
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest
from chalicelib.services.acknowledge import acknowledge, acknowledged
from chalicelib.services.ports import Acknowledgement
from chalicelib.services.refs import own_ref

routes = Blueprint(__name__)

_MOST_NAMES = 20


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


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo", "system")


def _plain(acknowledgement: Acknowledgement) -> dict[str, str]:
    return {"version": acknowledgement.version, "at": acknowledgement.at.isoformat()}
