"""What the JSON of `/requests` says, read before anything is done. Each raises InvalidRequest."""

from __future__ import annotations

from typing import Any

from chalicelib.api import asking_forms, bodies, negotiation
from chalicelib.errors import InvalidRequest
from chalicelib.law.request import Right
from chalicelib.services import proof
from chalicelib.services.asking import Asked
from chalicelib.services.machine import Machine

_LONGEST_BODY = 10 * 1024


def body(request: Any) -> bytes:
    """The body itself, of a size that no honest one exceeds."""
    body: bytes = request.raw_body or b""
    if len(body) > _LONGEST_BODY:
        raise InvalidRequest(f"a body has up to {_LONGEST_BODY} bytes")
    return body


def document(request: Any, known: set[str]) -> dict[str, Any]:
    """The JSON object; a misspelt name would be a wish that nobody hears."""
    body(request)
    said = bodies.document(request)
    if not said.keys() <= known:
        raise InvalidRequest(f"what is known here is {', '.join(sorted(known))}")
    return said


def asked(request: Any, said: dict[str, Any], address: str = "") -> Asked:
    """What is asked for."""
    right, text, bank_data = said.get("right"), said.get("text", ""), said.get("bank-data", False)
    language = said.get("language", negotiation.language(None, request.headers))
    if not isinstance(right, str) or right not in set(Right):
        raise InvalidRequest(f"`right` is one of {', '.join(Right)}")
    if not isinstance(text, str) or not isinstance(language, str) or not isinstance(bank_data, bool):
        raise InvalidRequest("`text` and `language` are texts, `bank-data` is true or false")
    return Asked(Right(right), address, language, text, bank_data, asking_forms.source(request))


def fact(machine: Machine, said: dict[str, Any]) -> str:
    """What the policy asks for besides the code; "" where it was left out."""
    kind = machine.policy.requests.second_fact
    fact = bodies.text(said, kind) if kind in said else ""
    if fact and not proof.is_readable(fact):
        raise InvalidRequest(f"`{kind}` cannot be read: a day is such as 2026-11-24")
    return fact
