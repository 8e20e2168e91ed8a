"""The DPO enters a request that came by post, by HTTP."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.errors import MessageNotSent
from chalicelib.law.request import Channel, Status
from tests.api.asking import DPO, DPO_ROLE, SYSTEM, Answered, ask
from tests.machines import Twins
from tests.services.proving import NUMBER, WRITTEN

TODAY = date.today()
LETTER = {
    "right": "erasure",
    "who": WRITTEN,
    "received": (TODAY - timedelta(days=4)).isoformat(),
    "channel": "post",
    "proven": True,
}


@pytest.fixture
def twins(monkeypatch: pytest.MonkeyPatch) -> Twins:
    found = Twins()
    monkeypatch.setattr(wiring, "machine", lambda: found.machine)
    monkeypatch.setattr(wiring, "policy", lambda: found.policy)
    monkeypatch.setattr(wiring, "pseudonyms", lambda: found.machine.pseudonyms)
    monkeypatch.setenv("DPO_ROLE_ARN", DPO_ROLE)
    return found


def write_down(body: Any, by: str | None = DPO) -> Answered:
    raw = json.dumps(body).encode()
    return ask("/desk/requests", "", {"Content-Type": "application/json"}, "POST", raw, by)


def test_a_letter_of_somebody_known_counts_from_its_day_and_is_taken_up(twins: Twins) -> None:
    answer = write_down(LETTER | {"text": "Effacez tout."})
    assert answer.status == 200
    assert (answer.json["status"], answer.json["channel"], answer.json["received"]) == (
        "open",
        "post",
        LETTER["received"],
    )
    assert answer.json["due"]
    (row,) = twins.requests.rows.values()
    assert (row.contact, row.text, row.agent_refs) == (NUMBER, "Effacez tout.", ())
    assert row.by.startswith("dpo:")
    assert twins.messenger.sent == []


def test_an_agent_whom_the_dpo_knows_is_named_in_the_place_of_an_address(twins: Twins) -> None:
    letter = {name: value for name, value in LETTER.items() if name != "who"} | {"agent": "jeanne@exemple.example"}
    assert write_down(letter).status == 200
    (row,) = twins.requests.rows.values()
    assert (row.contact, len(row.agent_refs)) == ("", 1)
    assert write_down(letter | {"proven": False}).status == 400
    assert write_down(letter | {"who": WRITTEN}).status == 400


@pytest.mark.parametrize("fails", [False, True])
def test_of_somebody_unknown_a_proof_is_asked_for_and_nothing_is_due_meanwhile(twins: Twins, fails: bool) -> None:
    twins.messenger.fails += [MessageNotSent("the message was refused: Throttling")] if fails else []
    answer = write_down(LETTER | {"proven": False})
    assert (answer.status, answer.json["status"], answer.json["due"]) == (200, "identity-awaited", None)
    assert [to for to, _, _ in twins.messenger.sent] == ([] if fails else [NUMBER])
    (row,) = twins.requests.rows.values()
    assert (row.state, row.channel) == (Status.UNPROVEN, Channel.POST)


@pytest.mark.parametrize(
    "change",
    [
        {"received": (TODAY + timedelta(days=2)).isoformat()},
        {"received": "2020-01-01"},
        {"received": "hier"},
        {"channel": "web"},
        {"channel": ["post"]},
        {"proven": "yes"},
        {"proven": None},
        {"text": "\x00"},
        {"agent": "%"},
        {"agent": 7},
        {"who": "3290"},
        {"right": "everything"},
        {"recieved": "2026-11-24"},
    ],
)
def test_what_cannot_be_is_refused_and_nothing_is_written(twins: Twins, change: dict[str, Any]) -> None:
    assert write_down(LETTER | change).status == 400
    for missing in ("right", "who", "received", "channel"):
        assert write_down({name: value for name, value in LETTER.items() if name != missing}).status == 400
    assert (twins.requests.rows, twins.messenger.sent) == ({}, [])


@pytest.mark.parametrize("by", [SYSTEM, None, "arn:aws:iam::123456789012:user/jeanne"])
def test_nobody_but_the_dpo_enters_anything(twins: Twins, by: str | None) -> None:
    assert write_down(LETTER, by).status == 403
    assert twins.requests.rows == {}
