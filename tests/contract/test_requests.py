"""The Requests port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import boto3
import pytest

from chalicelib.adapters.requests import DynamoRequests, MemoryRequests
from chalicelib.errors import StaleRequest, UnfitForLedger
from chalicelib.law.request import Channel, Request, Right, Status, Told
from chalicelib.services.chain import breaks
from chalicelib.services.ports import Requests
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
WHOLE = Request(
    "r1", Right.ERASURE, Status.UNPROVEN, date(2026, 11, 24), Channel.POST, "en", ("p", "q"), ("agent",),
    "mailto:anna@customer.example", "Tout, s'il vous plaît.", True, date(2026, 11, 24), date(2026, 11, 25), False, True,
    "Beaucoup d'appels.", (Told("recordings-erased", 3), Told("kept-duty", 1, "abc", "CMF, art. L. 533-10")), ("call",),
    date(2026, 12, 1), "e3b0", True, ground="asked", policy="2026-11", by="data-subject",
)  # fmt: skip


@pytest.fixture(params=["memory", "dynamodb"])
def requests(request: pytest.FixtureRequest) -> Iterator[Requests]:
    if request.param == "memory":
        yield MemoryRequests()
        return
    with account() as aws:
        yield DynamoRequests(boto3.resource("dynamodb", region_name=REGION), aws.requests)


@pytest.mark.parametrize("request_", [WHOLE, Request("r2", Right.ACCESS, Status.OPEN, date(2026, 11, 24), ground="a")])
def test_a_request_comes_back_whole(requests: Requests, request_: Request) -> None:
    assert requests.add(request_, AT)
    found = requests.get(request_.id)
    assert found is not None
    assert replace(found, chain="", changed_at=None) == request_
    assert (found.changed_at, bool(found.chain)) == (AT, True)


def test_a_request_is_there_once(requests: Requests) -> None:
    assert requests.get("r1") is None
    assert [requests.add(replace(WHOLE, language=each), AT) for each in ("fr", "en")] == [True, False]
    found = requests.get("r1")
    assert found is not None
    assert found.language == "fr"


def test_each_change_is_a_line_of_a_chain_that_holds(requests: Requests) -> None:
    requests.add(WHOLE, AT)
    first = requests.get("r1")
    assert first is not None
    proven = requests.write(replace(first, state=Status.OPEN, by="dpo:abc"), "proven", AT)
    requests.write(replace(proven, state=Status.ANSWERED), "answered", AT)
    assert [(line.state, line.ground, line.by) for line in requests.log("r1")] == [
        (Status.UNPROVEN, "asked", "data-subject"),
        (Status.OPEN, "proven", "dpo:abc"),
        (Status.ANSWERED, "answered", "dpo:abc"),
    ]
    (history,) = requests.histories()
    assert history == requests.history("r1")
    assert breaks(history) == []


def test_of_two_who_change_it_at_once_one_does(requests: Requests) -> None:
    requests.add(WHOLE, AT)
    read = requests.get("r1")
    assert read is not None
    requests.write(replace(read, state=Status.OPEN), "proven", AT)
    with pytest.raises(StaleRequest):
        requests.write(replace(read, state=Status.REFUSED), "refused", AT)
    with pytest.raises(StaleRequest):
        requests.write(replace(WHOLE, id="r9"), "refused", AT)
    assert len(requests.log("r1")) == 2


def test_a_forgotten_request_is_gone_with_its_log_and_no_other_is(requests: Requests) -> None:
    for name in ("r1", "r2"):
        requests.add(replace(WHOLE, id=name), AT)
    for number in range(120):
        read = requests.get("r1")
        assert read is not None
        requests.write(read, f"change-{number}", AT)
    for _ in range(2):
        requests.forget("r1")
    assert (requests.get("r1"), requests.log("r1"), list(requests.of(Status.UNPROVEN))) == (
        None,
        [],
        [requests.get("r2")],
    )
    assert [history.id for history in requests.histories()] == ["r2"]
    with pytest.raises(StaleRequest):
        requests.write(read, "too-late", AT)


def test_a_ground_that_may_name_somebody_is_not_written(requests: Requests) -> None:
    requests.add(WHOLE, AT)
    read = requests.get("r1")
    assert read is not None
    with pytest.raises(UnfitForLedger):
        requests.write(read, "Anna asked", AT)


def test_they_are_found_by_state_and_by_month_in_the_order_of_their_receipt(requests: Requests) -> None:
    for name, day in (("r3", date(2026, 12, 1)), ("r1", date(2026, 11, 24)), ("r2", date(2026, 11, 23))):
        requests.add(replace(WHOLE, id=name, received_on=day), AT)
    read = requests.get("r3")
    assert read is not None
    requests.write(replace(read, state=Status.OPEN), "proven", AT)
    assert [each.id for each in requests.of(Status.UNPROVEN)] == ["r2", "r1"]
    assert [each.id for each in requests.of(Status.OPEN)] == ["r3"]
    assert [each.id for each in requests.received("2026-11")] == ["r2", "r1"]
    assert [each.id for each in requests.received("2026-12")] == ["r3"]
