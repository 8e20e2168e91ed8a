"""RingCentral (FACTS 2.8).

Secrets: the subscription's verification token, which comes back with every notification; nothing is signed, and nothing
says when. The request that validates an address carries no proof at all: it has a `Validation-Token`, no event, and is
answered with the token alone. Credentials: `token`, of OAuth (`oauth.py`).

From RingCentral's guides: the statuses, `extensionId`, `from`, `to`. From memory ([K]), to be confirmed on an account:
`recordings` of a party, the reasons of a disconnection, where a recording's content lies, `telephonySessionId` as a
filter of the call log, and the hosts. A recording has no pause of its own: to stop one is to leave it inactive. To
delete one: no API is known, so none is here.
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
    return [event for party in objects(body, "parties") if (event := _of_party(party, session, at)) is not None]


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


def _of_party(party: Payload, session: str, at: datetime | None) -> CallEvent | None:
    status, agent = part(party, "status"), text(party.get("extensionId"))
    happened = _HAPPENED.get(text(status.get("code")) or "")
    ours = agent is not None
    if happened is None or text(status.get("reason")) in _HANDED_ON or (happened is Happened.CONNECTED and not ours):
        return None
    recordings = [identifier(each, "id") for each in objects(party, "recordings")]
    ids = {"session": session, "party": identifier(party, "id")}
    return CallEvent(
        "ringcentral",
        happened,
        session,
        at,
        agent=agent,
        lines=lines(*(part(party, end).get(name) for end in ("from", "to") for name in _NUMBERS)),
        outbound=_OUTBOUND.get(text(party.get("direction")) or "") if ours else None,
        media=tuple(_media(each, session) for each in recordings) if happened is Happened.ENDED else (),
        ids=ids | ({"recording": recordings[-1]} if recordings else {}),
    )


def _media(recording: str, session: str) -> Media:
    return Media(recording, session, f"{_ACCOUNT}/recording/{quote(recording, safe='')}/content")
