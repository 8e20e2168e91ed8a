"""`/requests`: a person asks, proves who they are, and comes back for the answer; in JSON, and by forms.

No route has an authorizer: a code proves who somebody is, or an agent's ID token. What is answered before the proof is
the same of everybody.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import observability as tell
from chalicelib import wiring
from chalicelib.api import asking_bodies, asking_forms, bodies, doors, people
from chalicelib.api.problems import told
from chalicelib.errors import Forbidden, InvalidRequest, MessageNotSent, UnknownRequest
from chalicelib.law.answer import told_in_words
from chalicelib.law.request import ARTICLE, Request, Told, due
from chalicelib.services import asking, proof
from chalicelib.services.download import offer
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named

routes = Blueprint(__name__)

_JSON, _FORM = "application/json", "application/x-www-form-urlencoded"
_ID = re.compile(r"[0-9a-z-]{1,64}")
_ASKED = {"right", "who", "language", "text", "bank-data"}
_PROVED = {"code", "day"}


@routes.route("/requests", methods=["GET"])
@told
def page() -> Response:
    """The form. Nothing but the policy is needed for it."""
    request = routes.current_request
    return asking_forms.blank(wiring.policy(), wiring.printer(), asking_forms.language(request))


@routes.route("/requests", methods=["POST"], content_types=[_JSON, _FORM])
@told
def ask() -> Response:
    """`{"right": "access", "who": "06 39 98 12 34", "language": "fr", "text": "…", "bank-data": false}`; with an
    agent's token no `who`, and it is taken up at once.
    """
    request, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    body = asking_bodies.body(request)
    if _is_form(request):
        return asking_forms.ask(machine, request, body, now, send)
    said = asking_bodies.document(request, _ASKED)
    if "authorization" in request.headers:
        return _ask_as_agent(machine, said, now)
    request_id = asking.ask(machine, asking_bodies.asked(request, said, bodies.text(said, "who")), now)
    send(machine, request_id, now, asking_forms.source(request))
    return _with(202, {"request": request_id, "next": "code"})


@routes.route("/requests/{request}", methods=["GET"])
@told
def look(request: str) -> Response:
    """How an agent's own request stands, by their token."""
    machine = wiring.machine()
    return bodies.answer(plain(machine, _own(machine, request, datetime.now(UTC))))


def _own(machine: Machine, request_id: str, now: datetime) -> Request:
    """An agent's own request. Raises UnknownRequest, of others' too."""
    own = set(machine.switches.names(agent_named(machine, _agent(now))))
    found = machine.requests.get(known(request_id))
    if found is None or own.isdisjoint(found.agent_refs):
        raise UnknownRequest("there is no such request of yours")
    return found


@routes.route("/requests/{request}/code", methods=["POST"], content_types=[_JSON, _FORM])
@told
def code(request: str) -> Response:
    """Another code, to prove a request with or to see its answer; for one that is unknown the same answer."""
    asked, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    asking_bodies.body(asked)
    send(machine, known(request), now, asking_forms.source(asked))
    if _is_form(asked):
        return asking_forms.sent(machine, asked, known(request))
    return _with(202, {"request": request, "next": "code"})


@routes.route("/requests/{request}/proof", methods=["POST"], content_types=[_JSON, _FORM])
@told
def prove(request: str) -> Response:
    """`{"code": "123456"}` and the `day` that the policy may ask for; a form may also come back by it."""
    asked, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    body = asking_bodies.body(asked)
    if _is_form(asked):
        return asking_forms.prove(machine, asked, body, known(request), now)
    said = asking_bodies.document(asked, _PROVED)
    found = proof.prove(machine, known(request), bodies.text(said, "code"), asking_bodies.fact(machine, said), now)
    return bodies.answer(plain(machine, found))


@routes.route("/requests/{request}/answer", methods=["POST"])
@told
def answer(request: str) -> Response:
    """`{"code": "123456"}`, a new one, or an agent's token: how it stands, what was answered, and a link to have it."""
    asked, now, machine = routes.current_request, datetime.now(UTC), wiring.machine()
    said = asking_bodies.document(asked, {"code"})
    if "authorization" in asked.headers:
        found = _own(machine, request, now)
    else:
        found = proof.see(machine, known(request), bodies.text(said, "code"), now)
    token = offer(machine, found, now)
    link = f"/exports/{found.id}/{token}" if token else None
    return bodies.answer(plain(machine, found) | {"answer": _answer(found), "link": link})


def send(machine: Machine, request_id: str, now: datetime, source: str | None = None) -> None:
    """A code; that none could be sent is for the log, and no answer. `source` is where anybody asks from."""
    try:
        proof.send_code(machine, request_id, now, source)
    except MessageNotSent as error:
        tell.failed("message", error)


def plain(machine: Machine, request: Request) -> dict[str, Any]:
    """How a request stands."""
    until = due(request, machine.policy)
    return {
        "request": request.id,
        "right": request.right,
        "status": proof.standing(request),
        "due": until and until.due_on.isoformat(),
        "extended": request.extended,
        "reasons": request.reasons if request.is_open else "",
    }


def _answer(request: Request) -> dict[str, Any] | None:
    """What was answered, None where it is still owed."""
    if request.is_open:
        return None
    told = [
        {name: getattr(each, name) for name in Told.__slots__} | {"text": told_in_words(each, request.language)}
        for each in request.told
    ]
    on = request.answered_on and request.answered_on.isoformat()
    return {"article": ARTICLE[request.right], "on": on, "reasons": request.reasons, "told": told}


def _ask_as_agent(machine: Machine, said: dict[str, Any], now: datetime) -> Response:
    if "who" in said:
        raise InvalidRequest("an agent is known by their token: leave `who` out")
    found = asking.ask_as_agent(machine, _agent(now), asking_bodies.asked(routes.current_request, said), now)
    return _with(201, plain(machine, found))


def _agent(now: datetime) -> str:
    """The agent who asks, by their token. Raises NotAuthenticated, Forbidden."""
    asked = people.require_any(doors.asker(routes.current_request, now), "agent")
    if not asked.agent:
        raise Forbidden("your token does not say which agent you are")
    return asked.agent


def _is_form(request: Any) -> bool:
    return _FORM in request.headers.get("content-type", "").lower()


def known(request_id: str) -> str:
    """An id out of a path, or one that nobody has."""
    return request_id if _ID.fullmatch(request_id) else "-"


def _with(status: int, body: dict[str, Any]) -> Response:
    answered = bodies.answer(body)
    answered.status_code = status
    return answered
