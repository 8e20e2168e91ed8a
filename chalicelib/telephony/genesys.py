"""Genesys Cloud (FACTS 2.3): events by EventBridge's partner bus, where AWS vouches for the sender; recordings by its
export to S3 (`names.py`). No signature of a webhook is known ([K]), so there is nothing to authenticate.

Subscribe to: `v2.detail.events.conversation.{id}.*` (`customer.start`, `acd.start`, `user.start` and `customer.end` are
read); it does not say: language, announced, recording's start.

Credentials: `token`, of OAuth (`oauth.py`), and `host`: the region's own, such as `api.mypurecloud.de`.

The topics are known from third parties ([S2]), their fields from the SDK's documentation, and from memory ([K]) alone
that a topic may name `{id}` literally and that a `user.start` is the agent who takes the call. So every name is read
from where it may stand, and what is not understood says nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from chalicelib.errors import CannotControl
from chalicelib.telephony.event import CallEvent, Happened
from chalicelib.telephony.ids import needed
from chalicelib.telephony.oauth import bearing
from chalicelib.telephony.read import identifier, lines, part, since_1970, text
from chalicelib.telephony.webhook import Act, Credentials, Outgoing

_TOPIC = re.compile(r"v2\.detail\.events\.conversation\.[^.]{1,64}\.(?P<what>[a-z.]{1,40})")
_HAPPENED = {
    "customer.start": Happened.STARTED,
    "acd.start": Happened.STARTED,
    "user.start": Happened.CONNECTED,
    "customer.end": Happened.ENDED,
}
_STATES = {Act.PAUSE: "PAUSED", Act.RESUME: "ACTIVE", Act.STOP: "NONE"}
_HOST = re.compile(r"api\.[a-z0-9-]{1,63}(\.[a-z0-9-]{1,63}){1,5}")


def parse_event(document: dict[str, Any]) -> list[CallEvent]:
    """What a topic `v2.detail.events.conversation.….*` says of a call. Raises InvalidDelivery."""
    detail = part(document, "detail")
    topic = _TOPIC.fullmatch(text(detail.get("topicName")) or text(document.get("detail-type")) or "")
    body = part(detail, "eventBody") or detail
    happened = _HAPPENED.get(topic["what"]) if topic else None
    if happened is None or (text(body.get("mediaType")) or "VOICE").upper() != "VOICE":
        return []
    conversation = identifier(body, "conversationId")
    ends = lines(*(_number(body.get(name)) for name in ("ani", "dnis")))
    event = CallEvent(
        "genesys",
        happened,
        conversation,
        since_1970(body.get("eventTime"), 1_000),
        agent=text(body.get("userId")),
        lines=ends,
        queue=text(body.get("queueId")),
        outbound={"OUTBOUND": True, "INBOUND": False}.get((text(body.get("direction")) or "").upper()),
        ids={"conversation": conversation},
    )
    return [event]


def control(act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
    (conversation,) = needed(ids, "conversation")
    host = credentials.get("host")
    if not isinstance(host, str) or not _HOST.fullmatch(host):
        raise CannotControl("the credentials' `host` names the region's API, such as api.mypurecloud.de")
    url = f"https://{host}/api/v2/conversations/calls/{conversation}/recordingstate"
    return bearing("PUT", url, credentials, {"recordingState": _STATES[act]})


def _number(value: Any) -> str | None:
    return (text(value) or "").removeprefix("tel:") or None
