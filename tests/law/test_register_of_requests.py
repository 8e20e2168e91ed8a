"""The month's register of requests."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import pytest

from chalicelib.law.register_of_requests import entries, register_of
from chalicelib.law.request import Channel, Request, Right, Status, Told
from tests.regimes import example

TODAY = date(2026, 12, 15)
DONE = Request(
    "rq1", Right.ERASURE, Status.ANSWERED, date(2026, 11, 24), Channel.POST, answered_on=date(2026, 12, 1),
    told=(Told("recordings-erased", 2), Told("kept-duty", 1), Told("recordings-erased", 1)),
    persons=("p-secret",), contact="tel:+33612345678", text="Jeanne Martin", reasons="Parce que",
)  # fmt: skip
AWAITED = Request("rq2", Right.ACCESS, Status.UNPROVEN, date(2026, 11, 2), asked_on=date(2026, 11, 2))
BOTH = pytest.mark.parametrize("language", ["fr", "en"])


def test_each_request_is_a_row_of_plain_values_in_the_order_of_receipt() -> None:
    first, second = (each.plain() for each in entries([DONE, AWAITED], example(), TODAY))
    assert second == {
        "reference": "rq1", "right": "erasure", "channel": "post", "received": "2026-11-24", "due": "2026-12-24",
        "extended": False, "answered": "2026-12-01", "state": "answered", "late": False,
        "outcome": "recordings-erased kept-duty",
    }  # fmt: skip
    assert (first["reference"], first["due"], first["late"]) == ("rq2", "", False)


@pytest.mark.parametrize(
    ("request_", "today", "late"),
    [
        (DONE, date(2027, 6, 1), False),
        (replace(DONE, answered_on=date(2026, 12, 24)), TODAY, False),
        (replace(DONE, answered_on=date(2026, 12, 25)), TODAY, True),
        (replace(DONE, answered_on=date(2027, 1, 25), extended=True), date(2027, 6, 1), False),
        (replace(DONE, state=Status.OPEN, answered_on=None), date(2026, 12, 24), False),
        (replace(DONE, state=Status.OPEN, answered_on=None), date(2026, 12, 25), True),
        (replace(DONE, state=Status.LAPSED, answered_on=None), date(2027, 6, 1), False),
    ],
)
def test_late_is_what_was_answered_or_is_still_owed_after_its_day(request_: Request, today: date, late: bool) -> None:
    assert entries([request_], example(), today)[0].late is late


@BOTH
def test_nobody_is_named(language: str) -> None:
    said = json.dumps(register_of([DONE, AWAITED], example(), "2026-11", language, TODAY).plain())
    for secret in ("p-secret", "+336", "Jeanne", "Parce que"):
        assert secret not in said


@BOTH
@pytest.mark.parametrize("channel", list(Channel))
@pytest.mark.parametrize("state", list(Status))
def test_every_state_and_channel_has_words(language: str, channel: Channel, state: Status) -> None:
    document = register_of([replace(DONE, channel=channel, state=state)], example(), "2026-11", language, TODAY)
    facts = document.plain()["requests"]["parts"]["rq1"]["facts"]
    assert facts["channel"] and facts["state"] and facts["right"]


def test_the_month_is_named_and_what_is_late_is_counted_first() -> None:
    late = replace(DONE, id="rq3", answered_on=date(2027, 2, 1))
    document = register_of([DONE, late], example(), "2026-11", "fr", TODAY)
    assert document.title == "Registre des demandes : novembre 2026"
    assert document.plain()["summary"]["text"] == [
        "2 demandes reçues.", "Une réponse hors délai ou encore attendue après son terme."
    ]  # fmt: skip


@BOTH
def test_a_month_without_requests_says_so(language: str) -> None:
    document = register_of([], example(), "2026-11", language, TODAY)
    assert len(document.plain()["summary"]["text"]) == 1 and "requests" not in document.plain()
