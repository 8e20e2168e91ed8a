"""Listening, evaluating, rectifying and muting again by HTTP: who may, and what bad input is told."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.errors import NotAuthenticated
from chalicelib.model import Hold, HoldKind, Recording, State
from chalicelib.services import places
from chalicelib.services.evaluate import evaluate
from chalicelib.services.hold import hold
from chalicelib.services.ports import Claims, Step
from chalicelib.services.refs import agent_named, own_ref, team_ref
from tests.api.asking import DPO, DPO_ROLE, SYSTEM, Answered, ask
from tests.machines import Twins
from tests.services.hearing import grounds, jeannes, supervisor

PEOPLE = {
    "jeanne": Claims("1", frozenset({"agent"}), "jeanne"),
    "karim": Claims("2", frozenset({"agent"}), "karim"),
    "north": Claims("3", frozenset({"supervisor"}), "", frozenset({"North"})),
    "south": Claims("4", frozenset({"supervisor"}), "", frozenset({"south"})),
    "teamless": Claims("5", frozenset({"supervisor"})),
    "the-dpo": Claims("6", frozenset({"dpo"})),
    "nobody": Claims("7", frozenset({"staff"})),
}
TODAY = datetime.now(UTC)
"""The routes ask the clock: the call is of today, whichever day that is."""
LAST_DAY = (TODAY + timedelta(days=150)).date()
UNTIL = (TODAY + timedelta(days=30)).date()
HOLD = Hold(HoldKind.RESTRICTION, "2026-17", "dpo", UNTIL)


class People:
    """An identity provider whose tokens are names."""

    def verify(self, token: str, now: datetime) -> Claims:
        if token not in PEOPLE:
            raise NotAuthenticated("the token is not taken")
        return PEOPLE[token]


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> Twins:
    found = Twins()
    monkeypatch.setattr(wiring, "machine", lambda: found.machine)
    monkeypatch.setattr(wiring, "policy", lambda: found.policy)
    monkeypatch.setattr(wiring, "tokens", People)
    monkeypatch.setenv("DPO_ROLE_ARN", DPO_ROLE)
    return found


def recorded(twins: Twins) -> Recording:
    return jeannes(twins, recording=replace(twins.available(), started_at=TODAY, last_day=LAST_DAY))


def asks(who: str, method: str, route: str, body: Any = None, **named: str) -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {who}"} if who else {})
    return ask(route, headers=headers, method=method, body=raw, **named)


def listens(who: str, recording: str, body: Any = None) -> Answered:
    said = {"purpose": "training"} if body is None else body
    return asks(who, "POST", "/recordings/{recording}/listen", said, recording=recording)


def test_a_link_with_what_was_muted_for_a_purpose(twins: Twins) -> None:
    recording = recorded(twins)
    answer = listens("north", recording.id)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    expires = datetime.fromisoformat(answer.json.pop("expires"))
    assert timedelta(minutes=4) < expires - datetime.now(UTC) <= timedelta(minutes=5)
    assert answer.json["url"] == twins.objects.link(places.audio(recording.id), 300, f"{recording.id}.wav")
    assert answer.json["media-type"] == "audio/wav"
    assert answer.json["muted"] == [{"kind": "card", "start-ms": 400, "end-ms": 990, "channel": 0}]
    ((ground, by),) = grounds(twins, recording)
    assert ground == "listened:training" and by.startswith("supervisor:")


@pytest.mark.parametrize(
    "body", [{}, {"purpose": ""}, {"purpose": None}, {"purpose": ["training"]}, [], b"{", b"", {"purpose": "a\nb"}]
)
def test_no_purpose_no_link(twins: Twins, body: Any) -> None:
    recording = recorded(twins)
    assert listens("north", recording.id, body).status == 400
    assert grounds(twins, recording) == []


ROUTES: list[tuple[str, str, Any]] = [
    ("POST", "/recordings/{recording}/listen", {"purpose": "training"}),
    ("GET", "/recordings/{recording}", None),
    ("PUT", "/recordings/{recording}/evaluation", {"note": 1}),
    ("GET", "/recordings/{recording}/evaluation", None),
    ("PUT", "/recordings/{recording}/rectification", {"request": "r-1", "statement": "Faux."}),
    ("POST", "/recordings/{recording}/muting", {"spans": []}),
]
MAY = {
    "jeanne": [200, 200, 403, 200, 403, 403],
    "north": [200, 200, 200, 200, 403, 403],
    "the-dpo": [403, 200, 403, 200, 200, 202],
    "karim": [404, 404, 403, 404, 403, 403],
    "south": [404, 404, 404, 404, 403, 403],
    "teamless": [404, 404, 404, 404, 403, 403],
    "nobody": [403] * 6,
    "somebody": [401] * 6,
    "": [401] * 6,
}


@pytest.mark.parametrize("who", MAY)
@pytest.mark.parametrize("number", range(len(ROUTES)), ids=[f"{method} {route}" for method, route, _ in ROUTES])
def test_who_may_what(twins: Twins, who: str, number: int) -> None:
    recording = recorded(twins)
    evaluate(twins.machine, recording.id, {"note": 1}, supervisor(twins), TODAY)
    method, route, body = ROUTES[number]
    answer = asks(who, method, route, body, recording=recording.id)
    assert answer.status == MAY[who][number]
    if answer.status >= 400:
        nowhere = asks(who, method, route, body, recording="nowhere")
        assert (nowhere.status, nowhere.body) == (answer.status, answer.body)


@pytest.mark.parametrize("recording", ["x" * 2000, "a%2Fb", "é", "a b", "..", "a/b"])
@pytest.mark.parametrize(("method", "route", "body"), ROUTES)
def test_an_id_that_can_be_nobodys_is_an_unknown_recordings(
    twins: Twins, method: str, route: str, body: Any, recording: str
) -> None:
    who = "north" if "evaluation" in route or "listen" in route else "the-dpo"
    assert asks(who, method, route, body, recording=recording).status == 404


def test_whoever_may_hear_it_reads_what_the_row_says_and_nothing_is_written_down(twins: Twins) -> None:
    recording = recorded(twins)
    said = {
        "recording": recording.id, "state": "available", "started-at": TODAY.isoformat(),
        "duration-ms": 2000, "language": "fr-FR", "channels": 2, "queue": "service-client",
        "last-day": LAST_DAY.isoformat(), "evaluated": False,
        "muted": [{"kind": "card", "start-ms": 400, "end-ms": 990, "channel": 0}],
    }  # fmt: skip
    for who in ("north", "jeanne", "the-dpo"):
        answer = asks(who, "GET", "/recordings/{recording}", recording=recording.id)
        assert (answer.status, answer.json) == (200, said)
    assert grounds(twins, recording) == []


def test_what_is_held_is_the_dpos_alone_and_what_is_quarantined_has_no_link(twins: Twins) -> None:
    recording = recorded(twins)
    hold(twins.machine, recording.id, HOLD, datetime.now(UTC))
    assert [listens(who, recording.id).status for who in ("north", "jeanne")] == [404, 404]
    assert listens("the-dpo", recording.id, {"purpose": "claim"}).status == 200
    assert listens("the-dpo", recording.id, {"purpose": "verification"}).status == 403, "art. 18(2) does not name it"
    row = twins.machine.recording(recording.id)
    twins.recordings._rows[row.id] = Recording(
        **{n: getattr(row, n) for n in row.__slots__} | {"state": State.QUARANTINED, "hold": None}
    )
    answer = listens("the-dpo", recording.id, {"purpose": "verification"})
    assert (answer.status, answer.json["type"]) == (409, "urn:sourdine:problem:cannot-be-heard")
    assert grounds(twins, recording)[-1][0] == "quarantine-asked:verification"


def evaluates(recording: Recording, body: Any) -> Answered:
    return asks("north", "PUT", "/recordings/{recording}/evaluation", body, recording=recording.id)


def test_a_grid_of_the_controllers_own_comes_back_as_it_was_written(twins: Twins) -> None:
    recording, grid = recorded(twins), {"accueil": 4.5, "remarques": ["à l'écoute", None], "détail": {"é": True}}
    assert evaluates(recording, grid).status == 200
    answer = asks("jeanne", "GET", "/recordings/{recording}/evaluation", recording=recording.id)
    assert (answer.status, answer.json["grid"]) == (200, grid)
    assert asks("jeanne", "GET", "/recordings/{recording}", recording=recording.id).json["evaluated"] is True


@pytest.mark.parametrize(
    "body",
    [{}, [], "x", b"{", b'{"a": NaN}', b'{"a": 1e999}', b'{"a": "\\ud800"}', {"a": "x" * 20_480},
     b'{"a": ' + b"[" * 9000 + b"]" * 9000 + b"}"],
    ids=lambda body: str(body)[:20],
)  # fmt: skip
def test_what_is_no_grid_is_refused_and_not_written(twins: Twins, body: Any) -> None:
    recording = recorded(twins)
    assert evaluates(recording, body).status == 400
    assert grounds(twins, recording) == [] and not twins.machine.exists(places.evaluation(recording.id))


def rectifies(recording: Recording, body: Any) -> Answered:
    return asks("the-dpo", "PUT", "/recordings/{recording}/rectification", body, recording=recording.id)


def test_the_dpo_rectifies_and_is_told_what_the_row_says_now(twins: Twins) -> None:
    recording = recorded(twins)
    asked = {"request": "r-1", "statement": "Je n'ai pas dit cela.\nJamais.", "span": {"start-ms": 1, "end-ms": 2}}
    answer = rectifies(recording, asked | {"agent": "karim", "language": "en-GB"})
    assert (answer.status, answer.json) == (200, {
        "recording": recording.id, "state": "available", "language": "en-GB", "queue": "service-client",
        "last-day": LAST_DAY.isoformat(),
    })  # fmt: skip
    assert twins.machine.recording(recording.id).agent_ref == agent_named(twins.machine, "karim")


GOOD = {"request": "r-1", "statement": "Faux."}


@pytest.mark.parametrize(
    "body",
    [{}, {"request": "r-1"}, GOOD | {"request": "Jeanne Martin"}, GOOD | {"request": 7}, GOOD | {"statement": ""},
     GOOD | {"statement": " \n "}, GOOD | {"statement": "x" * 4001}, GOOD | {"statement": "\ud800"},
     GOOD | {"statement": ["Faux."]}, GOOD | {"words": "oui"},
     GOOD | {"words": "a\nb", "span": {"start-ms": 1, "end-ms": 9}},
     GOOD | {"span": {"start-ms": 1}}, GOOD | {"span": [1, 2]}, GOOD | {"span": {"start-ms": 2, "end-ms": 1}},
     GOOD | {"span": {"start-ms": "1", "end-ms": 2}}, GOOD | {"span": {"start-ms": True, "end-ms": 2}},
     GOOD | {"span": {"start-ms": 1, "end-ms": 10**12}}, GOOD | {"span": {"start-ms": 1, "end-ms": 2, "channel": -1}},
     GOOD | {"queue": 7}, GOOD | {"agent": "x" * 257}, [], b"{"],
    ids=lambda body: str(body)[:60],
)  # fmt: skip
def test_a_rectification_that_cannot_be_understood_is_refused(twins: Twins, body: Any) -> None:
    recording = recorded(twins)
    assert rectifies(recording, body).status == 400
    assert grounds(twins, recording) == []


@pytest.mark.parametrize("asked", [{"language": "de-DE"}, {"queue": "nulle-part"}, {"queue": "souscription"}])
def test_a_rectification_that_cannot_be_made_is_told_why(twins: Twins, asked: dict[str, str]) -> None:
    answer = rectifies(recorded(twins), GOOD | asked)
    assert (answer.status, answer.json["type"]) == (409, "urn:sourdine:problem:cannot-be-rectified")


def mutes(recording: Recording, body: Any) -> Answered:
    return asks("the-dpo", "POST", "/recordings/{recording}/muting", body, recording=recording.id)


def test_muting_again_is_asked_of_the_queue(twins: Twins) -> None:
    recording = recorded(twins)
    answer = mutes(
        recording, {"spans": [{"start-ms": 1500, "end-ms": 1900, "channel": 1}, {"start-ms": 0, "end-ms": 9}]}
    )
    assert (answer.status, answer.json) == (202, {"recording": recording.id, "muting": "asked"})
    ((step, message, _),) = twins.steps.posted
    assert (step, message["mute-again"]) == (Step.RIGHTS, recording.id)
    assert message["spans"] == [[1500, 1900, 1], [0, 9, None]] and message["by"].startswith("dpo:")
    assert mutes(recording, {}).status == 202


@pytest.mark.parametrize(
    "spans",
    [None, {}, "all", [1], [{"start-ms": 1}], [{"start-ms": 5, "end-ms": 5}], [{"start-ms": 2000, "end-ms": 2001}],
     [{"start-ms": 0, "end-ms": 9, "channel": 2}], [{"start-ms": 0, "end-ms": 9, "channel": "left"}],
     [{"start-ms": 0, "end-ms": 9}] * 101],
    ids=lambda spans: str(spans)[:40],
)  # fmt: skip
def test_spans_that_are_none_of_the_recordings_are_refused_at_once(twins: Twins, spans: Any) -> None:
    assert mutes(recorded(twins), {"spans": spans}).status == 400
    assert twins.steps.posted == []


def places_agent(body: Any, signed_by: str | None = SYSTEM, agent: str = "Jeanne") -> Answered:
    raw = json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return ask("/agents/{agent}/teams", "", headers, "PUT", raw, signed_by, agent=agent)


def test_the_employers_systems_say_in_which_teams_an_agent_is_by_any_of_their_names(twins: Twins) -> None:
    machine = twins.machine
    machine.switches.know_as(own_ref(machine, "3201"), own_ref(machine, "jeanne"))
    for agent in ("Jeanne", "3201"):
        answer = places_agent({"teams": ["North", "north", "south-west"]}, agent=agent)
        assert (answer.status, answer.json) == (200, {"teams": 2})
        assert machine.switches.teams(agent_named(machine, "jeanne")) == {
            team_ref(machine, "north"), team_ref(machine, "SOUTH-WEST"),
        }  # fmt: skip
    assert "north" not in repr(twins.switches.placed)
    assert places_agent({"teams": []}, DPO).status == 200
    assert machine.switches.teams(agent_named(machine, "jeanne")) == frozenset()


@pytest.mark.parametrize(
    "teams",
    [None, "north", ["a b"], ["a,b"], [""], [7], ["x" * 65], ["\ud800"], ["a\u0000"], ["north"] * 21, {"north": 1}],
    ids=str,
)
def test_what_is_no_list_of_teams_places_nobody(twins: Twins, teams: Any) -> None:
    assert places_agent({"teams": teams}).status == 400
    assert twins.switches.placed == {}


def test_nobody_outside_of_the_account_places_an_agent(twins: Twins) -> None:
    for stranger in (None, SYSTEM.replace("1234", "9999")):
        assert places_agent({"teams": ["north"]}, stranger).status == 403
    assert twins.switches.placed == {}
