"""Listening to a recording, and evaluating it: an ID token, a purpose, a line of the ledger."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, people
from chalicelib.api.identity import Caller
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest, UnknownRecording
from chalicelib.model import Finding, Recording
from chalicelib.services import evaluate as evaluations
from chalicelib.services import places
from chalicelib.services.listen import ROLES, Listener, listen, reached, reached_of
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named, team_ref

routes = Blueprint(__name__)

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LARGEST = 20 << 10


@routes.route("/recordings/{recording}/listen", methods=["POST"])
@told
def hear(recording: str) -> Response:
    """`{"purpose": "training"}` to a link that opens the redacted sound for five minutes."""
    now, machine = datetime.now(UTC), wiring.machine()
    who = _listener(machine, now)
    purpose = bodies.text(bodies.document(routes.current_request), "purpose")
    heard = listen(machine, recording_id(recording), purpose, who, now)
    body = {"url": heard.url, "expires": heard.expires.isoformat(), "media-type": heard.media_type}
    return bodies.answer(body | {"muted": [_finding(each) for each in heard.muted]})


@routes.route("/recordings/{recording}", methods=["GET"])
@told
def look(recording: str) -> Response:
    """What is known of a recording, for whoever may hear it for some purpose."""
    now, machine = datetime.now(UTC), wiring.machine()
    found, _ = reached(machine, recording_id(recording), _listener(machine, now))
    return bodies.answer(_looked(machine, found))


@routes.route("/agents/{agent}/recordings", methods=["GET"])
@told
def theirs(agent: str) -> Response:
    """Those of an agent's recordings that the agent themselves, their team's supervisor or the DPO may hear."""
    now, machine, name = datetime.now(UTC), wiring.machine(), doors.agent_id(agent)
    ref, asked = agent_named(machine, name), doors.asker(routes.current_request, now)
    if not doors.supervises(machine, asked, [ref]):
        people.require_own(asked, name, "dpo")
    found = reached_of(machine, ref, _listener(machine, now))
    return bodies.answer({"recordings": [_looked(machine, each) for each in found]})


@routes.route("/recordings/{recording}/evaluation", methods=["PUT"])
@told
def evaluate(recording: str) -> Response:
    """The controller's own grid: a JSON object of at most 20 KB."""
    now, machine = datetime.now(UTC), wiring.machine()
    who = _listener(machine, now, "supervisor")
    return bodies.answer(evaluations.evaluate(machine, recording_id(recording), _grid(), who, now))


@routes.route("/recordings/{recording}/evaluation", methods=["GET"])
@told
def read(recording: str) -> Response:
    """For the agent themselves, their team's supervisor, the DPO."""
    now, machine = datetime.now(UTC), wiring.machine()
    return bodies.answer(evaluations.read(machine, recording_id(recording), _listener(machine, now), now))


def _looked(machine: Machine, found: Recording) -> dict[str, Any]:
    return _plain(found) | {"evaluated": machine.exists(places.evaluation(found.id))}


def recording_id(text: str) -> str:
    """A recording's id out of a path. Raises UnknownRecording where it can be nobody's."""
    if not _ID.fullmatch(text):
        raise UnknownRecording("there is no such recording, or it is not yours to hear")
    return text


def _listener(machine: Machine, now: datetime, *roles: Any) -> Listener:
    """Who asks, by references alone. Raises what `doors.asker` raises, and Forbidden."""
    asked: Caller = people.require_any(doors.asker(routes.current_request, now), *(roles or ROLES))
    return Listener(
        frozenset(asked.roles),
        asked.reference(machine.pseudonyms),
        agent_named(machine, asked.agent) if asked.agent else "",
        frozenset(team_ref(machine, team) for team in asked.teams),
    )


def _grid() -> dict[str, Any]:
    """A grid that can be stored as it is. Raises InvalidRequest."""
    request = routes.current_request
    if len(request.raw_body) > _LARGEST:
        raise InvalidRequest(f"an evaluation is at most {_LARGEST} bytes of JSON")
    grid = bodies.document(request)
    try:
        json.dumps(grid, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        raise InvalidRequest("an evaluation is JSON of finite numbers and whole characters") from None
    if not grid:
        raise InvalidRequest("an evaluation says something: an object of your own grid")
    return grid


def _plain(recording: Recording) -> dict[str, Any]:
    return {
        "recording": recording.id,
        "state": recording.state,
        "started-at": recording.started_at and recording.started_at.isoformat(),
        "duration-ms": recording.duration_ms,
        "language": recording.language,
        "channels": recording.channels,
        "queue": recording.queue,
        "last-day": recording.last_day and recording.last_day.isoformat(),
        "muted": [_finding(each) for each in recording.muted],
    }


def _finding(finding: Finding) -> dict[str, Any]:
    span = finding.span
    return {"kind": finding.kind, "start-ms": span.start_ms, "end-ms": span.end_ms, "channel": span.channel}
