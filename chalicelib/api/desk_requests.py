"""The DPO's desk: requests of data subjects, by the day on which they are due."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import asking_bodies, bodies, doors, identity, requests, shown
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest
from chalicelib.law.answer import REFUSALS
from chalicelib.law.register_of_requests import register_of
from chalicelib.law.request import Channel, Request, Told, due, suspensions
from chalicelib.services import desk
from chalicelib.services.enter import BY_PAPER, Entered
from chalicelib.services.enter import enter as entering
from chalicelib.services.find import find

routes = Blueprint(__name__)

_LONGEST_REASONS = 2_000
_ENTERED = {"right", "who", "agent", "language", "text", "bank-data", "received", "channel", "proven"}
_MONTH = re.compile(r"20\d\d-(0[1-9]|1[0-2])")


@routes.route("/desk/requests", methods=["GET"], authorizer=IAMAuthorizer())
@told
def owed() -> Response:
    """Every request that is owed an answer, the first that is due first."""
    _require()
    return bodies.answer({"requests": [plain(request) for request in desk.owed(wiring.machine())]})


@routes.route("/desk/requests", methods=["POST"], authorizer=IAMAuthorizer())
@told
def enter() -> Response:
    """One that came by post, telephone, e-mail or at a counter, with its day of receipt; `proven` where you know who
    it is, or else a code goes to the address.
    """
    by, request, now = _signature(), routes.current_request, datetime.now(UTC)
    said = asking_bodies.document(request, _ENTERED)
    channel, proven = bodies.text(said, "channel"), said.get("proven", False)
    if channel not in BY_PAPER or not isinstance(proven, bool):
        raise InvalidRequest(f"`channel` is one of {', '.join(BY_PAPER)}; `proven` is true or false")
    agent = doors.agent_id(bodies.text(said, "agent")) if "agent" in said else ""
    if bool(agent) == ("who" in said) or (agent and not proven):
        raise InvalidRequest("say `who` asks, by a number or an address; or which `agent` does, whom you know")
    asked = asking_bodies.asked(request, said, "" if agent else bodies.text(said, "who"))
    machine, entered = wiring.machine(), Entered(bodies.day(said, "received"), Channel(channel), proven, by, agent)
    found = entering(machine, asked, entered, now)
    if not proven:
        requests.send(machine, found.id, now)
    return _done(found)


@routes.route("/desk/requests/{request}", methods=["GET"], authorizer=IAMAuthorizer())
@told
def look(request: str) -> Response:
    """All of a request: who asks and in which words, what there is of them, and its log."""
    _require()
    machine = wiring.machine()
    found = desk.request_of(machine, requests.known(request))
    own = find(machine, found)
    log = [
        {"at": line.at.isoformat(), "state": line.state, "ground": line.ground, "by": line.by}
        for line in machine.requests.log(found.id)
    ]
    rows = [{"id": each.id, "state": each.state, "queue": each.queue} for each in own.recordings]
    return bodies.answer(
        plain(found)
        | {"contact": found.contact, "text": found.text, "reasons": found.reasons}
        | {"calls": len(own.calls), "recordings": rows, "log": log}
    )


@routes.route("/desk/requests/{request}/release", methods=["POST"], authorizer=IAMAuthorizer())
@told
def release(request: str) -> Response:
    """Have it carried out."""
    return _done(desk.release(wiring.machine(), requests.known(request), datetime.now(UTC), _signature()))


@routes.route("/desk/requests/{request}/extend", methods=["POST"], authorizer=IAMAuthorizer())
@told
def extend(request: str) -> Response:
    """`{"reasons": "…"}`: two further months, within the first one; the person is written to."""
    by, reasons = _signature(), _reasons(bodies.document(routes.current_request))
    return _done(desk.extend(wiring.machine(), requests.known(request), reasons, datetime.now(UTC), by))


@routes.route("/desk/requests/{request}/refuse", methods=["POST"], authorizer=IAMAuthorizer())
@told
def refuse(request: str) -> Response:
    """`{"ground": …, "reasons": "…"}`, one of `law/answer.REFUSALS`."""
    by, body = _signature(), bodies.document(routes.current_request)
    ground = bodies.text(body, "ground")
    if ground not in REFUSALS:
        raise InvalidRequest(f"`ground` is one of {', '.join(REFUSALS)}")
    return _done(desk.refuse(wiring.machine(), requests.known(request), ground, _reasons(body), datetime.now(UTC), by))


@routes.route("/desk/requests/{request}/proven", methods=["POST"], authorizer=IAMAuthorizer())
@told
def prove(request: str) -> Response:
    """You know otherwise who asks."""
    by = _signature()
    return _done(desk.prove(wiring.machine(), requests.known(request), datetime.now(UTC), by))


@routes.route("/desk/requests/{request}/answer", methods=["POST"], authorizer=IAMAuthorizer())
@told
def hand_over(request: str) -> Response:
    """A link to the answer, for you to hand it over to whoever cannot come for it."""
    by = _signature()
    found, token = desk.hand_over(wiring.machine(), requests.known(request), datetime.now(UTC), by)
    return bodies.answer({"request": found.id, "link": f"/exports/{found.id}/{token}"})


@routes.route("/desk/objections/withdrawn", methods=["POST"], authorizer=IAMAuthorizer())
@told
def withdraw() -> Response:
    """`{"who": "…"}`: they do not object to being recorded any more."""
    _require()
    desk.withdraw(wiring.machine(), bodies.text(bodies.document(routes.current_request), "who"))
    return bodies.answer({"withdrawn": True})


@routes.route("/desk/register", methods=["GET"], authorizer=IAMAuthorizer())
@told
def register() -> Response:
    """`?month=2026-11`: what was asked in that month and what became of it, as a page or JSON."""
    _require()
    month = (routes.current_request.query_params or {}).get("month", "")
    if not _MONTH.fullmatch(month):
        raise InvalidRequest("`month` is a month such as 2026-11")
    machine, language = wiring.machine(), shown.language(routes.current_request)
    today = machine.day(datetime.now(UTC))
    found = register_of(list(machine.requests.received(month)), machine.policy, month, language, today)
    return shown.document(routes.current_request, found, shown.PRIVATE)


def plain(request: Request) -> dict[str, Any]:
    """A request without whose it is."""
    deadline = due(request, wiring.policy())
    stood = [[str(asked), came and str(came)] for asked, came in suspensions(request)]
    return {
        "request": request.id,
        "right": request.right,
        "status": request.state,
        "channel": request.channel,
        "language": request.language,
        "received": str(request.received_on),
        "due": deadline and str(deadline.due_on),
        "work-by": deadline and str(deadline.raw_on),
        "extended": request.extended,
        "clock-stood": stood,
        "second-fact": request.second_fact,
        "bank-data": request.bank_data,
        "answered": request.answered_on and str(request.answered_on),
        "downloaded": request.downloaded,
        "told": [{name: getattr(each, name) for name in Told.__slots__} for each in request.told],
    }


def _done(request: Request) -> Response:
    return bodies.answer(plain(request))


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo")


def _signature() -> str:
    return identity.signature(_require(), wiring.pseudonyms())


def _reasons(body: dict[str, Any]) -> str:
    value = body.get("reasons")
    if not isinstance(value, str) or not 20 <= len(value.strip()) <= _LONGEST_REASONS:
        raise InvalidRequest(f"`reasons` are what the person reads: 20 to {_LONGEST_REASONS} characters")
    return value.strip()
