"""What is answered of a call that goes on."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.services.ports import CallFile
from tests.api.strangers import CALLERS, CALLS, MINE, NOWHERE, send, wire
from tests.api.strangers import world as made

PAYS = "POST /calls/{call}/payment/start"


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
