"""The DPO's desk: what is held, for whom and until when."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

from chalice.app import Blueprint, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import bodies, identity
from chalicelib.api.listen import recording_id
from chalicelib.api.problems import told
from chalicelib.errors import InvalidRequest
from chalicelib.model import Hold, HoldKind, Recording
from chalicelib.services import hold as holding
from chalicelib.services.freeze import require_not_being_erased
from chalicelib.services.lift import tell_before_lifting

routes = Blueprint(__name__)

_KINDS = (HoldKind.LEGAL_CLAIM, HoldKind.RESTRICTION)
"""What a person decides on; requests hold by themselves."""

_REFERENCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]{0,39}")


@routes.route("/holds", methods=["GET"], authorizer=IAMAuthorizer())
@told
def holds() -> Response:
    """Every hold that has not ended."""
    _require()
    return bodies.answer({"holds": [_plain(recording) for recording in holding.held(wiring.machine())]})


@routes.route("/recordings/{recording}/hold", methods=["PUT"], authorizer=IAMAuthorizer())
@told
def hold(recording: str) -> Response:
    """`{"kind": "legal-claim"|"restriction", "reference": "2026/17", "until": "2027-11-24"}`."""
    asked, body, machine = _require(), bodies.document(routes.current_request), wiring.machine()
    wanted = Hold(
        kind=_kind(bodies.text(body, "kind")),
        reference=_reference(bodies.text(body, "reference")),
        by=identity.signature(asked, machine.pseudonyms),
        until=bodies.day(body, "until"),
    )
    require_not_being_erased(machine, recording_id(recording))
    return bodies.answer(_plain(holding.hold(machine, recording_id(recording), wanted, datetime.now(UTC))))


@routes.route("/recordings/{recording}/hold", methods=["DELETE"], authorizer=IAMAuthorizer())
@told
def release(recording: str) -> Response:
    """End a hold. Before a restriction is lifted, the person is told (GDPR, art. 18(3))."""
    asked, machine, now = _require(), wiring.machine(), datetime.now(UTC)
    by = identity.signature(asked, machine.pseudonyms)
    held = machine.recording(recording_id(recording))
    tell_before_lifting(machine, held, now)
    released = holding.release(machine, held.id, "hold-released", now, by, held)
    return bodies.answer(_plain(released))


def _require() -> identity.Caller:
    return identity.require(routes.current_request.context, wiring.dpo_role(), "dpo")


def _kind(text: str) -> HoldKind:
    if text not in _KINDS:
        raise InvalidRequest(f"`kind` is {' or '.join(_KINDS)}")
    return HoldKind(text)


def _reference(text: str) -> str:
    """A number of a file, which must not name anybody."""
    if not _REFERENCE.fullmatch(text):
        raise InvalidRequest("`reference` is the number of your file: up to 40 letters, digits and . _ / -, no name")
    return text


def _plain(recording: Recording) -> dict[str, Any]:
    found = recording.hold
    last_day = recording.last_day and recording.last_day.isoformat()
    body: dict[str, Any] = {"recording": recording.id, "state": recording.state, "last-day": last_day, "hold": None}
    if found:
        body["hold"] = {"kind": found.kind, "reference": found.reference, "by": found.by, "until": str(found.until)}
    return body
