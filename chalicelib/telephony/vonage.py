"""Vonage Voice's webhooks, and its recordings (FACTS 2.6).

Subscribe to: the call's events (`answered` and `completed` are read) and the recording's; it does not say: agent,
queue, language, announced.

A delivery carries a JWT, HS256, signed with the account's signature secret; its `payload_hash` holds the body, and its
`iat` may be five minutes from ours: Vonage published no window, this one is our choice [K]. An unsigned delivery is
refused: signed webhooks are to be switched on. `api_key` says which of the account's secrets was used; here each is
tried.

Credentials: `application_id` and `private_key` (PEM, RSA), with which each fetch signs a token of its own. A recording
belongs to the conversation: `conversation_uuid` is its call, and each leg (`uuid`) a call whose root that is. No event
names an agent. Neither pausing nor deleting is known [?].

From memory and not verified [K]: `status` of a leg, with `direction`, and `from` and `to` without `+`, which
is put back; and that recordings lie at `api.nexmo.com` or at a region's name under the two domains of `HOSTS`.
"""

from __future__ import annotations

import hashlib
import uuid
from datetime import datetime, timedelta

import jwt
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chalicelib.errors import InvalidDelivery, InvalidSettings, NotAuthentic
from chalicelib.telephony import jwts
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ours import bearer, credential
from chalicelib.telephony.read import (
    address,
    header,
    identifier,
    json_object,
    lines_without_plus,
    moment,
    require_fresh,
    require_same,
    since_1970,
    text,
)
from chalicelib.telephony.webhook import Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = (".nexmo.com", ".vonage.com")
_HOLDS = timedelta(minutes=5)
_HAPPENED = {"answered": Happened.STARTED, "completed": Happened.ENDED}


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    scheme, _, token = header(delivery, "authorization").partition(" ")
    if scheme.lower() != "bearer":
        raise NotAuthentic("not-a-bearer")
    claims = jwts.verified(token.strip(), secrets, "HS256")
    require_fresh(since_1970(claims.get("iat")), now)
    jwts.require_unexpired(claims, now)
    require_same(text(claims.get("payload_hash")) or "", [hashlib.sha256(delivery.body).hexdigest()], "body-hash")
    return json_object(delivery.body)


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    """Vonage asks nothing here: what is to be done with a call is asked for elsewhere."""
    return None


def parse(payload: Payload) -> list[CallEvent]:
    """A recording of a conversation, or the beginning or end of one leg of it."""
    if "recording_url" in payload:
        return [_recording(payload)]
    happened = _HAPPENED.get(text(payload.get("status")) or "")
    return [_leg(payload, happened)] if happened else []


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    """With a token for this one request: its id is made of the recording and the moment."""
    claims = {
        "application_id": credential(credentials, "application_id"),
        "iat": int(now.timestamp()),
        "jti": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{media.id} {now.isoformat()}")),
        "exp": int((now + _HOLDS).timestamp()),
    }
    token = jwt.encode(claims, _private_key(credential(credentials, "private_key")), "RS256")
    return Outgoing("GET", media.url, bearer(token))


def _private_key(pem: str) -> RSAPrivateKey:
    try:
        key = load_pem_private_key(pem.encode(), None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, RSAPrivateKey):
        raise InvalidSettings("Vonage's `private_key` is no RSA key in PEM without a passphrase: copy the file anew")
    return key


def _recording(payload: Payload) -> CallEvent:
    conversation, recording = identifier(payload, "conversation_uuid"), identifier(payload, "recording_uuid")
    url = address(payload.get("recording_url"))
    if url is None:
        raise InvalidDelivery("`recording_url` is no https address")
    media = Media(recording, conversation, url, moment(payload.get("start_time")))
    at, ids = moment(payload.get("timestamp")), {"conversation": conversation}
    return CallEvent("vonage", Happened.RECORDING, conversation, at=at, media=(media,), ids=ids)


def _leg(payload: Payload, happened: Happened) -> CallEvent:
    conversation, direction = identifier(payload, "conversation_uuid"), text(payload.get("direction"))
    return CallEvent(
        "vonage",
        happened,
        identifier(payload, "uuid"),
        at=moment(payload.get("timestamp")),
        root_id=conversation,
        started_at=moment(payload.get("start_time")),
        lines=lines_without_plus(payload.get("from"), payload.get("to")),
        outbound=direction == "outbound" if direction else None,
        ids={"conversation": conversation},
    )
