"""Genesys Cloud tells by EventBridge who takes a call, and takes a recording's new state."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.errors import CannotControl, InvalidDelivery
from chalicelib.telephony import genesys
from chalicelib.telephony.event import CallEvent, Happened
from chalicelib.telephony.webhook import Act
from tests.telephony.posts import BEGAN, document

CONVERSATION = "33333333-0000-4000-8000-000000000003"
CREDENTIALS = {"host": "api.mypurecloud.de", "token": "t0ken"}


def test_the_user_who_starts_is_the_agent_who_takes_the_call() -> None:
    assert genesys.parse_event(document("genesys", "user_start")) == [
        CallEvent(
            "genesys",
            Happened.CONNECTED,
            CONVERSATION,
            BEGAN + timedelta(seconds=5),
            agent="77777777-0000-4000-8000-000000000007",
            lines=("+33199001234", "+33199005678"),
            queue="88888888-0000-4000-8000-000000000008",
            outbound=False,
            ids={"conversation": CONVERSATION},
        )
    ]


@pytest.mark.parametrize(
    ("name", "happened", "seconds"), [("customer_start", Happened.STARTED, 0), ("customer_end", Happened.ENDED, 62)]
)
def test_the_customers_own_start_and_end_are_the_calls(name: str, happened: Happened, seconds: int) -> None:
    (event,) = genesys.parse_event(document("genesys", name))
    assert (event.happened, event.at, event.agent) == (happened, BEGAN + timedelta(seconds=seconds), None)


def test_the_topic_is_read_from_the_details_type_and_the_body_from_the_detail_where_they_stand_there() -> None:
    event = document("genesys", "user_start")
    flat = event | {"detail": event["detail"]["eventBody"]}
    assert genesys.parse_event(flat) == genesys.parse_event(event)


@pytest.mark.parametrize("name", ["chat", "acw"])
def test_a_chat_and_the_work_after_a_call_say_nothing(name: str) -> None:
    assert genesys.parse_event(document("genesys", name)) == []


@pytest.mark.parametrize("spoilt", [{}, {"detail": None}, {"detail-type": "v2.users.x.presence", "detail": {}}])
def test_another_topic_says_nothing(spoilt: dict[str, Any]) -> None:
    assert genesys.parse_event(spoilt) == []


def test_a_call_without_its_conversation_is_invalid() -> None:
    with pytest.raises(InvalidDelivery):
        genesys.parse_event({"detail-type": "v2.detail.events.conversation.{id}.user.start", "detail": {"x": 1}})


@pytest.mark.parametrize(("act", "state"), [(Act.PAUSE, "PAUSED"), (Act.RESUME, "ACTIVE"), (Act.STOP, "NONE")])
def test_a_recording_is_given_its_state_in_the_region_of_the_credentials(act: Act, state: str) -> None:
    asked = genesys.control(act, {"conversation": CONVERSATION}, CREDENTIALS)
    url = f"https://api.mypurecloud.de/api/v2/conversations/calls/{CONVERSATION}/recordingstate"
    assert (asked.method, asked.url) == ("PUT", url)
    assert asked.headers == {"authorization": "Bearer t0ken", "content-type": "application/json"}
    assert json.loads(asked.body or b"") == {"recordingState": state}


@pytest.mark.parametrize(
    "host", [None, 7, "", "mypurecloud.de", "api.example.com/x", "api.mypurecloud.de:1@evil", "api."]
)
def test_a_host_that_is_no_api_of_a_region_cannot_be_asked(host: Any) -> None:
    with pytest.raises(CannotControl, match="host"):
        genesys.control(Act.STOP, {"conversation": CONVERSATION}, {"host": host, "token": "t0ken"})


def test_a_call_without_a_name_cannot_be_controlled() -> None:
    with pytest.raises(CannotControl, match="conversation"):
        genesys.control(Act.STOP, {}, CREDENTIALS)
