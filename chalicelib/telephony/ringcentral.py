"""RingCentral (FACTS 2.8).

Subscribe to: `/restapi/v1.0/account/~/telephony/sessions`; it does not say: queue, language, announced, recording's
start.

Secrets: the subscription's verification token, which comes back with every notification; nothing is signed, and nothing
says when. The request that validates an address carries no proof at all: it has a `Validation-Token`, no event, and is
answered with the token alone. Credentials: `token`, of OAuth (`oauth.py`).

From RingCentral's guides: the statuses, `extensionId`, `from`, `to`. From memory ([K]), to be confirmed on an account:
`recordings` of a party, the reasons of a disconnection, that a party without `extensionId` is the customer, where a
recording's content lies, `telephonySessionId` as a filter of the call log, and the hosts. A recording has no pause of
its own: to stop one is to leave it inactive. To delete one: no API is known, so none is here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from urllib.parse import quote

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ids import needed
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
    require_same,
    text,
)
from chalicelib.telephony.webhook import Act, Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = ("media.ringcentral.com", "platform.ringcentral.com")
_ACCOUNT = "https://platform.ringcentral.com/restapi/v1.0/account/~"
_TOKEN = re.compile(r"[\x20-\x7e]{1,1024}")
_HAPPENED = {
    "Setup": Happened.STARTED,
    "Proceeding": Happened.STARTED,
    "Answered": Happened.CONNECTED,
    "Hold": Happened.CONNECTED,
    "Disconnected": Happened.ENDED,
}
_OUTBOUND, _NUMBERS = {"Outbound": True, "Inbound": False}, ("phoneNumber", "extensionNumber")
_HANDED_ON = {
    "AgentAnswered", "AttendedTransfer", "BlindTransfer", "CallFlip", "CallPark", "CallRedirected", "CallSwitch",
    "CallerInputRedirect", "DtmfTransfer", "ParkLocation", "Pickup", "RccTransfer", "TakeOver",
}  # fmt: skip
"""Reasons for which one party leaves while the call goes on."""


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    if _validates(delivery):
        if not _TOKEN.fullmatch(header(delivery, "validation-token")):
            raise NotAuthentic("validation-token")
        return {}
    require_same(header(delivery, "verification-token"), secrets, "verification-token")
    return json_object(delivery.body)


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    if payload or not _validates(delivery):
        return None
    return Reply(200, {"Validation-Token": header(delivery, "validation-token")})


def parse(payload: Payload) -> list[CallEvent]:
    if not identifier(payload, "event").partition("?")[0].endswith("/telephony/sessions"):
        return []
    body = part(payload, "body")
    session, at = identifier(body, "telephonySessionId"), moment(body.get("eventTime"))
    parties = objects(body, "parties")
    over = _is_over(parties)
    return [event for party in parties if (event := _of_party(party, session, at, over)) is not None]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    return bearing("GET", media.url, credentials)


def ask_again(media: Media, credentials: Credentials) -> Outgoing:
    """The call log knows where the recording of a session lies."""
    session = quote(media.call_id, safe="")
    return bearing("GET", f"{_ACCOUNT}/call-log?recordingType=All&telephonySessionId={session}", credentials)


def address_in(answer: bytes, media: Media) -> str:
    """Of this recording among those of its session."""
    recorded = [part(each, "recording") for each in objects(json_object(answer), "records")]
    found = {needed_address(each, "contentUri") for each in recorded if text(each.get("id")) == media.id}
    if len(found) != 1:
        raise InvalidDelivery("the call log does not name that recording yet")
    return found.pop()


def control(act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
    session, party, recording = needed(ids, "session", "party", "recording")
    url = f"{_ACCOUNT}/telephony/sessions/{session}/parties/{party}/recordings/{recording}"
    return bearing("PATCH", url, credentials, {"active": act is Act.RESUME})


def _validates(delivery: Delivery) -> bool:
    return "validation-token" in delivery.headers and delivery.body.strip() in (b"", b"{}")


def _is_over(parties: list[Payload]) -> bool:
    """The customer left, or nobody is left: an agent who was consulted, or who handed the call on, ends nothing."""
    gone = [_has_left(party) for party in parties]
    return all(gone) or any(left and not _is_ours(party) for party, left in zip(parties, gone, strict=True))


def _has_left(party: Payload) -> bool:
    return _happened(party) is Happened.ENDED


def _happened(party: Payload) -> Happened | None:
    status = part(party, "status")
    happened = _HAPPENED.get(text(status.get("code")) or "")
    return None if text(status.get("reason")) in _HANDED_ON else happened


def _is_ours(party: Payload) -> bool:
    return text(party.get("extensionId")) is not None


def _of_party(party: Payload, session: str, at: datetime | None, over: bool) -> CallEvent | None:
    """Of a party who leaves before the others only what was recorded is told: named, they would be on the call anew."""
    happened, ours = _happened(party), _is_ours(party)
    recordings = tuple(_media(identifier(each, "id"), session) for each in objects(party, "recordings"))
    left = happened is Happened.ENDED
    if left and not over:
        happened = Happened.RECORDING if recordings else None
    if happened is None or (happened is Happened.CONNECTED and not ours):
        return None
    return CallEvent(
        "ringcentral",
        happened,
        session,
        at,
        agent=None if left and not over else text(party.get("extensionId")),
        lines=lines(*(part(party, end).get(name) for end in ("from", "to") for name in _NUMBERS)),
        outbound=_OUTBOUND.get(text(party.get("direction")) or "") if ours else None,
        media=recordings if left else (),
        ids={"session": session} | _recorded(identifier(party, "id"), () if left else recordings),
    )


def _recorded(party: str, recordings: tuple[Media, ...]) -> dict[str, str]:
    """Both or neither: the ids of two events are put together, and a party has no other's recording."""
    return {"party": party, "recording": recordings[-1].id} if recordings else {}


def _media(recording: str, session: str) -> Media:
    return Media(recording, session, f"{_ACCOUNT}/recording/{quote(recording, safe='')}/content")
