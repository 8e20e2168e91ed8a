"""The Acknowledgements port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta, timezone

import boto3
import pytest

from chalicelib.adapters.acknowledgements import DynamoAcknowledgements, MemoryAcknowledgements
from chalicelib.services.ports import Acknowledgement, Acknowledgements
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, 0, 1, tzinfo=UTC)
UNTIL = date(2031, 11, 24)
FIRST = Acknowledgement("2026-11-24", AT)


@pytest.fixture(params=["memory", "dynamodb"])
def kept(request: pytest.FixtureRequest) -> Iterator[Acknowledgements]:
    if request.param == "memory":
        yield MemoryAcknowledgements()
        return
    with account() as aws:
        yield DynamoAcknowledgements(boto3.resource("dynamodb", region_name=REGION), aws.agents)


def test_nobody_has_read_anything_at_first(kept: Acknowledgements) -> None:
    assert kept.of("agent") == []


def test_the_first_time_wins_however_often_it_is_said(kept: Acknowledgements) -> None:
    assert kept.add("agent", "2026-11-24", AT, UNTIL) == FIRST
    for later in (timedelta(0), timedelta(days=3), -timedelta(days=3)):
        assert kept.add("agent", "2026-11-24", AT + later, UNTIL) == FIRST
    assert kept.of("agent") == [FIRST]


def test_of_many_at_once_one_alone_is_written_and_all_are_told_it() -> None:
    """On the twin alone: moto checks a condition and writes in two steps, as DynamoDB does not."""
    kept, moments = MemoryAcknowledgements(), [AT + timedelta(seconds=n) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        told = set(pool.map(lambda at: kept.add("agent", "2026-11-24", at, UNTIL), moments))
    assert len(told) == 1
    assert kept.of("agent") == list(told)


def test_agents_and_versions_are_told_apart(kept: Acknowledgements) -> None:
    kept.add("agent", "b", AT + timedelta(days=1), UNTIL)
    kept.add("agent", "c", AT, UNTIL)
    kept.add("another", "b", AT, UNTIL)
    assert [found.version for found in kept.of("agent")] == ["c", "b"]
    assert kept.of("another") == [Acknowledgement("b", AT)]


def test_a_moment_comes_back_as_that_moment_whatever_its_zone(kept: Acknowledgements) -> None:
    paris = AT.astimezone(timezone(timedelta(hours=1)))
    assert kept.add("agent", "v", paris, UNTIL) == Acknowledgement("v", AT)
    assert kept.of("agent")[0].at.utcoffset() == timedelta(0)


def test_more_than_a_page_comes_back(kept: Acknowledgements) -> None:
    for n in range(30):
        kept.add("agent", f"v{n}", AT + timedelta(seconds=n), UNTIL)
    assert [found.version for found in kept.of("agent")] == [f"v{n}" for n in range(30)]


def test_a_row_holds_a_reference_a_version_a_moment_and_its_end() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        DynamoAcknowledgements(resource, aws.agents).add("agent", "v", AT, UNTIL)
        assert resource.Table(aws.agents).scan()["Items"] == [
            {
                "agent": "agent",
                "what": "acknowledged#v",
                "at": "2026-11-24T09:00:00.000001+00:00",
                "expires": int(datetime(2031, 11, 24, 23, 59, 59, tzinfo=UTC).timestamp()),
            }
        ]


def test_what_else_is_kept_of_an_agent_is_no_acknowledgement() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        resource.Table(aws.agents).put_item(Item={"agent": "agent", "what": "switch#2026-11-24"})
        assert DynamoAcknowledgements(resource, aws.agents).of("agent") == []
