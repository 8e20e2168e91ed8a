"""`POST /webhooks/{provider}`: what telephony systems call. Checked, made opaque, put into a queue, answered.

The route has no authorizer: each provider proves in its own way that it is it (`telephony/`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from chalice.app import Blueprint, Response

from chalicelib import observability as tell
from chalicelib import wiring
from chalicelib.api import bodies
from chalicelib.api.problems import told
from chalicelib.errors import InvalidDelivery, NotAuthentic, UnknownProvider
from chalicelib.services.ports import Step
from chalicelib.services.told import opaque, told_plain
from chalicelib.telephony.providers import PROVIDERS
from chalicelib.telephony.webhook import Delivery, Payload, Provider, Secrets

routes = Blueprint(__name__)

_MOST_EVENTS = 50


@routes.route("/webhooks/{provider}", methods=["POST"], content_types=["*/*"])
@told
def take(provider: str) -> Response:
    """A delivery: 200 once it is safe in the queue, however often it comes."""
    module = PROVIDERS.get(provider)
    if module is None:
        raise UnknownProvider(f"there are {', '.join(PROVIDERS)}")
    machine, now, delivery = wiring.machine(), datetime.now(UTC), delivered(routes.current_request)
    secrets = machine.secrets.signing(provider)
    payload = authentic(provider, module, delivery, secrets, now)
    reply = module.handshake(payload, delivery, secrets)
    if reply is not None:
        return Response(reply.body.decode(), dict(reply.headers), reply.status)
    events = module.parse(payload)
    if len(events) > _MOST_EVENTS or any(len(event.media) > _MOST_EVENTS for event in events):
        raise InvalidDelivery(f"one delivery tells of up to {_MOST_EVENTS} calls and recordings")
    for event in events:
        machine.steps.post(Step.CALLS, {"told": told_plain(opaque(machine, event, now))})
    tell.counted(f"webhook-{provider}", len(events))
    return bodies.answer({"events": len(events)})


def authentic(provider: str, module: Provider, delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    """What a delivery says. Raises NotAuthentic, whose check is logged and whose values are not."""
    try:
        return module.authenticate(delivery, secrets, now)
    except NotAuthentic as error:
        tell.refused(provider, error.check)
        raise


def delivered(request: Any) -> Delivery:
    """A request as its sender saw it: the URL under which they called, and the body byte for byte."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    body = request.raw_body or b""
    return Delivery(request.method, _url(request), headers, body if isinstance(body, bytes) else body.encode())


def _url(request: Any) -> str:
    base, path = public_url(request.context), request.path.format(**(request.uri_params or {}))
    pairs = [(name, value) for name in request.query_params or {} for value in request.query_params.getlist(name)]
    return f"{base}{path}" + (f"?{urlencode(pairs)}" if pairs else "")


def public_url(context: Mapping[str, Any]) -> str:
    """Under which the outside knows this API: by the settings, or else the name by which API Gateway was reached.

    That is its own name or one that the controller gave it; the Host header is not asked.
    """
    return wiring.public_url() or f"https://{context.get('domainName', '')}/{context.get('stage', '')}"
