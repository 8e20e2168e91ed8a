"""What the employer's system says of agents: that one of them read the notice."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import unquote

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import bodies, identity
from chalicelib.api.problems import told
from chalicelib.services.acknowledge import acknowledge, acknowledged
from chalicelib.services.ports import Acknowledgement

routes = Blueprint(__name__)


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


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo", "system")


def _plain(acknowledgement: Acknowledgement) -> dict[str, str]:
    return {"version": acknowledgement.version, "at": acknowledgement.at.isoformat()}
