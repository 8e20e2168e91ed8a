"""Requests, their codes and the counts lie in one table, and do not disturb each other there (moto)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import boto3
import pytest

from chalicelib.adapters.codes import DynamoCodes
from chalicelib.adapters.requests import DynamoRequests
from chalicelib.errors import NotProven
from chalicelib.law.request import Status
from chalicelib.services.asking import ask, lapse
from chalicelib.services.chain import breaks
from chalicelib.services.machine import Machine
from chalicelib.services.proof import prove, see, send_code
from tests.contract.accounts import REGION, account
from tests.machines import NOW, Twins
from tests.services.proving import sent, wants


@pytest.fixture
def twins() -> Twins:
    return Twins()


@pytest.fixture
def machine(twins: Twins) -> Iterator[Machine]:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        requests, codes = DynamoRequests(resource, aws.requests), DynamoCodes(resource, aws.requests)
        yield replace(twins.machine, requests=requests, codes=codes)


def test_a_request_is_asked_proven_and_seen(machine: Machine, twins: Twins) -> None:
    request_id = ask(machine, wants(text="Le 3 mars", bank_data=True), NOW)
    send_code(machine, request_id, NOW)
    moved = prove(machine, request_id, sent(twins), "", NOW)
    assert machine.requests.get(request_id) == moved
    with pytest.raises(NotProven):
        prove(machine, request_id, sent(twins), "", NOW)
    send_code(machine, request_id, NOW)
    assert see(machine, request_id, sent(twins), NOW) == moved
    (history,) = machine.requests.histories()
    assert (breaks(history), len(history.lines)) == ([], 3)


def test_what_nobody_proved_lapses(machine: Machine, twins: Twins) -> None:
    request_id = ask(machine, wants(), NOW)
    send_code(machine, request_id, NOW)
    assert [*lapse(machine, NOW + timedelta(days=30))] == [*machine.requests.of(Status.LAPSED)] == []
    assert [*lapse(machine, NOW + timedelta(days=31)), *lapse(machine, NOW + timedelta(days=32))] == []
    (left,) = machine.requests.of(Status.LAPSED)
    assert (left.id, left.contact, left.persons) == (request_id, "", ())
    send_code(machine, request_id, NOW + timedelta(days=31))
    assert len(twins.messenger.sent) == 1
