"""What people are told: both notices and the announcements, for everybody; the art. 30 register, for the DPO."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from chalice.app import Blueprint, CaseInsensitiveMapping, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import identity, negotiation, page
from chalicelib.api.problems import told
from chalicelib.law.document import Document
from chalicelib.law.notice import notice, notice_for_employees
from chalicelib.law.register import register
from chalicelib.services import announce

routes = Blueprint(__name__)

_PUBLIC = "public, max-age=300"
_PRIVATE = "no-store"
_TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}


@routes.route("/notice", methods=["GET"])
@told
def for_callers() -> Response:
    """What callers are told."""
    return _shown(notice(wiring.policy(), _language(), wiring.region()), _PUBLIC)


@routes.route("/notice/employees", methods=["GET"])
@told
def for_employees() -> Response:
    """What employees are told."""
    return _shown(notice_for_employees(wiring.policy(), _language(), wiring.region()), _PUBLIC)


@routes.route("/register", methods=["GET"], authorizer=IAMAuthorizer())
@told
def for_the_dpo() -> Response:
    """The record of processing."""
    identity.require(routes.current_request.context, wiring.dpo_role(), "dpo")
    return _shown(register(wiring.policy(), _language(), wiring.region()), _PRIVATE)


@routes.route("/announcements/{language}", methods=["GET"])
@told
def announcement(language: str) -> Response:
    """What is said before a recording, and the key that refuses."""
    policy = wiring.policy()
    known, found = announce.announcement(policy, language)
    said = {
        "text": found.text,
        "language": known,
        "objection_key": policy.objection.key,
        "policy_version": policy.version,
    }
    return _answer(json.dumps(said, ensure_ascii=False), _TYPES["json"], {"Cache-Control": _PUBLIC})


@routes.route("/announcements/{language}/audio", methods=["GET"])
@told
def announcement_audio(language: str) -> Response:
    """The same as sound."""
    _accept_anything()
    sound = _sound(announce.announcement(wiring.policy(), language)[0])
    return _answer(sound.body, sound.media_type, {"Cache-Control": _PUBLIC})


@cache
def _sound(language: str) -> announce.Sound:
    """Once per container and language of the policy: anybody may ask, and the voice costs."""
    return announce.sound(wiring.policy(), language, wiring.policy_folder(), wiring.voice())


def _accept_anything() -> None:
    """A client that names no type takes any (RFC 9110, 12.5.1), and a sound for a page's player is a sound.

    Chalice refuses to send bytes to whoever does not name them.
    """
    request = routes.current_request
    request.headers = CaseInsensitiveMapping({**request.headers, "accept": "*/*"})


def _language() -> str:
    request = routes.current_request
    return negotiation.language(request.query_params, request.headers)


def _shown(document: Document, caching: str) -> Response:
    """A document as a page or as JSON."""
    request = routes.current_request
    form = negotiation.form(request.query_params, request.headers)
    body = (
        wiring.printer().html(document).decode() if form == "html" else json.dumps(document.plain(), ensure_ascii=False)
    )
    negotiated = {"Content-Language": document.language, "Vary": "Accept, Accept-Language", "Cache-Control": caching}
    return _answer(body, _TYPES[form], negotiated)


def _answer(body: Any, media_type: str, headers: dict[str, str]) -> Response:
    return Response(body, {"Content-Type": media_type, **page.SECURITY, **headers})
