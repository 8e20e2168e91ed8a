"""Failures as the API tells them: RFC 9457, one status for each class, and never more than the class's own words."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

from chalice.app import Response

from chalicelib import errors
from chalicelib import observability as tell

STATUS: dict[type[errors.SourdineError], int] = {
    errors.InvalidRequest: 400,
    errors.InvalidCall: 400,
    errors.SpanOutsideRecording: 400,
    errors.UnsupportedLanguage: 409,
    errors.InvalidDelivery: 400,
    errors.NotAuthentic: 401,
    errors.NotAuthenticated: 401,
    errors.Forbidden: 403,
    errors.UnknownAnnouncement: 404,
    errors.UnknownRecording: 404,
    errors.UnknownProvider: 404,
    errors.NothingToSign: 404,
    errors.UnknownRequest: 404,
    errors.NotProven: 403,
    errors.TooMany: 429,
    errors.CannotBeDone: 409,
    errors.StaleRequest: 409,
    errors.UnknownLink: 404,
    errors.CannotBeEvaluated: 409,
    errors.CannotBeHeard: 409,
    errors.CannotBeHeld: 409,
    errors.CannotBeMuted: 409,
    errors.CannotBeRectified: 409,
    errors.ObjectMissing: 409,  # somebody else is at it: ask again
    errors.NoticeNotCurrent: 409,
    errors.StaleRecording: 409,
    errors.StaleSwitch: 409,
    errors.AnnouncementSilent: 500,  # ours to mend: a 404 would say that the policy has no such announcement
    errors.VoiceUnavailable: 503,
    errors.MessageNotSent: 503,
    errors.ProviderUnreachable: 503,
    errors.IdentityUnavailable: 503,
}
"""Of a class or of its nearest parent; 500 for every other, whose message then stays here."""

_Asked = ParamSpec("_Asked")


def told(view: Callable[_Asked, Response]) -> Callable[_Asked, Response]:
    """A view whose failures are answered as problems: what is foreign is logged by its kind, without its words."""

    @wraps(view)
    def answer(*asked: _Asked.args, **named: _Asked.kwargs) -> Response:
        try:
            return view(*asked, **named)
        except Exception as error:
            found = problem(error)
            if found.status_code >= 500:
                tell.failed("api", error)
            return found
        finally:
            tell.flush()

    return answer


def problem(error: Exception) -> Response:
    """An error as `application/problem+json`."""
    status = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    code = error.code if status and isinstance(error, errors.SourdineError) else "error"
    body = {
        "type": f"urn:sourdine:problem:{code}",
        "title": code.replace("-", " ").capitalize(),
        "status": status or 500,
        "detail": str(error) if status else "The answer could not be made. It is not your request: ask again later.",
    }
    if isinstance(error, errors.NoticeNotCurrent):
        body["current"] = error.current
    headers = {"Content-Type": "application/problem+json", "Cache-Control": "no-store"}
    if status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return Response(json.dumps(body, ensure_ascii=False), headers, status or 500)
