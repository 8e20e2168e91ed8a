"""Aircall's webhooks, and its recordings (FACTS 2.4).

Subscribe to: `call.created`, `call.answered`, `call.transferred`, `call.hungup`, `call.ended` and
`call.comm_assets_generated`; it does not say: queue, language, announced, recording's start.

Nothing is signed: the body carries the webhook's token [S2]. Whoever once saw a delivery can write others and can play
it again, so the address of the webhook is to be kept as secret as the token, and only Aircall's addresses let through.
A delivery comes again for twelve hours and in any order, which is why its moment is no reason to refuse it.

Credentials: `api_id` and `api_token`. The link to a recording lapses within the hour, so it is asked for again with
`GET /v1/calls/{id}`, and is then opened without credentials: it leads to a store that is not Aircall's API. Where that
is differs [?]; `HOSTS` has Aircall's own names, the settings add the one bucket that an account uses.

From memory and not verified [K]: that `call.transferred` names in `transferred_to` the user who has the call from then
on, and that `answered_at` stays the first answer's; that a call's recording is paused and resumed with
`pause_recording` and `resume_recording`, which is tried only where the credentials say `"pause": true`. A voicemail is
no call's recording.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from chalicelib.errors import CannotControl, InvalidDelivery, NotAuthentic
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ours import basic, credential
from chalicelib.telephony.read import address, identifier, json_object, lines, part, require_same, since_1970, text
from chalicelib.telephony.webhook import Act, Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = (".aircall.io",)
_CALLS = "https://api.aircall.io/v1/calls"
_HAPPENED = {
    "call.created": (Happened.STARTED,),
    "call.answered": (Happened.CONNECTED,),
    "call.transferred": (Happened.CONNECTED,),
    "call.hungup": (Happened.ENDED,),
    "call.ended": (Happened.ENDED, Happened.RECORDING),
    "call.comm_assets_generated": (Happened.RECORDING,),
}
_STEPS = {Act.PAUSE: "pause_recording", Act.RESUME: "resume_recording", Act.STOP: "pause_recording"}


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    """The token goes no further than this."""
    payload = json_object(delivery.body)
    token = payload.pop("token", None)
    if not isinstance(token, str) or not token:
        raise NotAuthentic("token-missing")
    require_same(token, secrets, "token")
    return payload


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    """Aircall asks nothing."""
    return None


def parse(payload: Payload) -> list[CallEvent]:
    """A call's end is told together with its recording, where there is one by then. A transfer to nobody is none."""
    name, data = text(payload.get("event")), part(payload, "data")
    agent = _agent(part(data, "transferred_to" if name == "call.transferred" else "user"))
    if name == "call.transferred" and agent is None:
        return []
    url = address(data.get("recording"))
    happened = [each for each in _HAPPENED.get(name or "", ()) if url or each is not Happened.RECORDING]
    return [_event(each, payload, data, agent, url or "") for each in happened]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    """The link opens by itself: our credentials are not for whoever keeps the file."""
    return Outgoing("GET", media.url)


def ask_again(media: Media, credentials: Credentials) -> Outgoing:
    return Outgoing("GET", f"{_CALLS}/{_call_id({'id': media.call_id})}", _signed(credentials))


def address_in(answer: bytes, media: Media) -> str:
    found = address(part(json_object(answer), "call").get("recording"))
    if found is None:
        raise InvalidDelivery("Aircall's answer has no address of a recording")
    return found


def control(act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
    """Nothing stops a recording there for good: what is to stop is paused, and never resumed. Who says `pause` in the
    credentials has tried both.
    """
    if credentials.get("pause") is not True:
        raise CannotControl('Aircall\'s pause is not verified: try it, then set `"pause": true` in its credentials')
    try:
        return Outgoing("POST", f"{_CALLS}/{_call_id({'id': ids.get('call')})}/{_STEPS[act]}", _signed(credentials))
    except InvalidDelivery as error:
        raise CannotControl("Aircall's call must be known, to reach its recording") from error


def _event(happened: Happened, payload: Payload, data: Payload, agent: str | None, url: str) -> CallEvent:
    call, direction = _call_id(data), text(data.get("direction"))
    return CallEvent(
        "aircall",
        happened,
        call,
        at=_at(happened, payload, data),
        started_at=since_1970(data.get("started_at")),
        agent=agent,
        lines=lines(data.get("raw_digits"), part(data, "number").get("digits")),
        outbound=direction == "outbound" if direction else None,
        media=(Media(call, call, url),) if happened is Happened.RECORDING else (),
        ids={"call": call},
    )


def _at(happened: Happened, payload: Payload, data: Payload) -> datetime | None:
    """The event's moment; of the first answer the call's own, which no late delivery shifts."""
    answered_at = since_1970(data.get("answered_at"))
    is_first = happened is Happened.CONNECTED and not data.get("transferred_to")
    return answered_at if is_first and answered_at else since_1970(payload.get("timestamp"))


def _agent(user: Payload) -> str | None:
    email = text(user.get("email"))
    return email.lower() if email else text(user.get("id"))


def _call_id(among: Payload) -> str:
    """A number, as which it can only be one step of a path."""
    found = identifier(among, "id")
    if not found.isdecimal():
        raise InvalidDelivery("`id` is no call of Aircall's")
    return found


def _signed(credentials: Credentials) -> dict[str, str]:
    return basic(credential(credentials, "api_id"), credential(credentials, "api_token"))
