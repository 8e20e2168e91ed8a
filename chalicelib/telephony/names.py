"""What the name of a dropped object says of its call, where a known system named it (FACTS 2.2, 2.3 and 2.11).

| system | the name | sure? |
|---|---|---|
| Amazon Connect | `…/CallRecordings/2024/01/26/{contact}_20240126T03:07_UTC.wav` | yes |
| Asterisk, FreePBX | `{type}-{external}-{extension}-20250327-092517-{epoch}.{sequence}.wav` | from third parties |
| 3CX | `[Name]_{extension}-{number}_20260306103000({id}).wav`, in the system's own time | from memory |
| Genesys Cloud | `{org}/year=…/month=…/day=…/hour=…/conversation_id={id}/…` | yes |

A time of an unknown zone, or of which only the hour is known, is no time: events or metadata tell it. Beside each of
its recordings Genesys Cloud lays a `…_metadata.json`, which names users and is no recording (`is_beside`).
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime

from chalicelib.model import Call

_CONNECT = re.compile(
    r"/CallRecordings/(?:ivr/)?\d{4}/\d{2}/\d{2}/(?P<id>[0-9a-f-]{36})_(?P<at>\d{8}T\d{2}:\d{2})_UTC\.wav$"
)
_ASTERISK = re.compile(r"(?:^|/)(?P<parties>[^/]*)-\d{8}-\d{6}-(?P<id>(?P<epoch>\d{9,10})\.\d+)\.wav$", re.IGNORECASE)
_3CX = re.compile(
    r"(?:^|/)\[[^/\]]*\]_(?P<extension>[^/_-]+)-(?P<number>[^/_-]+)_\d{14}\((?P<id>[^/()]+)\)\.wav$", re.IGNORECASE
)
_GENESYS = re.compile(
    r"(?:^|/)year=\d{4}/month=\d{1,2}/day=\d{1,2}/hour=\d{1,2}/conversation_id=(?P<id>[0-9A-Za-z-]{1,64})/[^/]+$"
)
_MINUTE_MS, _SECOND_MS = 60_000, 1_000
_EXTENSION_DIGITS = 6


def from_name(key: str) -> Call:
    """The call of an object of that key; of a name that nobody knows, the key is the call's."""
    if found := _CONNECT.search(key):
        return Call("connect", found["id"], _connect_moment(found["at"]), precision_ms=_MINUTE_MS)
    if found := _ASTERISK.search(key):
        lines, began = tuple(found["parties"].split("-")), datetime.fromtimestamp(int(found["epoch"]), UTC)
        outbound = lines[0].lower() == "out"
        call = Call("asterisk", found["id"], began, precision_ms=_SECOND_MS, outbound=outbound)
        return replace(call, agent=_extension(lines[1:]), lines=lines)
    if found := _3CX.search(key):
        lines = (found["extension"], found["number"])
        return Call("3cx", found["id"], None, agent=next(filter(_short, lines), None), lines=lines)
    if found := _GENESYS.search(key):
        return Call("genesys", found["id"], None)
    return Call("drop", key, None)


def is_beside(key: str) -> bool:
    """Whether it only describes a recording, as Genesys Cloud's exports do: nobody asked for what it says of people."""
    return key.endswith("_metadata.json") and _GENESYS.search(key) is not None


def _extension(lines: tuple[str, ...]) -> str | None:
    """The agent's own line: the only one as short as an extension. The order differs between systems (FACTS 2.11)."""
    short = [line for line in lines if _short(line)]
    return short[0] if len(short) == 1 else None


def _short(line: str) -> bool:
    return line.isdecimal() and len(line) <= _EXTENSION_DIGITS


def _connect_moment(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, "%Y%m%dT%H:%M").replace(tzinfo=UTC)
    except ValueError:
        return None
