"""Twilio's status callbacks of recordings and calls, and its recordings (FACTS 2.1).

Subscribe to: a recording's `in-progress` and `completed`, a call's `answered` and `completed`; it does not say: agent,
queue, language, announced (`/twilio/voice` does).

How they are signed: `twilio_signed.py`. A signature has no moment in it, so a delivery can be played again: whoever
takes events must bear to hear the same one twice. A recording's callback names no agent and no number.

Credentials: `account` and `token` (the account's SID and auth token), or `key` and `secret` (an API key's). Only
`api.twilio.com` is spoken to, and the address is made of the ids: the one in a delivery is not used.

From memory and not verified [K]: the fields of a call's own callback, which are `CallStatus`, `Direction`, `From`,
`To`, `Timestamp` and `ParentCallSid`, without which nothing but recordings is heard of; and that Twilio refuses two
channels of a recording that has one (its warning 16113).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ours import basic, credential
from chalicelib.telephony.read import identifier, lines, moment, text
from chalicelib.telephony.twilio_signed import FORM, signed_payload
from chalicelib.telephony.webhook import Act, Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = ("api.twilio.com",)
_ACCOUNTS = "https://api.twilio.com/2010-04-01/Accounts"
_OVER = ("completed", "busy", "failed", "no-answer", "canceled")
_CALL = {"in-progress": Happened.STARTED, **dict.fromkeys(_OVER, Happened.ENDED)}
_STATUS = {
    Act.PAUSE: {"Status": "paused", "PauseBehavior": "silence"},  # the other, `skip`, shifts the file's time
    Act.RESUME: {"Status": "in-progress"},
    Act.STOP: {"Status": "stopped"},
}


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    """There is no moment in what Twilio signs: `now` decides nothing."""
    return signed_payload(delivery, secrets)


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    """Twilio asks nothing."""
    return None


def parse(payload: Payload) -> list[CallEvent]:
    """A recording's callback, or a call's. What was not recorded (`absent`, `failed`) is no event."""
    status, call_status = payload.get("RecordingStatus"), payload.get("CallStatus")
    if status in ("in-progress", "completed"):
        return [_recording(payload, done=status == "completed")]
    if status is None and isinstance(call_status, str) and call_status in _CALL:
        return [_call(payload, _CALL[call_status])]
    return []


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    """As WAV, with both channels where its callback said that there are two: of one, two are refused."""
    both = "?RequestedChannels=2" if media.ids.get("channels") == "2" else ""
    return Outgoing("GET", f"{_recording_at(media)}.wav{both}", _signed(credentials))


def delete(media: Media, credentials: Credentials) -> Outgoing:
    """The sound goes at once; Twilio keeps its description for 40 days more."""
    return Outgoing("DELETE", f"{_recording_at(media)}.json", _signed(credentials))


def look(media: Media, credentials: Credentials) -> Outgoing:
    return Outgoing("GET", f"{_recording_at(media)}.json", _signed(credentials))


def control(act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
    """Of the recording that is known, else of the one that runs."""
    try:
        call = f"{_ACCOUNTS}/{_sid(ids, 'account', 'AC')}/Calls/{_sid(ids, 'call', 'CA')}"
        recording = _sid(ids, "recording", "RE") if "recording" in ids else "Twilio.CURRENT"
    except InvalidDelivery as error:
        raise CannotControl("Twilio's account and call must be known, to reach a call's recording") from error
    headers = {"content-type": FORM, **_signed(credentials)}
    return Outgoing("POST", f"{call}/Recordings/{recording}.json", headers, urlencode(_STATUS[act]).encode())


def _recording(payload: Payload, done: bool) -> CallEvent:
    account, call = _sid(payload, "AccountSid", "AC"), _sid(payload, "CallSid", "CA")
    recording = _sid(payload, "RecordingSid", "RE")
    ids = {"account": account, "call": call, "recording": recording}
    began = _rfc_2822(payload.get("RecordingStartTime"))
    if not done:
        return CallEvent("twilio", Happened.STARTED, call, at=began, ids=ids)
    url = f"{_ACCOUNTS}/{account}/Recordings/{recording}"
    channels = text(payload.get("RecordingChannels"))
    media = Media(recording, call, url, began, {"account": account} | ({"channels": channels} if channels else {}))
    # That recording is over: what goes on, if anything does, is another.
    return CallEvent("twilio", Happened.RECORDING, call, media=(media,), ids={"account": account, "call": call})


def _call(payload: Payload, happened: Happened) -> CallEvent:
    account, call = _sid(payload, "AccountSid", "AC"), _sid(payload, "CallSid", "CA")
    direction = payload.get("Direction")
    return CallEvent(
        "twilio",
        happened,
        call,
        at=_rfc_2822(payload.get("Timestamp")),
        root_id=_sid(payload, "ParentCallSid", "CA") if payload.get("ParentCallSid") else None,
        lines=lines(payload.get("From"), payload.get("To")),
        outbound=is_ours(payload) or (direction.startswith("outbound") if isinstance(direction, str) else None),
        ids={"account": account, "call": call},
    )


def is_ours(payload: Payload) -> bool:
    """Whether one of ours places the call, from a softphone or a desk phone: to Twilio it comes in."""
    caller = payload.get("From")
    return isinstance(caller, str) and caller.lower().startswith(("client:", "sip:"))


def _recording_at(media: Media) -> str:
    account, recording = _sid(media.ids, "account", "AC"), _sid({"id": media.id}, "id", "RE")
    return f"{_ACCOUNTS}/{account}/Recordings/{recording}"


def _sid(among: Mapping[str, Any], name: str, kind: str) -> str:
    """One of Twilio's ids, which can only be one step of a path."""
    found = identifier(dict(among), name)
    if not re.fullmatch(rf"{kind}[0-9A-Za-z]{{1,64}}", found):
        raise InvalidDelivery(f"`{name}` is no id of Twilio's")
    return found


def _rfc_2822(value: Any) -> datetime | None:
    try:
        return moment(parsedate_to_datetime(value).isoformat()) if isinstance(value, str) else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


def _signed(credentials: Credentials) -> dict[str, str]:
    user, password = ("key", "secret") if "key" in credentials else ("account", "token")
    return basic(credential(credentials, user), credential(credentials, password))
