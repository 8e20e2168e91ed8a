"""Asking, proving and coming back, by HTTP: in JSON and by forms."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import wiring
from chalicelib.adapters.printer import DocumentPrinter
from chalicelib.adapters.requests import MemoryRequests
from chalicelib.errors import MessageNotSent, NotAuthenticated
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.services.ports import Claims
from chalicelib.settings import Settings
from tests.api.asking import Answered, ask, log_here
from tests.machines import Twins
from tests.plain import plain
from tests.policies import policy
from tests.services.proving import EMAIL, NUMBER, WRITTEN, sent, wrong

ID = "0123456789abcdef0123456789"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
PEOPLE = {
    "jeanne": Claims("83bbeb0a", frozenset({"agent"}), "jeanne@exemple.example"),
    "paul": Claims("1f", frozenset({"agent"}), "paul@exemple.example"),
    "nameless": Claims("4c", frozenset({"agent"})),
    "chief": Claims("2b", frozenset({"supervisor", "dpo"}), "chief@exemple.example"),
}
WISH = {"right": "access", "who": WRITTEN}


class People:
    """An identity provider whose tokens are names."""

    def verify(self, token: str, now: datetime) -> Claims:
        if token not in PEOPLE:
            raise NotAuthenticated("the token is not taken")
        return PEOPLE[token]


class Strict(MemoryRequests):
    """Takes keys as DynamoDB does."""

    def get(self, request_id: str) -> Request | None:
        assert 0 < len(request_id.encode()) <= 2048
        return super().get(request_id)


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> Iterator[Twins]:
    found = Twins(printer=DocumentPrinter(), requests=Strict())
    monkeypatch.setattr(wiring, "machine", lambda: found.machine)
    monkeypatch.setattr(wiring, "policy", lambda: found.policy)
    monkeypatch.setattr(wiring, "tokens", People)
    return found


def say(body: Any, path: str = "", by: str = "", request: str = "") -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {by}"} if by else {})
    named = {"request": request} if request else {}
    return ask(f"/requests{'/{request}' if request else ''}{path}", "", headers, "POST", raw, **named)


def fill(fields: dict[str, str], path: str = "", request: str = "", language: str = "fr") -> Answered:
    named = {"request": request} if request else {}
    route, raw = f"/requests{'/{request}' if request else ''}{path}", urlencode(fields).encode()
    return ask(route, f"language={language}", FORM, "POST", raw, **named)


def asked(twins: Twins, **more: Any) -> str:
    answer = say(WISH | more)
    assert answer.status == 202
    return str(answer.json["request"])


def test_somebody_asks_proves_and_comes_back_for_the_answer(twins: Twins) -> None:
    request = asked(twins, right="erasure", text="Le 3 mars,\nau matin", language="en", **{"bank-data": True})
    kept = twins.requests.rows[request]
    assert (kept.right, kept.contact, kept.language, kept.bank_data) == (Right.ERASURE, NUMBER, "en", True)
    proof = say({"code": sent(twins)}, "/proof", request=request)
    assert (proof.status, proof.headers["cache-control"]) == (200, "no-store")
    assert proof.json.keys() == {"request", "right", "status", "due", "extended", "reasons"}
    assert (proof.json["request"], proof.json["right"], proof.json["status"]) == (request, "erasure", "open")
    assert datetime.fromisoformat(proof.json["due"]).date() > kept.received_on
    assert say({}, "/code", request=request).status == 202
    assert say({"code": sent(twins)}, "/answer", request=request).json == proof.json | {"answer": None, "link": None}


def test_an_answer_comes_in_codes_counts_and_articles(twins: Twins) -> None:
    request = asked(twins, right="erasure")
    row = twins.requests.rows[request]
    told = (Told("recordings-erased", 3), Told("kept-duty", 1, "r1", "C. assur., art. R. 112-7"))
    twins.requests.rows[request] = replace(
        row, state=Status.ANSWERED, proven_on=row.received_on, answered_on=row.received_on, told=told
    )
    answer = say({"code": sent(twins)}, "/answer", request=request).json["answer"]
    texts = [told.pop("text") for told in answer["told"]]
    assert answer == {
        "article": "17",
        "on": row.received_on.isoformat(),
        "reasons": "",
        "told": [
            {"code": "recordings-erased", "count": 3, "recording": "", "source": ""},
            {"code": "kept-duty", "count": 1, "recording": "r1", "source": "C. assur., art. R. 112-7"},
        ],
    }
    assert texts[0].startswith("3 enregistrements ont été effacés")
    assert "C. assur., art. R. 112-7" in texts[1]


def test_the_answer_is_the_same_whoever_is_known_whoever_asked_before_and_whatever_is_sent(twins: Twins) -> None:
    twins.settings = Settings(requests_an_hour=99)
    twins.people.link(twins.identities.of(NUMBER)[0], "call", datetime(2027, 1, 1).date())
    answers = [say(WISH | {"who": address}) for address in (WRITTEN, "06 39 98 00 00", EMAIL)]
    answers += [say(WISH) for _ in range(5)]
    twins.messenger.fails.append(MessageNotSent("the message was refused: Throttling"))
    answers.append(say(WISH | {"who": "paul@exemple.example"}))
    for answer in answers:
        assert (answer.status, answer.json.keys(), answer.json["next"]) == (202, {"request", "next"}, "code")
    assert len({answer.json["request"] for answer in answers}) == len(answers)
    assert len({tuple(answer.headers.items()) for answer in answers}) == 1


def test_another_code_is_promised_for_whatever_is_named(twins: Twins) -> None:
    request = asked(twins)
    for named in (request, request, request, request, ID, "x" * 3000, "é", "-", "count#code#x"):
        answer = say({}, "/code", request=named)
        assert (answer.status, answer.json) == (202, {"request": named, "next": "code"})
    assert len(twins.messenger.sent) == 3


def test_a_proof_that_fails_is_answered_in_one_wording(twins: Twins) -> None:
    request = asked(twins)
    code, failures = sent(twins), []
    failures.append(say({"code": wrong(code)}, "/proof", request=request))
    failures += [
        say({"code": code}, path, request=named) for path in ("/proof", "/answer") for named in (ID, "x" * 3000)
    ]
    failures.append(say({"code": code}, "/answer", request=request))
    assert say({"code": code}, "/proof", request=request).status == 200
    failures.append(say({"code": code}, "/proof", request=request))
    failures.append(say({"code": code}, "/answer", request=request))
    assert {(each.status, each.body) for each in failures} == {(403, failures[0].body)}
    assert failures[0].json["type"] == "urn:sourdine:problem:not-proven"


def test_a_message_that_is_not_sent_is_logged_by_its_kind_and_names_nobody(
    twins: Twins, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_here(monkeypatch)
    twins.messenger.fails.append(MessageNotSent("the message was refused: Throttling"))
    request = asked(twins, text="Mme Dupont")
    said = capsys.readouterr()
    assert "message-not-sent" in said.out
    for secret in ("639981234", "Dupont", request, "127.0.0.1"):
        assert secret not in said.out + said.err


@pytest.mark.parametrize("who", ["0899 12 34 56", "+7 912 345 67 89", "01 99 00 12 34"])
def test_where_no_code_is_sent_the_answer_is_the_same_and_the_log_names_no_number(
    twins: Twins, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], who: str
) -> None:
    log_here(monkeypatch)
    twins.policy = policy(("[keeping]", '[requests]\nown_numbers = ["01 99 00 *"]\n\n[keeping]'))
    answer = say(WISH | {"who": who})
    assert (answer.status, answer.json["next"], twins.messenger.sent) == (202, "code", [])
    said = capsys.readouterr()
    assert said.out.count("no-texts-there") == (0 if who.startswith("01") else 1)
    assert not re.search(r"89912|79123|19900", plain(said.out + said.err))


def test_codes_that_one_place_has_sent_are_limited_and_the_answer_stays_the_same(twins: Twins) -> None:
    twins.settings = Settings(codes_an_hour_of_one_source=2)
    ids = [asked(twins, who=f"06 39 98 00 {n:02}") for n in range(3)]
    answers = [say({}, "/code", request=each) for each in ids] + [fill({}, "/code", ids[0])]
    assert [answer.status for answer in answers] == [202, 202, 202, 200]
    assert len(twins.messenger.sent) == 2


def test_whether_a_request_waits_for_the_dpo_is_told_by_no_route(twins: Twins) -> None:
    pages, answers = [], []
    for state in (Status.OPEN, Status.ACCEPTED):
        request = asked(twins)
        say({"code": sent(twins)}, "/proof", request=request)
        row = twins.requests.rows[request]
        for seen in (pages, answers):
            twins.requests.rows[request] = replace(row, state=state, told=(Told("recordings-erased", 1),))
            say({}, "/code", request=request)
            body = {"code": sent(twins)}
            answer = fill(body, "/proof", request) if seen is pages else say(body, "/answer", request=request)
            seen.append(answer.text.replace(request, ""))
        twins.codes.counts.clear()
    assert pages[0] == pages[1]
    assert answers[0] == answers[1]


def test_the_eleventh_request_of_an_hour_from_one_place_is_too_many(twins: Twins) -> None:
    answers = [say(WISH | {"who": f"06 39 98 00 {n:02}"}) for n in range(11)]
    assert [answer.status for answer in answers] == [202] * 10 + [429]
    assert fill(WISH).status == 429
    assert len(twins.requests.rows) == 10


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"\xff",
        b"[" * 5000,
        b'{"right": "access", "who": "\\ud800@exemple.example"}',
        b'{"right": "access", "who": "06 39 98 12 34", "text": "\\udc00"}',
        [],
        {},
        {"right": "access"},
        {"who": WRITTEN},
        WISH | {"right": "everything"},
        WISH | {"right": ["access"]},
        WISH | {"who": 639981234},
        WISH | {"who": "3290"},
        WISH | {"language": "de"},
        WISH | {"language": None},
        WISH | {"text": 7},
        WISH | {"text": "a" * 2001},
        WISH | {"bank-data": "yes"},
        WISH | {"bank_data": True},
        json.dumps(WISH).encode() + b" " * 10_240,
    ],
)
def test_what_cannot_be_read_is_refused_and_nothing_is_written(twins: Twins, body: Any) -> None:
    answer = say(body)
    assert (answer.status, answer.json["type"]) == (400, "urn:sourdine:problem:invalid-request")
    assert (twins.requests.rows, twins.messenger.sent) == ({}, [])


@pytest.mark.parametrize("path", ["/proof", "/answer"])
@pytest.mark.parametrize("body", [b"", b"{", [], {}, {"code": 123456}, {"code": ""}, {"code": "1", "other": 1}])
def test_a_proof_that_cannot_be_read_uses_up_no_try(twins: Twins, path: str, body: Any) -> None:
    request = asked(twins)
    tries = twins.codes.codes[request][2]
    assert say(body, path, request=request).status == 400
    assert twins.codes.codes[request][2] == tries


def test_a_second_fact_that_is_mistyped_may_be_typed_again_and_one_that_does_not_fit_goes_to_the_dpo(
    twins: Twins,
) -> None:
    twins.policy = policy(("[keeping]", '[requests]\nsecond_fact = "day"\n\n[keeping]'))
    request = asked(twins)
    for body in ({"day": "24/11"}, {"day": 7}, {"day": ""}, {"number": "06 39 98 56 78"}):
        assert say({"code": sent(twins)} | body, "/proof", request=request).status == 400
    assert fill({"code": sent(twins), "day": "24/11"}, "/proof", request).status == 400
    assert say({"code": sent(twins), "day": "1999-01-01"}, "/proof", request=request).status == 200
    assert twins.requests.rows[request].second_fact is False


def test_an_agent_asks_with_their_own_identity_and_follows_their_own_request(twins: Twins) -> None:
    answer = say({"right": "access", "language": "en"}, by="jeanne")
    assert (answer.status, answer.json["status"]) == (201, "open")
    assert answer.json["due"]
    assert twins.messenger.sent == []
    assert look(answer.json["request"], "jeanne").json == answer.json


def look(request: str, by: str = "") -> Answered:
    headers = {"Authorization": f"Bearer {by}"} if by else {}
    return ask("/requests/{request}", headers=headers, request=request)


def test_a_request_of_somebody_elses_looks_like_none(twins: Twins) -> None:
    own = say({"right": "access"}, by="jeanne").json["request"]
    public = asked(twins)
    answers = [look(request, "paul") for request in (own, public, ID, "x" * 3000, "é")]
    assert {(answer.status, answer.body) for answer in answers} == {(404, answers[0].body)}


@pytest.mark.parametrize(("by", "status"), [("", 401), ("nobody", 401), ("nameless", 403), ("chief", 403)])
def test_without_an_agents_identity_nothing_is_seen_or_asked(twins: Twins, by: str, status: int) -> None:
    own = say({"right": "access"}, by="jeanne").json["request"]
    before = dict(twins.requests.rows)
    assert {look(request, by).status for request in (own, ID)} == {status}
    if by:
        assert say({"right": "access"}, by=by).status == status
    assert twins.requests.rows == before


def test_an_agent_gives_no_address(twins: Twins) -> None:
    assert say(WISH, by="jeanne").status == 400
    assert twins.requests.rows == {}


ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(["right", "who", "language", "text", "bank-data", "code", "day", "request"])
NAMED = st.sampled_from([ID, "-", "count#code#x", "../x", "é"]) | st.text(min_size=1)
QUICK = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)


@QUICK
@given(st.dictionaries(FIELDS, ANYTHING) | ANYTHING, st.sampled_from(["", "/code", "/proof", "/answer"]), NAMED)
def test_whatever_is_said_is_answered(twins: Twins, body: Any, path: str, request: str) -> None:
    assert say(json.dumps(body).encode(), path, request=request if path else "").status < 500


@QUICK
@given(
    st.dictionaries(FIELDS, st.text(st.characters(exclude_categories=["Cs"]), max_size=30)) | st.binary(),
    st.sampled_from(["", "/code", "/proof"]),
    NAMED,
)
def test_whatever_is_filled_in_is_answered(twins: Twins, fields: Any, path: str, request: str) -> None:
    raw = fields if isinstance(fields, bytes) else urlencode(fields).encode()
    named = {"request": request} if path else {}
    answer = ask(f"/requests{'/{request}' if path else ''}{path}", "", FORM, "POST", raw, **named)
    assert answer.status < 500
