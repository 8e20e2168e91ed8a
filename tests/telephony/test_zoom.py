"""Zoom Phone signs what it tells, asks whether we know the secret, and keeps recordings for whoever has a token."""

from __future__ import annotations

import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

import pytest

from chalicelib.errors import InvalidDelivery, InvalidSettings
from chalicelib.telephony import zoom
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Delivery, Outgoing
from tests.telephony.posts import BEGAN, body, document, failed_check, post, reserialised

SECRET = "test_secret_token"
NOW = datetime.fromtimestamp(1_700_000_000, UTC)
VECTOR = b'{"event":"phone.recording_completed","event_ts":1700000000000}'
VECTOR_SIGNATURE = "v0=a0fdadb2db74449d81e2bb17df4f5ebffe86b8d3ad49753b6eb2172bfefe23ce"


def signed(text: bytes, secret: str = SECRET, at: datetime = NOW) -> Delivery:
    stamp = str(int(at.timestamp()))
    digest = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + text, hashlib.sha256).hexdigest()
    return post(text, {"x-zm-signature": f"v0={digest}", "x-zm-request-timestamp": stamp})


def test_the_published_vector_is_authentic() -> None:
    delivery = post(VECTOR, {"x-zm-signature": VECTOR_SIGNATURE, "x-zm-request-timestamp": "1700000000"})
    assert zoom.authenticate(delivery, (SECRET,), NOW)["event"] == "phone.recording_completed"


def test_during_a_rotation_either_secret_signs() -> None:
    for secret in ("new", "old"):
        assert zoom.authenticate(signed(VECTOR, secret), ("new", "old"), NOW)["event_ts"] == 1_700_000_000_000


@pytest.mark.parametrize(
    ("headers", "check"),
    [
        ({"x-zm-signature": VECTOR_SIGNATURE}, "header-missing"),
        ({"x-zm-request-timestamp": "1700000000"}, "header-missing"),
        ({"x-zm-signature": VECTOR_SIGNATURE, "x-zm-request-timestamp": "yesterday"}, "moment-missing"),
        ({"x-zm-signature": VECTOR_SIGNATURE, "x-zm-request-timestamp": "9" * 400}, "moment-missing"),
        ({"x-zm-signature": VECTOR_SIGNATURE, "x-zm-request-timestamp": "1700000001"}, "signature"),
        ({"x-zm-signature": VECTOR_SIGNATURE[:-1], "x-zm-request-timestamp": "1700000000"}, "signature"),
        ({"x-zm-signature": VECTOR_SIGNATURE.upper(), "x-zm-request-timestamp": "1700000000"}, "algorithm"),
        ({"x-zm-signature": "v0=é\ud800", "x-zm-request-timestamp": "1700000000"}, "signature"),
        ({"x-zm-signature": "none", "x-zm-request-timestamp": "1700000000"}, "algorithm"),
    ],
)
def test_a_header_that_is_missing_or_wrong_is_refused_by_name_of_the_check(headers: dict[str, str], check: str) -> None:
    assert failed_check(zoom.authenticate, post(VECTOR, headers), (SECRET,), NOW) == check


def test_another_secret_no_secret_or_another_body_is_refused() -> None:
    text = body("zoom", "recording_completed")
    assert failed_check(zoom.authenticate, signed(text), ("other",), NOW) == "signature"
    assert failed_check(zoom.authenticate, signed(text), (), NOW) == "signature"
    again = post(reserialised(text), signed(text).headers)
    assert failed_check(zoom.authenticate, again, (SECRET,), NOW) == "signature"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_six_minutes_off_is_refused_and_five_are_not(minutes: int) -> None:
    old = signed(VECTOR, at=NOW + timedelta(minutes=minutes))
    assert failed_check(zoom.authenticate, old, (SECRET,), NOW) == "moment-outside-window"
    nearly = signed(VECTOR, at=NOW + timedelta(minutes=minutes) * 5 / 6)
    assert zoom.authenticate(nearly, (SECRET,), NOW)


def test_the_challenge_is_answered_with_the_secret_that_signed_it() -> None:
    text = body("zoom", "url_validation")
    for secrets in ((SECRET,), ("new", SECRET)):
        payload = zoom.authenticate(signed(text), secrets, NOW)
        reply = zoom.handshake(payload, signed(text), secrets)
        assert reply is not None and reply.status == 200
        assert json.loads(reply.body) == {
            "plainToken": "qgg8vlvZRS6UYooatFL8Aw",
            "encryptedToken": "4efea922935c335d972476de138d2208a0d46ab28c79ee592d497a1b216419b8",
        }


def test_a_challenge_that_nobody_signed_or_that_asks_nothing_is_refused() -> None:
    text = body("zoom", "url_validation")
    assert failed_check(zoom.authenticate, post(text), (SECRET,), NOW) == "header-missing"
    empty = b'{"event": "endpoint.url_validation", "payload": {}}'
    with pytest.raises(InvalidDelivery):
        zoom.handshake(json.loads(empty), signed(empty), (SECRET,))


def test_an_event_waits_for_no_answer() -> None:
    assert zoom.handshake(document("zoom", "recording_completed"), signed(VECTOR), (SECRET,)) is None


FIRST = CallEvent(
    "zoom",
    Happened.RECORDING,
    "7612345678901234567",
    datetime(2026, 3, 6, 9, 35, 2, tzinfo=UTC),
    started_at=BEGAN,
    agent="EXAMPLEuser00000000001",
    lines=("+33199001234", "1004"),
    outbound=False,
    media=(
        Media(
            "0f6b8c2e5d4a4e0f9b1c000000000001",
            "7612345678901234567",
            "https://zoom.us/v2/phone/recording/download/EXAMPLE-0001",
            BEGAN,
        ),
    ),
)


def test_each_recording_that_is_completed_is_one_event() -> None:
    first, second = zoom.parse(document("zoom", "recording_completed"))
    assert first == FIRST
    assert (second.call_id, second.agent, second.queue) == (
        "5a2f0c6e-0000-4000-8000-000000000002",
        None,
        "EXAMPLEqueue0000000001",
    )
    assert second.outbound is True


def test_a_flat_payload_says_the_same() -> None:
    assert zoom.parse(document("zoom", "recording_completed_flat")) == [FIRST]


def test_what_is_deleted_or_asked_is_no_recording() -> None:
    assert zoom.parse(document("zoom", "recording_deleted")) == []
    assert zoom.parse(document("zoom", "url_validation")) == []


@pytest.mark.parametrize(
    "told",
    [{}, {"recordings": "two"}, {"recordings": [7]}, {"recordings": [{"call_id": "1", "id": "2"}]}],
)
def test_a_recording_without_its_names_or_address_is_invalid(told: dict[str, object]) -> None:
    with pytest.raises(InvalidDelivery):
        zoom.parse({"event": "phone.recording_completed", "payload": {"object": told}})


def test_a_recording_is_fetched_with_the_token_and_its_address_does_not_lapse() -> None:
    media = FIRST.media[0]
    assert zoom.fetch(media, {"token": "t0ken"}, NOW) == Outgoing("GET", media.url, {"authorization": "Bearer t0ken"})
    with pytest.raises(InvalidSettings):
        zoom.fetch(media, {}, NOW)
