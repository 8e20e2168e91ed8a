"""What is answered of a call that goes on."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from chalicelib.model import Reason
from chalicelib.services.ports import CallFile
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.refuse import object_to
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


REASONS = ["mandate", "personal-call", "other"]
ASKS = {
    "POST /calls/{call}/payment/start": {"source": "twilio"},
    "POST /calls/{call}/payment/stop": {"source": "twilio"},
    "POST /calls/{call}/objection": {"source": "twilio"},
    "POST /calls/{call}/decision": {"source": "twilio", "queue": "service-client", "agent": "karim", "announced": True},
    SWITCH: {"state": "off", "reason": "other"},
}


def off_for(monkeypatch: pytest.MonkeyPatch, reason: str) -> World:
    """Karim has it off for that, and is on a call."""
    world = wire(monkeypatch, made())
    turn_off(world.machine, agent_named(world.machine, "karim"), Reason(reason), None, AGENT, TODAY)
    return world


def test_the_dpo_reads_that_a_mandate_stopped_it(monkeypatch: pytest.MonkeyPatch) -> None:
    off_for(monkeypatch, "mandate")
    answer = send(CALLERS["the-dpo"], PAYS, {"source": "twilio"}, call=CALLS[THEIRS]).json
    assert (answer["recording"], answer["ground"], answer["done"]) == ("stop", "mandate", True)


@pytest.mark.parametrize("objected", [False, True])
@pytest.mark.parametrize("route", ASKS)
@pytest.mark.parametrize("who", ["south", "machine"])
def test_nothing_of_an_answer_tells_others_why_it_is_off(
    monkeypatch: pytest.MonkeyPatch, who: str, route: str, objected: bool
) -> None:
    answers = []
    for reason in REASONS:
        world = off_for(monkeypatch, reason)
        if objected:
            object_to(world.machine, call_named(world.machine, "twilio", CALLS[THEIRS]), TODAY, "caller", TODAY)
        ids = {"agent": "karim"} if route == SWITCH else {"call": CALLS[THEIRS]}
        answer = send(CALLERS[who], route, ASKS[route], **ids)
        answers.append((answer.status, (answer.json or {}) | {"since": ""}))
    assert answers[0] == answers[1] == answers[2]


@pytest.mark.parametrize("said", REASONS)
def test_an_agent_does_not_learn_why_a_colleague_has_one_call_off(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    answers = []
    for reason in REASONS:
        world = off_for(monkeypatch, reason)
        call = call_named(world.machine, "twilio", CALLS[THEIRS])
        world.machine.switches.sit(agent_named(world.machine, "jeanne"), call, TODAY + timedelta(days=1))
        answers.append(send(CALLERS["jeanne"], SWITCH, {"state": "off", "reason": said}, agent="jeanne").json["calls"])
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0]) == 2


def test_what_was_private_stays_off_when_it_is_on_again_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    off_for(monkeypatch, "mandate")
    (call,) = send(CALLERS["karim"], SWITCH, {"state": "on"}, agent="karim").json["calls"]
    assert (call["recording"], call["ground"]) == ("pause", "agent-off")


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
