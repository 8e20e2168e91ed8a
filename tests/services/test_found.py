"""Who is on a call finds it, by any way in which their number was said; nobody else does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryIdentities
from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Call, Fate
from chalicelib.services.answer import answer
from chalicelib.services.find import find
from chalicelib.services.hear import hear
from chalicelib.services.judge import may_record
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.story import as_told
from chalicelib.services.told import opaque
from chalicelib.telephony.event import CallEvent, Happened
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.asked import ANNA, BRUNO, DUTY, TODAY, arrived, recorded


def of(twins: Twins, *numbers: str) -> list[str]:
    """The calls that a request of those numbers finds."""
    persons = tuple(ref for number in numbers for ref in twins.identities.of(f"tel:{number}"))
    request = Request("r", Right.ACCESS, Status.OPEN, TODAY, persons=persons)
    request = Request("r", Right.ACCESS, Status.OPEN, TODAY, persons=persons)
    return [call.ref for call in find(twins.machine, request).calls]


def test_a_caller_finds_their_recordings_and_nobody_elses() -> None:
    twins = Twins()
    own, other = recorded(twins, 0), recorded(twins, 1, BRUNO)
    assert (of(twins, ANNA), of(twins, BRUNO)) == ([own.call_ref], [other.call_ref])
    assert of(twins, "+33639980000") == []


def test_however_the_number_was_written() -> None:
    twins = Twins()
    written = ("06 39 98 12 34", "0033639981234", "+33639981234")
    found = [arrived(twins, number, text).call_ref for number, text in enumerate(written)]
    assert of(twins, ANNA) == sorted(found)


def test_a_webhook_that_names_the_number_is_enough() -> None:
    twins = Twins()
    event = CallEvent("standard", Happened.CONNECTED, "pbx-7", NOW, lines=(ANNA, "3201"), agent="a@agents.example")
    hear(twins.machine, opaque(twins.machine, event, NOW), NOW)
    ref = call_named(twins.machine, "standard", "pbx-7")
    assert of(twins, ANNA) == [ref]
    assert twins.people.calls(agent_named(twins.machine, "a@agents.example")) == [ref]


def leg(twins: Twins, *lines: str, agent: str | None = None) -> None:
    event = CallEvent("standard", Happened.CONNECTED, "leg", NOW, root_id="first", lines=lines, agent=agent)
    hear(twins.machine, opaque(twins.machine, event, NOW), NOW)


def first(twins: Twins, *lines: str, agent: str | None = None) -> None:
    event = CallEvent("standard", Happened.CONNECTED, "first", NOW, lines=lines, agent=agent)
    hear(twins.machine, opaque(twins.machine, event, NOW), NOW)


@pytest.mark.parametrize("order", [(first, leg), (leg, first)])
def test_a_caller_is_on_the_transfers_of_their_call_and_who_joins_is_on_nothing_before(order: Any) -> None:
    twins, said = Twins(), {first: (ANNA,), leg: (BRUNO,)}
    for happens in order:
        happens(twins, *said[happens], agent=f"{happens.__name__}@agents.example")
    both = {call_named(twins.machine, "standard", each) for each in ("leg", "first")}
    assert (set(of(twins, ANNA)), set(of(twins, BRUNO))) == (both, {call_named(twins.machine, "standard", "leg")})
    agents = [agent_named(twins.machine, f"{each}@agents.example") for each in ("first", "leg")]
    assert [len(twins.people.calls(agent)) for agent in agents] == [1, 1]


def test_the_controllers_own_numbers_lead_to_nobody() -> None:
    own = policy(("[keeping]", '[requests]\nown_numbers = ["01 99 00 12 34"]\n\n[keeping]'))
    twins = Twins(policy=own)
    arrived(twins, 0, f"{ANNA}, 0199001234")
    assert of(twins, ANNA) != []
    assert of(twins, "+33199001234") == []


def test_an_extension_and_an_agent_without_a_name_lead_to_nobody() -> None:
    twins = Twins()
    event = CallEvent("standard", Happened.CONNECTED, "pbx-7", NOW, lines=("3201",))
    hear(twins.machine, opaque(twins.machine, event, NOW), NOW)
    assert twins.people.links == set()


def test_a_number_is_found_under_the_key_before_the_last_one() -> None:
    old, new = b"the key of last year", b"the key of this year"
    twins = Twins(identities=MemoryIdentities((old,)))
    before = arrived(twins, 0).call_ref
    twins.identities = MemoryIdentities((new, old))
    after = arrived(twins, 1).call_ref
    assert of(twins, ANNA) == sorted([before, after])


def test_nothing_that_is_kept_holds_the_number() -> None:
    twins = Twins()
    recorded(twins, 0)
    rows = twins.recordings._rows, twins.recordings._lines
    kept = repr((twins.people, twins.calls, rows, twins.steps, twins.switches))
    assert ANNA.removeprefix("+33") not in kept


def test_who_objected_is_not_recorded_again_by_any_way_in() -> None:
    twins = Twins()
    (person,) = twins.identities.of(f"tel:{ANNA}")
    twins.people.object(person, NOW - timedelta(hours=3), "r1")
    dropped = arrived(twins, 0)
    assert (dropped.state, dropped.ground) == ("discarded", "objected")
    asked = Call("pbx", "new", None, "fr-FR", queue="service-client", lines=(ANNA,))
    assert may_record(twins.machine, as_told(twins.machine, asked), NOW).ground == "objected"
    event = CallEvent("standard", Happened.STARTED, "pbx-7", NOW, lines=(ANNA,), queue="service-client")
    hear(twins.machine, opaque(twins.machine, event, NOW), NOW)
    later = as_told(twins.machine, replace(asked, source="standard", call_id="pbx-7", lines=()))
    assert answer(twins.machine, later, NOW).fate is Fate.DISCARD


def test_under_a_duty_that_nobody_may_refuse_they_are() -> None:
    twins = Twins()
    (person,) = twins.identities.of(f"tel:{ANNA}")
    twins.people.object(person, NOW - timedelta(hours=3), "r1")
    assert arrived(twins, 0, said=DUTY).state == "judged"


def test_an_objection_of_today_does_not_reach_yesterdays_call() -> None:
    twins = Twins()
    (person,) = twins.identities.of(f"tel:{ANNA}")
    twins.people.object(person, NOW, "r1")
    assert arrived(twins, 0).state == "judged"


def test_an_objection_outlives_the_key_under_which_it_was_said() -> None:
    old, new = b"the key of last year", b"the key of this year"
    twins = Twins(identities=MemoryIdentities((old,)))
    twins.people.object(twins.identities.of(f"tel:{ANNA}")[0], NOW - timedelta(days=9), "r1")
    twins.identities = MemoryIdentities((new, old))
    assert arrived(twins, 0).ground == "objected"
    twins.identities = MemoryIdentities((new,))
    assert arrived(twins, 1).ground == "objected"
