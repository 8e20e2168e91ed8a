"""An issuer's keys: read seldom, found again when they change, and never a reason to let anybody in."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from chalicelib.adapters.signing_keys import LIFESPAN, PAUSE, RETRY, SigningKeys, get
from chalicelib.errors import IdentityUnavailable
from tests.adapters.issuer import NAME, Clock, Published, public

JWKS, DISCOVERY = f"{NAME}/keys", f"{NAME}/.well-known/openid-configuration"


@pytest.fixture
def published() -> Published:
    return Published()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def keys(published: Published, clock: Clock) -> SigningKeys:
    return SigningKeys(NAME, JWKS, published, clock)


def test_keys_are_read_once_for_as_long_as_they_are_believed(
    keys: SigningKeys, published: Published, clock: Clock
) -> None:
    for _ in range(3):
        assert keys.of("one") and keys.of("ec-one")
        clock.at += LIFESPAN / 4
    assert published.asked == [JWKS]
    clock.at += LIFESPAN / 4
    published.kids = ["ec-one"]
    assert keys.of("one") is None, "the issuer withdrew it"


def test_forged_ids_make_nobody_ask_the_issuer_more_than_once_a_minute(
    keys: SigningKeys, published: Published, clock: Clock
) -> None:
    for number in range(1000):
        assert keys.of(f"forged {number}") is None
    assert len(published.asked) == 1
    clock.at += PAUSE
    for number in range(1000):
        assert keys.of(f"forged {number}") is None
    assert len(published.asked) == 2
    assert keys.of("one")


def test_a_new_key_is_found_after_a_minute_at_the_latest(keys: SigningKeys, published: Published, clock: Clock) -> None:
    assert keys.of("one")
    published.kids = ["one", "two"]
    clock.at += PAUSE
    assert keys.of("two") and keys.of("one")
    assert len(published.asked) == 2


def test_an_issuer_that_is_down_is_asked_now_and_then_and_known_keys_hold_until_their_time_is_over(
    keys: SigningKeys, published: Published, clock: Clock
) -> None:
    assert keys.of("one")
    published.is_down = True
    clock.at += PAUSE
    for _ in range(100):
        with pytest.raises(IdentityUnavailable):
            keys.of("two")
        assert keys.of("one")
    assert len(published.asked) == 2
    clock.at += LIFESPAN
    for _ in range(100):
        with pytest.raises(IdentityUnavailable):
            keys.of("one")
    assert len(published.asked) == 3
    published.is_down = False
    clock.at += RETRY
    assert keys.of("one")


def test_without_an_address_the_issuer_says_where_its_keys_lie(published: Published, clock: Clock) -> None:
    published.bodies[DISCOVERY] = json.dumps({"issuer": NAME, "jwks_uri": JWKS}).encode()
    assert SigningKeys(NAME, "", published, clock).of("one")
    assert published.asked == [DISCOVERY, JWKS]


@pytest.mark.parametrize(
    "said", [{"issuer": NAME + "/", "jwks_uri": JWKS}, {"jwks_uri": JWKS}, {"issuer": NAME}, {}, [], None, "x"]
)
def test_another_issuers_discovery_document_is_not_followed(published: Published, clock: Clock, said: Any) -> None:
    published.bodies[DISCOVERY] = json.dumps(said).encode()
    with pytest.raises(IdentityUnavailable):
        SigningKeys(NAME, "", published, clock).of("one")
    assert published.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff",
        b"<html>",
        b"[]",
        b"{}",
        b'{"keys": []}',
        b'{"keys": {}}',
        b'{"keys": [7, {}, {"kty": "RSA"}]}',
        b'{"keys": [{"kty": "RSA", "alg": ["RS256"], "kid": "one"}]}',
        b"[" * 100_000,
        json.dumps({"keys": [public("one") | {"use": "enc"}]}).encode(),
        json.dumps({"keys": [public("one") | {"alg": "RS512"}]}).encode(),
        json.dumps({"keys": [public("one") | {"kid": 7}]}).encode(),
        json.dumps({"keys": [{"kty": "oct", "k": "c2VjcmV0", "kid": "one", "alg": "HS256"}]}).encode(),
    ],
    ids=lambda body: body[:60],
)
def test_what_holds_no_key_for_signatures_that_are_taken_is_none(
    keys: SigningKeys, published: Published, body: bytes
) -> None:
    published.bodies[JWKS] = body
    with pytest.raises(IdentityUnavailable):
        keys.of("one")


def test_a_key_may_leave_out_what_it_is_for(keys: SigningKeys, published: Published) -> None:
    bare = [{name: v for name, v in public(kid).items() if name not in ("use", "alg")} for kid in ("one", "ec-one")]
    published.bodies[JWKS] = json.dumps({"keys": bare}).encode()
    assert keys.of("one") and keys.of("ec-one")


class _Answers(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        status, body = {"/keys": (200, b"{}"), "/moved": (302, b""), "/long": (200, b"x" * 300_000)}.get(
            self.path, (404, b"{}")
        )
        self.send_response(status)
        self.send_header("Location", "/keys")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is printed."""


@pytest.fixture
def server() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Answers) as answering:
        threading.Thread(target=answering.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{answering.server_port}"
        answering.shutdown()


def test_a_body_is_read_from_loopback_without_tls(server: str) -> None:
    assert get(f"{server}/keys") == b"{}"


@pytest.mark.parametrize("path", ["/moved", "/long", "/missing"])
def test_an_answer_that_leads_elsewhere_is_too_long_or_is_none_is_not_read(server: str, path: str) -> None:
    with pytest.raises(IdentityUnavailable):
        get(server + path)


@pytest.mark.parametrize(
    "url", ["http://idp.example/keys", "http://127.0.0.1.idp.example/", "file:///etc/passwd", "http://[", "", "keys",
            "ftp://127.0.0.1/", "https://127.0.0.1:1/", "http://127.0.0.1:1/"],
)  # fmt: skip
def test_nothing_is_read_in_the_clear_or_from_where_nobody_answers(url: str) -> None:
    with pytest.raises(IdentityUnavailable):
        get(url)
