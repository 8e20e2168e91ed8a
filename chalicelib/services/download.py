"""The way to a package: a link that works once, for whoever has just proven who they are.

Of the token only a keyed hash is kept. Once it is used, the same token says one thing more: that the package arrived;
then nobody needs it any longer.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime, time, timedelta

from chalicelib.errors import ObjectMissing, StaleRequest, UnknownLink
from chalicelib.law.request import Request, Status
from chalicelib.services import places
from chalicelib.services.machine import Machine

DOWNLOADED = "downloaded"
SUBJECT = "data-subject"
_LASTS = timedelta(days=7)
_OPENS_S = 300
_TRIES = 5
_WRITTEN = (Status.ANSWERED, Status.REFUSED)
"""A refusal is a letter too (art. 12(4))."""


def offer(machine: Machine, request: Request, now: datetime) -> str | None:
    """A token in the place of the one before; None where there is nothing (more) to download."""
    ends = _ends(machine, request)
    if ends is None or now >= ends or not machine.exists(places.export(request.id, request.package)):
        return None
    token = secrets.token_urlsafe(32)
    machine.codes.set(_link(request.id), _digest(machine, request.id, token), min(now + _LASTS, ends), _TRIES)
    return token


def follow(machine: Machine, request_id: str, token: str, now: datetime) -> str:
    """The address that opens the package for some minutes. Raises UnknownLink, also for the second time."""
    request, digest = machine.requests.get(request_id), _digest(machine, request_id, token)
    taken = machine.codes.take(_link(request_id), digest, now)
    ends = _ends(machine, request) if request else None
    if not taken or ends is None or now >= ends:
        raise _unknown()
    try:
        place = places.export(request_id, request.package if request else "")
        machine.objects.info(place)
        address = machine.objects.link(place, _OPENS_S, f"sourdine-{request_id}.zip")
    except ObjectMissing:
        raise _unknown() from None
    machine.codes.set(_arrival(request_id), digest, ends, _TRIES)
    return address


def arrived(machine: Machine, request_id: str, token: str, now: datetime) -> Request:
    """Write down that the package was downloaded, and delete it. Raises UnknownLink, StaleRequest."""
    if not machine.codes.take(_arrival(request_id), _digest(machine, request_id, token), now):
        raise _unknown()
    request = _written(machine, request_id, now)
    machine.objects.empty(places.exports(request_id))
    return request


def _written(machine: Machine, request_id: str, now: datetime) -> Request:
    for _ in range(_TRIES):
        request = machine.requests.get(request_id)
        if request is None or request.state not in _WRITTEN:
            raise _unknown()
        try:
            return machine.requests.write(replace(request, downloaded=True, by=SUBJECT), DOWNLOADED, now)
        except StaleRequest:
            continue
    raise StaleRequest("the request changes all the time: ask again")


def _ends(machine: Machine, request: Request | None) -> datetime | None:
    """When the package of an answered request is had no more; None where there never was one, or not any more."""
    if request is None or request.state not in _WRITTEN or request.downloaded or request.answered_on is None:
        return None
    last = machine.policy.keeping.exports.after(request.answered_on)
    return datetime.combine(last, time(), machine.policy.zone)


def _digest(machine: Machine, request_id: str, token: str) -> str:
    return machine.pseudonyms.of("link", request_id, token)


def _link(request_id: str) -> str:
    return f"{request_id}/link"


def _arrival(request_id: str) -> str:
    return f"{request_id}/arrival"


def _unknown() -> UnknownLink:
    return UnknownLink("there is no such link, or it was used: ask for another with a new code")
