"""Requests, their codes and the counts lie in one table, and do not disturb each other there (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.adapters.codes import DynamoCodes
from chalicelib.adapters.requests import BY_MONTH, BY_STATE, DynamoRequests
from chalicelib.errors import NotProven
from chalicelib.law.request import Status
from chalicelib.services.asking import ask
from chalicelib.services.chain import breaks
from chalicelib.services.lapse import lapse
from chalicelib.services.machine import Machine
from chalicelib.services.proof import proven, see, send_code
from tests.contract.accounts import REGION
from tests.machines import NOW, Twins
from tests.services.asked import sent, wants

TABLE = "Requests"
INDEXES = {BY_STATE: "state", BY_MONTH: "month"}


@pytest.fixture
def twins() -> Twins:
    return Twins()


@pytest.fixture
def machine(twins: Twins) -> Iterator[Machine]:
    with mock_aws():
        resource = boto3.resource("dynamodb", region_name=REGION)
        resource.create_table(
            TableName=TABLE,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[
                {"AttributeName": name, "AttributeType": "S"}
                for name in ("id", "what", "state", "month", "received_on")
            ],
            KeySchema=keys("id", "what"),
            GlobalSecondaryIndexes=[
                {"IndexName": index, "KeySchema": keys(name, "received_on"), "Projection": {"ProjectionType": "ALL"}}
                for index, name in INDEXES.items()
            ],
        )
        requests, codes = DynamoRequests(resource, TABLE), DynamoCodes(resource, TABLE)
        yield replace(twins.machine, requests=requests, codes=codes)


def keys(one: str, other: str) -> list[dict[str, Any]]:
    return [{"AttributeName": one, "KeyType": "HASH"}, {"AttributeName": other, "KeyType": "RANGE"}]


def test_a_request_is_asked_proven_and_seen(machine: Machine, twins: Twins) -> None:
    request_id = ask(machine, wants(text="Le 3 mars", bank_data=True), NOW)
    send_code(machine, request_id, NOW)
    moved = proven(machine, request_id, sent(twins), "", NOW)
    assert machine.requests.get(request_id) == moved
    with pytest.raises(NotProven):
        proven(machine, request_id, sent(twins), "", NOW)
    send_code(machine, request_id, NOW)
    assert see(machine, request_id, sent(twins), NOW) == moved
    (history,) = machine.requests.histories()
    assert (breaks(history), len(history.lines)) == ([], 2)


def test_what_nobody_proved_lapses(machine: Machine, twins: Twins) -> None:
    request_id = ask(machine, wants(), NOW)
    send_code(machine, request_id, NOW)
    assert [lapse(machine, NOW + timedelta(days=days)) for days in (30, 31, 32)] == [0, 1, 0]
    (left,) = machine.requests.of(Status.LAPSED)
    assert (left.id, left.contact, left.persons) == (request_id, "", ())
    send_code(machine, request_id, NOW + timedelta(days=31))
    assert len(twins.messenger.sent) == 1
