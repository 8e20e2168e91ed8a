"""Vonage: the vector of FACTS 2.6, Vonage's own SDK against ours, and what its events tell."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st
from vonage_jwt import JwtClient, VonageVerifyJwtError, verify_signature

from chalicelib.errors import InvalidDelivery, InvalidSettings
from chalicelib.telephony import vonage
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Delivery
from tests.telephony.deliveries import NOW, accepted, body, delivery, payload, refused

SECRET = "0123456789abcdef0123456789abcdef"
HOOK = "https://hooks.example.com/vonage"
VECTOR_BODY = b'{"recording_uuid":"aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}'
VECTOR_HASH = "b1e9f095aadde4f49908b90d8e0555293033aea662c0ef308c76c90ed0574ef6"
CLAIMS = {
    "iat": 1700000000,
    "jti": "c5ba8f24-1a14-4c10-bfdf-3fbe8ce511b5",
    "iss": "Vonage",
    "payload_hash": VECTOR_HASH,
    "api_key": "a1b2c3d",
    "application_id": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
}
VECTOR = (
    "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJpYXQiOjE3MDAwMDAwMDAsImp0aSI6ImM1YmE4ZjI0LTFhMTQtNGMxMC1iZmRmLTNmYmU4Y2U1"
    "MTFiNSIsImlzcyI6IlZvbmFnZSIsInBheWxvYWRfaGFzaCI6ImIxZTlmMDk1YWFkZGU0ZjQ5OTA4YjkwZDhlMDU1NTI5MzAzM2FlYTY2MmMwZWYzMD"
    "hjNzZjOTBlZDA1NzRlZjYiLCJhcGlfa2V5IjoiYTFiMmMzZCIsImFwcGxpY2F0aW9uX2lkIjoiYWFhYWFhYWEtYmJiYi1jY2NjLWRkZGQtMDEyMzQ1"
    "Njc4OWFiIn0.lMGn88smFfK-t6qy1EApD21EM5O9CWPChXyVbHuzoeM"
)
SIGNED_AT = datetime.fromtimestamp(1_700_000_000, UTC)
CONVERSATION = "CON-aaaaaaaa-bbbb-cccc-dddd-0123456789ab"
RECORDING, URL = (
    "aaaaaaaa-bbbb-cccc-dddd-0123456789ab",
    "https://api.nexmo.com/v1/files/bbbbbbbb-aaaa-cccc-dddd-0123456789ab",
)
MEDIA = Media(RECORDING, CONVERSATION, URL, datetime(2026, 3, 6, 9, 30, tzinfo=UTC))
RSA = rsa.generate_private_key(65537, 2048)
PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
).decode()
PUBLIC_PEM = (
    RSA.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()
)
LOCKED_PEM = RSA.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.BestAvailableEncryption(b"x")
).decode()
EC_PEM = (
    ec.generate_private_key(ec.SECP256R1())
    .private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    .decode()
)
CREDENTIALS = {"application_id": "app-1", "private_key": PEM}


def signed(said: bytes, secret: str = SECRET, algorithm: str | None = "HS256", **changed: Any) -> Delivery:
    claims = {**CLAIMS, "payload_hash": hashlib.sha256(said).hexdigest(), **changed}
    claims = {name: value for name, value in claims.items() if value is not ...}
    return bearer(jwt.encode(claims, secret if algorithm else None, algorithm), said)


def bearer(token: str, said: bytes = VECTOR_BODY) -> Delivery:
    return delivery(HOOK, said, authorization=f"Bearer {token}")


def told(name: str) -> list[CallEvent]:
    return vonage.parse(accepted(vonage, signed(body("vonage", name)), (SECRET,), SIGNED_AT))


def test_the_vector_is_a_delivery() -> None:
    assert jwt.encode(CLAIMS, SECRET, "HS256") == VECTOR
    payload = accepted(vonage, bearer(VECTOR), (SECRET,), SIGNED_AT)
    assert payload == {"recording_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}


def test_vonages_own_sdk_accepts_the_vector_too() -> None:
    assert verify_signature(VECTOR, SECRET)


@pytest.mark.parametrize(
    "said", [b'{"recording_uuid": "aaaaaaaa-bbbb-cccc-dddd-0123456789ab"}', VECTOR_BODY + b"\n", b"", b"{}"]
)
def test_a_body_written_anew_is_not_what_was_signed(said: bytes) -> None:
    assert refused(vonage, bearer(VECTOR, said), (SECRET,), SIGNED_AT) == "body-hash"


@pytest.mark.parametrize("found", [..., None, "", 7, [VECTOR_HASH], VECTOR_HASH[:-1], "é", "\ud800"])
def test_a_token_that_holds_no_hash_of_the_body_holds_no_body(found: object) -> None:
    assert refused(vonage, signed(VECTOR_BODY, payload_hash=found), (SECRET,), SIGNED_AT) == "body-hash"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_six_minutes_off_is_refused_and_five_are_not(minutes: int) -> None:
    now = SIGNED_AT + timedelta(minutes=minutes)
    assert refused(vonage, bearer(VECTOR), (SECRET,), now) == "moment-outside-window"
    assert accepted(vonage, bearer(VECTOR), (SECRET,), SIGNED_AT + timedelta(minutes=minutes * 5 / 6))


@pytest.mark.parametrize("at", [..., None, "soon", True, [], 1e300])
def test_a_token_that_says_no_moment_is_refused(at: object) -> None:
    assert refused(vonage, signed(VECTOR_BODY, iat=at), (SECRET,), SIGNED_AT) == "moment-missing"


def test_a_token_past_its_own_end_is_refused() -> None:
    assert refused(vonage, signed(VECTOR_BODY, exp=1_699_999_999), (SECRET,), SIGNED_AT) == "expired"


@pytest.mark.parametrize("algorithm", ["HS512", "HS384", None])
def test_another_algorithm_is_refused(algorithm: str | None) -> None:
    assert refused(vonage, signed(VECTOR_BODY, SECRET * 2, algorithm), (SECRET * 2,), SIGNED_AT) == "algorithm"


def test_another_secret_is_refused_and_the_previous_one_is_not() -> None:
    for secrets in (("x" * 32,), ("",), ()):
        assert refused(vonage, bearer(VECTOR), secrets, SIGNED_AT) == "signature"
    assert accepted(vonage, bearer(VECTOR), ("x" * 32, SECRET), SIGNED_AT)


@pytest.mark.parametrize("cut", [1, 2, 10])
def test_a_token_cut_short_is_refused(cut: int) -> None:
    assert refused(vonage, bearer(VECTOR[:-cut]), (SECRET,), SIGNED_AT) in {"not-a-jwt", "signature"}


def test_what_is_not_signed_is_refused() -> None:
    assert refused(vonage, delivery(HOOK, VECTOR_BODY), (SECRET,), SIGNED_AT) == "header-missing"


@pytest.mark.parametrize("scheme", ["Basic", "", "Bearerer"])
def test_a_token_that_is_no_bearers_is_refused(scheme: str) -> None:
    what = delivery(HOOK, VECTOR_BODY, authorization=f"{scheme} {VECTOR}")
    assert refused(vonage, what, (SECRET,), SIGNED_AT) == "not-a-bearer"


def test_a_scheme_is_read_in_any_case() -> None:
    assert accepted(vonage, delivery(HOOK, VECTOR_BODY, authorization=f"bearer  {VECTOR}"), (SECRET,), SIGNED_AT)


@pytest.mark.parametrize("said", [b"", b"[]", b"\xff"])
def test_a_signed_body_that_is_no_object_is_no_delivery(said: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        vonage.authenticate(signed(said), (SECRET,), SIGNED_AT)


KEYS = st.text("abcdefgh0123456789", min_size=64, max_size=70)
SAID = st.dictionaries(st.text(max_size=10), st.text(max_size=10) | st.integers(), max_size=4)


@given(SAID, KEYS, st.none() | KEYS, st.sampled_from(["HS256", "HS512", None]), st.integers(0, 3))
def test_vonages_own_sdk_and_we_accept_the_same_tokens(
    said: dict[str, Any], key: str, other: str | None, algorithm: str | None, cut: int
) -> None:
    what = signed(json.dumps(said).encode(), key, algorithm)
    token = what.headers["authorization"].removeprefix("Bearer ")
    token = token[: len(token) - cut]
    if sdk_accepts(token, other or key):
        assert accepted(vonage, bearer(token, what.body), (other or key,), SIGNED_AT) == said
    else:
        assert refused(vonage, bearer(token, what.body), (other or key,), SIGNED_AT)


def sdk_accepts(token: str, secret: str) -> bool:
    try:
        return verify_signature(token, secret)
    except VonageVerifyJwtError:
        return False


def test_a_recording_belongs_to_the_conversation() -> None:
    assert told("recording.json") == [
        CallEvent(
            "vonage",
            Happened.RECORDING,
            CONVERSATION,
            at=datetime(2026, 3, 6, 9, 31, 3, 120_000, tzinfo=UTC),
            media=(MEDIA,),
            ids={"conversation": CONVERSATION},
        )
    ]


def test_a_leg_is_a_call_of_its_own_under_the_conversation() -> None:
    assert told("answered.json") == [
        CallEvent(
            "vonage",
            Happened.STARTED,
            "df52c28f-d167-5319-a7e6-0123456789ab",
            at=datetime(2026, 3, 6, 9, 29, 58, tzinfo=UTC),
            root_id=CONVERSATION,
            lines=("+33639981234", "+33199001234"),
            outbound=False,
            ids={"conversation": CONVERSATION},
        )
    ]


def test_the_end_of_a_leg_is_not_the_end_of_the_conversation() -> None:
    [event] = told("completed.json")
    assert (event.happened, event.root_id) == (Happened.ENDED, CONVERSATION)
    assert event.call_id != CONVERSATION
    assert event.started_at == datetime(2026, 3, 6, 9, 29, 58, tzinfo=UTC)


def test_what_concerns_no_recording_is_no_event() -> None:
    assert told("ringing.json") == []
    assert vonage.parse({}) == vonage.parse({"status": ["answered"]}) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"recording_url": "http://api.nexmo.com/v1/files/1"},
        {"recording_url": None},
        {"recording_uuid": None},
        {"conversation_uuid": "CON a"},
    ],
)
def test_a_recording_that_cannot_be_found_is_no_delivery(changed: dict[str, object]) -> None:
    with pytest.raises(InvalidDelivery):
        vonage.parse({**payload("vonage", "recording.json"), **changed})


def test_a_start_that_is_no_moment_is_unknown() -> None:
    [event] = vonage.parse({**payload("vonage", "recording.json"), "start_time": "2026-03-06T09:30:00"})
    assert event.media[0].started_at is None


def fetched(now: datetime) -> dict[str, Any]:
    asked = vonage.fetch(MEDIA, CREDENTIALS, now)
    assert (asked.method, asked.url) == ("GET", URL)
    token = asked.headers["authorization"].removeprefix("Bearer ")
    unjudged = {"verify_exp": False, "verify_iat": False}
    return jwt.decode(token, RSA.public_key(), algorithms=["RS256"], options=unjudged)


def test_a_recording_is_fetched_with_a_token_of_the_application_for_five_minutes() -> None:
    claims = fetched(NOW)
    assert claims["application_id"] == "app-1"
    assert (claims["iat"], claims["exp"]) == (NOW.timestamp(), NOW.timestamp() + 300)


def test_each_moment_has_a_token_of_its_own_and_the_same_moment_the_same() -> None:
    assert fetched(NOW)["jti"] == fetched(NOW)["jti"] != fetched(NOW + timedelta(seconds=1))["jti"]


def test_the_token_claims_what_vonages_own_sdk_would() -> None:
    theirs = JwtClient("app-1", PEM).generate_application_jwt().decode()
    ours = vonage.fetch(MEDIA, CREDENTIALS, NOW).headers["authorization"].removeprefix("Bearer ")
    unverified = {"verify_signature": False}
    assert jwt.decode(ours, options=unverified).keys() == jwt.decode(theirs, options=unverified).keys()
    assert jwt.get_unverified_header(ours) == jwt.get_unverified_header(theirs)


@pytest.mark.parametrize("key", [PUBLIC_PEM, LOCKED_PEM, EC_PEM, "key", PEM[:-200], "é"])
def test_a_key_that_cannot_sign_is_a_setting_to_mend(key: str) -> None:
    with pytest.raises(InvalidSettings):
        vonage.fetch(MEDIA, {**CREDENTIALS, "private_key": key}, NOW)


@pytest.mark.parametrize("lacking", ["application_id", "private_key"])
def test_credentials_that_lack_a_part_are_a_setting_to_mend(lacking: str) -> None:
    with pytest.raises(InvalidSettings, match=f"`{lacking}`"):
        vonage.fetch(MEDIA, {**CREDENTIALS, lacking: ""}, NOW)


def test_vonage_is_answered_nothing_at_once() -> None:
    assert vonage.handshake({}, delivery(HOOK), (SECRET,)) is None
