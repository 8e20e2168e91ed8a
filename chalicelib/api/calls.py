"""What telephony and the employer's systems ask and say of a call: may it be recorded, did a contract come of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import bodies, identity
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest, NothingToSign
from chalicelib.law.decision import queue_of
from chalicelib.law.private import known_of, veiled_grounds
from chalicelib.model import Call, Fate
from chalicelib.services.answer import answer
from chalicelib.services.contract import refused, signed
from chalicelib.services.story import as_told
from chalicelib.telephony.said import call_from

routes = Blueprint(__name__)


@routes.route("/calls/decision", methods=["POST"], authorizer=IAMAuthorizer())
@told
def decision() -> Response:
    """Before capture: `{"source", "call-id", "queue", "agent", …}` to `record`, true or false.

    Whoever gets another status than 200, or no answer, does not record.
    """
    _require()
    now = datetime.now(UTC)
    call = call_from(bodies.document(routes.current_request), began=now)
    _require_named(call)
    return bodies.answer(decided(call, now))


@routes.route("/contracts", methods=["PUT"], authorizer=IAMAuthorizer())
@told
def contract() -> Response:
    """`{"source", "call-id", "signed-on": "2026-11-24"}`, or `"refused": true` in the place of the day."""
    asked, body = _require(), bodies.document(routes.current_request)
    was_refused = body.pop("refused", False)
    if not isinstance(was_refused, bool):
        raise InvalidRequest("`refused` is true or false")  # a refusal that is misspelt is no signature
    call, now, machine = call_from(body), datetime.now(UTC), wiring.machine()
    _require_named(call)
    by = identity.signature(asked, machine.pseudonyms)
    if was_refused:
        found = refused(machine, call, now, by)
    elif call.signed_on is not None:
        found = signed(machine, call, call.signed_on, now, by)
    else:
        raise InvalidRequest("say `signed-on`, a day such as 2026-11-24, or `refused`: true")
    if not found:
        raise NothingToSign("no recording of that call waits for a signature: say it again once it has arrived")
    return bodies.answer({"recordings": [{"id": each.id, "last-day": str(each.last_day)} for each in found]})


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo", "system")


def _require_named(call: Call) -> None:
    if not call.call_id:
        raise InvalidRequest("`call-id` is missing: the same call must get the same answer")


def decided(asked: Call, now: datetime) -> dict[str, Any]:
    """The answer; of a call that is recorded, what is said first, and which key refuses where anybody may."""
    machine, policy = wiring.machine(), wiring.policy()
    call = as_told(machine, asked)
    decision = answer(machine, call, now)
    record, grounds = decision.fate is Fate.KEEP, veiled_grounds(decision.grounds, known_of(asked, policy))
    body: dict[str, Any] = {"record": record, "grounds": grounds, "policy-version": policy.version}
    if not record:
        return body
    language = call.language or policy.languages[0]
    text = policy.announcement[language].text
    body["announcement"] = {"language": language, "text": text, "audio": f"/announcements/{language}/audio"}
    queue = queue_of(call, policy)
    return body if queue and policy.binds(queue) else body | {"objection-key": policy.objection.key}
