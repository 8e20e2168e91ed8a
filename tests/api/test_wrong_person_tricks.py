"""What somebody may try who wants another person's: other spellings, other methods, other people's proofs."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import pytest

from chalicelib.model import Reason
from chalicelib.services import places
from chalicelib.services.download import offer
from chalicelib.services.ports import Claims
from chalicelib.services.refs import agent_named
from chalicelib.services.switch import AGENT, turn_off
from chalicelib.telephony.standard import sign
from tests.api.asking import Answered, ask
from tests.api.proofs import SECRET
from tests.api.strangers import AGENTS, CALLERS, CALLS, MINE, NOWHERE, PEOPLE, THEIRS, TODAY, Caller, World, send, wire
from tests.api.strangers import world as made
from tests.api.test_wrong_person import BODIES, LOOKS, SHOWN, TABLE, cell

LISTEN, EVALUATE = "POST /recordings/{recording}/listen", "PUT /recordings/{recording}/evaluation"
SWITCH, ANSWER, PROOF = (
    "PUT /agents/{agent}/recording",
    "POST /requests/{request}/answer",
    "POST /requests/{request}/proof",
)
EXPORT, ARRIVED = "GET /exports/{request}/{token}", "POST /requests/{request}/downloaded"
ANNA = CALLERS["nobody"]


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    return wire(monkeypatch, made())


def somebody(monkeypatch: pytest.MonkeyPatch, *roles: str, agent: str = "", teams: tuple[str, ...] = ()) -> Caller:
    """Whose ID token says that."""
    monkeypatch.setitem(PEOPLE, "somebody", Claims("9", frozenset(roles), agent, frozenset(teams)))
    return Caller(token="somebody")


STRANGE = [
    "..", "%2e%2e", "a%2Fb", "..%2F..%2Fregister", "a/b", "%00", "%0a", "-", "é", "%C3%A9", "%", "%%", "{agent}",
    "{0.__class__}", "count#code#x", "x/link", "\u202emirak", "a b", " ", "x" * 3_000, "é" * 1_500, "null", "*",
]  # fmt: skip
WITH_IDS = [route for route in TABLE if "{" in route]


@pytest.mark.parametrize("strange", STRANGE, ids=lambda text: ascii(text)[:30])
@pytest.mark.parametrize("route", WITH_IDS)
def test_an_id_that_can_be_nobodys_breaks_nothing_and_opens_nothing(world: World, route: str, strange: str) -> None:
    names = ("recording", "agent", "call", "request", "token")
    ids = {name: strange for name in names if f"{{{name}}}" in route}
    body = BODIES.get(route) and {key: strange if value == SHOWN else value for key, value in BODIES[route].items()}
    for name, who in CALLERS.items():
        world.asked.clear()
        answer = send(who, route, body, **ids)
        if cell(route, name)[NOWHERE] < 300:  # there they may speak of whatever nobody knows
            assert answer.status in (200, 202, 400)
        else:
            assert answer.status in (400, 401, 403, 404)
            assert set(world.asked) <= LOOKS


KARIMS = ["karim", "Karim", "KARIM", " karim ", "%6Barim", "%20karim", "karim%09", "karim%00", "%256Barim",
          "jeanne%2F..%2Fkarim", "jeanne/../karim", "jeanne,karim", "kar%69m", "\u212aarim"]  # fmt: skip


@pytest.mark.parametrize("spelt", KARIMS, ids=ascii)
@pytest.mark.parametrize("name", ["jeanne", "north"])
def test_however_another_agent_is_spelt_their_switch_is_not_turned(world: World, name: str, spelt: str) -> None:
    assert send(CALLERS[name], SWITCH, {"state": "off"}, agent=spelt).status in (400, 403)
    assert world.twins.switches.switches == {}


@pytest.mark.parametrize(
    ("agent", "status"), [("Jeanne", 200), (" JEANNE ", 200), ("\u212aarim", 404), ("jeanne\u200b", 404), ("", 404)],
    ids=ascii,
)  # fmt: skip
def test_capitals_are_the_same_agent_and_letters_that_only_look_alike_are_another(
    world: World, monkeypatch: pytest.MonkeyPatch, agent: str, status: int
) -> None:
    who = somebody(monkeypatch, "agent", agent=agent)
    assert send(who, LISTEN, {"purpose": "training"}, recording=world.recordings[MINE]).status == status
    assert send(who, LISTEN, {"purpose": "training"}, recording=world.recordings[THEIRS]).status == 404


@pytest.mark.parametrize(
    ("roles", "agent", "teams"),
    [
        (("agent", "supervisor"), "jeanne", ("north",)),
        (("supervisor",), "karim", ()),  # an address alone is no role
        (("supervisor",), "karim", ("north",)),
        (("supervisor",), "", ("", "*", "sou", "southern", "sou th")),
        (("agent",), "jeanne", ("south",)),  # nor are teams
        (("agent", "supervisor"), "", ()),
    ],
)
def test_several_roles_open_what_each_of_them_opens_and_no_more(
    world: World, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...], agent: str, teams: tuple[str, ...]
) -> None:
    who = somebody(monkeypatch, *roles, agent=agent, teams=teams)
    assert send(who, LISTEN, {"purpose": "training"}, recording=world.recordings[THEIRS]).status == 404
    assert send(who, "GET /recordings/{recording}", None, recording=world.recordings[THEIRS]).status == 404
    assert send(who, EVALUATE, {"note": 1}, recording=world.recordings[THEIRS]).status in (403, 404)
    assert send(who, "GET /agents/{agent}/recording", None, agent="karim").status == 403
    assert send(who, SWITCH, {"state": "off"}, agent="karim").status == 403
    assert send(who, ANSWER, {}, request=world.own[THEIRS]).status in (403, 404)
    assert send(who, "POST /calls/{call}/objection", {"source": "twilio"}, call=CALLS[THEIRS]).status == 403


@pytest.mark.parametrize("said", [{"team": "south"}, {"teams": ["north", "south"]}, {"agent": "nora"}, {"role": "dpo"}])
def test_a_supervisor_who_names_a_team_in_the_request_is_told_the_same(world: World, said: dict[str, Any]) -> None:
    body, foreign = {"purpose": "training", **said}, world.recordings[THEIRS]
    answers = [send(CALLERS["north"], LISTEN, body, urlencode(said), recording=one) for one in (foreign, "nowhere")]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
    assert send(CALLERS["north"], "PUT /agents/{agent}/teams", {"teams": ["north"]}, agent="karim").status == 403


@pytest.mark.parametrize("roles", [("agent", "supervisor"), ("supervisor",)])
def test_nobody_evaluates_their_own_call_not_even_as_the_supervisor_of_their_team(
    world: World, monkeypatch: pytest.MonkeyPatch, roles: tuple[str, ...]
) -> None:
    own, before = world.recordings[MINE], world.twins.objects.get(places.evaluation(world.recordings[MINE]))
    who = somebody(monkeypatch, *roles, agent="jeanne", teams=("north",))
    assert send(who, EVALUATE, {"note": 20}, recording=own).status == 403
    assert world.twins.objects.get(places.evaluation(own)) == before
    assert send(CALLERS["north"], EVALUATE, {"note": 2}, recording=own).status == 200


def test_an_id_of_another_kind_is_nobodys(world: World) -> None:
    request, recording = world.own[MINE], world.recordings[MINE]
    for name in ("jeanne", "north", "the-dpo"):
        body = {"purpose": "claim" if name == "the-dpo" else "training"}
        assert send(CALLERS[name], LISTEN, body, recording=request).status == 404
    assert send(CALLERS["jeanne"], "GET /requests/{request}", None, request=recording).status == 404
    assert send(CALLERS["dpo-role"], "GET /desk/requests/{request}", None, request=recording).status == 404
    assert send(CALLERS["dpo-role"], "DELETE /recordings/{recording}/hold", None, recording=request).status == 404


@pytest.mark.parametrize("header", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
@pytest.mark.parametrize("method", ["PUT", "DELETE", "POST"])
def test_a_method_is_what_it_is(world: World, header: str, method: str) -> None:
    headers = {"Authorization": "Bearer jeanne", header: method}
    answer = ask("/recordings/{recording}", f"_method={method}", headers, recording=world.recordings[THEIRS])
    plain = ask("/recordings/{recording}", headers={"Authorization": "Bearer jeanne"}, recording="nowhere")
    assert (answer.status, answer.body) == (plain.status, plain.body) == (404, plain.body)


@pytest.mark.parametrize("act", ["payment/start", "payment/stop", "objection", "decision"])
def test_nothing_happens_to_a_call_by_a_get(world: World, act: str) -> None:
    """A link in a page or a mail would do it in the name of whoever opens it."""
    answer = ask(f"/calls/{{call}}/{act}", headers={"Authorization": "Bearer jeanne"}, call=CALLS[MINE])
    assert (answer.status, world.asked) == (405, [])


def test_a_code_is_right_once(world: World) -> None:
    for route, stage in ((PROOF, "proof"), (ANSWER, "answer")):
        case = world.cases[stage]
        said = {"code": case.shown["right"]}
        assert [send(ANNA, route, said, request=case.ids[MINE]).status for _ in range(2)] == [200, 403]


def test_a_code_of_the_same_persons_other_request_leaves_that_one_as_it_was(world: World) -> None:
    case = world.cases["answer"]
    before = dict(world.twins.requests.rows)
    assert send(ANNA, ANSWER, {"code": case.shown["another"]}, request=case.ids[MINE]).status == 403
    assert send(ANNA, ANSWER, {"code": case.shown["right"]}, request=case.ids[MINE]).status == 200
    assert world.twins.requests.rows == before


def test_tries_run_out_for_whoever_guesses_and_the_words_stay_the_same(world: World) -> None:
    case = world.cases["answer"]
    guesses = [send(ANNA, ANSWER, {"code": "a-guess"}, request=case.ids[THEIRS]) for _ in range(9)]
    assert {(guess.status, guess.body) for guess in guesses} == {(403, guesses[0].body)}


def test_a_code_is_no_token_and_a_token_no_code(world: World) -> None:
    answer, link = world.cases["answer"], world.cases["link"]
    assert send(ANNA, EXPORT, None, request=answer.ids[MINE], token=answer.shown["right"]).status == 404
    assert send(ANNA, ANSWER, {"code": link.shown["right"]}, request=link.ids[MINE]).status == 403
    assert send(ANNA, EXPORT, None, request=link.ids[MINE], token=link.shown["right"]).status == 303


def test_that_a_package_arrived_is_said_by_a_link_that_was_used_alone(world: World) -> None:
    case = world.cases["link"]
    request, token = case.ids[MINE], case.shown["right"]
    early = send(ANNA, ARRIVED, {"token": token}, request=request)
    assert (early.status, world.twins.requests.rows[request].downloaded) == (404, False)
    assert world.twins.machine.exists(places.export(request))
    assert [send(ANNA, EXPORT, None, request=request, token=token).status for _ in range(2)] == [303, 404]
    assert send(ANNA, ARRIVED, {"token": token}, request=case.ids[THEIRS]).status == 404
    assert [send(ANNA, ARRIVED, {"token": token}, request=request).status for _ in range(2)] == [200, 404]


def test_a_link_that_a_newer_one_replaced_opens_nothing(world: World) -> None:
    case = world.cases["link"]
    offer(world.twins.machine, world.twins.requests.rows[case.ids[MINE]], TODAY)
    assert send(ANNA, EXPORT, None, request=case.ids[MINE], token=case.shown["right"]).status == 404


def test_an_agents_token_opens_no_callers_answer_even_with_its_code_which_stays_good(world: World) -> None:
    case = world.cases["answer"]
    said = {"code": case.shown["right"]}
    answers = [send(CALLERS["jeanne"], ANSWER, said, request=one) for one in (case.ids[MINE], case.ids[NOWHERE])]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
    assert send(ANNA, ANSWER, said, request=case.ids[MINE]).status == 200


@pytest.mark.parametrize("name", ["jeanne", "north", "nobody", "role", "machine"])
def test_to_name_anybodys_request_in_a_rectification_changes_no_answer(world: World, name: str) -> None:
    case, route = world.cases["answer"].ids, "PUT /recordings/{recording}/rectification"
    bodies = [{"request": one, "statement": "Faux."} for one in (case[MINE], case[THEIRS], case[NOWHERE])]
    answers = [send(CALLERS[name], route, body, recording=world.recordings[MINE]) for body in bodies]
    assert len({(answer.status, answer.body) for answer in answers}) == 1
    assert answers[0].status in (401, 403)


def test_a_signature_for_one_agent_or_call_is_none_for_another(world: World) -> None:
    signed = send(CALLERS["machine"], SWITCH, {"state": "off"}, agent="nadine")
    assert signed.status == 200
    before = dict(world.twins.switches.switches)
    for whose, path in ((AGENTS[THEIRS], "/agents/{agent}/recording"), (AGENTS[MINE], "/agents/{agent}/recording")):
        answer = _replayed({"state": "off", "request": "PUT /agents/nadine/recording"}, "PUT", path, agent=whose)
        assert answer.status == 400
    said = {"source": "twilio", "request": f"POST /calls/{CALLS[MINE]}/payment/start"}
    assert _replayed(said, "POST", "/calls/{call}/payment/start", call=CALLS[THEIRS]).status == 400
    assert _replayed(said, "POST", "/calls/{call}/payment/stop", call=CALLS[MINE]).status == 400
    assert world.twins.switches.switches == before


def _replayed(body: dict[str, Any], method: str, path: str, **named: str) -> Answered:
    """A body with its signature, sent somewhere else than it says."""
    raw, stamp = json.dumps(body).encode(), int(datetime.now(UTC).timestamp())
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(stamp)}
    headers["webhook-signature"] = sign(raw, "msg_1", stamp, SECRET)
    return ask(path, "", headers | {"Content-Type": "application/json"}, method, raw, **named)


@pytest.mark.parametrize("name", ["south", "machine"])
def test_that_an_agent_is_off_for_their_mandate_is_told_to_nobody_who_switches_off_too(world: World, name: str) -> None:
    machine = world.twins.machine
    turn_off(machine, agent_named(machine, "karim"), Reason.MANDATE, None, AGENT, TODAY)
    answer = send(CALLERS[name], SWITCH, {"state": "off", "reason": "other"}, agent="karim")
    assert (answer.status, answer.json["state"]) == (200, "off")
    assert "mandate" not in answer.text
    assert send(CALLERS["karim"], "GET /agents/{agent}/recording", None, agent="karim").json["reason"] == "mandate"


def test_who_pays_on_another_teams_call_is_not_recorded_by_a_foreign_supervisors_word(world: World) -> None:
    said, call = {"source": "twilio"}, CALLS[MINE]
    assert send(CALLERS["jeanne"], "POST /calls/{call}/payment/start", said, call=call).json["recording"] == "pause"
    assert send(CALLERS["south"], "POST /calls/{call}/payment/stop", said, call=call).status == 403
    assert send(CALLERS["north"], "POST /calls/{call}/payment/stop", said, call=call).json["recording"] == "run"


def test_a_code_goes_to_its_requests_own_address_and_the_asker_is_told_nothing_of_it(world: World) -> None:
    """Sending takes a while, and for an id that is nowhere nothing is sent: whoever measures knows that the id exists.
    It has 104 random bits and was told to whoever asked alone; whether an address is known never shows.
    """
    case, messenger = world.cases["answer"], world.twins.messenger
    before, answers = len(messenger.sent), []
    for request in case.ids:
        answer = send(ANNA, "POST /requests/{request}/code", {}, request=request)
        answers.append((answer.status, answer.body.replace(request.encode(), b"id"), tuple(answer.headers.items())))
    assert len(set(answers)) == 1
    assert [to for to, _, _ in messenger.sent[before:]] == ["tel:+33639981234", "tel:+33639985678"]


@pytest.mark.parametrize("stage", ["proof", "answer"])
def test_the_pages_tell_a_wrong_code_for_another_persons_request_as_for_one_that_is_nowhere(
    world: World, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    case, seen = world.cases[stage], []
    for request in (case.ids[THEIRS], case.ids[NOWHERE]):
        here = wire(monkeypatch, made())
        raw = urlencode({"code": case.shown["right"]}).encode()
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = ask("/requests/{request}/proof", "language=fr", form, "POST", raw, request=request)
        body = answer.body.replace(request.encode(), b"id")
        seen.append((answer.status, body, answer.headers, here.asked))
    assert seen[0] == seen[1]
    assert seen[0][0] == 403


def test_what_is_held_is_as_gone_for_its_agent_and_their_supervisor(world: World) -> None:
    body = {"kind": "restriction", "reference": "2026-17", "until": BODIES["PUT /recordings/{recording}/hold"]["until"]}
    held = world.recordings[MINE]
    assert send(CALLERS["dpo-role"], "PUT /recordings/{recording}/hold", body, recording=held).status == 200
    for name in ("jeanne", "north"):
        answers = [send(CALLERS[name], LISTEN, {"purpose": "training"}, recording=one) for one in (held, "nowhere")]
        assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}
