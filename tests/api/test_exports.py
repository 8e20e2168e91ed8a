"""The link to a package, by HTTP."""

from __future__ import annotations

import json

import pytest

from chalicelib import wiring
from chalicelib.api import exports
from chalicelib.services.download import offer
from tests.api.asking import Answered, ask, log_here
from tests.machines import NOW
from tests.services.packing import ACCESS, House
from tests.services.test_download import answered


@pytest.fixture
def house(monkeypatch: pytest.MonkeyPatch) -> House:
    """A house at its own hour."""

    class Clock:
        @staticmethod
        def now(_: object) -> object:
            return NOW

    log_here(monkeypatch)
    made = House()
    monkeypatch.setattr(wiring, "machine", lambda: made.machine)
    monkeypatch.setattr(exports, "datetime", Clock)
    return made


def get(request: str, token: str) -> Answered:
    return ask("/exports/{request}/{token}", request=request, token=token)


def post(request: str, body: object) -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers = {"Content-Type": "application/json"}
    return ask("/requests/{request}/downloaded", method="POST", headers=headers, body=raw, request=request)


def test_the_link_leads_to_the_package_once(house: House) -> None:
    house.call()
    token = offer(house.machine, answered(house), NOW) or ""
    first, second = get(ACCESS.id, token), get(ACCESS.id, token)
    assert (first.status, second.status) == (303, 404)
    assert first.headers["location"].startswith("https://exports.example/rq1/")
    assert (first.headers["cache-control"], first.headers["referrer-policy"]) == ("no-store", "no-referrer")


def test_that_it_arrived_is_answered_with_its_deletion(house: House) -> None:
    token = offer(house.machine, answered(house), NOW) or ""
    get(ACCESS.id, token)
    done = post(ACCESS.id, {"token": token})
    assert (done.status, done.json) == (200, {"request": "rq1", "downloaded": True, "package": "deleted"})
    assert post(ACCESS.id, {"token": token}).status == 404


def test_every_wrong_link_is_answered_the_same(house: House) -> None:
    offer(house.machine, answered(house), NOW)
    wrong = [("rq1", "x"), ("rq1", "x" * 5000), ("é", "x"), ("rq0" * 900, "x"), ("rq1", "..%2f"), ("-", "-")]
    answers = {(each.status, each.body) for each in (get(*pair) for pair in wrong)}
    answers |= {(each.status, each.body) for each in (post(request, {"token": token}) for request, token in wrong)}
    assert len(answers) == 1
    assert next(iter(answers))[0] == 404


@pytest.mark.parametrize("body", [b"", b"[]", b"{", {}, {"token": 7}, {"token": ""}, {"token": "\u0000"}])
def test_what_is_no_token_is_a_bad_request(house: House, body: object) -> None:
    assert post("rq1", body).status == 400
