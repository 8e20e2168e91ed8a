"""Which language and which form an answer takes: by the address first, then by what the browser says it prefers.

Of RFC 9110, 12.4 and 12.5, what two languages and two forms need. A header that makes no sense says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.errors import InvalidRequest
from chalicelib.law.texts import LANGUAGES

FORMS = ("json", "html")
_MOST = 50
"""Entries of a header that are read."""

Headers = Mapping[str, str]
Query = Mapping[str, str] | None


def language(query: Query, headers: Headers) -> str:
    """`fr` or `en`; French where nobody says. Raises InvalidRequest for another in the address."""
    if chosen := _asked(query, "language", LANGUAGES):
        return chosen
    wanted = [(named.split("-")[0], quality) for named, quality in preferences(headers.get("accept-language", ""))]
    known = [(quality, -place, name) for place, (name, quality) in enumerate(wanted) if name in LANGUAGES and quality]
    return max(known)[2] if known else LANGUAGES[0]


def form(query: Query, headers: Headers) -> str:
    """`html` for who names it, as browsers do, and does not prefer JSON; `json` for all others.

    Raises InvalidRequest for another in the address.
    """
    if chosen := _asked(query, "format", FORMS):
        return chosen
    wanted = dict(reversed(preferences(headers.get("accept", ""))))
    html = wanted.get("text/html", wanted.get("text/*", 0.0))
    return "html" if html > 0 and html >= wanted.get("application/json", 0.0) else "json"


def _asked(query: Query, name: str, known: tuple[str, ...]) -> str | None:
    if not query or name not in query:
        return None
    if query[name] not in known:
        raise InvalidRequest(f"`{name}` is {' or '.join(known)}")
    return query[name]


def preferences(header: str) -> list[tuple[str, float]]:
    """A header's entries in small letters, each with its quality, 0 to 1; 0 where that is unreadable."""
    found = []
    for entry in header.split(",", _MOST)[:_MOST]:
        name, *parameters = [part.strip().lower() for part in entry.split(";")]
        if name:
            found.append((name, _quality(parameters)))
    return found


def _quality(parameters: list[str]) -> float:
    said = next((part.removeprefix("q=") for part in parameters if part.startswith("q=")), "1")
    try:
        quality = float(said)
    except ValueError:
        return 0.0
    return quality if 0 <= quality <= 1 else 0.0
