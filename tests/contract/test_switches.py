"""The Switches port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone

import boto3
import pytest

from chalicelib.adapters.switches import DynamoSwitches, MemorySwitches
from chalicelib.errors import StaleSwitch
from chalicelib.model import Off, Reason, Stretch, Switch
from chalicelib.services.ports import Switches
from tests.contract.accounts import REGION, account

T0 = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
KEPT = T0 + timedelta(days=190)
PARIS = timezone(timedelta(hours=1))
MICROSECOND = timedelta(microseconds=1)


@pytest.fixture(params=["memory", "dynamodb"])
def switches(request: pytest.FixtureRequest) -> Iterator[Switches]:
    if request.param == "memory":
        yield MemorySwitches()
        return
    with account() as aws:
        yield DynamoSwitches(boto3.resource("dynamodb", region_name=REGION), aws.agents)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def off(since: datetime, until: datetime, reason: Reason = Reason.OTHER) -> Off:
    return Off(reason, Stretch(since, until))


def ended(switches: Switches, *offs: Off) -> None:
    """Turn the switch so often that each of these stretches ends."""
    for each in offs:
        current = switches.current("agent")
        switches.turn("agent", Switch(T0, "agent", revision=current.revision if current else 0), each, KEPT)


def test_another_name_of_an_agent_is_theirs_and_no_other_is(switches: Switches) -> None:
    switches.know_as("extension", "agent")
    switches.know_as("extension", "agent")
    assert [switches.known_as(ref) for ref in ("extension", "agent", "another")] == ["agent", "agent", "another"]
    assert switches.current("extension") is None


def test_an_agent_is_in_the_teams_where_they_were_placed_last_and_in_no_other(switches: Switches) -> None:
    assert switches.teams("agent") == frozenset()
    switches.place("agent", ["north", "south", "north"])
    assert switches.teams("agent") == {"north", "south"}
    switches.place("agent", (team for team in ["west"]))
    assert (switches.teams("agent"), switches.teams("another")) == ({"west"}, frozenset())
    switches.place("agent", [])
    assert switches.teams("agent") == frozenset()


def test_teams_disturb_neither_switch_nor_names(switches: Switches) -> None:
    ended(switches, off(at(0), at(5)))
    switches.know_as("extension", "agent")
    switches.place("agent", ["north"])
    assert switches.current("agent") == Switch(T0, "agent", revision=1)
    assert (switches.names("agent"), switches.calls("agent", T0)) == (("agent", "extension"), [])
    assert (switches.teams("extension"), switches.offs("agent", T0)) == (frozenset(), [off(at(0), at(5))])


def test_a_switch_that_nobody_turned_is_on_since_ever(switches: Switches) -> None:
    assert switches.current("agent") is None
    assert switches.offs("agent", T0 - timedelta(days=9999)) == []
    assert switches.calls("agent", T0) == []


@pytest.mark.parametrize("reason", [None, *Reason])
@pytest.mark.parametrize("until", [None, at(60) + MICROSECOND])
def test_a_switch_comes_back_as_it_was_turned(
    switches: Switches, reason: Reason | None, until: datetime | None
) -> None:
    turned = switches.turn("agent", Switch(T0 + MICROSECOND, "team-lead", reason, until), None, KEPT)
    assert turned == Switch(T0 + MICROSECOND, "team-lead", reason, until, 1)
    assert switches.current("agent") == turned
    assert switches.current("another") is None


def test_only_who_read_the_switch_as_it_stands_turns_it(switches: Switches) -> None:
    first = switches.turn("agent", Switch(T0, "agent", Reason.OTHER), None, KEPT)
    for revision in (0, 2):
        with pytest.raises(StaleSwitch):
            switches.turn("agent", Switch(at(9), "agent", revision=revision), None, KEPT)
    assert switches.current("agent") == first
    second = switches.turn("agent", Switch(at(9), "agent", revision=1), None, KEPT)
    assert switches.current("agent") == second
    assert second.revision == 2


def test_the_stretch_that_ends_is_written_with_the_switch_or_not_at_all(switches: Switches) -> None:
    switches.turn("agent", Switch(T0, "agent", Reason.OTHER), None, KEPT)
    for revision in (0, 7):
        with pytest.raises(StaleSwitch):
            switches.turn("agent", Switch(at(9), "agent", revision=revision), off(T0, at(9)), KEPT)
    assert switches.offs("agent", T0) == []
    switches.turn("agent", Switch(at(9), "agent", revision=1), off(T0, at(9), Reason.PERSONAL), KEPT)
    assert switches.offs("agent", T0) == [off(T0, at(9), Reason.PERSONAL)]
    assert switches.offs("another", T0) == []


def test_stretches_come_in_the_order_of_their_ends(switches: Switches) -> None:
    late, early, middle = off(at(1), at(50)), off(at(0), at(5)), off(at(2), at(10) + MICROSECOND)
    ended(switches, late, early, middle)
    assert switches.offs("agent", T0) == [early, middle, late]


def test_only_what_ended_after_the_moment_is_told_to_the_microsecond(switches: Switches) -> None:
    whole, part = off(at(0), at(5)), off(at(0), at(5) + MICROSECOND)
    ended(switches, whole, part)
    assert switches.offs("agent", at(5) - MICROSECOND) == [whole, part]
    assert switches.offs("agent", at(5)) == [part]
    assert switches.offs("agent", at(5) + MICROSECOND) == []


def test_zones_make_no_other_moment(switches: Switches) -> None:
    ended(switches, off(at(0).astimezone(PARIS), at(5).astimezone(PARIS)), off(at(6), at(7)))
    assert switches.offs("agent", at(4).astimezone(PARIS)) == [off(at(0), at(5)), off(at(6), at(7))]
    assert switches.offs("agent", at(5).astimezone(PARIS)) == [off(at(6), at(7))]
    assert switches.offs("agent", datetime(1970, 1, 1, tzinfo=UTC)) == [off(at(0), at(5)), off(at(6), at(7))]


def test_more_than_a_page_of_stretches_comes_back(switches: Switches) -> None:
    offs = [off(at(n), at(n + 1)) for n in range(35)]
    ended(switches, *reversed(offs))
    assert switches.offs("agent", T0) == offs


def test_an_agent_is_on_the_calls_that_they_sat_down_to_until_they_leave(switches: Switches) -> None:
    for call in ("call-a", "call-b", "call-a"):
        switches.sit("agent", call, at(60))
    assert sorted(switches.calls("agent", T0)) == ["call-a", "call-b"]
    for _ in range(2):
        switches.leave("agent", "call-a")
    assert switches.calls("agent", T0) == ["call-b"]
    assert switches.calls("another", T0) == []


def test_nobody_sits_for_ever(switches: Switches) -> None:
    switches.sit("agent", "call-a", at(60))
    assert switches.calls("agent", at(59)) == ["call-a"]
    assert switches.calls("agent", at(60)) == []
    switches.sit("agent", "call-a", at(120))
    assert switches.calls("agent", at(60)) == ["call-a"]


def test_calls_stretches_and_switch_do_not_disturb_each_other(switches: Switches) -> None:
    switches.sit("agent", "call-a", at(60))
    ended(switches, off(at(0), at(5)))
    assert switches.calls("agent", T0) == ["call-a"]
    assert switches.offs("agent", T0) == [off(at(0), at(5))]
    switches.leave("agent", "call-a")
    assert switches.current("agent") == Switch(T0, "agent", revision=1)


def test_only_what_has_ended_expires_and_no_item_holds_a_name() -> None:
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        switches = DynamoSwitches(resource, aws.agents)
        switches.turn("agent", Switch(T0, "agent", Reason.OTHER, at(3600)), None, KEPT)
        switches.turn("agent", Switch(at(9), "agent", Reason.PERSONAL, revision=1), off(T0, at(9)), KEPT)
        switches.sit("agent", "call-a", at(60))
        items = {item["what"]: item for item in resource.Table(aws.agents).scan()["Items"]}
    since, until = "2026-11-24T09:00:00.000000+00:00", "2026-11-24T09:00:09.000000+00:00"
    assert items == {
        "switch": {
            "agent": "agent", "what": "switch", "since": until, "by": "agent", "reason": "personal-call", "revision": 2,
        },
        f"off#{until}#{since}": {
            "agent": "agent", "what": f"off#{until}#{since}", "since": since, "until": until, "reason": "other",
            "expires": int(KEPT.timestamp()),
        },
        "on-call#call-a": {"agent": "agent", "what": "on-call#call-a", "expires": int(at(60).timestamp())},
    }  # fmt: skip


def test_a_failure_of_the_table_is_no_race() -> None:
    with account():
        switches = DynamoSwitches(boto3.resource("dynamodb", region_name=REGION), "NoSuchTable")
        with pytest.raises(Exception, match="ResourceNotFound"):
            switches.turn("agent", Switch(T0, "agent"), None, KEPT)
