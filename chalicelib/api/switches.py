"""An agent's own switch: `GET` and `PUT /agents/{agent}/recording`."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, identity, people
from chalicelib.api.live import outcome_plain
from chalicelib.api.problems import told
from chalicelib.errors import Forbidden, InvalidRequest
from chalicelib.model import Reason, Switch
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_key, agent_named
from chalicelib.services.switch import AGENT, Turned, standing, turn_off, turn_on

routes = Blueprint(__name__)


@routes.route("/agents/{agent}/recording", methods=["GET"])
@told
def look(agent: str) -> Response:
    """The switch as it stands and since when; what is recorded all the same, under a legal duty."""
    now, machine, name = datetime.now(UTC), wiring.machine(), doors.agent_id(agent)
    asked = _require(machine, doors.asker(routes.current_request, now), name, "dpo")
    return bodies.answer(_shown(asked, name, standing(machine, agent_named(machine, name), now), now))


@routes.route("/agents/{agent}/recording", methods=["PUT"])
@told
def turn(agent: str) -> Response:
    """`{"state": "off", "reason": "personal-call", "until": …}` or `{"state": "on"}`; other reasons: `model.Reason`."""
    request, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    name, body = doors.agent_id(agent), bodies.document(request)
    asked = _require(machine, doors.asker(request, now), name, "dpo", "system")
    ref = agent_named(machine, name)
    by = AGENT if _is_own(asked, name) else identity.signature(asked, machine.pseudonyms)
    state, current = _state(body), machine.switches.current(ref)
    if doors.is_signed(request) and current and current.since >= doors.asked_at(request, now):
        return bodies.answer(_shown(asked, name, standing(machine, ref, now), now))  # said before, or played again
    if state == "off":
        turned = turn_off(machine, ref, _reason(body), _until(body), by, now)
    elif doors.is_signed(request):
        raise Forbidden("a signature may switch off alone: a person switches on")
    else:
        turned = turn_on(machine, ref, by, now)
    return bodies.answer(_shown(asked, name, turned.switch, now) | _done(machine, asked, turned, now))


def _require(machine: Machine, asked: identity.Caller, name: str, *others: identity.Role) -> identity.Caller:
    """The agent themselves, who supervises one of their teams, or who has one of the roles `others`.

    Raises Forbidden, in the same words and after the same look where there is no such agent.
    """
    if doors.supervises(machine, asked, [agent_named(machine, name)]):
        return asked
    return people.require_own(asked, name, *others)


def _is_own(asked: identity.Caller, name: str) -> bool:
    return "agent" in asked.roles and agent_key(asked.agent) == agent_key(name)


def _state(body: dict[str, Any]) -> str:
    """What is asked for. Read before whatever else: what cannot be understood was not said before either."""
    state = bodies.text(body, "state")
    if state not in ("on", "off"):
        raise InvalidRequest("`state` is off or on")
    return state


def _reason(body: dict[str, Any]) -> Reason:
    text = body.get("reason", Reason.OTHER.value)
    if not isinstance(text, str) or text not in set(Reason):
        raise InvalidRequest(f"`reason` is {', '.join(Reason)}")
    return Reason(text)


def _until(body: dict[str, Any]) -> datetime | None:
    return None if body.get("until") is None else bodies.moment(body, "until")


def _shown(asked: identity.Caller, name: str, switch: Switch | None, now: datetime) -> dict[str, Any]:
    """The switch, for whoever asks: a mandate in use is nobody else's business, also where they switch off too."""
    body = _plain(switch, now)
    if not _is_own(asked, name) and "dpo" not in asked.roles:
        body.pop("reason", None)
    return body


def _plain(switch: Switch | None, now: datetime) -> dict[str, Any]:
    """As an agent reads it: off wins over everything but a duty, and here stands which."""
    policy = wiring.policy()
    bound = [queue for queue in policy.queues if policy.binds(queue)]
    duties = [{"queue": queue.name, "source": policy.duties[queue.duty or ""].source} for queue in bound]
    body: dict[str, Any] = {"state": "on", "since": switch and switch.since.isoformat(), "recorded-anyway": duties}
    if switch is None or switch.reason is None or not switch.is_off(now):
        return body
    until = switch.until and switch.until.isoformat()
    return body | {"state": "off", "reason": switch.reason, "until": until}


def _done(machine: Machine, asked: identity.Caller, turned: Turned, now: datetime) -> dict[str, Any]:
    """Of the calls that the agent is on: others on them may have reasons of their own, which the agent is not told."""
    return {"calls": [outcome_plain(machine, ref, asked, outcome, now) for ref, outcome in turned.calls.items()]}
