"""Amazon Connect (FACTS 2.2): its events come by EventBridge, its recordings to S3 (`names.py`); AWS vouches for both.

Subscribe to: `Amazon Connect Contact Event` and `Screen Recording Status Changed`; it does not say: language, announced
(the flow does), and recording's start to the minute alone, by its name.

No credentials: its recordings are controlled by boto3, and `control_call` says how. The agent is the *right* channel.

Samples write the same name in several ways, so names are read whatever their case. The event that a screen is being
recorded is known by its name alone ([?]): whatever its status, the screen counts as recorded. Events are best effort
and in no order, and name no number: the flow's own call of a Lambda (`flow_call`) does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony.event import CallEvent, Happened
from chalicelib.telephony.read import identifier, lines, moment, text
from chalicelib.telephony.webhook import Act

AGENT_CHANNEL = 1
_CONTACT, _SCREEN = "Amazon Connect Contact Event", "Screen Recording Status Changed"
_HAPPENED = {
    "INITIATED": Happened.STARTED,
    "CONNECTED_TO_SYSTEM": Happened.STARTED,
    "QUEUED": Happened.STARTED,
    "CONNECTED_TO_AGENT": Happened.CONNECTED,
    "DISCONNECTED": Happened.ENDED,
    "COMPLETED": Happened.ENDED,
}
_WHEN = {
    Happened.CONNECTED: ("agentInfo", "connectedToAgentTimestamp"),
    Happened.ENDED: ("disconnectTimestamp",),
}
_OUTBOUND = {"INBOUND": False, "OUTBOUND": True, "CALLBACK": True, "API": True}
"""Whether we called: of transfers and the like nobody says."""
_METHODS = {
    Act.PAUSE: "suspend_contact_recording",
    Act.RESUME: "resume_contact_recording",
    Act.STOP: "stop_contact_recording",
}
_PARAMETERS = {"InstanceId": "instance", "ContactId": "contact", "InitialContactId": "initial"}


def parse_event(document: dict[str, Any]) -> list[CallEvent]:
    """What EventBridge brings of a call; nothing of a chat or a task. Raises InvalidDelivery."""
    kind, detail = text(_at(document, "detail-type")), _at(document, "detail")
    if kind == _SCREEN:
        return [_event(Happened.SCREEN, detail, moment(_at(document, "time")))]
    happened = _HAPPENED.get((text(_at(detail, "eventType")) or "").upper())
    if kind != _CONTACT or happened is None or not _is_voice(detail):
        return []
    when = moment(_at(detail, *_WHEN[happened])) if happened in _WHEN else None
    return [_event(happened, detail, when or moment(_at(document, "time")))]


def flow_call(event: dict[str, Any]) -> CallEvent:
    """The call that a flow asks a Lambda about. The block's own parameters `queue`, `language` and `agent` come first.

    Raises InvalidDelivery.
    """
    contact, said = _at(event, "Details", "ContactData"), _at(event, "Details", "Parameters")
    if not _is_voice(contact):
        raise InvalidDelivery("the contact is no call")
    call = _event(Happened.STARTED, contact, None)
    return replace(
        call,
        agent=text(_at(said, "agent")) or call.agent,
        queue=text(_at(said, "queue")) or _last(_at(contact, "Queue", "ARN")) or text(_at(contact, "Queue", "Name")),
        language=text(_at(said, "language")) or text(_at(contact, "LanguageCode")),
        lines=lines(_at(contact, "CustomerEndpoint", "Address"), _at(contact, "SystemEndpoint", "Address")),
    )


def control_call(act: Act, ids: Mapping[str, str]) -> tuple[str, dict[str, str]]:
    """The method of boto3's client and its parameters. Raises CannotControl."""
    if missing := [name for name in _PARAMETERS.values() if not ids.get(name)]:
        raise CannotControl(f"the events of this call have not named its {missing[0]} yet")
    return _METHODS[act], {parameter: ids[name] for parameter, name in _PARAMETERS.items()}


def _event(happened: Happened, contact: Any, at: datetime | None) -> CallEvent:
    call_id = identifier({"contactId": _at(contact, "contactId")}, "contactId")
    root, instance = text(_at(contact, "initialContactId")), _last(_at(contact, "instanceArn"))
    return CallEvent(
        "connect",
        happened,
        call_id,
        at,
        root_id=root,
        started_at=moment(_at(contact, "initiationTimestamp")),
        agent=_last(_at(contact, "agentInfo", "agentArn")) or _last(_at(contact, "agentArn")),
        queue=_last(_at(contact, "queueInfo", "queueArn")),
        outbound=_OUTBOUND.get((text(_at(contact, "initiationMethod")) or "").upper()),
        agent_channel=AGENT_CHANNEL,
        ids={"contact": call_id, "initial": root or call_id} | ({"instance": instance} if instance else {}),
    )


def _is_voice(contact: Any) -> bool:
    return (text(_at(contact, "channel")) or "").upper() == "VOICE"


def _at(document: Any, *names: str) -> Any:
    """What lies under those names, whatever their case."""
    for name in names:
        found = document.items() if isinstance(document, dict) else ()
        document = next((value for key, value in found if str(key).lower() == name.lower()), None)
    return document


def _last(arn: Any) -> str | None:
    return (text(arn) or "").rpartition("/")[2] or None
