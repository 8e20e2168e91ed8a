"""What is answered of a call that goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.model import Reason
from chalicelib.services.ports import CallFile
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.switch import AGENT, turn_off
from tests.api.strangers import CALLERS, CALLS, MINE, NOWHERE, THEIRS, TODAY, World, send, wire
from tests.api.strangers import world as made

PAYS, SWITCH = "POST /calls/{call}/payment/start", "PUT /agents/{agent}/recording"


class HeardMeanwhile:
    """Calls of which nothing is known when they are looked up first."""

    def __init__(self, port: Any) -> None:
        self.port, self.first = port, [CallFile()]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def file(self, ref: str) -> CallFile:
        found: CallFile = self.first.pop() if self.first else self.port.file(ref)
        return found


@pytest.mark.parametrize(("whose", "is_known"), [(MINE, True), (NOWHERE, False)])
def test_who_pays_is_told_whether_anything_was_ever_heard_of_that_call(
    monkeypatch: pytest.MonkeyPatch, whose: int, is_known: bool
) -> None:
    wire(monkeypatch, made())
    answer = send(CALLERS["the-dpo"], PAYS, {"source": "twilio"}, call=CALLS[whose]).json
    assert (answer["known"], answer["done"]) == (is_known, is_known)


def test_what_is_heard_of_in_the_same_moment_is_known_where_it_was_done(monkeypatch: pytest.MonkeyPatch) -> None:
    world = made()
    world.twins.calls = HeardMeanwhile(world.twins.calls)  # type: ignore[assignment]
    wire(monkeypatch, world)
    answer = send(CALLERS["the-dpo"], PAYS, {"source": "twilio"}, call=CALLS[MINE]).json
    assert (answer["done"], answer["known"]) == (True, True)


SEES = [("the-dpo", "stop", "mandate"), ("south", "pause", "agent-off"), ("machine", "pause", "agent-off")]


@pytest.mark.parametrize(("who", "course", "ground"), SEES)
@pytest.mark.parametrize("act", ["payment/start", "objection"])
def test_that_a_mandate_stopped_a_recording_is_told_to_the_dpo_alone(
    monkeypatch: pytest.MonkeyPatch, who: str, course: str, ground: str, act: str
) -> None:
    world = wire(monkeypatch, made())
    turn_off(world.machine, agent_named(world.machine, "karim"), Reason.MANDATE, None, AGENT, TODAY)
    answer = send(CALLERS[who], f"POST /calls/{{call}}/{act}", {"source": "twilio"}, call=CALLS[THEIRS])
    assert (answer.json["recording"], answer.json["ground"], answer.json["done"]) == (course, ground, True)
    assert "mandate" not in answer.text or who == "the-dpo"


@pytest.mark.parametrize("reason", ["mandate", "personal-call"])
def test_an_agent_reads_their_own_reason_and_nobody_elses_on_one_call(
    monkeypatch: pytest.MonkeyPatch, reason: str
) -> None:
    world = wire(monkeypatch, made())
    off = {"state": "off", "reason": reason}
    (own,) = send(CALLERS["karim"], SWITCH, off, agent="karim").json["calls"]
    assert own["ground"] == reason
    world.machine.switches.sit(agent_named(world.machine, "jeanne"), own_call(world), TODAY + timedelta(days=1))
    calls = send(CALLERS["jeanne"], SWITCH, {"state": "off", "reason": "other"}, agent="jeanne").json["calls"]
    assert {each["ground"] for each in calls} == {"agent-off"}


@pytest.mark.parametrize(("lines", "ground"), [([], "agent-off"), (["3290"], "mandate")])
def test_a_machine_that_asks_is_told_of_a_mandate_by_the_lines_that_the_policy_names_alone(
    monkeypatch: pytest.MonkeyPatch, lines: list[str], ground: str
) -> None:
    world = wire(monkeypatch, made())
    turn_off(world.machine, agent_named(world.machine, "karim"), Reason.MANDATE, None, AGENT, TODAY)
    said = {"source": "twilio", "queue": "service-client", "agent": "karim", "announced": True, "lines": lines}
    answer = send(CALLERS["machine"], "POST /calls/{call}/decision", said, call=CALLS[THEIRS]).json
    assert (answer["record"], answer["grounds"][0]) == (False, ground)
    assert ("mandate" in answer["grounds"]) is bool(lines)


def own_call(world: World) -> str:
    return call_named(world.machine, "twilio", CALLS[THEIRS])
