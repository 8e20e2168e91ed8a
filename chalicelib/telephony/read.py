"""Reading what others wrote: each helper raises InvalidDelivery, whatever the text holds."""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony.webhook import Delivery, Payload

WINDOW = timedelta(minutes=5)
"""How old, or how much ahead, a signed moment may be (FACTS 2.0)."""

_ID = re.compile(r"[\x21-\x7e]{1,256}")
_ADDRESS = re.compile(r"https://[\x21-\x7e]{1,4000}")
_WITHOUT_PLUS = re.compile(r"[1-9][0-9]{6,14}")
"""Longer than an extension, and not dialled at home (E.164 has up to 15 digits)."""

_TORN = re.compile(r"[\ud800-\udfff]")
"""Half of a character: JSON can say one, and nothing can write it down."""

_YEARS = range(2000, 2200)


def json_object(body: bytes) -> Payload:
    """The JSON object of a body."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise InvalidDelivery("the body is not JSON") from error
    if not isinstance(document, dict):
        raise InvalidDelivery("the body is a JSON object")
    return document


def part(document: Any, *names: str) -> Payload:
    """The object that lies under those names; empty where something on the way is missing or no object."""
    for name in names:
        document = document.get(name) if isinstance(document, dict) else None
    return document if isinstance(document, dict) else {}


def objects(document: Payload, name: str) -> list[Payload]:
    """The array of objects of that name; empty where nothing is said."""
    found = document.get(name)
    if found is None:
        return []
    if not isinstance(found, list) or not all(isinstance(each, dict) for each in found):
        raise InvalidDelivery(f"`{name}` is an array of objects")
    return found


def text(value: Any) -> str | None:
    """A text, a number as text, or None for what is neither or empty."""
    if isinstance(value, bool) or not isinstance(value, str | int):
        return None
    found = str(value).strip()[:1_000]
    return None if not found or _TORN.search(found) else found


def identifier(document: Payload, name: str) -> str:
    """An id that must be there, fit for an address and for metadata: printable ASCII without spaces."""
    found = text(document.get(name))
    if found is None or not _ID.fullmatch(found):
        raise InvalidDelivery(f"`{name}` is missing, or is no id")
    return found


def address(value: Any) -> str | None:
    """An https address as it stands, or None: shortened or mended it would open nothing."""
    return value if isinstance(value, str) and _ADDRESS.fullmatch(value) else None


def needed_address(document: Payload, name: str) -> str:
    """An https address that must be there."""
    found = address(document.get(name))
    if found is None:
        raise InvalidDelivery(f"`{name}` is missing, or is no address that begins with https://")
    return found


def moment(value: Any) -> datetime | None:
    """ISO 8601 with an offset, or None: without one it says no moment."""
    try:
        found = datetime.fromisoformat(value) if isinstance(value, str) else None
        return _believable(found.astimezone(UTC)) if found and found.tzinfo else None
    except (ValueError, OverflowError):
        return None


def since_1970(value: Any, per_second: int = 1) -> datetime | None:
    """A number of seconds since 1970 (or of milliseconds, with 1,000 `per_second`), or None."""
    try:
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            return None
        whole = float(value) / per_second
        return _believable(datetime.fromtimestamp(whole, UTC))
    except (ValueError, OverflowError, OSError):
        return None


def lines(*values: Any) -> tuple[str, ...]:
    """The numbers among the values, each once."""
    return tuple(dict.fromkeys(found for value in values if (found := text(value)) is not None))


def lines_without_plus(*values: Any) -> tuple[str, ...]:
    """The same of a provider that leaves E.164's plus out: it is put back, or a number would be read as one at home."""
    return tuple(f"+{each}" if _WITHOUT_PLUS.fullmatch(each) else each for each in lines(*values))


def header(delivery: Delivery, name: str) -> str:
    """A header that must be there."""
    found = delivery.headers.get(name)
    if not found:
        raise NotAuthentic("header-missing")
    return found


def require_same(found: str | bytes, wanted: Iterable[str | bytes], check: str = "signature") -> None:
    """In constant time: whether one of them is what was found. Every one is compared."""
    ours = [hmac.compare_digest(_bytes(found), _bytes(each)) for each in wanted]
    if not any(ours):
        raise NotAuthentic(check)


def require_fresh(signed_at: datetime | None, now: datetime, window: timedelta = WINDOW) -> None:
    """Neither old nor ahead of its time: nobody plays a delivery again later."""
    if signed_at is None:
        raise NotAuthentic("moment-missing")
    if abs(now - signed_at) > window:
        raise NotAuthentic("moment-outside-window")


def _bytes(value: str | bytes) -> bytes:
    return value.encode("utf-8", "surrogatepass") if isinstance(value, str) else value


def _believable(found: datetime) -> datetime | None:
    return found if found.year in _YEARS else None
