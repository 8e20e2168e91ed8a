"""What a text says, without what four digits of a line or of a card stand in by chance."""

from __future__ import annotations

import re

_BY_CHANCE = re.compile(
    r"\b[0-9a-f]{26,}\b"  # digests, and ids of requests
    r"|(?<!\d)1[78]\d{11}(?!\d)"  # milliseconds, and
    r"|(?<!\d)1[78]\d{8}(?!\d)"  # seconds since 1970
    r"|(?<=\d\.)\d{6}(?!\d)"  # microseconds
)


def plain(text: str) -> str:
    """The text without digests, ids that are hexadecimal, and moments but for their days and seconds."""
    return _BY_CHANCE.sub("", text)
