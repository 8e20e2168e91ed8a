"""Aircall: the token in the body, what its events tell, and the link that is asked for again."""

from __future__ import annotations

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from chalicelib.errors import CannotControl, InvalidDelivery, InvalidSettings
from chalicelib.telephony import aircall
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Act, Delivery
from tests.telephony.deliveries import NOW, accepted, body, delivery, payload, refused

TOKEN = "0123456789abcdef0123456789abcdef"
HOOK = "https://hooks.example.com/aircall"
CALL = "812345678"
URL = "https://recordings.aircall.io/812345678.mp3?X-Amz-Expires=600&X-Amz-Signature=00ff"
STARTED = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
LINES = ("+33 6 39 98 12 34", "+33 1 99 00 12 34")
AGENT = "camille.exemple@example.com"
SECRET = {"api_id": "id", "api_token": "t0ken"}
BASIC = {"authorization": "Basic " + base64.b64encode(b"id:t0ken").decode()}


def said(document: Any) -> Delivery:
    return delivery(HOOK, json.dumps(document).encode(), aircall_origin="webhooks")


def told(name: str, **changed: Any) -> list[CallEvent]:
    payload = accepted(aircall, delivery(HOOK, body("aircall", name)), (TOKEN,))
    return aircall.parse({**payload, "data": {**payload["data"], **changed}})


def test_the_token_lets_a_delivery_in_and_goes_no_further() -> None:
    payload = accepted(aircall, delivery(HOOK, body("aircall", "call-created.json")), ("new", TOKEN))
    assert payload["event"] == "call.created"
    assert "token" not in payload


@pytest.mark.parametrize("token", ["0123456789abcdef", TOKEN + "0", TOKEN.upper(), "é", "\ud800", " " + TOKEN])
def test_another_token_is_refused(token: str) -> None:
    document = {**payload("aircall", "call-created.json"), "token": token}
    assert refused(aircall, said(document), (TOKEN,)) == "token"


@pytest.mark.parametrize("token", ["", None, 0, True, [TOKEN], {"token": TOKEN}])
def test_no_token_is_refused_even_where_no_secret_is_set(token: object) -> None:
    document = {**payload("aircall", "call-created.json"), "token": token}
    for secrets in ((TOKEN,), ("",), ()):
        assert refused(aircall, said(document), secrets) == "token-missing"


def test_where_no_secret_is_set_every_token_is_refused() -> None:
    assert refused(aircall, delivery(HOOK, body("aircall", "call-created.json")), ()) == "token"


def test_the_header_that_anybody_can_write_proves_nothing() -> None:
    assert refused(aircall, said({"event": "call.created", "data": {}}), (TOKEN,)) == "token-missing"


@pytest.mark.parametrize("what", [b"", b"\xff\xfe", b"[]", b'"token"', b"[" * 100_000, b'{"token": '])
def test_what_is_no_object_is_no_delivery(what: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        aircall.authenticate(delivery(HOOK, what), (TOKEN,), NOW)


def test_a_call_that_begins_names_its_parties_and_no_agent_yet() -> None:
    assert told("call-created.json") == [
        CallEvent(
            "aircall",
            Happened.STARTED,
            CALL,
            at=STARTED,
            started_at=STARTED,
            lines=LINES,
            outbound=False,
            ids={"call": CALL},
        )
    ]


def test_whoever_answers_is_the_agent() -> None:
    [event] = told("call-answered.json")
    assert (event.happened, event.agent) == (Happened.CONNECTED, AGENT)
    assert event.at == datetime(2026, 3, 6, 9, 30, 7, tzinfo=UTC)


def test_the_first_answer_is_dated_by_the_call_and_a_later_one_by_its_event() -> None:
    answered, event = datetime(2026, 3, 6, 9, 30, 5, tzinfo=UTC), datetime(2026, 3, 6, 9, 30, 7, tzinfo=UTC)
    since_1970 = int(answered.timestamp())
    assert told("call-answered.json", answered_at=since_1970)[0].at == answered
    assert told("call-answered.json", answered_at=None)[0].at == event
    assert told("call-answered.json", answered_at=since_1970, transferred_to={"id": 77002})[0].at == event
    assert told("call-hungup.json", answered_at=since_1970)[0].at != answered


def test_whom_a_call_is_transferred_to_is_on_it_from_then_on() -> None:
    [event] = told("call-transferred.json")
    assert (event.happened, event.call_id, event.agent) == (Happened.CONNECTED, CALL, "dominique.exemple@example.com")
    assert (event.at, event.media) == (datetime(2026, 3, 6, 9, 30, 40, tzinfo=UTC), ())


@pytest.mark.parametrize("whom", [None, {}, "77002", {"name": "Dominique"}])
def test_a_transfer_to_nobody_that_we_know_seats_nobody(whom: object) -> None:
    assert told("call-transferred.json", transferred_to=whom) == []


def test_an_agent_without_an_address_is_known_by_the_id() -> None:
    assert told("call-answered.json", user={"id": 77001, "email": None})[0].agent == "77001"
    assert told("call-answered.json", user="Camille")[0].agent is None


def test_what_holds_half_a_character_names_nobody() -> None:
    [event] = told("call-answered.json", user={"id": 77001, "email": "\ud83d@example.com"}, raw_digits="\ude00")
    assert (event.agent, event.lines) == ("77001", LINES[1:])


def test_a_call_is_over_before_its_recording_is_there() -> None:
    [event] = told("call-hungup.json")
    assert (event.happened, event.media) == (Happened.ENDED, ())


def test_the_end_and_the_recording_are_told_at_once() -> None:
    ended, recording = told("call-ended.json")
    assert (ended.happened, ended.media) == (Happened.ENDED, ())
    assert (recording.happened, recording.media) == (Happened.RECORDING, (Media(CALL, CALL, URL),))
    assert recording.agent == ended.agent == AGENT


def test_a_recording_that_comes_later_is_the_same_one() -> None:
    [event] = told("call-comm-assets-generated.json")
    assert (event.happened, event.media) == (Happened.RECORDING, (Media(CALL, CALL, URL),))


@pytest.mark.parametrize("url", [None, "", "http://recordings.aircall.io/1.mp3", 5, "https://", "https://a b/"])
def test_where_nothing_can_be_fetched_there_is_no_recording(url: object) -> None:
    assert [each.happened for each in told("call-ended.json", recording=url)] == [Happened.ENDED]
    assert told("call-comm-assets-generated.json", recording=url) == []


def test_a_long_link_is_kept_whole() -> None:
    url = "https://recordings.aircall.io/1.mp3?X-Amz-Security-Token=" + "a" * 2_000
    assert told("call-ended.json", recording=url)[1].media[0].url == url


def test_a_voicemail_is_no_calls_recording() -> None:
    assert told("call-voicemail-left.json") == []


@pytest.mark.parametrize("name", ["user.created", "", None, ["call.ended"], {}])
def test_other_events_are_none(name: object) -> None:
    assert aircall.parse({"event": name, "data": {"id": 1, "recording": URL}}) == []


@pytest.mark.parametrize("call", [None, "", "..", "1/2", "١", -1, True, {}, 1.5])
def test_a_call_without_its_number_is_no_delivery(call: object) -> None:
    with pytest.raises(InvalidDelivery):
        told("call-ended.json", id=call)


def test_a_moment_that_is_none_is_unknown() -> None:
    assert told("call-created.json", started_at="soon")[0].started_at is None


def test_the_link_is_opened_without_our_credentials() -> None:
    asked = aircall.fetch(Media(CALL, CALL, URL), SECRET, NOW)
    assert (asked.method, asked.url, asked.headers, asked.body) == ("GET", URL, {}, None)


def test_a_link_that_lapsed_is_asked_for_again() -> None:
    asked = aircall.ask_again(Media(CALL, CALL, URL), SECRET)
    assert (asked.method, asked.url, asked.headers) == ("GET", f"https://api.aircall.io/v1/calls/{CALL}", BASIC)
    assert (
        aircall.address_in(json.dumps({"call": {"id": 812345678, "recording": URL}}).encode(), Media(CALL, CALL, URL))
        == URL
    )


@pytest.mark.parametrize("answer", [b"", b"[]", b"{}", b'{"call": []}', b'{"call": {"recording": null}}'])
def test_an_answer_without_a_link_is_said_to_have_none(answer: bytes) -> None:
    with pytest.raises(InvalidDelivery):
        aircall.address_in(answer, Media(CALL, CALL, URL))


@pytest.mark.parametrize(("act", "step"), [(Act.PAUSE, "pause_recording"), (Act.RESUME, "resume_recording")])
def test_a_pause_is_asked_for_where_somebody_vouches_for_it(act: Act, step: str) -> None:
    asked = aircall.control(act, {"call": CALL}, {**SECRET, "pause": True})
    assert (asked.method, asked.url) == ("POST", f"https://api.aircall.io/v1/calls/{CALL}/{step}")
    assert asked.headers == BASIC


@pytest.mark.parametrize("vouched", [{}, {"pause": False}, {"pause": "true"}])
def test_a_pause_that_nobody_vouches_for_is_not_asked_for(vouched: dict[str, object]) -> None:
    with pytest.raises(CannotControl, match="not verified"):
        aircall.control(Act.PAUSE, {"call": CALL}, {**SECRET, **vouched})


def test_what_is_to_stop_for_good_is_paused_as_nothing_stops_it_there() -> None:
    assert aircall.control(Act.STOP, {"call": CALL}, {**SECRET, "pause": True}).url.endswith("/pause_recording")


@pytest.mark.parametrize("ids", [{}, {"call": "../1"}, {"call": ""}])
def test_a_call_that_is_not_known_cannot_be_reached(ids: dict[str, str]) -> None:
    with pytest.raises(CannotControl):
        aircall.control(Act.PAUSE, ids, {**SECRET, "pause": True})


def test_credentials_that_lack_a_part_are_a_setting_to_mend() -> None:
    with pytest.raises(InvalidSettings, match="`api_token`"):
        aircall.ask_again(Media(CALL, CALL, URL), {"api_id": "id"})


def test_aircall_is_answered_nothing_at_once() -> None:
    assert aircall.handshake({}, delivery(HOOK), (TOKEN,)) is None
