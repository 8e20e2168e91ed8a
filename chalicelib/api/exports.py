"""Where a package is had from: a link that works once, and the word that it arrived.

Whoever has the token proved who they are a moment ago. Wrong, used and foreign ones are told the same.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

from chalice.app import Blueprint, Response

from chalicelib import wiring
from chalicelib.api import bodies, page
from chalicelib.api.problems import told
from chalicelib.services.download import arrived, follow

routes = Blueprint(__name__)

_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")


@routes.route("/exports/{request}/{token}", methods=["GET"])
@told
def package(request: str, token: str) -> Response:
    """303 to the package, which opens for five minutes."""
    address = follow(wiring.machine(), _id(request), _id(token), datetime.now(UTC))
    headers = {"Location": address, "Cache-Control": "no-store", **page.SECURITY}
    return Response("", {"Content-Type": "text/plain", **headers}, 303)


@routes.route("/requests/{request}/downloaded", methods=["POST"])
@told
def downloaded(request: str) -> Response:
    """`{"token": "…"}`, the one of the link that was followed: the package is deleted here."""
    token = bodies.text(bodies.document(routes.current_request), "token")
    found = arrived(wiring.machine(), _id(request), _id(token), datetime.now(UTC))
    return bodies.answer({"request": found.id, "downloaded": True, "package": "deleted"})


def _id(text: str) -> str:
    """What is no id at all is nobody's; an empty one is."""
    return text if _ID.fullmatch(text) else "-"
