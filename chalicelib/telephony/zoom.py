"""Zoom Phone (FACTS 2.7).

Subscribe to: `phone.recording_completed`; it does not say: language, announced, nor anything while the call goes on.

Secrets: the app's secret token. Credentials: `token`, of OAuth (`oauth.py`).

The window of five minutes is ours: Zoom publishes none. A question of `endpoint.url_validation` is signed like every
event, so it is answered only if authentic, with the secret that signed it. Known from elsewhere than FACTS, and read
if it is there: the names within `owner` (Zoom's SDK for JavaScript). An API that pauses or deletes: none is known
([?]), and FACTS names no event of a call's start or end, so only what is recorded is heard of.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import datetime

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.oauth import bearing
from chalicelib.telephony.read import (
    header,
    identifier,
    json_object,
    lines,
    moment,
    needed_address,
    objects,
    part,
    require_fresh,
    require_same,
    since_1970,
    text,
)
from chalicelib.telephony.webhook import Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = ("zoom.us", ".zoom.us")
"""[K]"""
_CHALLENGE, _RECORDED = "endpoint.url_validation", "phone.recording_completed"
_OUTBOUND = {"outbound": True, "inbound": False}


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    signature, stamp = header(delivery, "x-zm-signature"), header(delivery, "x-zm-request-timestamp")
    if not signature.startswith("v0="):
        raise NotAuthentic("algorithm")
    if not (stamp.isascii() and stamp.isdecimal()):
        raise NotAuthentic("moment-missing")
    require_fresh(since_1970(stamp), now)
    require_same(signature, [_signature(delivery, secret) for secret in secrets])
    return json_object(delivery.body)


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    if payload.get("event") != _CHALLENGE:
        return None
    plain = text(part(payload, "payload").get("plainToken"))
    if plain is None or not plain.isascii():
        raise InvalidDelivery("the question holds no `plainToken`")
    answer = {"plainToken": plain, "encryptedToken": _hmac(_signer(delivery, secrets), plain.encode())}
    return Reply(200, {"Content-Type": "application/json"}, json.dumps(answer).encode())


def parse(payload: Payload) -> list[CallEvent]:
    if payload.get("event") != _RECORDED:
        return []
    told = part(payload, "payload", "object")
    recordings = objects(told, "recordings") if "recordings" in told else [told]
    return [_recorded(each, since_1970(payload.get("event_ts"), 1_000)) for each in recordings]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    return bearing("GET", media.url, credentials)


def _recorded(recording: Payload, at: datetime | None) -> CallEvent:
    call_id = identifier(recording, "call_id" if recording.get("call_id") else "call_log_id")
    began, owner = moment(recording.get("date_time")), part(recording, "owner")
    media = Media(identifier(recording, "id"), call_id, needed_address(recording, "download_url"), began)
    kind = (text(owner.get("type")) or "user").lower()
    return CallEvent(
        "zoom",
        Happened.RECORDING,
        call_id,
        at,
        started_at=began,
        agent=text(owner.get("id")) if kind == "user" else None,
        queue=text(owner.get("id")) if kind == "callqueue" else None,
        lines=lines(recording.get("caller_number"), recording.get("callee_number"), owner.get("extension_number")),
        outbound=_OUTBOUND.get(text(recording.get("direction")) or ""),
        media=(media,),
    )


def _signer(delivery: Delivery, secrets: Secrets) -> str:
    found = header(delivery, "x-zm-signature")
    for secret in secrets:
        if hmac.compare_digest(found.encode("utf-8", "replace"), _signature(delivery, secret).encode()):
            return secret
    raise NotAuthentic("signature")


def _signature(delivery: Delivery, secret: str) -> str:
    stamp = header(delivery, "x-zm-request-timestamp")
    return f"v0={_hmac(secret, f'v0:{stamp}:'.encode() + delivery.body)}"


def _hmac(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
