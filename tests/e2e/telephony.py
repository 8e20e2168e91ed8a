"""What telephony, agents and payment platforms send to the deployed API, each with its own proof."""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import boto3

from chalicelib.telephony.standard import sign
from chalicelib.telephony.twilio_signed import FORM, signature
from tests.adapters.issuer import AUDIENCE, NAME, public, token
from tests.api.asking import ACCOUNT
from tests.e2e.stack import STACK, Stack

PUBLIC = "https://calls.exemple.example"
TWILIO = "the auth token of tests"
STANDARD = "whsec_" + base64.b64encode(b"thirty-two bytes for these tests").decode()
SECRETS = {
    "twilio": {"signing": [TWILIO], "credentials": {"account": "AC0001", "token": TWILIO}},
    "standard": {"signing": [STANDARD]},
    "zoom": {"signing": ["test_secret_token"]},
    "ringcentral": {"signing": ["the verification token"]},
}


@contextmanager
def published() -> Iterator[str]:
    """The identity provider's keys, by HTTP on loopback."""

    class Keys(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps({"keys": [public("one")]}).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Keys)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/keys"
    finally:
        server.shutdown()


def configure(stack: Stack, keys: str) -> None:
    """An identity provider, and every provider's secret."""
    stack.also |= {
        "PUBLIC_URL": PUBLIC, "OIDC_ISSUER": NAME, "OIDC_AUDIENCE": AUDIENCE, "OIDC_JWKS_URL": keys,
        "TWILIO_NEXT_URL": "https://phones.exemple.example/next?step=2",
    }  # fmt: skip
    secrets = boto3.client("secretsmanager")
    for name, secret in SECRETS.items():
        secrets.create_secret(Name=f"{STACK}/providers/{name}", SecretString=json.dumps(secret))


def bearer(role: str, email: str = "jeanne@exemple.example") -> dict[str, str]:
    at = int(datetime.now(UTC).timestamp())
    said = {
        "iat": at - 5,
        "exp": at + 600,
        "sub": email,
        "email": email,
        "email_verified": True,
        "cognito:groups": [role],
    }
    return {"Authorization": f"Bearer {token(**said)}"}


def signed(body: bytes, name: str = "msg_1", at: datetime | None = None) -> dict[str, str]:
    """By the Standard Webhooks."""
    stamp = int((at or datetime.now(UTC)).timestamp())
    return {
        "Webhook-Id": name, "Webhook-Timestamp": str(stamp), "Webhook-Signature": sign(body, name, stamp, STANDARD)
    }  # fmt: skip


def from_twilio(target: str, fields: dict[str, str]) -> tuple[bytes, dict[str, str]]:
    body = urlencode(fields).encode()
    return body, {"Content-Type": FORM, "X-Twilio-Signature": signature(PUBLIC + target, fields.items(), TWILIO)}


def call(
    stack: Stack, method: str, target: str, body: bytes | dict[str, Any] | None, headers: dict[str, str]
) -> tuple[int, str]:
    """Status and text of an answer."""
    raw = json.dumps(body).encode() if isinstance(body, dict) else body
    split = urlsplit(target)
    route, named = _route(split.path)
    context = {"httpMethod": method, "resourcePath": route, "accountId": ACCOUNT, "identity": {}, "path": split.path}
    event = {
        "requestContext": context, "headers": {"Content-Type": "application/json"} | headers,
        "pathParameters": named or None, "multiValueQueryStringParameters": parse_qs(split.query) or None,
        "stageVariables": None, "body": base64.b64encode(raw).decode() if raw is not None else None,
        "isBase64Encoded": raw is not None,
    }  # fmt: skip
    answer = stack.invoke("APIHandler", event)
    text = answer["body"]
    return answer["statusCode"], base64.b64decode(text).decode() if answer.get("isBase64Encoded") else text


def _route(path: str) -> tuple[str, dict[str, str]]:
    parts = path.strip("/").split("/")
    names = {("webhooks", 1): "provider", ("agents", 1): "agent", ("calls", 1): "call"}
    named: dict[str, str] = {}
    for number, part in enumerate(parts):
        if (name := names.get((parts[0], number))) and part != "decision":
            named[name] = part
            parts[number] = f"{{{name}}}"
    return "/" + "/".join(parts), named
