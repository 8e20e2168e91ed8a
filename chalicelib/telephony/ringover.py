"""Ringover's webhooks, and its recordings (FACTS 2.5).

Subscribe to: `ringing`, `answered`, `hangup` and `record_available`; it does not say: queue, language, announced,
recording's start.

V1 [S]: a JWT, HS512, whose claims are the delivery; the body is not read at all. Its claims are the delivery itself, or
`{url, payload}` with the address that it was meant for. No moment is judged in it, so it can be played again. V3, which
Ringover gives on request [S2]: HMAC-SHA256 over method, address, body and moment, five minutes. A delivery that has
both is judged by V3. What carries neither is refused, so `ivr_response_code`, which Ringover does not sign, is too.

The secret is the key of the webhooks' section. Credentials: none are read, a record's link opens by itself; where it
leads is not written anywhere [?], `HOSTS` has Ringover's own names and the settings add others. Numbers come without
`+`, which is put back. A pause is not known, and `missed` is no end: somebody else of the group may still be rung.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from urllib.parse import urlsplit

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony import jwts
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.read import (
    address,
    header,
    identifier,
    json_object,
    lines_without_plus,
    moment,
    part,
    require_fresh,
    require_same,
    since_1970,
    text,
)
from chalicelib.telephony.webhook import Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = (".ringover.com",)
_V1 = "x-ringover-webhook-signature"
_V3 = "x-ringover-webhook-signature-v3"
_V3_MOMENT = "x-ringover-request-signature-v3-timestamp"
_HAPPENED = {
    "ringing": Happened.STARTED,
    "answered": Happened.CONNECTED,
    "hangup": Happened.ENDED,
    "record_available": Happened.RECORDING,
}


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    if _V3 in delivery.headers:
        return _authentic_v3(delivery, secrets, now)
    claims = jwts.verified(header(delivery, _V1), secrets, "HS512")
    jwts.require_unexpired(claims, now)
    if "url" not in claims and "payload" not in claims:
        return claims
    meant = _place(claims.get("url"))
    if meant is None or meant != _place(delivery.url):
        raise NotAuthentic("url")
    if not isinstance(claims.get("payload"), dict):
        raise InvalidDelivery("the signed token holds no payload")
    return part(claims, "payload")


def signature(method: str, url: str, body: bytes, timestamp: str, secret: str) -> str:
    """V3's."""
    signed = f"{method}{url}".encode("utf-8", "surrogatepass") + body + timestamp.encode("utf-8", "surrogatepass")
    return base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    """Ringover asks nothing."""
    return None


def parse(payload: Payload) -> list[CallEvent]:
    """`hangup` comes before the record can be fetched: `record_available` tells of that."""
    happened = _HAPPENED.get(text(payload.get("event")) or "")
    data = part(payload, "data")
    if happened is None:
        return []
    call, direction = identifier(data, "call_id"), text(data.get("direction"))
    channel = identifier(data, "channel_id") if data.get("channel_id") is not None else None
    return [
        CallEvent(
            "ringover",
            happened,
            call,
            at=_moment(data.get("hangup_time")) or _moment(payload.get("timestamp")),
            started_at=_moment(data.get("start_time")),
            agent=_agent(data),
            lines=lines_without_plus(data.get("from_number"), data.get("to_number")),
            outbound=direction == "outbound" if direction else None,
            media=(_record(data, call, channel),) if happened is Happened.RECORDING else (),
            ids={"call": call} | ({"channel": channel} if channel else {}),
        )
    ]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    return Outgoing("GET", media.url)


def _authentic_v3(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    found, signed_at = header(delivery, _V3), header(delivery, _V3_MOMENT)
    what = (delivery.method.upper(), delivery.url, delivery.body, signed_at)
    require_same(found, [signature(*what, secret) for secret in filter(None, secrets)])
    require_fresh(since_1970(signed_at), now)
    return json_object(delivery.body)


def _place(url: object) -> tuple[str, str] | None:
    """Host and path: whatever stands before a proxy may change the rest."""
    try:
        parts = urlsplit(url) if isinstance(url, str) else None
    except ValueError:
        return None
    return (parts.hostname, parts.path) if parts and parts.hostname else None


def _record(data: Payload, call: str, channel: str | None) -> Media:
    url = address(data.get("record_link")) or address(data.get("private_record_link"))
    if url is None:
        raise InvalidDelivery("a record is available, and its link is missing or is no https address")
    return Media(channel or call, call, url)


def _agent(data: Payload) -> str | None:
    user = part(data, "user")
    email = text(user.get("email"))
    return email.lower() if email else text(data.get("user_id")) or text(user.get("userId"))


def _moment(value: object) -> datetime | None:
    return moment(value) or since_1970(value)
