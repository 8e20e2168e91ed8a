"""A document of the law's as a page or as JSON, in the language that is asked for."""

from __future__ import annotations

import json
from typing import Any

from chalice.app import Response

from chalicelib import wiring
from chalicelib.api import negotiation, page
from chalicelib.law.document import Document

PUBLIC = "public, max-age=300"
PRIVATE = "no-store"
TYPES = {"html": "text/html; charset=utf-8", "json": "application/json"}


def language(request: Any) -> str:
    """`fr` or `en`. Raises InvalidRequest."""
    return negotiation.language(request.query_params, request.headers)


def document(request: Any, found: Document, caching: str) -> Response:
    """In the form that is asked for. Raises InvalidRequest."""
    form = negotiation.form(request.query_params, request.headers)
    as_page = form == "html"
    body = wiring.printer().html(found).decode() if as_page else json.dumps(found.plain(), ensure_ascii=False)
    negotiated = {"Content-Language": found.language, "Vary": "Accept, Accept-Language", "Cache-Control": caching}
    return answer(body, TYPES[form], negotiated)


def answer(body: Any, media_type: str, headers: dict[str, str]) -> Response:
    """With what every answer says that a browser may show."""
    return Response(body, {"Content-Type": media_type, **page.SECURITY, **headers})
