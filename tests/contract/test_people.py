"""The People port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import boto3
import pytest

from chalicelib.adapters.people import DynamoPeople, MemoryPeople
from chalicelib.services.ports import Mark, People
from tests.contract.accounts import REGION, account

UNTIL = date(2027, 5, 24)
AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "dynamodb"])
def people(request: pytest.FixtureRequest) -> Iterator[People]:
    if request.param == "memory":
        yield MemoryPeople()
        return
    with account() as aws:
        yield DynamoPeople(boto3.resource("dynamodb", region_name=REGION), aws.people)


def test_a_person_leads_to_their_calls_and_a_call_to_who_is_on_it(people: People) -> None:
    for person, call in (("p", "a"), ("p", "b"), ("q", "a"), ("p", "a")):
        people.link(person, call, UNTIL)
    assert (sorted(people.calls("p")), people.calls("q"), people.calls("r")) == (["a", "b"], ["a"], [])
    assert (sorted(people.persons("a")), people.persons("b"), people.persons("c")) == (["p", "q"], ["p"], [])


def test_a_call_that_is_forgotten_is_nobodys_and_no_other_is(people: People) -> None:
    for person, call in (("p", "a"), ("p", "b"), ("q", "a")):
        people.link(person, call, UNTIL)
    people.mark("a", Mark.ASKED, "r1", UNTIL)
    assert people.forget("a") == 2
    assert people.forget("a") == 0
    assert (people.calls("p"), people.calls("q"), people.persons("a")) == (["b"], [], [])
    assert people.marks("a", Mark.ASKED) == []


def test_marks_of_one_kind_are_not_the_others(people: People) -> None:
    for mark, request in ((Mark.ASKED, "r1"), (Mark.ASKED, "r2"), (Mark.COPIED, "r1"), (Mark.ASKED, "r1")):
        people.mark("a", mark, request, UNTIL)
    people.unmark("a", Mark.ASKED, "r2")
    people.unmark("a", Mark.ASKED, "r2")
    assert (people.marks("a", Mark.ASKED), people.marks("a", Mark.COPIED)) == (["r1"], ["r1"])
    assert people.persons("a") == []


def test_of_several_objections_the_earliest_counts(people: People) -> None:
    assert people.objected(["p", "q"]) is None
    people.object("p", AT, "r1")
    people.object("p", AT + timedelta(days=1), "r2")
    people.object("q", AT - timedelta(days=1), "r3")
    assert (people.objected(["p"]), people.objected(["q", "p"]), people.objected([])) == (
        AT,
        AT - timedelta(days=1),
        None,
    )


def test_more_than_a_page_of_calls_is_found_and_forgotten() -> None:
    with account() as aws:
        people = DynamoPeople(boto3.resource("dynamodb", region_name=REGION), aws.people)
        calls = {f"{'x' * 900}{n}" for n in range(60)}
        people._client.meta.events.register("before-parameter-build.dynamodb.Query", _by_five)
        for call in calls:
            people.link("p", call, UNTIL)
        assert set(people.calls("p")) == calls


def _by_five(params: dict[str, object], **_: object) -> None:
    params["Limit"] = 5


def test_a_link_ends_after_the_latest_of_its_ends() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        people = DynamoPeople(resource, aws.people)
        for until in (UNTIL, UNTIL + timedelta(days=9), UNTIL - timedelta(days=9)):
            people.link("p", "a", until)
        ends = {int(item["expires"]) for item in resource.Table(aws.people).scan()["Items"]}
    (end,) = ends
    assert datetime.fromtimestamp(end, UTC).date() > UNTIL + timedelta(days=9)


def test_an_objection_is_withdrawn_by_the_request_that_made_it_or_by_whoever_may(people: People) -> None:
    people.object("p", AT, "r1")
    people.withdraw("p", "r2")
    assert people.objected(["p"]) == AT
    people.withdraw("p", "r1")
    assert people.objected(["p"]) is None
    people.object("p", AT, "r1")
    for _ in range(2):
        people.withdraw("p")
    assert people.objected(["p"]) is None
