"""Somebody comes back for an answer, and has its package once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from chalicelib.law.request import Status
from chalicelib.services import places
from tests.api.asking import Answered, ask
from tests.api.test_requests import asked, fill, say, twins
from tests.machines import Twins
from tests.services.proving import sent

__all__ = ["twins"]


def answered(twins: Twins, request: str) -> str:
    """Its package lies there; the request's id."""
    row = twins.requests.rows[request]
    twins.requests.rows[request] = replace(
        row, state=Status.ANSWERED, proven_on=row.received_on, answered_on=row.received_on
    )
    twins.objects.put(places.export(request), b"PK", "application/zip", {})
    return request


def fetch(request: str, token: str) -> Answered:
    return ask("/exports/{request}/{token}", request=request, token=token)


def test_a_package_is_had_once_by_the_link_in_the_answer(twins: Twins) -> None:
    request = answered(twins, asked(twins))
    link = say({"code": sent(twins)}, "/answer", request=request).json["link"]
    assert link.startswith(f"/exports/{request}/")
    token = link.rsplit("/", 1)[1]
    assert [fetch(request, token).status for _ in range(2)] == [303, 404]


def test_the_page_leads_to_it_too(twins: Twins) -> None:
    request = answered(twins, asked(twins))
    page = fill({"code": sent(twins)}, "/proof", request)
    (token,) = re.findall(rf'href="\.\./\.\./exports/{request}/([\w-]+)"', page.text)
    assert fetch(request, token).status == 303


def test_the_second_link_takes_the_place_of_the_first(twins: Twins) -> None:
    request, tokens = answered(twins, asked(twins)), []
    for _ in range(2):
        tokens.append(say({"code": sent(twins)}, "/answer", request=request).json["link"].rsplit("/", 1)[1])
        say({}, "/code", request=request)
    assert fetch(request, tokens[0]).status == 404


def test_without_a_code_there_is_no_link(twins: Twins) -> None:
    request = answered(twins, asked(twins))
    assert "/exports/" not in fill({"code": "no"}, "/proof", request).text
    assert "link" not in say({"code": "no"}, "/answer", request=request).json


@pytest.mark.parametrize(("by", "status"), [("jeanne", 200), ("paul", 404), ("nameless", 403), ("nobody", 401)])
def test_an_agent_has_their_own_answer_by_their_token_and_nobody_elses(twins: Twins, by: str, status: int) -> None:
    request = answered(twins, say({"right": "access"}, by="jeanne").json["request"])
    answer = say({}, "/answer", by, request)
    assert (answer.status, bool(answer.json.get("link"))) == (status, status == 200)


def test_a_callers_answer_is_no_agents(twins: Twins) -> None:
    request = answered(twins, asked(twins))
    assert say({"code": sent(twins)}, "/answer", "jeanne", request).status == 404
