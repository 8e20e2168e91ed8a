"""What people are told: both notices and the announcements, for everybody; the art. 30 register, for the DPO."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache

from chalice.app import Blueprint, CaseInsensitiveMapping, IAMAuthorizer, Response

from chalicelib import wiring
from chalicelib.api import identity, shown
from chalicelib.api.problems import told
from chalicelib.law.document import Document
from chalicelib.law.notice import notice, notice_for_employees
from chalicelib.law.policy import Policy
from chalicelib.law.register import register
from chalicelib.services import announce

routes = Blueprint(__name__)

Writes = Callable[[Policy, str, str | None], Document]


@routes.route("/notice", methods=["GET"])
@told
def for_callers() -> Response:
    """What callers are told."""
    return _shown(notice, shown.PUBLIC)


@routes.route("/notice/employees", methods=["GET"])
@told
def for_employees() -> Response:
    """What employees are told."""
    return _shown(notice_for_employees, shown.PUBLIC)


@routes.route("/register", methods=["GET"], authorizer=IAMAuthorizer())
@told
def for_the_dpo() -> Response:
    """The record of processing."""
    identity.require(routes.current_request.context, wiring.dpo_role(), "dpo")
    return _shown(register, shown.PRIVATE)


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
    return shown.answer(json.dumps(said, ensure_ascii=False), shown.TYPES["json"], {"Cache-Control": shown.PUBLIC})


@routes.route("/announcements/{language}/audio", methods=["GET"])
@told
def announcement_audio(language: str) -> Response:
    """The same as sound."""
    _accept_anything()
    sound = _sound(announce.announcement(wiring.policy(), language)[0])
    return shown.answer(sound.body, sound.media_type, {"Cache-Control": shown.PUBLIC})


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


def _shown(write: Writes, caching: str) -> Response:
    request = routes.current_request
    return shown.document(request, write(wiring.policy(), shown.language(request), wiring.region()), caching)
