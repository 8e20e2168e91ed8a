"""What the queues deliver: EventBridge's events about objects and jobs, and our own step messages."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.errors import InvalidDelivery, InvalidMessage
from chalicelib.telephony import connect, genesys
from chalicelib.telephony.event import CallEvent

_GENESYS = "aws.partner/genesys.com"


def dropped_object(body: str) -> tuple[str, str | None]:
    """Key and version (None where the event names none) out of an S3 `Object Created` event of EventBridge.

    EventBridge gives the key as it is, not URL-encoded as in S3's own notifications. Raises InvalidMessage.
    """
    try:
        item = _document(body)["detail"]["object"]
        return str(item["key"]), item.get("version-id")
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidMessage("not an S3 Object Created event") from error


def recording_id(body: str) -> str:
    """The recording that a step message, or a `Transcribe Job State Change` event, names.

    A job is named by its stack and then by the recording's id, which holds no hyphen. Raises InvalidMessage.
    """
    document = _document(body)
    try:
        return str(document.get("recording") or document["detail"]["TranscriptionJobName"].rsplit("-", 1)[-1])
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidMessage("neither a step message nor a transcription event") from error


def document(body: str) -> dict[str, Any]:
    """The JSON object of a message. Raises InvalidMessage."""
    found = _document(body)
    if not isinstance(found, dict):
        raise InvalidMessage("the message is no JSON object")
    return found


def events(document: dict[str, Any]) -> list[CallEvent]:
    """What an event of EventBridge says of calls: Amazon Connect's, or those of Genesys Cloud's partner bus.

    Raises InvalidMessage.
    """
    source = str(document.get("source", ""))
    try:
        if source.startswith(_GENESYS):
            return genesys.parse_event(document)
        return connect.parse_event(document)
    except InvalidDelivery as error:
        raise InvalidMessage("an event of telephony that cannot be read") from error


def _document(body: str) -> Any:
    try:
        return json.loads(body)
    except ValueError as error:
        raise InvalidMessage("the message is not JSON") from error
