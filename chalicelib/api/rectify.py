"""What the DPO corrects of a recording, and has muted in it again, with their ID token."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api import bodies, doors, identity, people
from chalicelib.api.listen import recording_id
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest, InvalidSpan
from chalicelib.model import Recording, Span
from chalicelib.services.annotate import Rectification
from chalicelib.services.mute_asked import ask
from chalicelib.services.rectify import rectify

routes = Blueprint(__name__)

_REQUEST = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,63}")
_MOST_SPANS, _LONGEST_MS = 100, 24 * 3_600_000
_TEXTS = {"statement": 4000, "words": 2000, "language": 40, "queue": 200, "agent": 256}
"""What may be rectified, and the most characters of each."""


@routes.route("/recordings/{recording}/rectification", methods=["PUT"])
@told
def correct(recording: str) -> Response:
    """`{"request": "…", "statement", "span", "words", "language", "queue", "agent"}`: what is not said stays.

    `words` take the place of those in `span`, `{"start-ms", "end-ms", "channel"}`.
    """
    now, machine = datetime.now(UTC), wiring.machine()
    asked, body = _require(now), bodies.document(routes.current_request)
    by = identity.signature(asked, machine.pseudonyms)
    return bodies.answer(_plain(rectify(machine, recording_id(recording), _asked(body), now, by)))


@routes.route("/recordings/{recording}/muting", methods=["POST"])
@told
def mute(recording: str) -> Response:
    """`{"spans": [{"start-ms", "end-ms", "channel"}]}` is muted at once, with whatever a strict search finds; 202."""
    now, machine = datetime.now(UTC), wiring.machine()
    asked, body = _require(now), bodies.document(routes.current_request)
    spans = body.get("spans", [])
    if not isinstance(spans, list) or len(spans) > _MOST_SPANS:
        raise InvalidRequest(f"`spans` is a list of at most {_MOST_SPANS} spans")
    by = identity.signature(asked, machine.pseudonyms)
    ask(machine, recording_id(recording), [_span(each) for each in spans], by)
    answer = bodies.answer({"recording": recording, "muting": "asked"})
    answer.status_code = 202
    return answer


def _require(now: datetime) -> identity.Caller:
    return people.require_any(doors.asker(routes.current_request, now), "dpo")


def _asked(body: dict[str, Any]) -> Rectification:
    request = bodies.text(body, "request")
    if not _REQUEST.fullmatch(request):
        raise InvalidRequest("`request` is the id of the request, up to 64 letters, digits and . _ / -, no name")
    said = {name: _text(body, name, most) for name, most in _TEXTS.items() if body.get(name) is not None}
    if not said:
        raise InvalidRequest(f"say what is rectified: {', '.join(_TEXTS)}")
    span = None if body.get("span") is None else _span(body["span"])
    if "words" in said and span is None:
        raise InvalidRequest("`words` take the place of those in `span`: say which")
    return Rectification(request, span=span, **said)


def _text(body: dict[str, Any], name: str, most: int) -> str:
    """A text that says something; a person's own statement may have several lines."""
    value = body[name]
    lines = value.split("\n") if isinstance(value, str) and name == "statement" else [value]
    if not all(isinstance(line, str) and line.rstrip("\r").isprintable() for line in lines) or not value.strip():
        raise InvalidRequest(f"`{name}` is no text, or an empty one")
    if len(value) > most:
        raise InvalidRequest(f"`{name}` has at most {most} characters")
    return str(value).strip()


def _span(value: Any) -> Span:
    """A span out of JSON. Raises InvalidRequest."""
    names = ("start-ms", "end-ms", "channel")
    start, end, channel = (value.get(name) for name in names) if isinstance(value, dict) else (None, None, None)
    whole = all(type(each) is int and each <= _LONGEST_MS for each in (start, end, 0 if channel is None else channel))
    try:
        if whole and start is not None and end is not None:
            return Span(start, end, channel)
    except InvalidSpan:
        pass
    raise InvalidRequest("a span is `start-ms`, `end-ms` after it, and perhaps a `channel`: whole numbers from 0")


def _plain(recording: Recording) -> dict[str, Any]:
    return {
        "recording": recording.id,
        "state": recording.state,
        "language": recording.language,
        "queue": recording.queue,
        "last-day": recording.last_day and recording.last_day.isoformat(),
    }
