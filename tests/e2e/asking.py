"""People who ask the API of a stack on moto: in JSON, as themselves, the code out of moto's text messages."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

import boto3

from chalicelib.adapters.opaque import opaque_id
from chalicelib.law.lot import is_drawn
from tests.api.asking import ACCOUNT, DPO, DPO_ROLE
from tests.e2e import resources
from tests.e2e.acts import drop, everything, hear
from tests.e2e.stack import Stack
from tests.machines import CARD
from tests.sounds import wav

SECRET = b"of this test"
"""What the harness fills every secret with."""

TABLES = (
    "RecordingsTable",
    "LedgerTable",
    "AgentsTable",
    "CallsTable",
    "TombstonesTable",
    "PeopleTable",
    "RequestsTable",
)


def ask(
    stack: Stack,
    method: str,
    route: str,
    body: Any = None,
    signed_by: str | None = None,
    bearer: str = "",
    **named: str,
) -> tuple[int, Any]:
    """Status and JSON of an answer; `signed_by` is a principal that API Gateway let in."""
    limits = dict.fromkeys(("REQUESTS_AN_HOUR", "CODES_AN_HOUR", "CODES_AN_HOUR_OF_ONE_SOURCE"), "900")
    stack.also |= {"DPO_ROLE_ARN": DPO_ROLE, "MESSAGES_A_DAY": "1800", **limits}
    who = {"userArn": signed_by} if signed_by else {}
    identity = {"sourceIp": "203.0.113.9", **who}
    context = {"httpMethod": method, "resourcePath": route, "accountId": ACCOUNT, "identity": identity}
    raw = base64.b64encode(json.dumps(body).encode()).decode() if body is not None else None
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {bearer}"} if bearer else {})}
    event = {
        "requestContext": context, "headers": headers, "pathParameters": named or None,
        "multiValueQueryStringParameters": None, "stageVariables": None, "body": raw, "isBase64Encoded": True,
    }  # fmt: skip
    answer = stack.invoke("APIHandler", event)
    return answer["statusCode"], json.loads(answer["body"]) if answer["body"] else answer["headers"]


def texts() -> list[tuple[str, str]]:
    """Every text message that was sent: to whom, and what."""
    from moto.backends import get_backend

    backend = get_backend("sns")[resources.ACCOUNT][resources.REGION]
    return [(number, text) for number, text, *_ in backend.sms_messages.values()]


def code() -> str:
    """The last code that was sent."""
    found = [match[0] for _, text in texts() if (match := re.search(r"\b\d{6}\b", text))]
    return found[-1]


def proven(stack: Stack, right: str, number: str, **more: Any) -> str:
    """A request of that number, its code typed in; its id."""
    status, said = ask(stack, "POST", "/requests", {"right": right, "who": number, "language": "fr", **more})
    assert status == 202, said
    status, answer = ask(stack, "POST", "/requests/{request}/proof", {"code": code()}, request=said["request"])
    assert status == 200, answer
    return str(said["request"])


def released(stack: Stack, right: str, number: str, **more: Any) -> str:
    """The same, released by the DPO and carried out."""
    request = proven(stack, right, number, **more)
    stack.pump()
    status, said = ask(stack, "POST", "/desk/requests/{request}/release", {}, DPO, request=request)
    assert status in (200, 409), said
    stack.pump()
    return request


def drawn(source: str = "drop") -> Iterator[str]:
    """Ids of calls that the lot lets in."""
    ids = (f"call-{number}" for number in range(10_000))
    return (each for each in ids if is_drawn(opaque_id(SECRET, "lot", source, each), 50))  # type: ignore[arg-type]


def recorded(stack: Stack, calls: list[dict[str, str]]) -> None:
    """Calls dropped, heard and redacted: one file for each, of its own length."""
    for number, said in enumerate(calls):
        drop(stack, f"{said['call-id']}.wav", wav(milliseconds=2_000 + 10 * number), **said)
    stack.pump()
    hear(stack, CARD)
    stack.pump()


def person(number: str) -> str:
    """The reference under which a number is kept."""
    return opaque_id(SECRET, "person", f"tel:{number}")


def items(stack: Stack) -> list[tuple[str, dict[str, Any]]]:
    """Every item of every table, with its table."""
    resource = boto3.resource("dynamodb")
    return [(table, item) for table in TABLES for item in resource.Table(stack.ref(table)).scan()["Items"]]


def where(stack: Stack, *names: str) -> set[str]:
    """In which tables and buckets one of the names still stands."""
    found = {table for table, item in items(stack) if any(name in json.dumps(item, default=str) for name in names)}
    s3 = boto3.client("s3")
    for bucket, versions in everything(stack).items():
        for key, version in versions:
            body = s3.get_object(Bucket=stack.ref(bucket), Key=key, VersionId=version)["Body"].read()
            found |= {bucket} if any(name in key or name.encode() in body for name in names) else set()
    return found
