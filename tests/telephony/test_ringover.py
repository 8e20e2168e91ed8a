"""Ringover: both vectors of FACTS 2.5, the signed payload instead of the body, and what its events tell."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import InvalidDelivery
from chalicelib.telephony import ringover
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.ringover import signature
from chalicelib.telephony.webhook import Delivery
from tests.telephony.deliveries import NOW, accepted, delivery, payload, refused

KEY = "k" * 64
HOOK = "https://hooks.example.com/ringover"
VECTOR = {
    "event": "record_available",
    "resource": "aftercall",
    "timestamp": 1700000000,
    "data": {
        "call_id": "123",
        "channel_id": "456",
        "record_link": "https://cdn.ringover.com/x.mp3",
        "record_duration": 62,
    },
    "attempt": 1,
}
VECTOR_SIGNED = "rgT-EuZg_ngAz0SES2QCAytK0unLPFDsrFL2iGFgOjlnCk8xMAtPde28Z5ZeufCRPAOCQz-EWnM3qbx3_0iGDQ"
V3_BODY, V3_SIGNED = b'{"event":"record_available"}', "FaDW52uwUupBxeZYZ4ACWVkWMS7HD9dxtR8jmDa5zVM="
V3_NOW = datetime.fromtimestamp(1_700_000_000, UTC)
CALL, CHANNEL = "17727894001234567", "1772789400.771"
STARTED = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)


def v1(claims: dict[str, Any], said: bytes = b"", key: str = KEY, algorithm: str | None = "HS512") -> Delivery:
    return delivery(HOOK, said, x_ringover_webhook_signature=jwt.encode(claims, key if algorithm else None, algorithm))


def v3(said: bytes = V3_BODY, signed: str = V3_SIGNED, at: str = "1700000000", method: str = "POST") -> Delivery:
    names = {"x_ringover_webhook_signature_v3": signed, "x_ringover_request_signature_v3_timestamp": at}
    return delivery(HOOK, said, method, **names)


def told(name: str, **changed: Any) -> list[CallEvent]:
    said = payload("ringover", name)
    return ringover.parse(accepted(ringover, v1({**said, "data": {**said["data"], **changed}}), (KEY,)))


def test_the_vector_of_v1_is_a_delivery() -> None:
    token = jwt.encode(VECTOR, KEY, "HS512")
    assert token.endswith(f".{VECTOR_SIGNED}")
    assert accepted(ringover, v1(VECTOR), (KEY,)) == VECTOR


@pytest.mark.parametrize("said", [b"", b'{"event":"hangup"}', json.dumps(VECTOR).encode(), b"\xff"])
def test_the_body_beside_a_token_is_not_read(said: bytes) -> None:
    assert accepted(ringover, v1(VECTOR, said), (KEY,)) == VECTOR


@pytest.mark.parametrize(
    "url", [HOOK, HOOK.upper().replace("/RINGOVER", "/ringover"), f"{HOOK}?x=1", HOOK.replace("com", "com:443")]
)
def test_a_token_meant_for_our_address_holds_the_delivery(url: str) -> None:
    assert accepted(ringover, v1({"url": url, "payload": VECTOR}), (KEY,)) == VECTOR


@pytest.mark.parametrize(
    "url",
    ["https://hooks.example.org/ringover", f"{HOOK}/", "https://hooks.example.com", "//[", "", None, 7, [HOOK], "é"],
)
def test_a_token_meant_for_elsewhere_is_refused(url: object) -> None:
    assert refused(ringover, v1({"url": url, "payload": VECTOR}), (KEY,)) == "url"


def test_a_payload_that_says_no_address_is_refused() -> None:
    assert refused(ringover, v1({"payload": VECTOR}), (KEY,)) == "url"


@pytest.mark.parametrize("held", [{}, {"payload": None}, {"payload": "x"}, {"payload": [VECTOR]}])
def test_a_token_with_an_address_and_no_payload_is_no_delivery(held: dict[str, object]) -> None:
    with pytest.raises(InvalidDelivery):
        ringover.authenticate(v1({"url": HOOK, **held}), (KEY,), NOW)


def test_a_weaker_algorithm_is_refused() -> None:
    assert refused(ringover, v1(VECTOR, algorithm="HS256"), (KEY,)) == "algorithm"
    assert refused(ringover, v1(VECTOR, algorithm=None), (KEY,)) == "algorithm"


def test_another_key_is_refused_and_the_previous_one_is_not() -> None:
    assert refused(ringover, v1(VECTOR, key="x" * 64), (KEY, "o" * 64)) == "signature"
    assert accepted(ringover, v1(VECTOR, key="o" * 64), (KEY, "o" * 64)) == VECTOR


def test_a_token_past_its_own_end_is_refused() -> None:
    assert refused(ringover, v1({**VECTOR, "exp": int(NOW.timestamp())}), (KEY,)) == "expired"


def test_a_token_in_the_deprecated_header_is_none() -> None:
    what = delivery(HOOK, authorization=jwt.encode(VECTOR, KEY, "HS512"))
    assert refused(ringover, what, (KEY,)) == "header-missing"


def test_what_ringover_does_not_sign_is_refused() -> None:
    assert refused(ringover, delivery(HOOK, b'{"event":"ivr_response_code"}'), (KEY,)) == "header-missing"


def test_the_vector_of_v3_is_its_signature() -> None:
    assert signature("POST", HOOK, V3_BODY, "1700000000", "test_key") == V3_SIGNED
    assert accepted(ringover, v3(), ("new", "test_key"), V3_NOW) == {"event": "record_available"}


@pytest.mark.parametrize(
    "what",
    [
        v3(b'{"event": "record_available"}'),
        v3(signed=V3_SIGNED[:-1]),
        v3(signed=V3_SIGNED[:-4]),
        v3(signed="é"),
        v3(at="1700000001"),
        v3(method="PUT"),
    ],
)
def test_v3_holds_the_body_the_method_and_the_moment(what: Delivery) -> None:
    assert refused(ringover, what, ("test_key",), V3_NOW) == "signature"


@pytest.mark.parametrize("secrets", [("test_kez",), ("",), ()])
def test_v3_by_another_key_is_refused(secrets: tuple[str, ...]) -> None:
    assert refused(ringover, v3(), secrets, V3_NOW) == "signature"


@pytest.mark.parametrize("minutes", [-6, 6])
def test_v3_is_refused_six_minutes_off(minutes: int) -> None:
    now = V3_NOW + timedelta(minutes=minutes)
    assert refused(ringover, v3(), ("test_key",), now) == "moment-outside-window"
    assert accepted(ringover, v3(), ("test_key",), V3_NOW + timedelta(minutes=minutes * 5 / 6))


def test_v3_without_a_moment_is_refused() -> None:
    assert refused(ringover, v3(at=""), ("test_key",)) == "header-missing"
    signed = signature("POST", HOOK, V3_BODY, "soon", "test_key")
    assert refused(ringover, v3(signed=signed, at="soon"), ("test_key",)) == "moment-missing"


def test_where_both_are_sent_a_wrong_v3_is_not_mended_by_a_right_v1() -> None:
    both = Delivery("POST", HOOK, {**v1(VECTOR).headers, **v3(signed="wrong").headers}, V3_BODY)
    assert refused(ringover, both, (KEY, "test_key"), V3_NOW) == "signature"


@given(st.text(max_size=50), st.text(min_size=1, max_size=20), st.binary(max_size=90))
def test_v3_accepts_what_it_signs_and_no_other_body(said: str, key: str, other: bytes) -> None:
    body = json.dumps({"a": said}).encode()
    signed = signature("POST", HOOK, body, "1700000000", key)
    assert accepted(ringover, v3(body, signed), (key,), V3_NOW) == {"a": said}
    for another in (body + b" ", body.swapcase(), b" " + body, *(() if other == body else (other,))):
        assert refused(ringover, v3(another, signed), (key,), V3_NOW) == "signature"


def test_a_call_begins_when_it_rings_and_no_agent_has_it_yet() -> None:
    assert told("ringing.json") == [
        CallEvent(
            "ringover",
            Happened.STARTED,
            CALL,
            at=STARTED,
            started_at=STARTED,
            lines=("+33639981234", "+33199001234"),
            outbound=False,
            ids={"call": CALL, "channel": CHANNEL},
        )
    ]


def test_whoever_answers_is_the_agent() -> None:
    [event] = told("answered.json")
    assert (event.happened, event.agent) == (Happened.CONNECTED, "camille.exemple@example.com")
    assert told("answered.json", user={})[0].agent == "9001"
    assert told("answered.json", user={"userId": 9001}, user_id=None)[0].agent == "9001"


def test_a_call_ends_at_the_moment_of_the_hangup() -> None:
    [event] = told("hangup.json")
    assert (event.happened, event.media) == (Happened.ENDED, ())
    assert event.at == datetime(2026, 3, 6, 9, 31, 9, 250_000, tzinfo=UTC)


def test_a_record_that_is_available_tells_where_it_lies() -> None:
    media = Media(CHANNEL, CALL, "https://cdn.ringover.com/records/0001.mp3")
    assert told("record_available.json") == [
        CallEvent(
            "ringover",
            Happened.RECORDING,
            CALL,
            at=datetime(2026, 3, 6, 9, 31, 39, tzinfo=UTC),
            media=(media,),
            ids={"call": CALL, "channel": CHANNEL},
        )
    ]


def test_a_record_without_a_channel_is_known_by_its_call() -> None:
    [event] = told("record_available.json", channel_id=None)
    assert (event.media[0].id, event.ids) == (CALL, {"call": CALL})


def test_a_record_behind_the_private_link_alone_is_still_one() -> None:
    [event] = told("record_available.json", record_link=None)
    assert event.media[0].url == "https://dashboard.ringover.com/records/0001"


def test_a_record_without_a_link_is_no_delivery() -> None:
    with pytest.raises(InvalidDelivery):
        told("record_available.json", record_link="http://cdn.ringover.com/1", private_record_link=None)


@pytest.mark.parametrize("start", ["2026-03-06T09:30:00Z", "2026-03-06T10:30:00+01:00", 1772789400, 1772789400.0])
def test_a_start_is_read_in_either_shape(start: object) -> None:
    assert told("hangup.json", start_time=start)[0].started_at == STARTED


@pytest.mark.parametrize("start", ["2026-03-06T09:30:00", "soon", None, True, [], 1e300])
def test_a_start_that_is_no_moment_is_unknown(start: object) -> None:
    assert told("hangup.json", start_time=start)[0].started_at is None


@pytest.mark.parametrize("name", ["voicemail", "tags_updated", "summary_available", "", None, ["hangup"]])
def test_other_events_are_none(name: object) -> None:
    assert ringover.parse({"event": name, "data": {"call_id": "1"}}) == []


def test_a_call_that_one_agent_missed_is_not_over() -> None:
    assert told("missed.json") == []


@pytest.mark.parametrize("changed", [{"call_id": None}, {"call_id": "a b"}, {"channel_id": {}}, {"channel_id": ""}])
def test_an_event_without_its_ids_is_no_delivery(changed: dict[str, object]) -> None:
    with pytest.raises(InvalidDelivery):
        told("hangup.json", **changed)


def test_a_record_is_opened_by_its_link_alone() -> None:
    media = Media(CHANNEL, CALL, "https://cdn.ringover.com/records/0001.mp3")
    asked = ringover.fetch(media, {}, NOW)
    assert (asked.method, asked.url, asked.headers) == ("GET", media.url, {})


def test_ringover_is_answered_nothing_at_once() -> None:
    assert ringover.handshake({}, delivery(HOOK), (KEY,)) is None
