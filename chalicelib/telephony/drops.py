"""What a dropped object's key and metadata say of its call (FACTS 2.2 and 2.11).

A source that can set metadata says it best; otherwise the names of Amazon Connect and of Asterisk/FreePBX are
understood. A name may hold a telephone number, so nothing of a `Call` but its times and language is ever stored.

| metadata | what it says |
|---|---|
| `call-id`, `queue`, `agent` | the source's own names |
| `started-at` | the first sample's moment, ISO 8601 with an offset |
| `language` | BCP 47 |
| `direction` | `inbound` or `outbound` |
| `announced` | `true` if the caller was told before |
| `objected` | `true`, or the moment at which the caller refused |
| `personal-call`, `mandate`, `off` | the agent's switch: `true` for the whole call, or stretches `since/until` |
| `payment` | stretches in which somebody paid |
| `screen` | `true` if the screen was recorded too |
| `contract-part` | the stretch `since/until` that concludes a contract |
| `signed-on` | the day of the signature |

Stretches stand side by side with spaces between; either end may be left out. What is said and cannot be read is taken
for the most that it can mean: for off, refused, not announced.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime

from chalicelib.model import Call, Off, Reason, Stretch

_CONNECT = re.compile(
    r"/CallRecordings/(?:ivr/)?\d{4}/\d{2}/\d{2}/(?P<id>[0-9a-f-]{36})_(?P<at>\d{8}T\d{2}:\d{2})_UTC\.wav$"
)
_ASTERISK = re.compile(r"(?:^|/)(?P<parties>[^/]*)-\d{8}-\d{6}-(?P<id>(?P<epoch>\d{9,10})\.\d+)\.wav$", re.IGNORECASE)
_MINUTE_MS, _SECOND_MS = 60_000, 1_000

METADATA = (
    "call-id", "queue", "agent", "started-at", "language", "direction", "announced", "objected", "personal-call",
    "mandate", "off", "payment", "screen", "contract-part", "signed-on",
)  # fmt: skip
"""The names that are understood."""

_SWITCHES = {
    "personal-call": Reason.PERSONAL,
    "mandate": Reason.MANDATE,
    "payment": Reason.PAYMENT,
    "off": Reason.OTHER,
}


def read_drop(key: str, metadata: Mapping[str, str]) -> Call:
    """Who, when, what for and who refused, as far as it is said; `started_at` is None where nobody says it.

    `key` is the object's key as EventBridge gives it (not URL-encoded), `metadata` its user metadata.
    """
    call = _from_name(key)
    if "started-at" in metadata:
        call = replace(call, started_at=_moment(metadata["started-at"]), precision_ms=0)
    objected = metadata.get("objected", "false")
    return replace(
        call,
        call_id=metadata.get("call-id") or call.call_id,
        language=metadata.get("language") or None,
        queue=metadata.get("queue") or None,
        agent=metadata.get("agent") or call.agent,
        outbound=metadata.get("direction", "inbound") != "inbound",
        announced=metadata["announced"] == "true" if "announced" in metadata else None,
        objected=objected != "false",
        objected_at=_moment(objected),
        offs=tuple(_offs(metadata)),
        with_screen=metadata.get("screen", "false") != "false",
        useful=_stretch(metadata["contract-part"]) if "contract-part" in metadata else None,
        signed_on=_day(metadata.get("signed-on", "")),
    )


def _from_name(key: str) -> Call:
    if found := _CONNECT.search(key):
        return Call("connect", found["id"], _connect_moment(found["at"]), precision_ms=_MINUTE_MS)
    if found := _ASTERISK.search(key):
        lines, began = tuple(found["parties"].split("-")), datetime.fromtimestamp(int(found["epoch"]), UTC)
        agent = lines[2] if len(lines) > 2 else None
        return Call("asterisk", found["id"], began, precision_ms=_SECOND_MS, agent=agent, lines=lines)
    return Call("drop", key, None)


def _connect_moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _offs(metadata: Mapping[str, str]) -> Iterator[Off]:
    for name, reason in _SWITCHES.items():
        for part in metadata.get(name, "false").split():
            if part != "false":
                yield Off(reason, _stretch(part) or Stretch(None, None))


def _stretch(text: str) -> Stretch | None:
    """`since/until`, either of which may be left out; None where it is no such thing."""
    since, slash, until = text.partition("/")
    read = Stretch(_moment(since), _moment(until))
    if not slash or (since and read.since is None) or (until and read.until is None):
        return None
    return None if read.since and read.until and read.until <= read.since else read


def _moment(text: str) -> datetime | None:
    """An instant, or None where the text is no date or names no offset: a guess could outlive the law's term."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
