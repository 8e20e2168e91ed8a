from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.model import Stretch
from chalicelib.telephony.facts import Fact, Kind, Seat, Story, fact_from, fold, plain

T0 = datetime(2026, 11, 28, 9, 0, tzinfo=UTC)
LIMIT = timedelta(minutes=10)


def at(minute: float) -> datetime:
    return T0 + timedelta(minutes=minute)


FACTS = st.builds(
    Fact,
    kind=st.sampled_from(Kind),
    at=st.integers(0, 90).map(at),
    yes=st.sampled_from([None, True, False]),
    about=st.sampled_from(["", "call-a", "call-b"]),
    agent_ref=st.sampled_from(["", "agent-a", "agent-b"]),
    queue=st.sampled_from(["", "service-client", "urgences"]),
    language=st.sampled_from(["", "fr-FR"]),
    started_at=st.none() | st.integers(0, 9).map(at),
    outbound=st.sampled_from([None, True, False]),
    agent_channel=st.sampled_from([None, 0, 1]),
)


@given(st.lists(FACTS, max_size=12), st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_changes_a_story(facts: list[Fact], chance: random.Random) -> None:
    again = [fact for fact in facts for _ in range(chance.randint(1, 5))]
    chance.shuffle(again)
    assert fold(again, LIMIT) == fold(facts, LIMIT)


@given(FACTS)
def test_a_fact_comes_back_as_it_was_written(fact: Fact) -> None:
    assert fact_from(plain(fact)) == fact


@given(st.lists(FACTS, max_size=12))
def test_payments_run_forward_apart_and_no_longer_than_the_limit_after_a_start(
    facts: list[Fact],
) -> None:
    before: datetime | None = None
    for payment in fold(facts, LIMIT).payments:
        assert payment.since is not None
        assert payment.until is not None
        assert payment.since < payment.until
        assert any(_may_end(fact, payment.until) for fact in facts)
        assert before is None or before <= payment.since
        before = payment.until


def _may_end(fact: Fact, until: datetime) -> bool:
    return (fact.kind is Kind.PAYING and fact.at + LIMIT == until) or (fact.kind is Kind.PAID and fact.at == until)


def test_nothing_said_is_nothing_known() -> None:
    assert fold([], LIMIT) == Story()


def test_an_agent_sits_until_the_next_one_does() -> None:
    told = [
        Fact(Kind.CONNECTED, at(1), agent_ref="a"),
        Fact(Kind.CONNECTED, at(2), agent_ref="a"),
        Fact(Kind.CONNECTED, at(5), agent_ref="b"),
        Fact(Kind.CONNECTED, at(9), agent_ref="a"),
    ]
    assert fold(told, LIMIT).seats == (Seat("a", at(1), at(5)), Seat("b", at(5), at(9)), Seat("a", at(9), None))


@pytest.mark.parametrize(
    ("starts", "ends", "paid"),
    [
        ([1], [3], [(1, 3)]),
        ([1, 2], [3], [(1, 3)]),
        ([1, 10], [], [(1, 20)]),
        ([1, 10], [12], [(1, 12)]),
        ([1, 3], [3], [(1, 3), (3, 13)]),
        ([1, 2], [3, 4, 3], [(1, 3)]),
        ([1], [], [(1, 11)]),
        ([1], [20], [(1, 20)]),
        ([1, 15], [20], [(1, 11), (15, 20)]),
        ([1, 12], [], [(1, 11), (12, 22)]),
        ([5], [3], [(5, 15)]),
        ([1, 6], [3, 8], [(1, 3), (6, 8)]),
    ],
)
def test_a_payment_ends_when_it_is_said_to_or_at_the_limit(
    starts: list[int], ends: list[int], paid: list[tuple[int, int]]
) -> None:
    told = [*(Fact(Kind.PAYING, at(n)) for n in starts), *(Fact(Kind.PAID, at(n)) for n in ends)]
    assert fold(told, LIMIT).payments == tuple(Stretch(at(since), at(until)) for since, until in paid)


def test_the_first_objection_counts() -> None:
    told = [Fact(Kind.OBJECTED, at(7)), Fact(Kind.OBJECTED, at(4))]
    assert fold(told, LIMIT).objected_at == at(4)


@pytest.mark.parametrize(("said", "known"), [([], None), ([False], False), ([False, True], True), ([True], True)])
def test_one_yes_before_capture_is_a_yes(said: list[bool], known: bool | None) -> None:
    told = [Fact(Kind.ANSWERED, at(n), yes=yes) for n, yes in enumerate(said)]
    assert fold(told, LIMIT).answered is known


def test_a_transfer_brings_its_queue() -> None:
    first = Fact(Kind.STARTED, at(0), queue="service-client", started_at=at(0))
    story = fold([replace(first, kind=Kind.CONNECTED, at=at(3), queue="urgences"), first], LIMIT)
    assert (story.queue, story.started_at) == ("urgences", at(0))
