"""A token counts only when one of our secrets signed it, by the one algorithm that its provider uses."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import warnings
from datetime import UTC, datetime, timedelta

import jwt
import pytest

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony import jwts

KEY, CLAIMS = "k" * 64, {"event": "hangup", "exp": 1, "iat": 9_999_999_999, "aud": 7}
NOW = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def segment(what: bytes) -> str:
    return base64.urlsafe_b64encode(what).rstrip(b"=").decode()


def failed(token: str, *secrets: str) -> str:
    with pytest.raises(NotAuthentic) as caught:
        jwts.verified(token, secrets or (KEY,), "HS512")
    assert caught.value.__suppress_context__ or caught.value.__context__ is None
    return caught.value.check


def test_a_tokens_claims_are_read_and_its_times_are_left_to_who_knows_the_moment() -> None:
    assert jwts.verified(jwt.encode(CLAIMS, KEY, "HS512"), (KEY,), "HS512") == CLAIMS


def test_dialpads_vector_is_a_token_too() -> None:
    said = {"call_id": 1234567890, "state": "hangup", "direction": "inbound", "event_timestamp": 1700000000000}
    token = jwt.encode(said, "s" * 32, "HS256")
    assert token.endswith("." + "ZiqHGjz3C_UgnQOxKfrO2mQ92wDbdVdGq7xiMCVroiM")
    assert jwts.verified(token, ("s" * 32,), "HS256") == said


@pytest.mark.parametrize("algorithm", ["HS256", "HS384"])
def test_a_weaker_algorithm_is_refused_though_the_secret_is_right(algorithm: str) -> None:
    assert failed(jwt.encode(CLAIMS, KEY, algorithm)) == "algorithm"


@pytest.mark.parametrize("algorithm", ["none", "None", "", "hs512", ["HS512"], None, 512])
def test_a_token_that_names_no_algorithm_of_ours_is_refused(algorithm: object) -> None:
    head, said = json.dumps({"alg": algorithm, "typ": "JWT"}).encode(), json.dumps(CLAIMS).encode()
    assert failed(f"{segment(head)}.{segment(said)}.") == "algorithm"
    assert failed(f"{segment(b'{}')}.{segment(said)}.") == "algorithm"


def test_during_a_rotation_either_secret_verifies_and_no_third() -> None:
    for secret in (KEY, "o" * 64):
        assert jwts.verified(jwt.encode(CLAIMS, secret, "HS512"), (KEY, "o" * 64), "HS512") == CLAIMS
    assert failed(jwt.encode(CLAIMS, "x" * 64, "HS512"), KEY, "o" * 64) == "signature"


def test_no_secret_and_an_empty_one_verify_nothing() -> None:
    with pytest.raises(NotAuthentic):
        jwts.verified(jwt.encode(CLAIMS, KEY, "HS512"), (), "HS512")
    head, said = segment(b'{"alg":"HS512"}'), segment(b"{}")
    signed = segment(hmac.new(b"", f"{head}.{said}".encode(), hashlib.sha512).digest())
    assert failed(f"{head}.{said}.{signed}", "", KEY) == "signature"


def test_a_secret_that_is_a_public_key_verifies_nothing() -> None:
    pem = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n"
    assert failed(jwt.encode(CLAIMS, KEY, "HS512"), pem) == "signature"


@pytest.mark.parametrize("cut", [1, 2, 3, 40])
def test_a_token_cut_short_is_refused(cut: int) -> None:
    assert failed(jwt.encode(CLAIMS, KEY, "HS512")[:-cut]) in {"not-a-jwt", "signature"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        ".",
        "..",
        "a.b.c",
        "é.é.é",
        "\ud800..",
        f"{segment(b'[]')}.e30.",
        f"{segment(b'[' * 99_999)}.e30.",
        "e30=.e30.!",
    ],
)
def test_what_is_no_token_is_said_to_be_none(token: str) -> None:
    assert failed(token) == "not-a-jwt"


@pytest.mark.parametrize("head", [{"b64": False, "crit": ["b64"]}, {"crit": ["exp"]}, {"crit": []}, {"kid": 1}])
def test_headers_that_would_change_what_is_signed_are_refused(head: dict[str, object]) -> None:
    first = segment(json.dumps({"alg": "HS512", **head}).encode())
    assert failed(f"{first}..") == "not-a-jwt"


@pytest.mark.parametrize("said", [b"[]", b"1", b"not json", b"\xff"])
def test_a_signed_token_that_holds_no_object_is_no_delivery(said: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        jwts.verified(jwt.PyJWS().encode(said, KEY, "HS512"), (KEY,), "HS512")


def test_a_short_secret_is_its_providers_choice_and_no_warning() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        token = jwt.encode(CLAIMS, "short", "HS512")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert jwts.verified(token, ("short",), "HS512") == CLAIMS


@pytest.mark.parametrize("until", [NOW, NOW - timedelta(seconds=1)])
def test_a_token_past_its_end_is_refused(until: datetime) -> None:
    with pytest.raises(NotAuthentic) as caught:
        jwts.require_unexpired({"exp": until.timestamp()}, NOW)
    assert caught.value.check == "expired"


@pytest.mark.parametrize("until", [None, "tomorrow", [], float("inf")])
def test_an_end_that_is_no_moment_is_past(until: object) -> None:
    with pytest.raises(NotAuthentic):
        jwts.require_unexpired({"exp": until}, NOW)


@pytest.mark.parametrize("claims", [{}, {"exp": NOW.timestamp() + 1}])
def test_a_token_before_its_end_or_without_one_holds(claims: dict[str, float]) -> None:
    assert jwts.require_unexpired(claims, NOW) is None
