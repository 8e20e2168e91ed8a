"""Two of each: agents in two teams, callers with their requests and packages; and everybody who may ask for the wrong
one, by whatever they have to show.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.adapters.memory import MemoryRecordings
from chalicelib.adapters.printer import DocumentPrinter
from chalicelib.adapters.requests import MemoryRequests
from chalicelib.errors import NotAuthenticated
from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Recording
from chalicelib.services import places, proof
from chalicelib.services.asking import ask_as_agent
from chalicelib.services.download import follow, offer
from chalicelib.services.evaluate import evaluate
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Claims
from chalicelib.services.redact import redact
from chalicelib.services.refs import agent_named, team_ref
from chalicelib.services.transcribe import transcribe
from chalicelib.settings import Settings
from chalicelib.telephony.standard import sign
from tests.api.asking import DPO, DPO_ROLE, SYSTEM, Answered, ask
from tests.api.proofs import SECRET, SECRETS
from tests.machines import CALL, NOW, Twins
from tests.services.hearing import supervisor
from tests.services.live import T0, Line
from tests.services.proving import WRITTEN, asks, sent, wants

TODAY = datetime.now(UTC)
"""The routes ask the clock: everything is of today, whichever day that is."""

MINE, THEIRS, NOWHERE = range(3)
"""Whose an id is: Jeanne's or Anna's, Karim's or Bruno's, or nobody's at all."""

BRUNO = "06 39 98 56 78"
AGENTS = ("jeanne", "karim", "nadine")
CALLS = ("CA-jeanne", "CA-karim", "CA-nobody")
NO_REQUEST, NO_RECORDING = "0123456789abcdef0123456789", "nowherenowherenowherenowhe"
PEOPLE = {
    "jeanne": Claims("1", frozenset({"agent"}), "jeanne"),
    "karim": Claims("2", frozenset({"agent"}), "karim"),
    "north": Claims("3", frozenset({"supervisor"}), "nora", frozenset({"North"})),
    "south": Claims("4", frozenset({"supervisor"}), "samir", frozenset({"south"})),
    "the-dpo": Claims("5", frozenset({"dpo"})),
}


class People:
    """An identity provider whose tokens are names."""

    def verify(self, token: str, now: datetime) -> Claims:
        if token not in PEOPLE:
            raise NotAuthenticated("the token is not taken")
        return PEOPLE[token]


class StrictRequests(MemoryRequests):
    """Takes keys as DynamoDB does."""

    def get(self, request_id: str) -> Request | None:
        assert 0 < len(request_id.encode()) <= 2048
        return super().get(request_id)


class StrictRecordings(MemoryRecordings):
    """The same."""

    def get(self, recording_id: str) -> Recording | None:
        assert 0 < len(recording_id.encode()) <= 2048
        return super().get(recording_id)


@dataclass(frozen=True)
class Caller:
    """What somebody shows: an ID token, an IAM principal, a signature of the body, or which code or token of Anna's."""

    token: str = ""
    arn: str | None = None
    signs: bool = False
    shows: str = ""


CALLERS: dict[str, Caller] = {
    "nobody": Caller(),
    **{name: Caller(token=name) for name in PEOPLE},
    "dpo-role": Caller(arn=DPO),
    "role": Caller(arn=SYSTEM),
    "foreign-role": Caller(arn=SYSTEM.replace("1234", "9999")),
    "machine": Caller(signs=True),
    "anna": Caller(shows="right"),
    "code-of-another-request": Caller(shows="another"),
    "old-code": Caller(shows="old"),
    "token-of-another-package": Caller(shows="token"),
}


@dataclass(frozen=True)
class Case:
    """A request of Anna's, another of hers and one of Bruno's, all at the same point; and what she may show there."""

    ids: tuple[str, str, str]
    shown: dict[str, str]


@dataclass
class World:
    """The twins, which ids there are, and whatever was asked of the ports since."""

    twins: Twins
    recordings: tuple[str, str, str]
    cases: dict[str, Case]
    own: tuple[str, str, str]
    """The agents' own requests."""
    asked: list[str] = field(default_factory=list)

    @property
    def machine(self) -> Machine:
        """Whatever is asked of its ports is counted."""
        made = self.twins.machine
        ports = [name for name in Machine.__slots__ if name not in ("policy", "settings")]
        return replace(made, **{name: Counted(name, getattr(made, name), self.asked) for name in ports})

    def secrets(self) -> set[str]:
        """What tells of the other persons: none of it is for whoever asks for the wrong one."""
        machine, theirs = self.twins.machine, [case.ids[THEIRS] for case in self.cases.values()]
        return {
            self.recordings[THEIRS], self.own[THEIRS], "karim", "Karim", "south", "639985678", "06 39 98 56 78",
            agent_named(machine, "karim"), team_ref(machine, "south"), *theirs,
            *(row.chain for row in self.twins.requests.rows.values()),
        }  # fmt: skip


@dataclass(frozen=True)
class Counted:
    """A port that writes down what is asked of it."""

    name: str
    port: Any
    asked: list[str]

    def __getattr__(self, method: str) -> Any:
        found = getattr(self.port, method)

        def counted(*said: Any, **named: Any) -> Any:
            self.asked.append(f"{self.name}.{method}")
            return found(*said, **named)

        return counted if callable(found) else found


def world() -> World:
    """One of one's own."""
    made = _made()
    shared = {id(each): each for each in (made.twins.policy, made.twins.printer)}  # they are values
    return deepcopy(made, shared)


@cache
def _made() -> World:
    twins = Twins(printer=DocumentPrinter(), requests=StrictRequests(), recordings=StrictRecordings())
    twins.settings = Settings(padding_ms=100, codes_an_hour=999, requests_an_hour=999)
    twins.secrets.signed_with = dict(SECRETS)
    recordings = (_recorded(twins, "jeanne", "north"), _recorded(twins, "karim", "south"), NO_RECORDING)
    for agent, call in zip(AGENTS[:2], CALLS[:2], strict=True):
        Line(twins, call).connects(agent, (TODAY - T0).total_seconds())
    own = [ask_as_agent(twins.machine, agent, wants(address=""), TODAY).id for agent in AGENTS[:2]]
    cases = {stage: _case(twins, stage) for stage in STAGES}
    for key, (digest, until, tries) in twins.codes.codes.items():  # however long the tests take
        twins.codes.codes[key] = digest, until + timedelta(days=1), tries
    return World(twins, recordings, cases, (own[0], own[1], NO_REQUEST))


def _recorded(twins: Twins, agent: str, team: str) -> str:
    """A recording of the agent's, with its evaluation; the agent is in that team."""
    machine, ref = twins.machine, agent_named(twins.machine, agent)
    recording = transcribe(machine, twins.received(key=f"{team}.wav", metadata=CALL | {"call-id": team}).id, NOW)
    twins.heard(recording)
    row, last_day = redact(machine, recording.id, NOW), (TODAY + timedelta(days=150)).date()
    theirs = replace(row, queue="service-client", agent_ref=ref, started_at=TODAY, last_day=last_day)
    machine.note(theirs, "prepared", NOW)
    machine.switches.place(ref, {team_ref(machine, team)})
    evaluate(machine, row.id, {"note": 1}, supervisor(twins, team), TODAY)
    return row.id


def _case(twins: Twins, stage: str) -> Case:
    first, old, right = STAGES[stage](twins, WRITTEN)
    second, _, another = STAGES[stage](twins, WRITTEN)
    theirs, _, elsewhere = STAGES[stage](twins, BRUNO)
    packed = second if stage in ("link", "arrival") else _linked(twins, WRITTEN)[0]
    token = another if packed == second else offer(twins.machine, twins.requests.rows[packed], TODAY) or ""
    code = _codes(twins, second)[1] if packed == second else another  # of a package: her code in a token's place
    if right in (old, code, elsewhere):  # one code in a million is another's too
        return _case(twins, stage)
    return Case((first, theirs, NO_REQUEST), {"old": old, "right": right, "another": code, "token": token})


def _codes(twins: Twins, request: str) -> tuple[str, str]:
    """A code, and the one that took its place."""
    found = []
    for _ in range(2):
        proof.send_code(twins.machine, request, TODAY)
        found.append(sent(twins))
    return found[0], found[1]


def _awaiting(twins: Twins, who: str) -> tuple[str, str, str]:
    request = asks(twins, wants(Right.ACCESS, who), TODAY)
    return request, *_codes(twins, request)


def _answered(twins: Twins, who: str) -> tuple[str, str, str]:
    """Its package lies there."""
    request, _, code = _awaiting(twins, who)
    row = proof.prove(twins.machine, request, code, "", TODAY)
    twins.requests.rows[request] = replace(row, state=Status.ANSWERED, answered_on=row.received_on)
    twins.objects.put(places.export(request), b"PK", "application/zip", {})
    return request, *_codes(twins, request)


def _linked(twins: Twins, who: str) -> tuple[str, str, str]:
    request, _, _ = _answered(twins, who)
    first, second = (offer(twins.machine, twins.requests.rows[request], TODAY) or "" for _ in range(2))
    return request, first, second


def _followed(twins: Twins, who: str) -> tuple[str, str, str]:
    """Its link was used, and so was one before."""
    request, tokens = _answered(twins, who)[0], []
    for _ in range(2):
        tokens.append(offer(twins.machine, twins.requests.rows[request], TODAY) or "")
        follow(twins.machine, request, tokens[-1], TODAY)
    return request, tokens[0], tokens[1]


STAGES: dict[str, Callable[[Twins, str], tuple[str, str, str]]] = {
    "proof": _awaiting, "answer": _answered, "link": _linked, "arrival": _followed,
}  # fmt: skip
"""Each makes a request at that point: its id, a code (or token) that is superseded, and the right one."""


def wire(monkeypatch: pytest.MonkeyPatch, found: World) -> World:
    """The API answers out of this world."""
    for name in ("acknowledgements", "policy", "printer", "pseudonyms"):
        monkeypatch.setattr(wiring, name, lambda name=name: getattr(found.machine, name))
    monkeypatch.setattr(wiring, "machine", lambda: found.machine)
    monkeypatch.setattr(wiring, "tokens", People)
    monkeypatch.setenv("DPO_ROLE_ARN", DPO_ROLE)
    return found


def send(who: Caller, route: str, body: dict[str, Any] | None, query: str = "", **named: str) -> Answered:
    """Ask for `METHOD /path/{of}/the/route`, with whatever they show."""
    method, path = route.split(" ")
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {who.token}"} if who.token else {})
    if who.signs:
        body = {**(body or {}), "request": f"{method} {path.format(**named)}"}
    raw = None if body is None else json.dumps(body).encode()
    if who.signs:
        stamp = int(datetime.now(UTC).timestamp())
        signature = sign(raw or b"", "msg_1", stamp, SECRET)
        headers |= {"webhook-id": "msg_1", "webhook-timestamp": str(stamp), "webhook-signature": signature}
    return ask(path, query, headers, method, raw, who.arn, **named)
