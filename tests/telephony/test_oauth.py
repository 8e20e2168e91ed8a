"""How a token is asked for, and what an answer must hold."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.errors import InvalidDelivery, InvalidSettings
from chalicelib.telephony.oauth import ask, bearing, token_in
from chalicelib.telephony.webhook import Outgoing

CLIENT = {"token_url": "https://login.example.com/token", "client_id": "us", "client_secret": "s3cret"}


def test_a_token_that_is_there_is_not_asked_for() -> None:
    assert ask({"token": "t0ken"}) is None


def test_a_client_asks_for_itself_unless_another_grant_is_configured() -> None:
    headers = {"authorization": "Basic dXM6czNjcmV0", "content-type": "application/x-www-form-urlencoded"}
    assert ask(CLIENT) == Outgoing("POST", CLIENT["token_url"], headers, b"grant_type=client_credentials")
    asked = ask(CLIENT | {"grant": {"grant_type": "account_credentials", "account_id": "a&b"}})
    assert asked is not None and asked.body == b"grant_type=account_credentials&account_id=a%26b"


@pytest.mark.parametrize(
    "spoilt",
    [
        {"token_url": "http://login.example.com/token"},
        {"token_url": None},
        {"client_id": ""},
        {"client_secret": 7},
        {"grant": "client_credentials"},
        {"grant": {"grant_type": 1}},
    ],
)
def test_credentials_that_cannot_ask_are_said_to_be_wrong_without_saying_them(spoilt: dict[str, Any]) -> None:
    with pytest.raises(InvalidSettings) as caught:
        ask(CLIENT | spoilt)
    assert "s3cret" not in str(caught.value)


def test_an_answer_holds_a_token_for_some_time() -> None:
    assert token_in(b'{"access_token": "abc", "token_type": "bearer", "expires_in": 3599}') == ("abc", 3599)
    assert token_in(b'{"access_token": "abc"}') == ("abc", 0)
    assert token_in(b'{"access_token": "abc", "expires_in": -1}') == ("abc", 0)


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"access_token": 1}', b'{"access_token": "a\\r\\nX: b"}'])
def test_an_answer_without_a_token_that_fits_a_header_is_invalid(answer: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        token_in(answer)


@pytest.mark.parametrize("token", ["", None, "a b", "a\r\nX: b", "é"])
def test_a_token_that_fits_no_header_is_not_sent(token: Any) -> None:
    with pytest.raises(InvalidSettings):
        bearing("GET", "https://api.example.com", {"token": token})


def test_neither_secret_nor_token_is_shown_with_a_request() -> None:
    assert "dXM6" not in repr(ask(CLIENT))
    assert "t0ken" not in repr(bearing("PATCH", "https://api.example.com", {"token": "t0ken"}, {"active": False}))
