"""Standard Webhooks: held against what the reference SDK signs, and the SDK against what we sign."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from chalicelib.errors import InvalidDelivery, NotAuthentic
from chalicelib.telephony import standard
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Delivery, Outgoing
from tests.telephony.posts import BEGAN, body, document, failed_check, post, reserialised

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NAME, STAMP = "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330
NOW = datetime.fromtimestamp(STAMP, UTC)
VECTOR, SIGNATURE = b'{"test": 2432232314}', "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
ANOTHER = f"whsec_{base64.b64encode(bytes(24)).decode()}"


def sent(text: bytes = VECTOR, signature: str = SIGNATURE, name: str = NAME, stamp: object = STAMP) -> Delivery:
    headers = {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": signature}
    return post(text, headers)


def check(delivery: Delivery, secrets: tuple[str, ...] = (SECRET,), now: datetime = NOW) -> str:
    return failed_check(standard.verify, delivery, secrets, now)


def test_the_published_vector_is_authentic_and_what_we_sign() -> None:
    assert standard.verify(sent(), (SECRET,), NOW) == VECTOR
    assert standard.authenticate(sent(), (SECRET,), NOW) == {"test": 2432232314}
    assert standard.sign(VECTOR, NAME, STAMP, SECRET) == SIGNATURE
    assert standard.handshake({}, sent(), (SECRET,)) is None


keys = st.binary(min_size=24, max_size=64).map(lambda key: f"whsec_{base64.b64encode(key).decode()}")
names = st.from_regex(r"[A-Za-z0-9_-]{1,64}", fullmatch=True)
utf8 = st.text(st.characters(exclude_categories=["Cs"]))


@settings(deadline=None)
@given(keys, names, utf8, st.integers(-300, 300))
def test_what_the_sdk_signs_is_authentic(secret: str, name: str, text: str, off: int) -> None:
    at = NOW + timedelta(seconds=off)
    delivery = sent(text.encode(), Webhook(secret).sign(name, at, text), name, int(at.timestamp()))
    assert standard.verify(delivery, (ANOTHER, secret), NOW) == text.encode()


@settings(deadline=None)
@given(keys, names, utf8)
def test_what_we_sign_the_sdk_believes_and_no_other_body(secret: str, name: str, text: str) -> None:
    stamp = int(datetime.now(UTC).timestamp())
    headers = dict(sent(b"", standard.sign(text.encode(), name, stamp, secret), name, stamp).headers)
    Webhook(secret).verify(text, headers, json_parse=False)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(text + " ", headers, json_parse=False)


def test_one_of_several_signatures_is_enough_and_during_a_rotation_either_secret() -> None:
    several = f"v2,AAAA v1 v1,AAAA {SIGNATURE} v1a,AAAA"
    for secrets in ((SECRET,), (ANOTHER, SECRET), (SECRET, ANOTHER)):
        assert standard.verify(sent(signature=several), secrets, NOW) == VECTOR


def test_a_secret_without_prefix_or_padding_is_the_same_secret() -> None:
    secret = base64.b64encode(bytes(25)).decode()
    signature = standard.sign(VECTOR, NAME, STAMP, secret)
    for written in (secret, f"whsec_{secret}", f"whsec_{secret.rstrip('=')}"):
        assert standard.verify(sent(signature=signature), (written,), NOW) == VECTOR


PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
PUBLIC = f"whpk_{base64.b64encode(PRIVATE.public_key().public_bytes_raw()).decode()}"


def with_ed25519(text: bytes) -> str:
    return f"v1a,{base64.b64encode(PRIVATE.sign(f'{NAME}.{STAMP}.'.encode() + text)).decode()}"


def test_a_public_key_among_the_secrets_verifies_ed25519() -> None:
    assert standard.verify(sent(signature=with_ed25519(VECTOR)), (SECRET, PUBLIC), NOW) == VECTOR
    assert check(sent(signature=with_ed25519(VECTOR + b" ")), (PUBLIC,)) == "signature"
    assert check(sent(signature=with_ed25519(VECTOR)[:-4]), (PUBLIC,)) == "signature"


def test_neither_kind_of_secret_stands_in_for_the_other() -> None:
    assert check(sent(signature=with_ed25519(VECTOR)), (SECRET,)) == "signature"
    assert check(sent(signature=with_ed25519(VECTOR).replace("v1a", "v1")), (PUBLIC,)) == "signature"
    public_as_shared = standard.sign(VECTOR, NAME, STAMP, PUBLIC.removeprefix("whpk_"))
    assert check(sent(signature=public_as_shared), (PUBLIC,)) == "signature"
    with pytest.raises(NotAuthentic):
        standard.sign(VECTOR, NAME, STAMP, PUBLIC)


@pytest.mark.parametrize(
    "signature",
    [
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OA=",
        SIGNATURE[:-1],
        SIGNATURE[:-5],
        SIGNATURE.replace("OE=", "OF="),
        "v1",
        "v1,",
        "v1,é\ud800",
        "v1a,!",
    ],
)
def test_a_wrong_or_truncated_signature_is_refused(signature: str) -> None:
    assert check(sent(signature=signature)) == "signature"


@pytest.mark.parametrize("signature", ["none", SIGNATURE.replace("v1", "v2"), SIGNATURE.removeprefix("v1,"), ","])
def test_another_algorithm_is_refused(signature: str) -> None:
    assert check(sent(signature=signature)) == "algorithm"


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_every_header_must_be_there(name: str) -> None:
    delivery = sent()
    assert check(replace(delivery, headers={**delivery.headers, name: ""})) == "header-missing"


@pytest.mark.parametrize("name", ["a.b", "a b", "é", "x" * 257, "\ud800"])
def test_an_id_that_could_be_parted_elsewhere_is_refused(name: str) -> None:
    assert check(sent(name=name)) == "id"


@pytest.mark.parametrize("stamp", ["", "now", "1614265330.0", "-1", "١٦١٤٢٦٥٣٣٠", "9" * 13, "999999999999"])
def test_a_moment_that_cannot_be_read_is_refused(stamp: str) -> None:
    assert check(sent(stamp=stamp)) == ("moment-missing" if stamp else "header-missing")


@pytest.mark.parametrize("minutes", [-6, 6])
def test_six_minutes_off_is_refused(minutes: int) -> None:
    assert check(sent(), now=NOW + timedelta(minutes=minutes)) == "moment-outside-window"


def test_another_secret_or_body_is_refused() -> None:
    assert check(sent(), (ANOTHER,)) == "signature"
    assert check(sent(), ()) == "signature"
    assert check(sent(reserialised(VECTOR))) == "signature"
    assert check(sent(stamp=STAMP + 1)) == "signature"


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_c2hvcnQ=", "whsec_" + "A" * 100, "whsec_é", "whpk_AAAA"])
def test_a_secret_that_is_none_is_said_to_be_none_and_does_not_hinder_the_other(secret: str) -> None:
    assert check(sent(), (secret,)) == "secret-unreadable"
    assert standard.verify(sent(), (secret, SECRET), NOW) == VECTOR


def test_a_recording_is_told_in_our_own_words() -> None:
    assert standard.parse(document("standard", "recording")) == [
        CallEvent(
            "standard",
            Happened.RECORDING,
            "pbx-42",
            BEGAN + timedelta(seconds=70),
            root_id="pbx-41",
            started_at=BEGAN,
            agent="camille@example.com",
            lines=("+33199001234", "1004"),
            queue="support",
            language="fr-FR",
            outbound=False,
            announced=True,
            agent_channel=1,
            media=(Media("r-1", "pbx-42", "https://media.example.com/r-1.wav", BEGAN + timedelta(seconds=5)),),
            ids={"source": "pbx"},
        )
    ]


def test_a_refusal_needs_no_more_than_the_call() -> None:
    (event,) = standard.parse(document("standard", "objected"))
    assert event == CallEvent("standard", Happened.OBJECTED, "pbx-42", BEGAN + timedelta(seconds=20))
    (event,) = standard.parse({"type": "call.objected", "call-id": "pbx-42", "at": None, "direction": "outbound"})
    assert (event.at, event.outbound) == (None, True)


@pytest.mark.parametrize(
    "spoilt",
    [
        {"type": "call.objeted"},
        {"type": None},
        {"objected": True},
        {"Agent": "camille"},
        {"call-id": None},
        {"call-id": "a b"},
        {"at": "yesterday"},
        {"at": "2026-03-06T10:30:20"},
        {"at": 1_700_000_000},
        {"source": "Téléphonie"},
        {"source": "our pbx"},
        {"source": "x" * 41},
        {"agent": ""},
        {"agent": 7},
        {"agent": "x" * 1_001},
        {"direction": "in"},
        {"announced": "true"},
        {"announced": 1},
        {"agent-channel": True},
        {"agent-channel": 2},
        {"lines": "+33199001234"},
        {"lines": [1]},
        {"lines": ["1"] * 51},
        {"recording": []},
        {"recording": {"id": "r"}},
        {"recording": {"id": "r", "url": "http://media.example.com/r"}},
        {"recording": {"id": "r", "url": "https://media.example.com/r", "start": "now"}},
        {"type": "call.recording"},
    ],
)
def test_a_misspelt_word_is_refused_and_not_overlooked(spoilt: dict[str, Any]) -> None:
    with pytest.raises(InvalidDelivery):
        standard.parse({"type": "call.objected", "call-id": "pbx-42"} | spoilt)


def test_a_recording_is_fetched_with_a_token_only_where_there_is_one() -> None:
    (event,) = standard.parse(json.loads(body("standard", "recording")))
    (media,) = event.media
    assert standard.fetch(media, {}, NOW) == Outgoing("GET", media.url)
    assert standard.fetch(media, {"token": "t0ken"}, NOW).headers == {"authorization": "Bearer t0ken"}
