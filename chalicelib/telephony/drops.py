"""What a dropped object's key and metadata say of its call (FACTS 2.2 and 2.11).

A source that can set metadata says it best: `call-id`, `started-at` (ISO 8601 with an offset), `language`
(BCP 47). Otherwise the names of Amazon Connect and of Asterisk/FreePBX are understood. A name may hold a
telephone number, so nothing of a `Call` but its times and language is ever stored.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from chalicelib.model import Call

_CONNECT = re.compile(
    r"/CallRecordings/(?:ivr/)?\d{4}/\d{2}/\d{2}/(?P<id>[0-9a-f-]{36})_(?P<at>\d{8}T\d{2}:\d{2})_UTC\.wav$"
)
_ASTERISK = re.compile(r"(?:^|/)[^/]*-\d{8}-\d{6}-(?P<id>(?P<epoch>\d{9,10})\.\d+)\.wav$", re.IGNORECASE)


def read_drop(key: str, metadata: Mapping[str, str]) -> Call:
    """Who, when and in which language, as far as it is said; `started_at` is None where nobody says it.

    `key` is the object's key as EventBridge gives it (not URL-encoded), `metadata` its user metadata.
    """
    named = _from_name(key)
    said_at = metadata.get("started-at")
    return Call(
        source=named.source,
        call_id=metadata.get("call-id") or named.call_id,
        started_at=_moment(said_at) if said_at is not None else named.started_at,
        language=metadata.get("language") or None,
    )


def _from_name(key: str) -> Call:
    if found := _CONNECT.search(key):
        return Call("connect", found["id"], _connect_moment(found["at"]))
    if found := _ASTERISK.search(key):
        return Call("asterisk", found["id"], datetime.fromtimestamp(int(found["epoch"]), UTC))
    return Call("drop", key, None)


def _connect_moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    """An instant, or None where the text is no date or names no offset: a guess could outlive the law's term."""
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo is not None else None
    except (ValueError, OverflowError):
        return None
