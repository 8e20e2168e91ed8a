"""Twenty calls of five callers and three agents through the machine, and what each right does to them, by HTTP.

The effect is looked for in every version in every bucket and in every item of every table.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path
from typing import Any

import boto3
import pytest

from tests.api.asking import DPO, SYSTEM
from tests.e2e.acts import everything, rows, statements_of
from tests.e2e.asking import ask, code, drawn, items, person, proven, recorded, released, texts, where
from tests.e2e.permissions import refused
from tests.e2e.stack import Stack, standing
from tests.plain import plain
from tests.policies import changed

CALLERS = [f"+3363998{n:04d}" for n in (1234, 5678, 1111, 2222, 3333)]
AGENTS = ["agent-a", "agent-b", "agent-c"]
ANNA = CALLERS[0]
COUNTED = {"RecordingsTable", "TombstonesTable", "AgentsTable"}
"""Where an erased call's own reference still stands: its row, its tombstone, and for some weeks the agent's ceiling."""


Calls = list[dict[str, str]]


@pytest.fixture
def stack(template: Any, tmp_path: Path) -> Iterator[Stack]:
    """Under a policy that lets three agents be recorded as often as it takes."""
    policy = tmp_path / "policy.toml"
    languages = 'languages = ["fr-FR", "en-GB"]', 'languages = ["fr-FR"]'
    policy.write_text(changed(languages, ("ceiling = { calls = 2", "ceiling = { calls = 900")))
    with standing(template, policy) as made:
        yield made


@pytest.fixture
def calls(stack: Stack) -> Calls:
    """Each caller calls four times; the first time under a duty to record."""
    ids, agents = drawn(), cycle(AGENTS)
    made = [
        {
            "call-id": next(ids),
            "caller": CALLERS[number % 5],
            "agent": next(agents),
            "queue": "urgences" if number < 5 else "service-client",
        }
        for number in range(20)
    ]
    recorded(stack, made)
    assert {row["state"] for row in rows(stack).values()} == {"available"}
    return made


def of(stack: Stack, number: str) -> list[dict[str, Any]]:
    """The rows of a caller's recordings, by the index."""
    own = [item["what"] for table, item in items(stack) if table == "PeopleTable" and item["ref"] == person(number)]
    return [row for row in rows(stack).values() if f"call#{row['call_ref']}" in own]


def told(stack: Stack, request: str) -> dict[str, int]:
    status, said = ask(stack, "GET", "/desk/requests/{request}", None, DPO, request=request)
    assert status == 200
    return {each["code"]: int(each["count"]) for each in said["told"]}


def test_an_erasure_leaves_the_person_nowhere_but_where_the_receipt_says(stack: Stack, calls: Calls) -> None:
    before = of(stack, ANNA)
    duty, gone = [[row for row in before if (row["queue"] == "urgences") is kept] for kept in (True, False)]
    assert (len(duty), len(gone)) == (1, 3)
    refs = [row["call_ref"] for row in gone]
    request = released(stack, "erasure", ANNA)
    said = told(stack, request)
    assert (said["recordings-erased"], said["objects-erased"], said["tombstone"], said["kept-duty"]) == (3, 6, 3, 1)
    assert where(stack, *(row["id"] for row in gone)) == {"RecordingsTable", "LedgerTable"}
    assert where(stack, *refs) == COUNTED
    for row in gone:
        left = rows(stack)[row["id"]]
        assert (left["state"], left["agent_ref"], left["started_at"], left["queue"]) == ("erased", "", None, "")
    assert {row["id"] for row in of(stack, ANNA)} == {row["id"] for row in duty}
    assert where(stack, ANNA) == {"RequestsTable"}  # to write to, until the answer is a week old
    assert {row["state"] for number in CALLERS[1:] for row in of(stack, number)} == {"available"}


def test_a_copy_is_everything_and_can_be_had_once(stack: Stack, calls: Calls) -> None:
    request = released(stack, "access", ANNA)
    ask(stack, "POST", "/requests/{request}/code", {}, request=request)
    status, said = ask(stack, "POST", "/requests/{request}/answer", {"code": code()}, request=request)
    assert (status, said["status"]) == (200, "answered")
    token = said["link"].rsplit("/", 1)[1]
    status, headers = ask(stack, "GET", "/exports/{request}/{token}", None, request=request, token=token)
    assert status == 303
    assert ask(stack, "GET", "/exports/{request}/{token}", None, request=request, token=token)[0] == 404
    ((key, _),) = everything(stack)["ExportsBucket"]
    assert key in headers["Location"]
    body = boto3.client("s3").get_object(Bucket=stack.ref("ExportsBucket"), Key=key)["Body"].read()
    with zipfile.ZipFile(io.BytesIO(body)) as package:
        names = package.namelist()
        assert package.testzip() is None
        assert sum(name.endswith(".wav") for name in names) == 4
        assert {"answer.html", "answer.pdf", "data.json", "index.json"} <= set(names)
        texts = [package.read(name).decode() for name in names if name.endswith((".txt", ".json", ".html"))]
        assert "[carte]" in "".join(texts)
        assert "4111" not in plain("".join(texts))
    assert ask(stack, "POST", "/requests/{request}/downloaded", {"token": token}, request=request)[0] == 200
    assert "ExportsBucket" not in everything(stack)


def test_a_restriction_holds_and_an_objection_stops_what_is_to_come(stack: Stack, calls: Calls) -> None:
    proven(stack, "restriction", ANNA)
    stack.pump()
    assert {row["state"] for row in of(stack, ANNA)} == {"held"}
    proven(stack, "objection", CALLERS[1])
    asked = {"source": "pbx", "call-id": "next", "queue": "service-client", "lines": [CALLERS[1]]}
    assert ask(stack, "POST", "/calls/decision", asked, SYSTEM)[1]["grounds"][0] == "objected"
    other = asked | {"call-id": "another", "lines": [CALLERS[2]]}
    assert "objected" not in ask(stack, "POST", "/calls/decision", other, SYSTEM)[1]["grounds"]


def test_two_erasures_and_a_copy_that_race_all_end(stack: Stack, calls: Calls) -> None:
    requests = [proven(stack, right, ANNA) for right in ("access", "erasure", "erasure")]
    for request in reversed(requests):
        ask(stack, "POST", "/desk/requests/{request}/release", {}, DPO, request=request)
    stack.pump()
    said = [ask(stack, "GET", "/desk/requests/{request}", None, DPO, request=each)[1]["status"] for each in requests]
    assert set(said) <= {"answered", "refused"}
    assert [row["state"] for row in of(stack, ANNA)] == ["available"]


def test_no_function_needs_more_than_its_role_allows(stack: Stack, calls: Calls) -> None:
    for right in ("access", "rectification", "portability", "objection"):
        released(stack, right, ANNA, text="Corrigez, je vous prie.")
    stack.tick("Clock")
    stack.tick("Sweep")
    table = boto3.resource("dynamodb").Table(stack.ref("RequestsTable"))
    answered = [item for item in table.scan()["Items"] if item.get("state") == "answered" and item["what"] == "row"]
    for item in answered:
        table.put_item(Item=item | {"answered_on": "2019-01-02"})
    stack.tick("Clock")
    left = {item["id"] for item in table.scan()["Items"]}
    assert answered and not left & {item["id"] for item in answered}
    for function, needed in stack.asked.needed.items():
        assert refused(needed, statements_of(stack, function)) == set(), function
    assert all(ANNA not in text for _, text in texts())
