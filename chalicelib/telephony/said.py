"""A call as a system describes it in JSON: the names of a drop's metadata, and the lines it went over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.errors import InvalidCall
from chalicelib.model import Call
from chalicelib.telephony.drops import METADATA, read_drop

BESIDE = ("key", "lines")
"""What may be said besides: the object's key, and every line or number of the call."""


def call_from(document: Any, began: datetime | None = None) -> Call:
    """The call that a JSON object describes; it began at `began` where the object does not say.

    Raises InvalidCall for what is no object of known names: a misspelt refusal must not be overlooked.
    """
    if not isinstance(document, dict):
        raise InvalidCall("a call is described by a JSON object")
    if unknown := [name for name in document if name not in (*METADATA, *BESIDE)]:
        raise InvalidCall(f"nothing is known by the name of {unknown[0][:40]!r}: say {', '.join((*METADATA, *BESIDE))}")
    document = {name: value for name, value in document.items() if value is not None}
    said = {name: _text(name, value) for name, value in document.items() if name in METADATA}
    started = {"started-at": began.isoformat()} if began else {}
    call = read_drop(_text("key", document.get("key", "")), started | said)
    lines = document.get("lines", [])
    if not isinstance(lines, list):
        raise InvalidCall("`lines` is an array of texts")
    return replace(call, lines=(*call.lines, *(_text("lines", line) for line in lines)))


def _text(name: str, value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if not isinstance(value, str | int) or len(str(value)) > 1_000 or not str(value).isprintable():
        raise InvalidCall(f"`{name}` is a text of up to 1,000 printable characters, true or false")
    return str(value)
