"""Dialpad's whole body is a JWT of HS256: what is in no such token was not said."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony import dialpad
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Act, Delivery
from tests.telephony.posts import BEGAN, body, document, failed_check, post

SECRET = "s" * 32
VECTOR = {"call_id": 1234567890, "state": "hangup", "direction": "inbound", "event_timestamp": 1700000000000}


def signed(payload: dict[str, Any], secret: str = SECRET, algorithm: str = "HS256") -> Delivery:
    return post(jwt.encode(payload, secret, algorithm).encode())


def happened(name: str) -> CallEvent:
    payload = dialpad.authenticate(signed(document("dialpad", name)), (SECRET,), BEGAN)
    (event,) = dialpad.parse(payload)
    return event


def test_the_published_vector_is_authentic() -> None:
    delivery = signed(VECTOR)
    assert delivery.body.endswith(b".ZiqHGjz3C_UgnQOxKfrO2mQ92wDbdVdGq7xiMCVroiM")
    assert dialpad.authenticate(delivery, (SECRET,), BEGAN) == VECTOR
    assert dialpad.handshake(VECTOR, delivery, (SECRET,)) is None


def test_during_a_rotation_either_secret_signs() -> None:
    new, old = "n" * 32, "o" * 32
    for secret in (new, old):
        assert dialpad.authenticate(signed(VECTOR, secret), (new, old), BEGAN) == VECTOR


def test_no_claim_of_time_is_judged_by_the_machines_clock() -> None:
    payload = VECTOR | {"exp": 1, "iat": 9_000_000_000, "nbf": 9_000_000_000, "aud": "others", "sub": 7}
    assert dialpad.authenticate(signed(payload), (SECRET,), BEGAN) == payload


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"{}",
        b"..",
        b"\xff\xfe",
        "é.é.é".encode(),
        body("dialpad", "hangup"),
        base64.urlsafe_b64encode(b"[" * 5_000) + b".e30.AA",
        base64.urlsafe_b64encode(b'{"alg":"HS256","crit":["x"]}').rstrip(b"=") + b".e30.AA",
        base64.urlsafe_b64encode(b'{"alg":"HS256","b64":false}').rstrip(b"=") + b"..AA",
    ],
)
def test_what_is_no_jwt_is_refused_and_above_all_plain_json(text: bytes) -> None:
    assert failed_check(dialpad.authenticate, post(text), (SECRET,), BEGAN) == "not-a-jwt"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_another_algorithm_is_refused_though_the_secret_is_right(algorithm: str) -> None:
    secret = "s" * 64
    assert failed_check(dialpad.authenticate, signed(VECTOR, secret, algorithm), (secret,), BEGAN) == "algorithm"


@pytest.mark.parametrize("alg", ["none", "None", "", "RS256", None, 7, ["HS256"]])
def test_no_algorithm_is_refused(alg: Any) -> None:
    parts = ({"alg": alg, "typ": "JWT"}, VECTOR)
    head, claims = (base64.urlsafe_b64encode(json.dumps(each).encode()).rstrip(b"=") for each in parts)
    assert failed_check(dialpad.authenticate, post(head + b"." + claims + b"."), (SECRET,), BEGAN) == "algorithm"


def test_another_secret_and_a_truncated_or_altered_token_are_refused() -> None:
    delivery = signed(VECTOR)
    assert failed_check(dialpad.authenticate, delivery, ("o" * 32,), BEGAN) == "signature"
    assert failed_check(dialpad.authenticate, delivery, (), BEGAN) == "signature"
    assert failed_check(dialpad.authenticate, delivery, ("",), BEGAN) == "signature"
    for letters, check in ((1, "not-a-jwt"), (3, "signature"), (44, "not-a-jwt")):
        cut = replace(delivery, body=delivery.body[:-letters])
        assert failed_check(dialpad.authenticate, cut, (SECRET,), BEGAN) == check
    head, _, signature = delivery.body.split(b".")
    claims = base64.urlsafe_b64encode(json.dumps(VECTOR).encode()).rstrip(b"=")
    again = post(b".".join((head, claims, signature)))
    assert failed_check(dialpad.authenticate, again, (SECRET,), BEGAN) == "signature"


def test_a_connected_call_names_its_agent_by_mail_and_its_user_by_id() -> None:
    assert happened("connected") == CallEvent(
        "dialpad",
        Happened.CONNECTED,
        "5780678246121472",
        BEGAN + timedelta(seconds=5),
        root_id="4711000000000001",
        started_at=BEGAN,
        agent="camille@example.com",
        lines=("+33199001234", "+33199005678"),
        outbound=False,
        ids={"user": "5137382426443776"},
    )


def test_without_a_mail_the_agent_is_the_users_id() -> None:
    payload = document("dialpad", "connected")
    del payload["target"]["email"]
    assert dialpad.parse(payload)[0].agent == "5137382426443776"


def test_a_call_that_waits_for_a_call_centre_has_a_queue_and_no_agent() -> None:
    event = happened("queued")
    assert (event.happened, event.agent, event.queue, event.ids) == (Happened.STARTED, None, "5061110000000001", {})


def test_a_recording_comes_with_its_address_and_start() -> None:
    event = happened("recording")
    url = "https://dialpad.com/blob/adminrecording/6000000000000001.mp3"
    assert event.happened is Happened.RECORDING
    assert event.media == (Media("6000000000000001", "5780678246121472", url, BEGAN + timedelta(seconds=5)),)
    fetched = dialpad.fetch(event.media[0], {"token": "t0ken"}, BEGAN)
    assert (fetched.method, fetched.url, fetched.headers) == ("GET", url, {"authorization": "Bearer t0ken"})


def test_a_long_address_that_carries_its_own_signature_stays_whole() -> None:
    payload, url = document("dialpad", "recording"), f"https://dialpad.com/r?signature={'x' * 2_000}"
    payload["recording_details"][0]["url"] = url
    assert dialpad.parse(payload)[0].media[0].url == url


def test_a_hangup_ends_the_call() -> None:
    event = happened("hangup")
    assert (event.happened, event.at) == (Happened.ENDED, datetime(2026, 3, 6, 9, 31, 2, tzinfo=UTC))


def test_a_voicemail_and_an_unknown_state_say_nothing() -> None:
    assert dialpad.parse(document("dialpad", "voicemail")) == []
    assert dialpad.parse(VECTOR | {"state": "csat"}) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        {"call_id": 1},
        {"call_id": True, "state": "hangup"},
        VECTOR | {"recording_details": {}},
        VECTOR | {"recording_details": [{"id": "1"}]},
        VECTOR | {"recording_details": [{"id": "1", "url": "http://dialpad.com/x"}]},
        VECTOR | {"recording_details": [{"url": "https://dialpad.com/x"}]},
    ],
)
def test_a_payload_without_its_names_is_invalid(spoilt: dict[str, Any]) -> None:
    with pytest.raises(InvalidDelivery):
        dialpad.parse(spoilt)


@pytest.mark.parametrize(("act", "recording"), [(Act.PAUSE, False), (Act.RESUME, True), (Act.STOP, False)])
def test_the_recording_of_the_users_active_call_is_switched(act: Act, recording: bool) -> None:
    asked = dialpad.control(act, happened("connected").ids, {"token": "t0ken"})
    assert (asked.method, asked.url) == ("PATCH", "https://dialpad.com/api/v2/users/5137382426443776/activecall")
    assert json.loads(asked.body or b"") == {"is_recording": recording}
    with pytest.raises(CannotControl):
        dialpad.control(act, {}, {"token": "t0ken"})
