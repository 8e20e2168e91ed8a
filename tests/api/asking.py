"""Requests as API Gateway hands them over, also signed ones, which Chalice's own test client cannot make."""

from __future__ import annotations

import base64
import json
import logging
import sys
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

import pytest

from app import app

ACCOUNT = "123456789012"
DPO_ROLE = f"arn:aws:iam::{ACCOUNT}:role/people/Dpo"
DPO = f"arn:aws:sts::{ACCOUNT}:assumed-role/Dpo/jeanne.martin@exemple.example"
SYSTEM = f"arn:aws:sts::{ACCOUNT}:assumed-role/Hr/i-0123"


@dataclass(frozen=True)
class Answered:
    """An answer, its body as bytes."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def json(self) -> Any:
        return json.loads(self.body)


def log_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the log go to whichever standard output pytest captures now."""
    for handler in logging.getLogger("sourdine").handlers:
        monkeypatch.setattr(handler, "stream", sys.stdout)


def ask(
    route: str,
    query: str = "",
    headers: dict[str, str] | None = None,
    method: str = "GET",
    body: bytes | None = None,
    signed_by: Any = None,
    **named: str,
) -> Answered:
    """Ask the application for a route (`/agents/{agent}/…` with `agent=…`)."""
    event = {
        "requestContext": {
            "httpMethod": method,
            "resourcePath": route,
            "accountId": ACCOUNT,
            "identity": {"sourceIp": "127.0.0.1", "userArn": signed_by},
        },
        "headers": headers,
        "multiValueQueryStringParameters": parse_qs(query, keep_blank_values=True) or None,
        "pathParameters": named or None,
        "stageVariables": None,
        "body": base64.b64encode(body).decode() if body is not None else None,
        "isBase64Encoded": body is not None,
    }
    answer = app(event, None)
    raw = answer["body"]
    return Answered(
        answer["statusCode"],
        {name.lower(): value for name, value in answer["headers"].items()},
        base64.b64decode(raw) if answer.get("isBase64Encoded") else raw.encode(),
    )
