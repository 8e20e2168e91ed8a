"""API Gateway before the application, in process: a request becomes the event that Lambda would get.

`proof` stands for whoever asks: it signs the request that is about to go out, as their client would.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

from requests import PreparedRequest, Response, Session
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict
from urllib3 import HTTPResponse

from app import app
from tests.api.asking import ACCOUNT

PUBLIC = "https://calls.exemple.example"
_MISSING = (403, {"Content-Type": "application/json"}, b'{"message":"Missing Authentication Token"}')


@dataclass(frozen=True)
class Asked:
    """A request on its way: the address as it was written, headers in lower case, and which ARN signed it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    signed_by: str | None = None

    @property
    def path(self) -> str:
        return self.target.partition("?")[0]


Proof = Callable[[Asked], Asked]
Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Gateway(BaseAdapter):
    """Where a session of `requests` comes out that wants to go to the network."""

    proof: Proof = field(default=lambda asked: asked)

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        status, headers, body = self.answer(self.proof(_asked(request)))
        response = Response()
        response.status_code, response.headers, response.request = status, CaseInsensitiveDict(headers), request
        response.raw, response.url = (
            HTTPResponse(BytesIO(body), headers, status, preload_content=False),
            request.url or "",
        )
        return response

    def close(self) -> None:
        """Nothing is open."""

    def session(self) -> Session:
        """One whose every request comes here."""
        made = Session()
        made.mount("http://", self)
        return made

    def answer(self, asked: Asked) -> Answer:
        """As API Gateway answers, which alone knows of paths and methods that there are not."""
        for route, pattern in _routes():
            if (found := pattern.fullmatch(asked.path)) and asked.method in app.routes[route]:
                return _answered(app(_event(asked, route, found.groupdict()), None))
        return _MISSING


@cache
def _routes() -> list[tuple[str, re.Pattern[str]]]:
    """Those without parameters first: API Gateway takes the path that says most."""
    routes = sorted(app.routes, key=lambda route: (route.count("{"), route))
    return [(route, re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", route))) for route in routes]


def _asked(request: PreparedRequest) -> Asked:
    body = request.body or b""
    headers = {name.lower(): _text(value) for name, value in request.headers.items()}
    return Asked(str(request.method), request.path_url, headers, body if isinstance(body, bytes) else body.encode())


def _text(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("latin-1")


def _event(asked: Asked, route: str, named: dict[str, str]) -> dict[str, Any]:
    """Path parameters stay escaped, a query's do not; bodies come in base64, as every media type is binary here."""
    return {
        "requestContext": {
            "httpMethod": asked.method,
            "resourcePath": route,
            "path": asked.path,
            "accountId": ACCOUNT,
            "identity": {"sourceIp": "127.0.0.1", "userArn": asked.signed_by},
        },
        "headers": asked.headers or None,
        "multiValueQueryStringParameters": parse_qs(urlsplit(asked.target).query, keep_blank_values=True) or None,
        "pathParameters": named or None,
        "stageVariables": None,
        "body": base64.b64encode(asked.body).decode() if asked.body else None,
        "isBase64Encoded": bool(asked.body),
    }


def _answered(answer: dict[str, Any]) -> Answer:
    """Without a type it is JSON to API Gateway."""
    headers = {"Content-Type": "application/json"} | {name.title(): value for name, value in answer["headers"].items()}
    raw = answer["body"]
    return answer["statusCode"], headers, base64.b64decode(raw) if answer.get("isBase64Encoded") else raw.encode()
