"""What a dropped object's key and metadata say of its call (FACTS 2.2 and 2.11).

A source that can set metadata says it best; otherwise the names that known systems give are understood (`names.py`).
A name may hold a telephone number, so nothing of a `Call` but its times and language is ever stored.

| metadata | what it says |
|---|---|
| `source` | the telephone system, as the policy names it, where the object's name does not tell |
| `call-id`, `queue`, `agent` | the source's own names |
| `started-at` | the first sample's moment, ISO 8601 with an offset |
| `language` | BCP 47 |
| `caller` | the caller's number or e-mail address, several with commas between |
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
from chalicelib.telephony.names import from_name

SOURCE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""What a source may be called."""

_YEARS = range(1970, 2200)
"""Others are no moments of a call: near the ends of the calendar nothing can be reckoned."""

METADATA = (
    "source", "call-id", "queue", "agent", "started-at", "language", "direction", "announced", "objected",
    "personal-call", "mandate", "off", "payment", "screen", "contract-part", "signed-on", "caller",
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
    call = from_name(key)
    if "started-at" in metadata:
        call = replace(call, started_at=_moment(metadata["started-at"]), precision_ms=0)
    objected = _said(metadata, "objected")
    source = metadata.get("source", call.source)
    return replace(
        call,
        source=source if SOURCE.fullmatch(source) else call.source,
        call_id=metadata.get("call-id") or call.call_id,
        language=metadata.get("language") or None,
        queue=metadata.get("queue") or None,
        agent=metadata.get("agent") or call.agent,
        lines=(*call.lines, *(each.strip() for each in metadata.get("caller", "").split(",") if each.strip())),
        outbound=_said(metadata, "direction", "outbound" if call.outbound else "inbound") != "inbound",
        announced=_said(metadata, "announced") == "true" if "announced" in metadata else None,
        objected=objected != "false",
        objected_at=_moment(objected.upper()),
        offs=tuple(_offs(metadata)),
        with_screen=_said(metadata, "screen") != "false",
        useful=_stretch(metadata["contract-part"]) if "contract-part" in metadata else None,
        signed_on=_day(metadata.get("signed-on", "")),
    )


def _said(metadata: Mapping[str, str], name: str, unsaid: str = "false") -> str:
    """A word as it is meant: `True` is `true`."""
    return metadata.get(name, unsaid).strip().lower()


def _offs(metadata: Mapping[str, str]) -> Iterator[Off]:
    for name, reason in _SWITCHES.items():
        for part in metadata.get(name, "false").split():
            if part.lower() != "false":
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
        if moment.tzinfo is None or moment.year not in _YEARS:
            return None
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
        return day if day.year in _YEARS else None
    except ValueError:
        return None
