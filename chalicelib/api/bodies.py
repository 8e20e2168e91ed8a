"""JSON, as requests bring it and as answers to one person alone carry it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from typing import Any

from chalice.app import Response

from chalicelib.errors import InvalidRequest


def document(request: Any) -> dict[str, Any]:
    """The JSON object of a request's body. Raises InvalidRequest."""
    try:
        body = json.loads(request.raw_body or b"null")
    except (ValueError, RecursionError) as error:
        raise InvalidRequest("the body is not JSON") from error
    if not isinstance(body, dict):
        raise InvalidRequest("the body is a JSON object")
    return body


def text(body: dict[str, Any], name: str) -> str:
    """A text of an object. Raises InvalidRequest."""
    value = body.get(name)
    if not isinstance(value, str) or not value or not value.isprintable():
        raise InvalidRequest(f"`{name}` is missing, or is no text")
    return value


def day(body: dict[str, Any], name: str) -> date:
    """A day of an object. Raises InvalidRequest."""
    try:
        return date.fromisoformat(text(body, name))
    except ValueError:
        raise InvalidRequest(f"`{name}` is a day such as 2026-11-24") from None


def moment(body: dict[str, Any], name: str) -> datetime:
    """A moment of an object, with its offset. Raises InvalidRequest."""
    try:
        found = datetime.fromisoformat(text(body, name))
        if found.tzinfo is not None and 2000 <= found.year < 2200:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise InvalidRequest(f"`{name}` is a moment such as 2026-11-24T10:30:00+01:00")


def answer(body: dict[str, Any]) -> Response:
    """An answer that nobody in between may keep."""
    return Response(body, {"Content-Type": "application/json", "Cache-Control": "no-store"})
