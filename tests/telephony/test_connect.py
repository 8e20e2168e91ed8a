"""Amazon Connect's events, however they are spelt, and what a flow says of the call that it asks about."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony import connect
from chalicelib.telephony.event import CallEvent, Happened
from chalicelib.telephony.webhook import Act
from tests.telephony.posts import BEGAN, document

INSTANCE, CONTACT, INITIAL, QUEUE, AGENT = (f"{each * 8}-0000-4000-8000-00000000000{each}" for each in "abcde")
IDS = {"instance": INSTANCE, "contact": CONTACT, "initial": INITIAL}


def happened(name: str) -> CallEvent:
    (event,) = connect.parse_event(document("connect", name))
    return event


def test_the_agent_who_is_connected_is_heard_on_the_right() -> None:
    assert happened("connected_to_agent") == CallEvent(
        "connect",
        Happened.CONNECTED,
        CONTACT,
        BEGAN + timedelta(seconds=5),
        root_id=INITIAL,
        started_at=BEGAN,
        agent=AGENT,
        queue=QUEUE,
        outbound=False,
        agent_channel=1,
        ids=IDS,
    )


def test_a_call_that_is_initiated_has_no_agent_yet() -> None:
    event = happened("initiated")
    assert (event.happened, event.agent, event.queue) == (Happened.STARTED, None, None)
    assert event.at == datetime(2026, 3, 6, 9, 30, 7, tzinfo=UTC)


def test_names_are_read_whatever_their_case_and_a_transfer_has_no_direction() -> None:
    event = happened("disconnected")
    assert (event.happened, event.agent, event.outbound) == (Happened.ENDED, AGENT, None)
    assert event.at == BEGAN + timedelta(seconds=62)


@pytest.mark.parametrize(
    ("kind", "meant"),
    [
        ("INITIATED", Happened.STARTED),
        ("CONNECTED_TO_SYSTEM", Happened.STARTED),
        ("QUEUED", Happened.STARTED),
        ("COMPLETED", Happened.ENDED),
    ],
)
def test_each_kind_of_event_has_its_meaning(kind: str, meant: Happened) -> None:
    event = document("connect", "initiated")
    event["detail"]["eventType"] = kind
    assert [each.happened for each in connect.parse_event(event)] == [meant]


@pytest.mark.parametrize("method", ["OUTBOUND", "CALLBACK", "API"])
def test_a_call_that_we_made_is_outbound(method: str) -> None:
    event = document("connect", "initiated")
    event["detail"]["initiationMethod"] = method
    assert connect.parse_event(event)[0].outbound is True


def test_a_screen_that_is_recorded_is_told_whatever_its_status() -> None:
    event = happened("screen")
    assert (event.happened, event.call_id, event.ids) == (Happened.SCREEN, CONTACT, IDS)


@pytest.mark.parametrize("name", ["chat", "updated"])
def test_a_chat_and_an_update_of_data_say_nothing(name: str) -> None:
    assert connect.parse_event(document("connect", name)) == []


def test_of_another_source_nothing_is_heard() -> None:
    assert connect.parse_event({"detail-type": "Object Created", "detail": {"eventType": "INITIATED"}}) == []
    assert connect.parse_event({}) == []


def test_an_event_of_a_call_without_its_contact_is_invalid() -> None:
    event = document("connect", "initiated")
    del event["detail"]["contactId"]
    with pytest.raises(InvalidDelivery):
        connect.parse_event(event)


def test_a_flow_says_the_numbers_the_queue_and_the_language() -> None:
    assert connect.flow_call(document("connect", "flow")) == CallEvent(
        "connect",
        Happened.STARTED,
        CONTACT,
        root_id=INITIAL,
        lines=("+33199001234", "+33199005678"),
        queue=QUEUE,
        language="fr-FR",
        outbound=False,
        agent_channel=1,
        ids=IDS,
    )


def test_the_blocks_own_parameters_come_first() -> None:
    event = document("connect", "flow")
    event["Details"]["Parameters"] = {"queue": "support", "language": "en-GB", "agent": "camille"}
    call = connect.flow_call(event)
    assert (call.queue, call.language, call.agent) == ("support", "en-GB", "camille")


def test_a_call_that_is_in_no_queue_yet_has_none() -> None:
    event = document("connect", "flow")
    event["Details"]["ContactData"]["Queue"] = None
    assert connect.flow_call(event).queue is None


@pytest.mark.parametrize("spoilt", [{}, {"Details": []}, {"Details": {"ContactData": {"Channel": "CHAT"}}}])
def test_a_flow_of_no_call_is_invalid(spoilt: dict[str, Any]) -> None:
    with pytest.raises(InvalidDelivery):
        connect.flow_call(spoilt)


@pytest.mark.parametrize(
    ("act", "operation"),
    [
        (Act.PAUSE, "SuspendContactRecording"),
        (Act.RESUME, "ResumeContactRecording"),
        (Act.STOP, "StopContactRecording"),
    ],
)
def test_boto3_takes_the_parameters_of_each_act(act: Act, operation: str) -> None:
    method, parameters = connect.control_call(act, happened("connected_to_agent").ids)
    client = boto3.client("connect", region_name="eu-west-2", aws_access_key_id="x", aws_secret_access_key="x")
    assert client.meta.method_to_api_mapping[method] == operation
    shape = client.meta.service_model.operation_model(operation).input_shape
    assert set(parameters) == set(shape.required_members)
    assert parameters == {"InstanceId": INSTANCE, "ContactId": CONTACT, "InitialContactId": INITIAL}


@pytest.mark.parametrize("name", ["instance", "contact", "initial"])
def test_without_one_of_its_names_a_recording_cannot_be_controlled(name: str) -> None:
    with pytest.raises(CannotControl, match=name):
        connect.control_call(Act.STOP, {each: value for each, value in IDS.items() if each != name})
