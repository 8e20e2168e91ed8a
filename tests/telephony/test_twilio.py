"""Twilio: the vectors of FACTS 2.1, Twilio's own SDK against ours, and what its callbacks tell."""

from __future__ import annotations

import base64
import hashlib
import json
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from chalicelib.errors import CannotControl, InvalidDelivery, InvalidSettings
from chalicelib.telephony import twilio
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.twilio_signed import FORM, signature
from chalicelib.telephony.webhook import Act, Delivery, Payload
from tests.telephony.deliveries import NOW, accepted, body, delivery, refused

TOKEN = "12345"
HOOK = "https://hooks.example.com/twilio/recording"
APP = "https://mycompany.com/myapp.php?foo=1&bar=2"
PLAIN_APP = "http://mycompany.com/myapp.php?foo=1&bar=2"
CALL = {
    "CallSid": "CA1234567890ABCDE",
    "Digits": "1234",
    "From": "+14158675309",
    "To": "+18005551212",
    "Caller": "+14158675309",
}
JSON = b'{"property": "value", "boolean": true}'
JSON_SHA256 = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620"
ACCOUNT, CALL_SID = "AC00000000000000000000000000000001", "CA00000000000000000000000000000002"
RECORDING = "RE00000000000000000000000000000003"
IDS = {"account": ACCOUNT, "call": CALL_SID, "recording": RECORDING}
BEGAN = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
KNOWN = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Recordings/{RECORDING}"
MEDIA = Media(RECORDING, CALL_SID, KNOWN, BEGAN, {"account": ACCOUNT, "channels": "2"})
SECRET = {"account": ACCOUNT, "token": "t0ken"}
BASIC = "Basic " + base64.b64encode(f"{ACCOUNT}:t0ken".encode()).decode()


def form(url: str, said: bytes, signed: str) -> Delivery:
    return delivery(url, said, content_type=f"{FORM}; charset=UTF-8", x_twilio_signature=signed)


def told(name: str) -> Payload:
    """What a file of `tests/events` says, signed and verified on the way."""
    said = body("twilio", name)
    signed = signature(HOOK, parse_qsl(said.decode(), keep_blank_values=True), TOKEN)
    return accepted(twilio, form(HOOK, said, signed), (TOKEN,))


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        (APP, "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (APP.replace(".com", ".com:443"), "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (PLAIN_APP.replace(".com", ".com:1234"), "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="),
        (PLAIN_APP.replace(".com", ".com:80"), "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_twilios_vectors_are_its_signatures(url: str, signed: str) -> None:
    assert signature(url, CALL.items(), TOKEN) == signed
    assert accepted(twilio, form(url, urlencode(CALL).encode(), signed), (TOKEN,)) == CALL


@pytest.mark.parametrize(
    ("url", "signed"),
    [
        (APP, "kvajT1Ptam85bY51eRf/AJRuM3w="),
        (APP.replace(".com", ".com:443"), "RSOYDt4T1cUTdK1PDd93/VVr8B8="),
        (PLAIN_APP, "0ZXoZLH/DfblKGATFgpif+LLRf4="),
    ],
)
def test_a_port_said_by_one_side_alone_is_no_reason_to_refuse(url: str, signed: str) -> None:
    assert accepted(twilio, form(url, urlencode(CALL).encode(), signed), (TOKEN,)) == CALL


def test_a_field_said_twice_is_signed_with_both_values_and_says_nothing() -> None:
    fields = [("Sid", "CA123"), ("SidAccount", "AC123"), ("Digits", "5678"), ("Digits", "1234")]
    signed = "IK+Dwps556ElfBT0I3Rgjkr1wJU="
    assert signature(APP, fields, TOKEN) == signed
    payload = accepted(twilio, form(APP, urlencode(fields).encode(), signed), (TOKEN,))
    assert payload == {"Sid": "CA123", "SidAccount": "AC123"}


def test_a_body_that_is_no_form_is_held_by_its_hash_in_the_address() -> None:
    what = delivery(f"{APP}&bodySHA256={JSON_SHA256}", JSON, x_twilio_signature="a9nBmqA0ju/hNViExpshrM61xv4=")
    assert accepted(twilio, what, (TOKEN,)) == {"property": "value", "boolean": True}


@pytest.mark.parametrize("said", [b'{"property":"value","boolean":true}', JSON + b"\n", b""])
def test_a_body_written_anew_is_not_what_was_hashed(said: bytes) -> None:
    what = delivery(f"{APP}&bodySHA256={JSON_SHA256}", said, x_twilio_signature="a9nBmqA0ju/hNViExpshrM61xv4=")
    assert refused(twilio, what, (TOKEN,)) == "body-hash"


def test_a_body_whose_hash_nobody_signed_is_refused() -> None:
    what = delivery(APP, JSON, content_type="application/json", x_twilio_signature=signature(APP, [], TOKEN))
    assert refused(twilio, what, (TOKEN,)) == "body-hash"


def test_the_hash_that_stands_first_is_the_one_that_counts() -> None:
    url = f"{APP}&bodySHA256={JSON_SHA256}&bodySHA256={hashlib.sha256(b'{}').hexdigest()}"
    signed = signature(url, [], TOKEN)
    assert refused(twilio, delivery(url, b"{}", x_twilio_signature=signed), (TOKEN,)) == "body-hash"


def test_a_whole_recording_callback_is_its_vector() -> None:
    said = body("twilio", "recording-completed.form")
    assert accepted(twilio, form(HOOK, said, "lhVh5yu5YnkZoARcbBNEjupfhig="), (TOKEN,))["RecordingSid"] == RECORDING


def test_during_a_rotation_either_secret_signs() -> None:
    for secret in ("new", "old"):
        what = form(APP, b"a=1", signature(APP, [("a", "1")], secret))
        assert accepted(twilio, what, ("new", "old")) == {"a": "1"}


@pytest.mark.parametrize("secrets", [("54321",), (), ("",)])
def test_another_secret_or_none_refuses(secrets: tuple[str, ...]) -> None:
    what = form(APP, urlencode(CALL).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert refused(twilio, what, secrets) == "signature"


def test_an_empty_secret_signs_nothing() -> None:
    assert refused(twilio, form(APP, b"a=1", signature(APP, [("a", "1")], "")), ("", TOKEN)) == "signature"


@pytest.mark.parametrize("signed", ["RSOYDt4T1cUTdK1PDd93/VVr8B8", "RSOYDt4T1cUTdK1PDd93", "rsoydt4t", "é", "\udc80"])
def test_a_signature_cut_short_or_none_at_all_is_refused(signed: str) -> None:
    assert refused(twilio, form(APP, urlencode(CALL).encode(), signed), (TOKEN,)) == "signature"


def test_what_is_not_signed_is_refused() -> None:
    assert refused(twilio, delivery(APP, b"a=1", content_type=FORM), (TOKEN,)) == "header-missing"


def test_the_beta_signature_by_sha256_is_refused() -> None:
    signed = RequestValidator(TOKEN).compute_signature(APP, CALL, "HMAC_SHA256")
    said = {"x_twilio_signature": signed, "x_twilio_webhooks_signature_settings": "key=1,algorithm=HMAC_SHA256"}
    assert refused(twilio, delivery(APP, urlencode(CALL).encode(), content_type=FORM, **said), (TOKEN,)) == "signature"


def test_another_address_than_ours_is_refused() -> None:
    elsewhere = APP.replace("mycompany", "theircompany")
    what = form(elsewhere, urlencode(CALL).encode(), "RSOYDt4T1cUTdK1PDd93/VVr8B8=")
    assert refused(twilio, what, (TOKEN,)) == "signature"


@pytest.mark.parametrize("said", [b"a=%zz", b"a=%f", b"a=%ff%fe", b"a", b"a=1&&b=2", b"\xff=1", b"a=1&" * 2_000])
def test_a_form_that_would_have_to_be_mended_is_no_delivery(said: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        twilio.authenticate(form(APP, said, "RSOYDt4T1cUTdK1PDd93/VVr8B8="), (TOKEN,), NOW)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
FIELDS = st.dictionaries(TEXT.filter(len), TEXT, max_size=8)
STEPS = st.text("abcXYZ019-._~%/", max_size=20)
URLS = st.builds(
    lambda scheme, port, path, query: f"{scheme}://hooks.example.com{port}/{path}{query and '?' + query}",
    st.sampled_from(["https", "http"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    STEPS,
    st.text("abcXYZ019=&%+;", max_size=20),
)


@given(URLS, FIELDS, TEXT.filter(len))
def test_what_twilios_own_sdk_signs_is_accepted(url: str, fields: dict[str, str], secret: str) -> None:
    signed = RequestValidator(secret).compute_signature(url, fields)
    assert accepted(twilio, form(url, urlencode(fields).encode(), signed), (secret,)) == fields


@given(URLS, FIELDS, TEXT.filter(len))
def test_what_we_sign_twilios_own_sdk_accepts(url: str, fields: dict[str, str], secret: str) -> None:
    assert RequestValidator(secret).validate(url, fields, signature(url, fields.items(), secret))


@given(URLS, FIELDS, st.none() | URLS, st.none() | FIELDS)
def test_twilios_own_sdk_and_we_refuse_the_same(
    url: str, fields: dict[str, str], other_url: str | None, other_fields: dict[str, str] | None
) -> None:
    signed = signature(other_url or url, (fields if other_fields is None else other_fields).items(), TOKEN)
    what = form(url, urlencode(fields).encode(), signed)
    if RequestValidator(TOKEN).validate(url, fields, signed):
        assert accepted(twilio, what, (TOKEN,)) == fields
    else:
        assert refused(twilio, what, (TOKEN,)) == "signature"


@given(STEPS, st.dictionaries(TEXT, st.integers() | TEXT, max_size=4))
def test_a_hashed_body_is_accepted_by_both(path: str, document: dict[str, int | str]) -> None:
    said = json.dumps(document)
    url = f"https://hooks.example.com/{path}?bodySHA256={hashlib.sha256(said.encode()).hexdigest()}"
    signed = signature(url, [], TOKEN)
    assert RequestValidator(TOKEN).validate(url, said, signed)
    assert accepted(twilio, delivery(url, said.encode(), x_twilio_signature=signed), (TOKEN,)) == document


def test_a_recording_that_is_ready_tells_where_it_lies_and_when_it_began() -> None:
    assert twilio.parse(told("recording-completed.form")) == [
        CallEvent("twilio", Happened.RECORDING, CALL_SID, media=(MEDIA,), ids={"account": ACCOUNT, "call": CALL_SID})
    ]


def test_a_recording_that_begins_can_be_reached_from_then_on() -> None:
    assert twilio.parse(told("recording-in-progress.form")) == [
        CallEvent("twilio", Happened.STARTED, CALL_SID, at=BEGAN, ids=IDS)
    ]


def test_a_leg_names_its_parties_and_the_call_it_belongs_to() -> None:
    assert twilio.parse(told("call-in-progress.form")) == [
        CallEvent(
            "twilio",
            Happened.STARTED,
            "CA00000000000000000000000000000004",
            at=datetime(2026, 3, 6, 9, 29, 58, tzinfo=UTC),
            root_id=CALL_SID,
            lines=("+33639981234", "+33199001234"),
            outbound=True,
            ids={"account": ACCOUNT, "call": "CA00000000000000000000000000000004"},
        )
    ]


@pytest.mark.parametrize("caller", ["client:camille", "Client:camille", "sip:104@exemple.sip.twilio.com"])
def test_a_call_from_one_of_our_own_telephones_is_an_outbound_one(caller: str) -> None:
    [event] = twilio.parse(told("call-completed.form") | {"From": caller, "Direction": "inbound"})
    assert event.outbound is True
    [event] = twilio.parse({**told("call-completed.form"), "From": caller, "Direction": ["inbound"]})
    assert event.outbound is True


@pytest.mark.parametrize("status", ["completed", "busy", "failed", "no-answer", "canceled"])
def test_a_call_ends_in_whatever_way(status: str) -> None:
    [event] = twilio.parse(told("call-completed.form") | {"CallStatus": status})
    assert (event.happened, event.call_id, event.outbound) == (Happened.ENDED, CALL_SID, False)


@pytest.mark.parametrize(
    "said", [told("recording-absent.form"), {"RecordingStatus": "failed"}, {"CallStatus": "ringing"}, {}]
)
def test_what_concerns_no_recording_is_no_event(said: Payload) -> None:
    assert twilio.parse(said) == []


@pytest.mark.parametrize(
    "text", ["", "yesterday", "Fri, 06 Mar 2026 09:30:00 -0000", "Fri, 06 Mar 1826 09:30:00 +0000"]
)
def test_a_start_that_is_no_moment_is_unknown(text: str) -> None:
    [event] = twilio.parse(told("recording-completed.form") | {"RecordingStartTime": text})
    assert event.media[0].started_at is None


@pytest.mark.parametrize(
    "changed",
    [
        {"CallSid": ""},
        {"AccountSid": "AC/../CA1"},
        {"RecordingSid": "CA00000000000000000000000000000003"},
        {"RecordingSid": "RE1?x=1"},
        {"RecordingSid": "RE" + "0" * 65},
    ],
)
def test_an_id_that_could_lead_elsewhere_is_no_delivery(changed: dict[str, str]) -> None:
    with pytest.raises(InvalidDelivery):
        twilio.parse(told("recording-completed.form") | changed)


def test_the_address_in_a_delivery_is_not_the_one_that_is_opened() -> None:
    said = told("recording-completed.form") | {"RecordingUrl": "https://elsewhere.example.com/r"}
    assert twilio.parse(said)[0].media[0].url == KNOWN


def test_a_recording_is_fetched_as_wav_with_both_channels() -> None:
    asked = twilio.fetch(MEDIA, SECRET, NOW)
    assert (asked.method, asked.url) == ("GET", f"{KNOWN}.wav?RequestedChannels=2")
    assert asked.headers["authorization"] == BASIC


@pytest.mark.parametrize("channels", ["1", "", "22", "2 channels", None, True])
def test_a_recording_that_is_not_said_to_have_two_channels_is_fetched_as_it_is(channels: object) -> None:
    [event] = twilio.parse({**told("recording-completed.form"), "RecordingChannels": channels})
    assert twilio.fetch(event.media[0], SECRET, NOW).url == f"{KNOWN}.wav"


def test_an_api_key_signs_instead_of_the_account() -> None:
    asked = twilio.fetch(MEDIA, {"key": "SK1", "secret": "s", **SECRET}, NOW)
    assert asked.headers["authorization"] == "Basic " + base64.b64encode(b"SK1:s").decode()


@pytest.mark.parametrize("credentials", [{}, {"account": ACCOUNT}, {"key": "SK1", "token": "t"}, {"account": 1}])
def test_credentials_that_lack_a_part_are_a_setting_to_mend(credentials: dict[str, str]) -> None:
    with pytest.raises(InvalidSettings, match="credentials lack"):
        twilio.fetch(MEDIA, credentials, NOW)


def test_a_recording_is_deleted_and_looked_for_at_the_same_place() -> None:
    gone, seen = twilio.delete(MEDIA, SECRET), twilio.look(MEDIA, SECRET)
    assert (gone.method, seen.method) == ("DELETE", "GET")
    assert gone.url == seen.url == f"{KNOWN}.json"
    assert gone.headers == seen.headers == {"authorization": BASIC}


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (Act.PAUSE, b"Status=paused&PauseBehavior=silence"),
        (Act.RESUME, b"Status=in-progress"),
        (Act.STOP, b"Status=stopped"),
    ],
)
def test_a_recording_is_silenced_resumed_and_stopped(act: Act, said: bytes) -> None:
    asked = twilio.control(act, IDS, SECRET)
    at = f"https://api.twilio.com/2010-04-01/Accounts/{ACCOUNT}/Calls/{CALL_SID}/Recordings/{RECORDING}.json"
    assert (asked.method, asked.url, asked.body) == ("POST", at, said)
    assert asked.headers == {"content-type": FORM, "authorization": BASIC}


def test_where_the_recording_is_not_known_yet_the_running_one_is_meant() -> None:
    asked = twilio.control(Act.PAUSE, {"account": ACCOUNT, "call": CALL_SID}, SECRET)
    assert asked.url.endswith(f"/Calls/{CALL_SID}/Recordings/Twilio.CURRENT.json")


@pytest.mark.parametrize("ids", [{}, {"account": ACCOUNT}, {**IDS, "call": "CA/../1"}, {**IDS, "recording": ""}])
def test_a_call_that_is_not_known_cannot_be_reached(ids: dict[str, str]) -> None:
    with pytest.raises(CannotControl):
        twilio.control(Act.PAUSE, ids, SECRET)


def test_twilio_is_answered_nothing_at_once() -> None:
    assert twilio.handshake({}, delivery(HOOK), (TOKEN,)) is None
