"""Every route × everybody who may ask × their own id, another person's, one that is nowhere.

Whoever may not is told the same of another person's as of what does not exist: status, words, headers, and what is
asked of the ports on the way.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import app
from tests.api.asking import Answered
from tests.api.strangers import AGENTS, CALLERS, CALLS, MINE, NOWHERE, THEIRS, World, send, wire, world

PUBLIC = {
    "GET /health": "says nothing of anybody",
    "GET /notice": "what every caller is told",
    "GET /notice/employees": "what every agent is told",
    "GET /announcements/{language}": "what is said before every recording",
    "GET /announcements/{language}/audio": "the same as sound",
    "GET /requests": "an empty form",
    "POST /requests": "anybody asks; the code goes to the address itself: test_requests.py, test_asking_pages.py",
    "POST /webhooks/{provider}": "a provider's own signature, by its own scheme: tests/telephony, test_telephony_*",
    "POST /twilio/voice": "Twilio's signature",
    "POST /twilio/voice/answer": "Twilio's signature",
}
"""Routes that are no person's, and why; or whose callers prove themselves in a way that none of CALLERS could."""

Cell = tuple[int, int, int]
"""The statuses of one's own id, another person's, one that is nowhere."""

OWN: Cell = (200, 404, 404)
MINE_ALONE: Cell = (200, 403, 403)
ALL: Cell = (200, 200, 404)
ANY: Cell = (200, 200, 200)
QUEUED: Cell = (202, 202, 404)
SENT: Cell = (202, 202, 202)  # a code to its own address, or to nobody: told the same
UNPROVEN: Cell = (409, 409, 404)  # it is past its proof; it has no answer yet
UNHELD: Cell = (409, 409, 404)  # there is no hold to end
LINK: Cell = (303, 404, 404)
STOPS: Cell = (200, 403, 200)
"""Of a call of which telephony said nothing anybody may stop the recording, as somebody may be paying right now. That
it is known therefore shows; its id is the telephone system's, names nobody, and is guessed by nobody.
"""

COLUMNS = ("agent", "supervisor", "the-dpo", "dpo-role", "role", "machine", "anna", "others")
TABLE: dict[str, tuple[int | Cell, ...]] = {
    "POST /recordings/{recording}/listen":        (OWN, OWN, ALL, 401, 401, 403, 401, 401),
    "GET /recordings/{recording}":                (OWN, OWN, ALL, 401, 401, 403, 401, 401),
    "PUT /recordings/{recording}/evaluation":     (403, OWN, 403, 401, 401, 403, 401, 401),
    "GET /recordings/{recording}/evaluation":     (OWN, OWN, ALL, 401, 401, 403, 401, 401),
    "PUT /recordings/{recording}/rectification":  (403, 403, ALL, 401, 401, 403, 401, 401),
    "POST /recordings/{recording}/muting":        (403, 403, QUEUED, 401, 401, 403, 401, 401),
    "PUT /recordings/{recording}/hold":           (403, 403, 403, ALL, 403, 403, 403, 403),
    "DELETE /recordings/{recording}/hold":        (403, 403, 403, UNHELD, 403, 403, 403, 403),
    "GET /holds":                                 (403, 403, 403, ANY, 403, 403, 403, 403),
    "GET /agents/{agent}/recording":              (MINE_ALONE, MINE_ALONE, ANY, 401, 401, 403, 401, 401),
    "PUT /agents/{agent}/recording":              (MINE_ALONE, MINE_ALONE, ANY, 401, 401, ANY, 401, 401),
    "POST /agents/{agent}/acknowledgements":      (403, 403, 403, ANY, ANY, 403, 403, 403),
    "GET /agents/{agent}/acknowledgements":       (403, 403, 403, ANY, ANY, 403, 403, 403),
    "PUT /agents/{agent}/names":                  (403, 403, 403, ANY, ANY, 403, 403, 403),
    "PUT /agents/{agent}/teams":                  (403, 403, 403, ANY, ANY, 403, 403, 403),
    "POST /calls/{call}/payment/start":           (STOPS, STOPS, ANY, 401, 401, ANY, 401, 401),
    "POST /calls/{call}/payment/stop":            (MINE_ALONE, MINE_ALONE, ANY, 401, 401, ANY, 401, 401),
    "POST /calls/{call}/objection":               (STOPS, STOPS, ANY, 401, 401, ANY, 401, 401),
    "POST /calls/{call}/decision":                (403, 403, 403, 401, 401, ANY, 401, 401),
    "POST /calls/decision":                       (403, 403, 403, ANY, ANY, 403, 403, 403),
    "PUT /contracts":                             (403, 403, 403, 404, 404, 403, 403, 403),
    "GET /register":                              (403, 403, 403, ANY, 403, 403, 403, 403),
    "GET /desk/register":                         (403, 403, 403, ANY, 403, 403, 403, 403),
    "GET /desk/requests":                         (403, 403, 403, ANY, 403, 403, 403, 403),
    "POST /desk/requests":                        (403, 403, 403, ANY, 403, 403, 403, 403),
    "GET /desk/requests/{request}":               (403, 403, 403, ALL, 403, 403, 403, 403),
    "POST /desk/requests/{request}/extend":       (403, 403, 403, ALL, 403, 403, 403, 403),
    "POST /desk/requests/{request}/refuse":       (403, 403, 403, ALL, 403, 403, 403, 403),
    "POST /desk/requests/{request}/release":      (403, 403, 403, ALL, 403, 403, 403, 403),
    "POST /desk/requests/{request}/proven":       (403, 403, 403, UNPROVEN, 403, 403, 403, 403),
    "POST /desk/requests/{request}/answer":       (403, 403, 403, UNPROVEN, 403, 403, 403, 403),
    "POST /desk/objections/withdrawn":            (403, 403, 403, ANY, 403, 403, 403, 403),
    "GET /agents/{agent}/recordings":             (MINE_ALONE, MINE_ALONE, ANY, 401, 401, 403, 401, 401),
    "GET /requests/{request}":                    (OWN, 403, 403, 401, 401, 403, 401, 401),
    "POST /requests/{request}/answer":            (OWN, 403, 403, 403, 403, 400, MINE_ALONE, 403),
    "POST /requests/{request}/proof":             (403, 403, 403, 403, 403, 400, MINE_ALONE, 403),
    "POST /requests/{request}/code":              (SENT, SENT, SENT, SENT, SENT, SENT, SENT, SENT),
    "POST /requests/{request}/downloaded":        (404, 404, 404, 404, 404, 404, OWN, 404),
    "GET /exports/{request}/{token}":             (404, 404, 404, 404, 404, 404, LINK, 404),
}  # fmt: skip
"""Where a status stands alone it is that of every id. 400: what a machine signs says what it is for, which these two
routes take from nobody."""

SHOWN = "what they show"
UNTIL = (datetime.now(UTC) + timedelta(days=30)).date().isoformat()
REASONS = "Des raisons que la personne lit."
BODIES: dict[str, dict[str, Any]] = {
    "POST /recordings/{recording}/listen": {"purpose": "training"},
    "PUT /recordings/{recording}/evaluation": {"note": 1},
    "PUT /recordings/{recording}/rectification": {"request": "r-1", "statement": "Faux."},
    "POST /recordings/{recording}/muting": {"spans": []},
    "PUT /recordings/{recording}/hold": {"kind": "restriction", "reference": "2026-17", "until": UNTIL},
    "PUT /agents/{agent}/recording": {"state": "off"},
    "POST /agents/{agent}/acknowledgements": {"version": "test-1"},
    "PUT /agents/{agent}/names": {"names": ["3201"]},
    "PUT /agents/{agent}/teams": {"teams": ["north"]},
    "POST /calls/{call}/payment/start": {"source": "twilio"},
    "POST /calls/{call}/payment/stop": {"source": "twilio"},
    "POST /calls/{call}/objection": {"source": "twilio"},
    "POST /calls/{call}/decision": {"source": "twilio", "queue": "urgences"},
    "POST /calls/decision": {"source": "twilio", "call-id": "CA-karim", "queue": "urgences"},
    "PUT /contracts": {"source": "twilio", "call-id": "CA-karim", "refused": True},
    "POST /desk/requests": {
        "right": "access", "who": "06 39 98 00 00", "received": datetime.now(UTC).date().isoformat(),
        "channel": "post", "proven": True,
    },
    "POST /desk/requests/{request}/extend": {"reasons": REASONS},
    "POST /desk/requests/{request}/refuse": {"ground": "unfounded", "reasons": REASONS},
    "POST /desk/requests/{request}/release": {},
    "POST /desk/requests/{request}/proven": {},
    "POST /desk/requests/{request}/answer": {},
    "POST /desk/objections/withdrawn": {"who": "06 39 98 00 00"},
    "POST /requests/{request}/answer": {"code": SHOWN},
    "POST /requests/{request}/proof": {"code": SHOWN},
    "POST /requests/{request}/code": {},
    "POST /requests/{request}/downloaded": {"token": SHOWN},
}  # fmt: skip
STAGE = {
    "POST /requests/{request}/answer": "answer", "POST /requests/{request}/proof": "proof",
    "POST /requests/{request}/code": "answer", "POST /requests/{request}/downloaded": "arrival",
    "GET /exports/{request}/{token}": "link",
}  # fmt: skip
"""Where Anna's and Bruno's requests stand that the route is for."""

LOOKS = {
    "calls.file", "codes.take", "objects.get", "pseudonyms.of", "recordings.get", "recordings.of_call", "requests.get",
    "secrets.signing", "switches.known_as", "switches.names", "switches.teams",
}  # fmt: skip
"""What a refusal may ask of the ports: it changes nothing, but that a wrong code uses up a try."""


def cell(route: str, name: str) -> Cell:
    """What the table says; Karim is to Jeanne, and South to North, as she is to him."""
    column = {"jeanne": "agent", "karim": "agent", "north": "supervisor", "south": "supervisor"}.get(name, name)
    found = TABLE[route][COLUMNS.index(column if column in COLUMNS else "others")]
    mine, theirs, nowhere = (found,) * 3 if isinstance(found, int) else found
    return (theirs, mine, nowhere) if name in ("karim", "south") else (mine, theirs, nowhere)


def named(here: World, route: str, name: str, whose: int) -> dict[str, str]:
    """The path's parameters."""
    is_agents = bool(CALLERS[name].token) and "answer" in route
    requests = here.cases[STAGE[route]].ids if route in STAGE and not is_agents else here.own
    ids = {
        "recording": here.recordings[whose], "agent": AGENTS[whose], "call": CALLS[whose], "request": requests[whose],
        "token": shown(here, route, name),
    }  # fmt: skip
    return {name: value for name, value in ids.items() if f"{{{name}}}" in route}


def shown(here: World, route: str, name: str) -> str:
    """A code, or a token: Anna's, or a guess."""
    return here.cases[STAGE[route]].shown.get(CALLERS[name].shows, "a-guess") if route in STAGE else ""


def asks(here: World, route: str, name: str, whose: int) -> Answered:
    here.asked.clear()
    body = BODIES.get(route)
    if body is not None:
        body = {key: shown(here, route, name) if value == SHOWN else value for key, value in body.items()}
    if name == "the-dpo" and "listen" in route:
        body = {"purpose": "claim"}
    query = "month=2026-11" if route == "GET /desk/register" else ""
    return send(CALLERS[name], route, body, query, **named(here, route, name, whose))


def told(here: World, route: str, name: str, whose: int) -> tuple[int, bytes, dict[str, str]]:
    """An answer without what the asker said themselves."""
    answer = asks(here, route, name, whose)
    body = answer.body
    for parameter, value in named(here, route, name, whose).items():
        body = body.replace(value.encode(), parameter.encode())
    return answer.status, body, answer.headers


def test_the_table_has_every_route_that_is_not_public() -> None:
    routes = {f"{method} {path}" for path, methods in app.routes.items() for method in methods}
    assert routes == TABLE.keys() | PUBLIC.keys()
    assert not TABLE.keys() & PUBLIC.keys()
    assert {len(row) for row in TABLE.values()} == {len(COLUMNS)}


@pytest.mark.parametrize("name", CALLERS)
@pytest.mark.parametrize("route", TABLE)
def test_who_may_ask_what_of_whom(monkeypatch: pytest.MonkeyPatch, route: str, name: str) -> None:
    found = tuple(asks(wire(monkeypatch, world()), route, name, whose).status for whose in (MINE, THEIRS, NOWHERE))
    assert found == cell(route, name)


def wrong() -> list[tuple[str, str, int]]:
    """Every route, caller and id that gets a refusal."""
    every = [(route, name, whose) for route in TABLE for name in CALLERS for whose in (MINE, THEIRS)]
    return [(route, name, whose) for route, name, whose in every if cell(route, name)[whose] in (400, 401, 403, 404)]


@pytest.mark.parametrize(("route", "name", "whose"), wrong())
def test_a_refusal_tells_no_more_than_of_what_does_not_exist(
    monkeypatch: pytest.MonkeyPatch, route: str, name: str, whose: int
) -> None:
    here = wire(monkeypatch, world())
    status, body, headers = told(here, route, name, whose)
    looks, secrets = list(here.asked), here.secrets()
    assert set(looks) <= LOOKS
    assert not [secret for secret in secrets if secret.encode() in body or secret in str(headers)]
    if cell(route, name)[NOWHERE] != status:
        assert STOPS in TABLE[route]
        return
    nowhere = wire(monkeypatch, world())
    assert told(nowhere, route, name, NOWHERE) == (status, body, headers)
    assert looks == nowhere.asked


@pytest.mark.parametrize("name", ["jeanne", "north", "anna"])
@pytest.mark.parametrize("route", TABLE)
def test_an_answer_about_ones_own_says_nothing_of_anybody_else(
    monkeypatch: pytest.MonkeyPatch, route: str, name: str
) -> None:
    here = wire(monkeypatch, world())
    answer = asks(here, route, name, MINE)
    assert not [secret for secret in here.secrets() if secret.encode() in answer.body or secret in str(answer.headers)]
