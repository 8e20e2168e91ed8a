"""Deliveries for the tests: the payloads of `tests/events`, and what a delivery is answered with."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.webhook import Delivery, Payload, Provider, Secrets

EVENTS = Path(__file__).parents[1] / "events"
NOW = datetime(2026, 3, 6, 9, 31, 30, tzinfo=UTC)

CHECKS = {
    "header-missing", "signature", "body-hash", "moment-missing", "moment-outside-window", "expired",
    "algorithm", "not-a-jwt", "not-a-bearer", "url", "token", "token-missing",
}  # fmt: skip


def body(provider: str, name: str) -> bytes:
    return (EVENTS / provider / name).read_bytes()


def payload(provider: str, name: str) -> dict[str, Any]:
    document: dict[str, Any] = json.loads(body(provider, name))
    return document


def delivery(url: str, said: bytes = b"", method: str = "POST", **headers: str) -> Delivery:
    """Names of headers are written with `_` for `-`."""
    return Delivery(method, url, {name.replace("_", "-"): value for name, value in headers.items()}, said)


def refused(provider: Provider, what: Delivery, secrets: Secrets, now: datetime = NOW) -> str:
    """The check that it fails, which is one of a few words and no value of the delivery; nor is its message."""
    with pytest.raises(NotAuthentic) as caught:
        provider.authenticate(what, secrets, now)
    assert str(caught.value) == str(NotAuthentic("any"))
    assert caught.value.check in CHECKS
    return caught.value.check


def accepted(provider: Provider, what: Delivery, secrets: Secrets, now: datetime = NOW) -> Payload:
    return provider.authenticate(what, secrets, now)
