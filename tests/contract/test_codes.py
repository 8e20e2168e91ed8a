"""The Codes port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import boto3
import pytest

from chalicelib.adapters.codes import DynamoCodes
from chalicelib.adapters.memory import MemoryCodes
from chalicelib.services.ports import Codes
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
UNTIL = AT + timedelta(minutes=10)
HOUR = timedelta(hours=1)
TABLE = "RequestsTable"


@contextmanager
def table() -> Iterator[Any]:
    """An account with the requests' table; the resource."""
    with account():
        yield boto3.resource("dynamodb", region_name=REGION)


@pytest.fixture(params=["memory", "dynamodb"])
def codes(request: pytest.FixtureRequest) -> Iterator[Codes]:
    if request.param == "memory":
        yield MemoryCodes()
        return
    with table() as resource:
        yield DynamoCodes(resource, TABLE)


def test_a_code_is_right_once(codes: Codes) -> None:
    codes.set("request", "right", UNTIL, 5)
    assert [codes.take("request", "right", AT) for _ in range(3)] == [True, False, False]


@pytest.mark.parametrize(("wrong", "is_right"), [(4, True), (5, False), (6, False)])
def test_five_wrong_tries_spend_it(codes: Codes, wrong: int, is_right: bool) -> None:
    codes.set("request", "right", UNTIL, 5)
    assert not any(codes.take("request", f"wrong {n}", AT) for n in range(wrong))
    assert codes.take("request", "right", AT) is is_right


@pytest.mark.parametrize(("at", "is_right"), [(UNTIL - timedelta(seconds=1), True), (UNTIL, False)])
def test_it_is_wrong_from_its_end_on(codes: Codes, at: datetime, is_right: bool) -> None:
    codes.set("request", "right", UNTIL, 5)
    assert codes.take("request", "right", at) is is_right


def test_a_new_code_stands_in_the_place_of_the_one_before_with_tries_of_its_own(codes: Codes) -> None:
    codes.set("request", "old", UNTIL, 1)
    codes.take("request", "wrong", AT)
    codes.set("request", "new", UNTIL, 2)
    assert codes.take("request", "old", AT) is False
    assert codes.take("request", "new", AT) is True


def test_a_code_opens_its_own_request_alone(codes: Codes) -> None:
    codes.set("request", "right", UNTIL, 5)
    codes.set("another", "other", UNTIL, 5)
    assert codes.take("another", "right", AT) is False
    assert codes.take("nobody's", "right", AT) is False
    assert codes.take("request", "right", AT) is True


def test_so_many_are_counted_and_no_more(codes: Codes) -> None:
    assert [codes.count("code", "ref", 3, AT, AT + HOUR) for _ in range(5)] == [True] * 3 + [False] * 2


def test_kinds_and_references_are_counted_apart(codes: Codes) -> None:
    assert codes.count("code", "ref", 1, AT, AT + HOUR)
    assert codes.count("source", "ref", 1, AT, AT + HOUR)
    assert codes.count("code", "another", 1, AT, AT + HOUR)
    assert not codes.count("code", "ref", 1, AT, AT + HOUR)


def test_the_first_says_when_the_count_is_over_and_then_it_begins_anew(codes: Codes) -> None:
    late = AT + HOUR - timedelta(seconds=1)
    assert codes.count("code", "ref", 2, AT, AT + HOUR)
    assert codes.count("code", "ref", 2, late, late + HOUR)
    assert not codes.count("code", "ref", 2, late, late + HOUR)
    again = AT + HOUR
    assert [codes.count("code", "ref", 2, again, again + HOUR) for _ in range(3)] == [True, True, False]


def test_whoever_was_refused_is_not_counted_into_the_time_after(codes: Codes) -> None:
    for _ in range(9):
        codes.count("code", "ref", 2, AT, AT + HOUR)
    assert codes.count("code", "ref", 2, AT + HOUR, AT + 2 * HOUR)


class Rival:
    """DynamoDB's client, before whose call of a name, the n-th, somebody else acts once."""

    def __init__(self, client: Any, name: str, turn: int, acts: Callable[[], object]) -> None:
        self._client, self._name, self._turn, self._acts = client, name, turn, acts

    def __getattr__(self, name: str) -> Any:
        if name == self._name:
            self._turn -= 1
            if self._turn == 0:
                self._acts()
        return getattr(self._client, name)

    @property
    def resource(self) -> Any:
        return SimpleNamespace(meta=SimpleNamespace(client=self))


def test_of_two_right_codes_at_once_one_is_right() -> None:
    with table() as resource:
        codes, others = DynamoCodes(resource, TABLE), []
        codes.set("request", "right", UNTIL, 5)
        rival = Rival(resource.meta.client, "delete_item", 1, lambda: others.append(codes.take("request", "right", AT)))
        assert DynamoCodes(rival.resource, TABLE).take("request", "right", AT) is False
        assert others == [True]


def test_a_new_code_that_is_set_meanwhile_is_not_used_up_by_the_old_one() -> None:
    with table() as resource:
        codes = DynamoCodes(resource, TABLE)
        codes.set("request", "old", UNTIL, 5)
        rival = Rival(resource.meta.client, "delete_item", 1, lambda: codes.set("request", "new", UNTIL, 5))
        assert DynamoCodes(rival.resource, TABLE).take("request", "old", AT) is False
        assert codes.take("request", "new", AT) is True


def test_of_two_that_begin_a_count_at_once_both_are_counted() -> None:
    with table() as resource:
        codes = DynamoCodes(resource, TABLE)
        rival = Rival(resource.meta.client, "update_item", 2, lambda: codes.count("code", "ref", 2, AT, AT + HOUR))
        assert DynamoCodes(rival.resource, TABLE).count("code", "ref", 2, AT, AT + HOUR) is True
        assert codes.count("code", "ref", 2, AT, AT + HOUR) is False


def test_what_is_kept_is_a_hash_and_ends_by_itself() -> None:
    with table() as resource:
        codes = DynamoCodes(resource, TABLE)
        codes.set("request", "hash", UNTIL, 5)
        codes.count("code", "ref", 3, AT, AT + HOUR)
        kept = sorted(resource.Table(TABLE).scan()["Items"], key=lambda item: item["what"])
        assert kept == [
            {"id": "request", "what": "code", "digest": "hash", "tries": 5, "expires": int(UNTIL.timestamp())},
            {"id": "count#code#ref", "what": "count", "counted": 1, "expires": int((AT + HOUR).timestamp())},
        ]
