"""RingCentral shows that it knows our token, tells of parties, and lets a recording be made inactive."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony import ringcentral
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.webhook import Act, Reply
from tests.telephony.posts import BEGAN, body, document, failed_check, post

TOKEN = "our-verification-token"
SESSION, PARTY = "s-a0123456789abcdef0123456789abcdef0000", "p-a0123456789abcdef0123456789abcdef0000-2"
CONTENT = "https://platform.ringcentral.com/restapi/v1.0/account/~/recording/98765432100/content"
RECORDING = Media("98765432100", SESSION, CONTENT)


def happened(name: str) -> CallEvent:
    (event,) = ringcentral.parse(document("ringcentral", name))
    return event


@pytest.mark.parametrize("text", [b"", b"{}"])
def test_the_validation_of_an_address_is_answered_with_its_own_token(text: bytes) -> None:
    delivery = post(text, {"validation-token": "93cd-EXAMPLE"})
    assert ringcentral.authenticate(delivery, (TOKEN,), BEGAN) == {}
    assert ringcentral.handshake({}, delivery, (TOKEN,)) == Reply(200, {"Validation-Token": "93cd-EXAMPLE"})


@pytest.mark.parametrize("token", ["x" * 1_025, "a\r\nSet-Cookie: b", "é", "\ud800"])
def test_a_validation_that_could_do_more_than_validate_is_refused(token: str) -> None:
    delivery = post(b"", {"validation-token": token})
    assert failed_check(ringcentral.authenticate, delivery, (TOKEN,), BEGAN) == "validation-token"


def test_an_event_is_not_let_in_by_asking_for_validation_besides() -> None:
    text = body("ringcentral", "answered")
    asking = post(text, {"validation-token": "93cd-EXAMPLE"})
    assert failed_check(ringcentral.authenticate, asking, (TOKEN,), BEGAN) == "header-missing"
    both = post(text, {"validation-token": "93cd-EXAMPLE", "verification-token": TOKEN})
    payload = ringcentral.authenticate(both, (TOKEN,), BEGAN)
    assert payload["body"]["telephonySessionId"] == SESSION
    assert ringcentral.handshake(payload, both, (TOKEN,)) is None


@pytest.mark.parametrize(
    ("headers", "check"),
    [
        ({}, "header-missing"),
        ({"verification-token": "another"}, "verification-token"),
        ({"verification-token": TOKEN[:-1]}, "verification-token"),
        ({"verification-token": "\ud800é"}, "verification-token"),
    ],
)
def test_a_notification_without_our_token_is_refused(headers: dict[str, str], check: str) -> None:
    delivery = post(body("ringcentral", "answered"), headers)
    assert failed_check(ringcentral.authenticate, delivery, (TOKEN,), BEGAN) == check


def test_during_a_rotation_either_token_is_known() -> None:
    for token in ("new", "old"):
        delivery = post(body("ringcentral", "answered"), {"verification-token": token})
        assert ringcentral.authenticate(delivery, ("new", "old"), BEGAN)["ownerId"] == "400000000002"
    assert failed_check(ringcentral.authenticate, delivery, (), BEGAN) == "verification-token"


def test_a_party_that_is_called_and_answers_is_the_agent() -> None:
    ids = {"session": SESSION}
    ringing = CallEvent(
        "ringcentral",
        Happened.STARTED,
        SESSION,
        BEGAN + timedelta(milliseconds=147),
        agent="400000000004",
        lines=("+33199001234", "+33199005678", "104"),
        outbound=False,
        ids=ids,
    )
    assert happened("proceeding") == ringing
    answered = happened("answered")
    assert (answered.happened, answered.agent) == (Happened.CONNECTED, "400000000004")
    assert answered.ids == ids | {"party": PARTY, "recording": "98765432100"}
    assert answered.media == ()


def test_a_party_that_leaves_at_the_end_leaves_its_recording() -> None:
    ended = happened("disconnected")
    assert (ended.happened, ended.at) == (Happened.ENDED, datetime(2026, 3, 6, 9, 31, 2, 147_000, UTC))
    assert ended.media == (RECORDING,)


def party(name: str, code: str, reason: str = "", ours: bool = True, recording: str = "") -> dict[str, Any]:
    said = {"id": f"p-{name}", "direction": "Inbound", "status": {"code": code, "reason": reason or None}}
    said |= {"extensionId": name} if ours else {}
    return said | ({"recordings": [{"id": recording, "active": True}]} if recording else {})


def of(*parties: dict[str, Any]) -> list[CallEvent]:
    notification = document("ringcentral", "answered")
    return ringcentral.parse(notification | {"body": notification["body"] | {"parties": list(parties)}})


CUSTOMER, AGENT = party("customer", "Answered", ours=False), party("1", "Answered", recording="11")
CONSULTED = party("2", "Disconnected", "CallFinished")


def test_an_agent_who_was_consulted_and_leaves_does_not_end_the_call() -> None:
    for parties in ((AGENT, CONSULTED), (CUSTOMER, CONSULTED), (CUSTOMER, AGENT, CONSULTED)):
        assert Happened.ENDED not in [event.happened for event in of(*parties)]


def test_the_customer_who_leaves_ends_the_call_whoever_is_still_there() -> None:
    gone = party("customer", "Disconnected", "CallFinished", ours=False)
    assert [event.happened for event in of(gone, AGENT)] == [Happened.ENDED, Happened.CONNECTED]
    assert [event.happened for event in of(gone)] == [Happened.ENDED]


def test_agents_who_all_leave_end_the_call_unless_one_of_them_handed_it_on() -> None:
    assert [event.happened for event in of(CONSULTED, CONSULTED)] == [Happened.ENDED, Happened.ENDED]
    assert of(CONSULTED, party("1", "Disconnected", "AttendedTransfer")) == []


def test_what_was_recorded_of_an_agent_who_leaves_first_is_fetched_and_seats_them_no_more() -> None:
    left = party("2", "Disconnected", "CallFinished", recording="22")
    _, event = of(AGENT, left)
    assert (event.happened, event.agent, [media.id for media in event.media]) == (Happened.RECORDING, None, ["22"])
    assert event.ids == {"session": SESSION}


def test_a_party_is_never_told_of_with_the_recording_of_another() -> None:
    told: dict[str, str] = {}
    others = (party("2", "Proceeding"), party("3", "Answered"), party("4", "Disconnected", recording="44"))
    for event in of(AGENT, *others):
        told |= event.ids
    assert told == {"session": SESSION, "party": "p-1", "recording": "11"}
    told |= of(party("3", "Answered", recording="33"))[0].ids
    assert told == {"session": SESSION, "party": "p-3", "recording": "33"}


def test_a_transfer_a_party_that_is_not_ours_and_a_renewal_are_no_events() -> None:
    assert ringcentral.parse(document("ringcentral", "handed_on")) == []
    assert ringcentral.parse(document("ringcentral", "renewal")) == []
    stranger = document("ringcentral", "answered")
    del stranger["body"]["parties"][0]["extensionId"]
    assert ringcentral.parse(stranger) == []


@pytest.mark.parametrize(
    "spoilt",
    [
        {},
        {"event": "/x/telephony/sessions"},
        {"event": "/x/telephony/sessions", "body": {"telephonySessionId": "a b"}},
        {"event": "/x/telephony/sessions", "body": {"telephonySessionId": "s", "parties": {}}},
        {
            "event": "/x/telephony/sessions",
            "body": {"telephonySessionId": "s", "parties": [{"status": {"code": "Setup"}}]},
        },
    ],
)
def test_a_notification_without_its_names_is_invalid(spoilt: dict[str, object]) -> None:
    with pytest.raises(InvalidDelivery):
        ringcentral.parse(spoilt)


@pytest.mark.parametrize(("act", "active"), [(Act.PAUSE, False), (Act.RESUME, True), (Act.STOP, False)])
def test_a_recording_is_made_active_or_not(act: Act, active: bool) -> None:
    asked = ringcentral.control(act, happened("answered").ids, {"token": "t0ken"})
    session = f"https://platform.ringcentral.com/restapi/v1.0/account/~/telephony/sessions/{SESSION}"
    assert (asked.method, asked.url) == ("PATCH", f"{session}/parties/{PARTY}/recordings/98765432100")
    assert asked.headers == {"authorization": "Bearer t0ken", "content-type": "application/json"}
    assert json.loads(asked.body or b"") == {"active": active}


@pytest.mark.parametrize("recording", [None, "", "..", "."])
def test_a_recording_without_a_name_cannot_be_controlled(recording: str | None) -> None:
    ids = {"session": SESSION, "party": PARTY} | ({} if recording is None else {"recording": recording})
    with pytest.raises(CannotControl, match="recording"):
        ringcentral.control(Act.STOP, ids, {"token": "t0ken"})


def test_an_id_stays_one_step_of_the_path() -> None:
    asked = ringcentral.control(Act.STOP, {"session": "a/../b", "party": "?x", "recording": "#"}, {"token": "t"})
    assert asked.url.endswith("/sessions/a%2F..%2Fb/parties/%3Fx/recordings/%23")


def test_the_call_log_tells_where_the_recording_of_a_session_lies() -> None:
    fetched = ringcentral.fetch(RECORDING, {"token": "t0ken"}, BEGAN)
    assert (fetched.url, fetched.headers) == (CONTENT, {"authorization": "Bearer t0ken"})
    asked = ringcentral.ask_again(RECORDING, {"token": "t0ken"})
    assert asked.url == (
        f"https://platform.ringcentral.com/restapi/v1.0/account/~/call-log?recordingType=All&telephonySessionId={SESSION}"
    )
    assert ringcentral.address_in(body("ringcentral", "call_log"), RECORDING) == (
        "https://media.ringcentral.com/restapi/v1.0/account/400000000001/recording/98765432100/content"
    )


def test_of_two_recordings_of_a_session_the_one_that_is_meant_is_found() -> None:
    log = document("ringcentral", "call_log")
    log["records"].append({"recording": {"id": "2", "contentUri": "https://media.ringcentral.com/other"}})
    answer = json.dumps(log).encode()
    assert ringcentral.address_in(answer, replace(RECORDING, id="2")) == "https://media.ringcentral.com/other"
    assert ringcentral.address_in(answer, RECORDING).endswith("/98765432100/content")


def test_a_recording_that_the_call_log_does_not_name_yet_is_not_guessed() -> None:
    whole = body("ringcentral", "call_log")
    for answer in (whole, b'{"records": []}', b'{"records": 1}', b"{}", b"no"):
        with pytest.raises(InvalidDelivery):
            ringcentral.address_in(answer, replace(RECORDING, id="3"))
