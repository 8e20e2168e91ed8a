"""A request comes in, by whichever way, and tells nothing of anybody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from chalicelib.adapters.requests import MemoryRequests
from chalicelib.errors import InvalidRequest, TooMany
from chalicelib.law.request import Channel, Request, Right, Status, due
from chalicelib.services.asking import Asked, ask, ask_as_agent, lapse
from chalicelib.services.enter import Entered, enter
from chalicelib.services.ports import Step
from chalicelib.services.proof import prove, send_code
from chalicelib.settings import Settings
from tests.machines import NOW, Twins
from tests.services.proving import EMAIL, NUMBER, asks, sent, wants

TODAY = NOW.date()
DPO = "dpo:a1b2"


class Late(MemoryRequests):
    """Somebody else writes first."""

    def get(self, request_id: str) -> Request | None:
        found = super().get(request_id)
        return found and replace(found, revision=found.revision - 1)


class LateIndex(MemoryRequests):
    """Its index shows what was."""

    shown: tuple[Request, ...] = ()

    def of(self, state: Status) -> Iterator[Request]:
        yield from self.shown


def entered(proven: bool = True, on: date = TODAY, by: Channel = Channel.POST, **more: str) -> Entered:
    return Entered(on, by, proven, DPO, **more)


def taken_up(twins: Twins) -> list[str]:
    """What is given to the worker."""
    return [str(said["request"]) for step, said, _ in twins.steps.posted if step is Step.RIGHTS]


def test_a_request_waits_for_its_proof_under_references_and_an_id_of_its_own() -> None:
    twins = Twins()
    asked = wants(Right.RECTIFICATION, text="Le 3 mars,\nà l'accueil", language="en", bank_data=True)
    first, second = ask(twins.machine, asked, NOW), ask(twins.machine, asked, NOW)
    assert first != second
    assert len(first) == 26
    request = twins.requests.rows[first]
    assert (request.state, request.channel, request.right) == (Status.UNPROVEN, Channel.WEB, Right.RECTIFICATION)
    assert (request.contact, request.persons) == (NUMBER, twins.identities.of(NUMBER))
    assert (request.text, request.language, request.bank_data) == (asked.text, "en", True)
    assert (request.received_on, request.asked_on, request.proven_on) == (TODAY, TODAY, None)
    assert (request.policy, request.by, request.ground) == ("test-1", "data-subject", "asked")


def test_the_day_of_receipt_is_the_controllers() -> None:
    twins = Twins()
    request_id = ask(twins.machine, wants(), datetime(2026, 11, 24, 23, 30, tzinfo=UTC))
    assert twins.requests.rows[request_id].received_on == date(2026, 11, 25)


@pytest.mark.parametrize(
    "asked",
    [
        wants(address=""),
        wants(address="3290"),
        wants(address="jeanne"),
        wants(address="jeanne@exemple"),
        wants(language="de"),
        wants(text="a" * 2001),
        wants(text="a\x00b"),
        wants(text="\ud83d"),
    ],
)
def test_what_cannot_be_understood_is_refused_and_neither_written_nor_counted(asked: Asked) -> None:
    twins = Twins(settings=Settings(requests_an_hour=1))
    with pytest.raises(InvalidRequest):
        ask(twins.machine, asked, NOW)
    assert twins.requests.rows == {}
    ask(twins.machine, wants(text="é\u202f👋 \n" + "a" * 1995), NOW)


def test_one_source_makes_ten_requests_an_hour() -> None:
    twins = Twins()
    for _ in range(10):
        ask(twins.machine, wants(address=EMAIL), NOW)
    with pytest.raises(TooMany):
        ask(twins.machine, wants(), NOW)
    assert len(twins.requests.rows) == 10
    ask(twins.machine, wants(source="203.0.113.8"), NOW)
    ask(twins.machine, wants(), NOW + timedelta(hours=1))


@pytest.mark.parametrize(
    ("one", "another", "is_one"),
    [
        ("2001:db8:1:2::7", "2001:db8:1:2:ffff::1", True),
        ("2001:db8:1:2::7", "2001:db8:1:3::7", False),
        ("", "", True),
        ("", "203.0.113.7", False),
    ],
)
def test_a_household_or_whoever_has_no_address_is_one_source(one: str, another: str, is_one: bool) -> None:
    twins = Twins(settings=Settings(requests_an_hour=1))
    ask(twins.machine, wants(source=one), NOW)
    if is_one:
        with pytest.raises(TooMany):
            ask(twins.machine, wants(source=another), NOW)
    else:
        ask(twins.machine, wants(source=another), NOW)


def test_a_source_is_kept_as_a_hash_alone() -> None:
    twins = Twins()
    ask(twins.machine, wants(), NOW)
    assert "203.0.113.7" not in repr((twins.codes, twins.requests))


def test_nothing_shows_whom_a_request_speaks_of() -> None:
    twins = Twins()
    request_id = ask(twins.machine, wants(text="Mme Dupont"), NOW)
    assert "639981234" not in repr(twins.requests.rows[request_id]) + repr(wants())
    assert "Dupont" not in repr(twins.requests.rows[request_id])


def test_an_agents_request_is_taken_up_at_once_under_all_their_names() -> None:
    twins = Twins()
    own = twins.machine.pseudonyms.of("agent", "jeanne@exemple.example")
    extension = twins.machine.pseudonyms.of("agent", "3201")
    twins.switches.know_as(extension, own)
    request = ask_as_agent(twins.machine, " Jeanne@exemple.example", wants(address="", language="en"), NOW)
    assert taken_up(twins) == [request.id]
    assert (request.channel, request.state, request.by) == (Channel.AGENT, Status.OPEN, "agent")
    assert set(request.agent_refs) == {own, extension}
    assert (request.contact, request.persons) == ("", ())
    until = due(request, twins.policy)
    assert until and until.raw_on == date(2026, 12, 24)
    send_code(twins.machine, request.id, NOW)
    assert twins.messenger.sent == []


def test_what_the_dpo_knows_by_post_is_taken_up_as_of_its_day() -> None:
    twins = Twins()
    request = enter(twins.machine, wants(), entered(on=date(2026, 11, 10)), NOW)
    assert taken_up(twins) == [request.id]
    assert (request.state, request.channel, request.by) == (Status.OPEN, Channel.POST, DPO)
    assert (request.asked_on, request.proven_on) == (None, TODAY)
    until = due(request, twins.policy)
    assert until and until.due_on == date(2026, 12, 10)


def test_the_dpo_enters_an_agents_request_too() -> None:
    twins = Twins()
    request = enter(twins.machine, wants(address=EMAIL), entered(agent="jeanne@exemple.example"), NOW)
    assert request.agent_refs == (twins.machine.pseudonyms.of("agent", "jeanne@exemple.example"),)
    assert request.contact == "mailto:jeanne.martin@exemple.example"
    assert enter(twins.machine, wants(), entered(), NOW).agent_refs == ()


def test_an_agent_whom_the_dpo_knows_needs_no_address_and_whoever_must_prove_it_does() -> None:
    twins = Twins()
    request = enter(twins.machine, wants(address=""), entered(agent="jeanne@exemple.example"), NOW)
    assert (request.contact, request.persons, request.channel, request.by) == ("", (), Channel.POST, DPO)
    assert (request.state, request.proven_on, taken_up(twins)) == (Status.OPEN, TODAY, [request.id])
    for how in (entered(), entered(False), entered(False, agent="jeanne@exemple.example")):
        with pytest.raises(InvalidRequest):
            enter(twins.machine, wants(address=""), how, NOW)


def test_where_the_dpo_does_not_know_who_it_is_a_code_proves_it() -> None:
    twins, received = Twins(), date(2026, 11, 20)
    request = enter(twins.machine, wants(), entered(False, received, agent="jeanne@exemple.example"), NOW)
    assert (request.state, request.received_on, request.asked_on) == (Status.UNPROVEN, received, TODAY)
    assert request.agent_refs == ()
    later = NOW + timedelta(days=2)
    send_code(twins.machine, request.id, later)
    until = due(prove(twins.machine, request.id, sent(twins), "", later), twins.policy)
    assert until and until.raw_on == date(2026, 12, 22)


@pytest.mark.parametrize(
    "how",
    [
        entered(on=TODAY + timedelta(days=1)),
        entered(on=date(2025, 11, 23)),
        entered(by=Channel.WEB),
        entered(by=Channel.AGENT),
    ],
)
def test_a_day_of_receipt_is_none_to_come_nor_a_year_ago_and_the_way_is_no_other(how: Entered) -> None:
    twins = Twins()
    with pytest.raises(InvalidRequest):
        enter(twins.machine, wants(), how, NOW)
    assert twins.requests.rows == {}


def test_what_nobody_proved_lapses_after_thirty_days_and_is_forgotten() -> None:
    twins = Twins()
    request_id = asks(twins, wants(text="Mme Dupont"))
    assert [*lapse(twins.machine, NOW + timedelta(days=30))] == []
    assert twins.requests.rows[request_id].state is Status.UNPROVEN
    assert [*lapse(twins.machine, NOW + timedelta(days=31))] == []
    request = twins.requests.rows[request_id]
    assert (request.state, request.by, request.ground) == (Status.LAPSED, "machine", "lapsed")
    assert (request.contact, request.text, request.persons) == ("", "", ())
    assert [*lapse(twins.machine, NOW + timedelta(days=32))] == []
    assert len(twins.requests.lines[request_id]) == 2


def test_one_request_that_breaks_keeps_no_other_from_its_lapse() -> None:
    twins = Twins()
    broken, other = asks(twins), asks(twins)
    twins.requests.rows[broken] = replace(twins.requests.rows[broken], asked_on="a long time ago")  # type: ignore[arg-type]
    assert [type(error) for error in lapse(twins.machine, NOW + timedelta(days=31))] == [TypeError]
    assert twins.requests.rows[other].state is Status.LAPSED


def test_what_was_proved_does_not_lapse() -> None:
    twins = Twins()
    request_id = asks(twins)
    prove(twins.machine, request_id, sent(twins), "", NOW)
    assert [*lapse(twins.machine, NOW + timedelta(days=99))] == []
    assert twins.requests.rows[request_id].contact == NUMBER


def test_what_was_proved_and_not_taken_up_is_taken_up_instead() -> None:
    twins = Twins()
    request_id = asks(twins)
    twins.requests.rows[request_id] = replace(twins.requests.rows[request_id], proven_on=TODAY)
    assert [*lapse(twins.machine, NOW + timedelta(days=31))] == []
    assert (twins.requests.rows[request_id].state, taken_up(twins)) == (Status.OPEN, [request_id])


def test_what_is_proved_in_the_moment_of_its_lapse_stays() -> None:
    twins = Twins()
    asks(twins)
    twins.requests = late = Late(rows=twins.requests.rows, lines=twins.requests.lines)
    assert [*lapse(twins.machine, NOW + timedelta(days=31))] == []
    assert [each.state for each in late.rows.values()] == [Status.UNPROVEN]


def test_what_a_late_index_still_shows_as_unproven_does_not_lapse() -> None:
    twins = Twins()
    request_id = asks(twins)
    shown = tuple(twins.requests.of(Status.UNPROVEN))
    prove(twins.machine, request_id, sent(twins), "", NOW)
    twins.requests = late = LateIndex(rows=twins.requests.rows, lines=twins.requests.lines)
    late.shown = shown
    assert [*lapse(twins.machine, NOW + timedelta(days=31))] == []
    assert twins.requests.rows[request_id].state is Status.OPEN


def test_a_card_number_that_somebody_types_is_not_kept() -> None:
    twins = Twins()
    request = ask(twins.machine, wants(text="Ma carte 4111 1111 1111 1111 est restée."), NOW)
    assert twins.requests.rows[request].text == "Ma carte [chiffres] est restée."
