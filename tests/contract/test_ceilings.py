"""The Ceilings port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import boto3
import pytest

from chalicelib.adapters.agents import DynamoCeilings
from chalicelib.adapters.memory import MemoryCeilings
from chalicelib.services.ports import Ceilings
from tests.contract.accounts import REGION, account

ENDS = datetime(2027, 1, 2, 9, 0, tzinfo=UTC)
WEEK = "service-client#2026-W48"


@pytest.fixture(params=["memory", "dynamodb"])
def ceilings(request: pytest.FixtureRequest) -> Iterator[Ceilings]:
    if request.param == "memory":
        yield MemoryCeilings()
        return
    with account() as aws:
        yield DynamoCeilings(boto3.resource("dynamodb", region_name=REGION), aws.agents)


def test_there_is_room_for_so_many_and_no_more(ceilings: Ceilings) -> None:
    taken = [ceilings.take("agent", WEEK, 3, f"call-{n}", ENDS) for n in range(5)]
    assert taken == [True, True, True, False, False]


def test_the_same_call_again_gets_the_same_answer(ceilings: Ceilings) -> None:
    for _ in range(2):
        assert ceilings.take("agent", WEEK, 1, "call-1", ENDS)
        assert not ceilings.take("agent", WEEK, 1, "call-2", ENDS)


def test_agents_and_stretches_are_counted_apart(ceilings: Ceilings) -> None:
    for agent, stretch in (("a", WEEK), ("b", WEEK), ("a", "service-client#2026-W49"), ("a", "other#2026-W48")):
        assert ceilings.take(agent, stretch, 1, "call-1", ENDS)
        assert not ceilings.take(agent, stretch, 1, "call-2", ENDS)


def test_a_ceiling_that_was_raised_has_room_and_one_that_was_lowered_has_none(ceilings: Ceilings) -> None:
    assert [ceilings.take("agent", WEEK, 2, f"call-{n}", ENDS) for n in range(3)] == [True, True, False]
    assert ceilings.take("agent", WEEK, 3, "call-2", ENDS)
    assert not ceilings.take("agent", WEEK, 1, "call-3", ENDS)
    assert ceilings.take("agent", WEEK, 1, "call-0", ENDS)


def test_of_many_calls_that_race_for_the_last_places_no_more_get_in_than_there_are() -> None:
    """On the twin alone: moto checks a condition and writes in two steps, as DynamoDB does not."""
    ceilings, together = MemoryCeilings(), Barrier(20)

    def race(number: int) -> bool:
        together.wait()
        return ceilings.take("agent", WEEK, 4, f"call-{number}", ENDS)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(race, range(20))) == 4
    assert len(ceilings.counted["agent", WEEK]) == 4


def test_a_count_has_an_end_which_later_calls_do_not_put_off() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        ceilings = DynamoCeilings(resource, aws.agents)
        ceilings.take("agent", WEEK, 3, "call-1", ENDS)
        ceilings.take("agent", WEEK, 3, "call-2", ENDS + timedelta(days=9))
        (item,) = resource.Table(aws.agents).scan()["Items"]
    assert item == {
        "agent": "agent", "what": f"recorded#{WEEK}", "calls": {"call-1", "call-2"}, "expires": int(ENDS.timestamp())
    }  # fmt: skip


def test_a_failure_of_the_table_is_no_answer() -> None:
    with account():
        ceilings = DynamoCeilings(boto3.resource("dynamodb", region_name=REGION), "NoSuchTable")
        with pytest.raises(Exception, match="ResourceNotFound"):
            ceilings.take("agent", WEEK, 3, "call-1", ENDS)
