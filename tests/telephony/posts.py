"""A provider's deliveries, as they would come."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.webhook import Delivery

EVENTS = Path(__file__).parents[1] / "events"
BEGAN = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def body(provider: str, name: str) -> bytes:
    return (EVENTS / provider / f"{name}.json").read_bytes()


def document(provider: str, name: str) -> Any:
    return json.loads(body(provider, name))


def reserialised(text: bytes) -> bytes:
    """The same JSON, other bytes."""
    return json.dumps(json.loads(text), separators=(",", ":")).encode()


def post(text: bytes, headers: Mapping[str, str] | None = None) -> Delivery:
    return Delivery("POST", "https://hooks.example.com/in", headers or {}, text)


def failed_check(authenticate: Callable[..., object], *arguments: object) -> str:
    """The check that refuses it, which names no value of the delivery."""
    with pytest.raises(NotAuthentic) as caught:
        authenticate(*arguments)
    return caught.value.check
