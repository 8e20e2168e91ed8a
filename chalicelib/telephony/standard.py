"""Standard Webhooks 1.0.0 (FACTS 2.12): how any other telephone system tells us of its calls, and how machines prove
to our own API who they are.

Subscribe to: whatever the other system can be made to send; it does not say: what its sender leaves out.

Secrets: see `signatures.py`. Credentials: `token`, if recordings are fetched with one; the settings name their hosts.

The body is ours to define, a JSON object: `type` (`call.started`, `call.connected`, `call.recording`, `call.objected`,
`call.ended` or `call.screen`), `call-id`, and what else is known of `source`, `at`, `started-at`, `root-call-id`,
`agent`, `queue`, `language`, `lines`, `direction` (`inbound`, `outbound`), `announced`, `agent-channel` (0 is left) and
`recording`, an object of `id`, `url` and `started-at`. `call.connected` has to say `at`. Anything else is
refused, and so is what cannot be read: a misspelt refusal must not be overlooked.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from chalicelib.errors import InvalidDelivery
from chalicelib.telephony.drops import SOURCE
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.oauth import bearing
from chalicelib.telephony.read import identifier, json_object, moment, needed_address
from chalicelib.telephony.signatures import sign as sign
from chalicelib.telephony.signatures import verify as verify
from chalicelib.telephony.webhook import Credentials, Delivery, Outgoing, Payload, Reply, Secrets

HOSTS: tuple[str, ...] = ()
_TYPES = {f"call.{each.value}": each for each in Happened}
_DIRECTIONS = {"inbound": False, "outbound": True}
_NAMES = (
    "type", "call-id", "source", "at", "started-at", "root-call-id", "agent", "queue", "language", "lines", "direction",
    "announced", "agent-channel", "recording",
)  # fmt: skip
_MOST_LINES = 50


def authenticate(delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
    return json_object(verify(delivery, secrets, now))


def handshake(payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
    return None


def parse(payload: Payload) -> list[CallEvent]:
    said = _known(payload, _NAMES)
    happened, call_id = _TYPES[_choice(said, "type", _TYPES)], identifier(said, "call-id")
    if happened is Happened.CONNECTED and "at" not in said:
        raise InvalidDelivery("`at` is missing: who was connected when decides whose switch counts")
    event = CallEvent(
        "standard",
        happened,
        call_id,
        _moment(said, "at"),
        root_id=_text(said, "root-call-id"),
        started_at=_moment(said, "started-at"),
        agent=_text(said, "agent"),
        lines=_lines(said.get("lines", [])),
        queue=_text(said, "queue"),
        language=_text(said, "language"),
        outbound=_DIRECTIONS[_choice(said, "direction", _DIRECTIONS)] if "direction" in said else None,
        announced=_one_of(said, "announced", (True, False)),
        agent_channel=_one_of(said, "agent-channel", (0, 1)),
        media=_media(said, call_id, needed=happened is Happened.RECORDING),
        ids={"source": source} if (source := _source(said)) else {},
    )
    return [event]


def fetch(media: Media, credentials: Credentials, now: datetime) -> Outgoing:
    return bearing("GET", media.url, credentials) if credentials.get("token") else Outgoing("GET", media.url)


def _known(document: Any, names: Collection[str]) -> Payload:
    if not isinstance(document, dict):
        raise InvalidDelivery("a recording is described by a JSON object")
    if unknown := [name for name in document if name not in names]:
        raise InvalidDelivery(f"nothing is known by the name of {unknown[0][:40]!r}: say {', '.join(names)}")
    return {name: value for name, value in document.items() if value is not None}


def _text(said: Payload, name: str) -> str | None:
    value = said.get(name)
    if value is not None and not (isinstance(value, str) and 0 < len(value.strip()) <= 1_000 and value.isprintable()):
        raise InvalidDelivery(f"`{name}` is a text of up to 1,000 printable characters")
    return value


def _source(said: Payload) -> str | None:
    """As a recording's metadata can say it too: under another name, what was said of the call would not find it."""
    source = _text(said, "source")
    if source is not None and not SOURCE.fullmatch(source):
        raise InvalidDelivery("`source` is a name of up to 40 letters, digits, dots, dashes and underscores, in ASCII")
    return source


def _moment(said: Payload, name: str) -> datetime | None:
    found = moment(said.get(name))
    if found is None and name in said:
        raise InvalidDelivery(f"`{name}` is a moment: ISO 8601 with an offset")
    return found


def _choice(said: Payload, name: str, choices: Collection[str]) -> str:
    value = _text(said, name)
    if value not in choices:
        raise InvalidDelivery(f"`{name}` is one of {', '.join(choices)}")
    return str(value)


def _one_of(said: Payload, name: str, values: tuple[Any, ...]) -> Any:
    """Of exactly that type: true is no 1."""
    value = said.get(name)
    if value is not None and not any(type(value) is type(each) and value == each for each in values):
        raise InvalidDelivery(f"`{name}` is {' or '.join(str(each).lower() for each in values)}")
    return value


def _lines(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > _MOST_LINES:
        raise InvalidDelivery(f"`lines` is an array of up to {_MOST_LINES} texts")
    return tuple(found for each in value if (found := _text({"lines": each}, "lines")))


def _media(said: Payload, call_id: str, needed: bool) -> tuple[Media, ...]:
    if "recording" not in said and not needed:
        return ()
    recording = _known(said.get("recording"), ("id", "url", "started-at"))
    url = needed_address(recording, "url")
    return (Media(identifier(recording, "id"), call_id, url, _moment(recording, "started-at")),)
