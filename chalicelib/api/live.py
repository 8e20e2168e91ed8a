"""While a call goes on: somebody pays, the caller refuses; and may it be recorded at all, for machines that sign.

The call is named by its source's id in the path, and the source in the body: `{"source": "twilio"}`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, identity, people
from chalicelib.api.calls import decided
from chalicelib.api.problems import told
from chalicelib.errors import Forbidden, InvalidRequest
from chalicelib.services.listen import NOBODY
from chalicelib.services.machine import Machine
from chalicelib.services.ports import CallFile
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.refuse import has_started, object_to, start_payment, stop_payment
from chalicelib.services.steer import Outcome, as_others_see
from chalicelib.services.story import story_of
from chalicelib.telephony.providers import NAMED, PROVIDERS
from chalicelib.telephony.said import call_from

routes = Blueprint(__name__)

Act = Callable[[Machine, str, datetime, str], Outcome]


@routes.route("/calls/{call}/payment/start", methods=["POST"])
@told
def payment_starts(call: str) -> Response:
    """Nothing is recorded until the payment stops, or until the limit."""
    return _act(call, _began(start_payment))


@routes.route("/calls/{call}/payment/stop", methods=["POST"])
@told
def payment_stops(call: str) -> Response:
    """Recorded again, unless something else has it off."""
    once = _once()
    return _act(call, lambda machine, ref, now, by: stop_payment(machine, ref, now, by, once), resumes=True)


@routes.route("/calls/{call}/objection", methods=["POST"])
@told
def objection(call: str) -> Response:
    """The caller refuses: both voices stop, for good."""
    return _act(call, _began(object_to))


@routes.route("/calls/{call}/decision", methods=["POST"])
@told
def decision(call: str) -> Response:
    """What `POST /calls/decision` answers to whoever signs with IAM, for a machine that signs its body."""
    request, now = routes.current_request, datetime.now(UTC)
    people.require_any(doors.asker(request, now), "system")
    said = {name: value for name, value in bodies.document(request).items() if name != "request"}
    _source(said)
    return bodies.answer(decided(call_from(said | {"call-id": doors.call_id(call)}, began=now), now))


def outcome_plain(
    machine: Machine, ref: str, asked: identity.Caller, outcome: Outcome, now: datetime
) -> dict[str, Any]:
    """What became of a recording that goes on; what was not done there is done when it arrives."""
    seen = outcome if "dpo" in asked.roles else as_others_see(machine, ref, outcome, now)
    return {"recording": seen.course, "ground": seen.ground, "done": seen.done, "why": seen.why}


def _act(call: str, act: Act, resumes: bool = False) -> Response:
    request, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    asked = people.require_any(doors.asker(request, now), "agent", "supervisor", "dpo", "system")
    ref = call_named(machine, _source(bodies.document(request)), doors.call_id(call))
    by, known = identity.signature(asked, machine.pseudonyms), machine.calls.file(ref) != CallFile()
    if asked.roles.isdisjoint(("dpo", "system")):
        _require_seat(machine, asked, ref, by, resumes)
    outcome = act(machine, ref, now, by)
    known = known or machine.calls.file(ref).reach is not None  # it may have been heard of meanwhile
    return bodies.answer(outcome_plain(machine, ref, asked, outcome, now) | {"known": known})


def _began(act: Callable[[Machine, str, datetime, str, datetime], Outcome]) -> Act:
    """What began when it was signed, if that is earlier: played again it is the same."""
    request = routes.current_request
    return lambda machine, ref, now, by: act(machine, ref, now, by, min(now, doors.asked_at(request, now)))


def _once() -> str:
    """The name of a signed request, opaque; empty for a person's."""
    request = routes.current_request
    name = request.headers.get("webhook-id", "") if doors.is_signed(request) else ""
    return wiring.pseudonyms().of("request", name) if name else ""


def _source(body: dict[str, Any]) -> str:
    """The telephone system: under a misspelt one a refusal would be kept that no recording ever meets."""
    known = (*PROVIDERS, *NAMED, *wiring.policy().sources)
    found = bodies.text(body, "source")
    if found not in known:
        raise InvalidRequest(f"`source` is the telephone system, one of {', '.join(sorted(set(known)))}")
    return found


def _require_seat(machine: Machine, asked: identity.Caller, ref: str, by: str, resumes: bool) -> None:
    """An agent speaks of the calls that they are on, a supervisor of those that their teams' agents are on. Where
    nobody knows who is, anybody may stop a recording, and whoever stopped it for a payment has it go on.

    Raises Forbidden.
    """
    seated = {seat.agent_ref for seat in story_of(machine, ref).seats}
    is_seated = "agent" in asked.roles and asked.agent and agent_named(machine, asked.agent) in seated
    is_theirs = is_seated or doors.supervises(machine, asked, seated or {NOBODY})
    if not (is_theirs or (not seated and not resumes) or (resumes and has_started(machine, ref, by))):
        raise Forbidden("by what telephony says, neither you nor anybody of your teams is on that call")
