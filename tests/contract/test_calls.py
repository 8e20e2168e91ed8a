"""The Calls port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import boto3
import pytest

from chalicelib.adapters.calls import DynamoCalls, MemoryCalls
from chalicelib.law.live import Course
from chalicelib.services.ports import CallFile, Calls, Copied, Reach, Steered
from chalicelib.telephony.facts import Fact, Kind
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, 0, 1, tzinfo=UTC)
UNTIL = AT + timedelta(days=190)
WHOLE = Fact(
    Kind.CONNECTED, AT, yes=False, about="call-b", agent_ref="agent", queue="urgences", language="fr-FR",
    started_at=AT - timedelta(microseconds=1), outbound=False, agent_channel=0,
)  # fmt: skip


@pytest.fixture(params=["memory", "dynamodb"])
def calls(request: pytest.FixtureRequest) -> Iterator[Calls]:
    if request.param == "memory":
        yield MemoryCalls()
        return
    with account() as aws:
        yield DynamoCalls(boto3.resource("dynamodb", region_name=REGION), aws.calls)


def test_of_a_call_that_nobody_spoke_of_nothing_is_known(calls: Calls) -> None:
    assert calls.file("call-a") == CallFile()


@pytest.mark.parametrize("fact", [WHOLE, Fact(Kind.OBJECTED, AT), replace(WHOLE, yes=True, agent_channel=1)])
def test_a_fact_comes_back_whole(calls: Calls, fact: Fact) -> None:
    calls.tell("call-a", fact, UNTIL)
    (told,) = calls.file("call-a").facts
    assert told == fact
    assert told.agent_channel is None or type(told.agent_channel) is int


def test_the_same_fact_again_is_one_fact(calls: Calls) -> None:
    for days in range(3):
        calls.tell("call-a", WHOLE, UNTIL + timedelta(days=days))
    assert calls.file("call-a").facts == (WHOLE,)


def test_facts_that_differ_in_a_microsecond_are_two(calls: Calls) -> None:
    for fact in (WHOLE, replace(WHOLE, at=AT + timedelta(microseconds=1))):
        calls.tell("call-a", fact, UNTIL)
    assert len(calls.file("call-a").facts) == 2


def test_more_than_a_page_comes_back(calls: Calls) -> None:
    facts = {replace(WHOLE, at=AT + timedelta(seconds=n)) for n in range(35)}
    for fact in facts:
        calls.tell("call-a", fact, UNTIL)
    assert set(calls.file("call-a").facts) == facts
    assert len(calls.file("call-a").facts) == 35


def test_a_page_that_is_full_is_not_the_last() -> None:
    with account() as aws:
        calls = DynamoCalls(boto3.resource("dynamodb", region_name=REGION), aws.calls)
        for n in range(40):
            calls.tell("call-a", Fact(Kind.STARTED, AT + timedelta(seconds=n), about="x" * 60_000), UNTIL)
        assert len(calls.file("call-a").facts) == 40


def test_calls_are_told_apart(calls: Calls) -> None:
    calls.tell("call-a", WHOLE, UNTIL)
    calls.reach("call-a", Reach("twilio", "CA1", {}), UNTIL)
    assert calls.steer("call-a", Steered(Course.PAUSE), UNTIL)
    assert calls.file("call-b") == CallFile()


def test_ids_that_were_told_before_stay(calls: Calls) -> None:
    for ids in ({"call": "CA1"}, {"recording": "RE1"}, {}, {"call": "CA1"}):
        calls.reach("call-a", Reach("twilio", "CA1", ids), UNTIL)
    assert calls.file("call-a").reach == Reach("twilio", "CA1", {"call": "CA1", "recording": "RE1"})


def test_what_was_done_is_written_only_over_what_was_read(calls: Calls) -> None:
    assert calls.steer("call-a", Steered(Course.PAUSE), UNTIL)
    assert calls.file("call-a").steered == Steered(Course.PAUSE, 1)
    assert not calls.steer("call-a", Steered(Course.STOP), UNTIL)
    assert not calls.steer("call-a", Steered(Course.STOP, 2), UNTIL)
    assert calls.steer("call-a", Steered(Course.RUN, 1), UNTIL)
    assert not calls.steer("call-a", Steered(Course.STOP, 1), UNTIL)
    steered = calls.file("call-a").steered
    assert steered == Steered(Course.RUN, 2)
    assert type(steered.revision) is int


def test_nothing_of_a_file_disturbs_another_part_of_it(calls: Calls) -> None:
    assert calls.steer("call-a", Steered(Course.PAUSE), UNTIL)
    calls.reach("call-a", Reach("twilio", "CA1", {}), UNTIL)
    calls.tell("call-a", WHOLE, UNTIL)
    assert calls.file("call-a") == CallFile((WHOLE,), Reach("twilio", "CA1", {}), Steered(Course.PAUSE, 1))


def test_an_item_holds_references_codes_moments_and_its_end_and_only_reach_the_providers_ids() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        calls = DynamoCalls(resource, aws.calls)
        calls.tell("call-a", Fact(Kind.CONNECTED, AT, agent_ref="agent", queue="urgences"), UNTIL)
        calls.reach("call-a", Reach("twilio", "CA1", {"recording": "RE1"}), UNTIL)
        calls.steer("call-a", Steered(Course.STOP), UNTIL)
        items = {item["what"].partition("#")[0]: item for item in resource.Table(aws.calls).scan()["Items"]}
    end = int(UNTIL.timestamp())
    for kind in ("fact", "reach"):
        assert items[kind].pop("what").count("#") in (1, 2)
    assert items == {
        "fact": {
            "call": "call-a", "expires": end, "kind": "connected", "at": "2026-11-24T09:00:00.000001+00:00",
            "agent_ref": "agent", "queue": "urgences",
        },
        "reach": {
            "call": "call-a", "expires": end, "provider": "twilio", "call_id": "CA1", "ids": {"recording": "RE1"},
        },
        "steered": {"call": "call-a", "what": "steered", "expires": end, "course": "stop", "revision": 1,
            "recording": "",
        },
    }  # fmt: skip


def test_a_failure_of_the_table_is_no_answer() -> None:
    with account():
        calls = DynamoCalls(boto3.resource("dynamodb", region_name=REGION), "NoSuchTable")
        with pytest.raises(Exception, match="ResourceNotFound"):
            calls.steer("call-a", Steered(Course.STOP), UNTIL)


def test_what_a_provider_has_too_is_known_once_until_the_call_is_forgotten(calls: Calls) -> None:
    there = Copied("twilio", "twilio", {"id": "RE1", "ids": {"account": "AC1"}, "started-at": None})
    for _ in range(2):
        calls.copied("call-a", there, UNTIL)
    calls.tell("call-a", WHOLE, UNTIL)
    calls.tell("call-b", WHOLE, UNTIL)
    assert calls.file("call-a") == CallFile((WHOLE,), copies=(there,))
    assert (calls.forget("call-a"), calls.forget("call-a")) == (2, 0)
    assert (calls.file("call-a"), calls.file("call-b").facts) == (CallFile(), (WHOLE,))
