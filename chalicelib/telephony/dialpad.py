"""Dialpad (FACTS 2.9).

Subscribe to: call events of the states `preanswer`, `calling`, `ringing`, `connected`, `recording` and `hangup`; it
does not say: language, announced.

Secrets: the webhook's signature secret (HS256); the whole body is the JWT, and what is not signed is refused. Nothing
in it says when it was signed, so nothing tells a repetition but the call and its state. Credentials: `token`, the API
key.

From memory ([K]): the names of most states, the types of a target, the unit of a recording's `start_time`, and that
an address of a recording takes the API key. `recording_url` names no recording, so `recording_details` are read alone;
a message that was left on a voicemail is no recording of a conversation.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ids import needed
from chalicelib.telephony.jwts import verified
from chalicelib.telephony.oauth import bearing
from chalicelib.telephony.read import identifier, lines, moment, needed_address, objects, part, since_1970, text
from chalicelib.telephony.webhook import Act, Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = (".dialpad.com", "dialpad.com")
_HAPPENED = {
    "preanswer": Happened.STARTED,
    "calling": Happened.STARTED,
    "ringing": Happened.STARTED,
    "connected": Happened.CONNECTED,
    "recording": Happened.RECORDING,
    "hangup": Happened.ENDED,
}
_OUTBOUND = {"outbound": True, "inbound": False}
_MS = 1_000


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    if not delivery.body.isascii():
        raise NotAuthentic("not-a-jwt")
    return verified(delivery.body.decode("ascii").strip(), secrets, "HS256")


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    return None


def parse(payload: Payload) -> list[CallEvent]:
    call_id, media = identifier(payload, "call_id"), tuple(_media(payload))
    happened = _HAPPENED.get(identifier(payload, "state"), Happened.RECORDING if media else None)
    if happened is None:
        return []
    user, agent, queue = _target(part(payload, "target"))
    event = CallEvent(
        "dialpad",
        happened,
        call_id,
        since_1970(payload.get("event_timestamp"), _MS),
        root_id=text(payload.get("master_call_id")),
        started_at=since_1970(payload.get("date_started"), _MS),
        agent=agent,
        queue=queue,
        lines=lines(payload.get("external_number"), payload.get("internal_number")),
        outbound=_OUTBOUND.get(text(payload.get("direction")) or ""),
        media=media,
        ids={"user": user} if user else {},
    )
    return [event]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    return bearing("GET", media.url, credentials)


def control(act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
    (user,) = needed(ids, "user")
    url = f"https://dialpad.com/api/v2/users/{user}/activecall"
    return bearing("PATCH", url, credentials, {"is_recording": act is Act.RESUME})


def _target(target: Payload) -> tuple[str | None, str | None, str | None]:
    """Whose call it is: the user's id, the agent's name for us, and the queue."""
    whose, mail = text(target.get("id")), text(target.get("email"))
    if (text(target.get("type")) or "user").lower() != "user":
        return None, None, whose
    return whose, mail.lower() if mail else whose, None


def _media(payload: Payload) -> Iterator[Media]:
    for each in objects(payload, "recording_details"):
        if each.get("recording_type") != "voicemail":
            began = since_1970(each.get("start_time"), _MS) or moment(each.get("start_time"))
            yield Media(identifier(each, "id"), identifier(payload, "call_id"), needed_address(each, "url"), began)
