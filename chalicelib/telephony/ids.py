"""What our own requests to a provider name in their address."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from chalicelib.errors import CannotControl


def needed(ids: Mapping[str, str], *names: str) -> tuple[str, ...]:
    """Those ids, each fit for one step of a path. Raises CannotControl where one is missing or would lead elsewhere."""
    found = tuple(ids.get(name) or "" for name in names)
    if missing := [name for name, value in zip(names, found, strict=True) if not value.strip(".")]:
        raise CannotControl(f"the events of this call have not named its {missing[0]} yet")
    return tuple(quote(value, safe="", errors="replace") for value in found)
