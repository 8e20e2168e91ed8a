"""Acknowledgements, by the API: on an account, within what its role allows."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.api import information
from tests.api.asking import ACCOUNT, DPO, DPO_ROLE, SYSTEM, Answered, ask, log_here
from tests.contract.accounts import REGION, account
from tests.e2e.permissions import Recorder, refused
from tests.regimes import example

ROUTE = "/agents/{agent}/acknowledgements"
JEANNE = "jeanne.martin@exemple.example"
STATEMENTS = json.loads((Path(__file__).parents[2] / ".chalice" / "policy-api.json").read_text())["Statement"]


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[Recorder]:
    """A fresh container on a fresh account; what it asks of AWS is recorded."""
    cached = (wiring.acknowledgements, wiring.pseudonyms, wiring.voice)
    with account() as aws:
        for build in cached:
            build.cache_clear()
        secret = aws.client("secretsmanager").create_secret(Name="pseudonyms", SecretString="of this test")["ARN"]
        monkeypatch.setenv("PSEUDONYM_SECRET", secret)
        monkeypatch.setenv("AGENTS_TABLE", aws.agents)
        monkeypatch.setenv("DPO_ROLE_ARN", DPO_ROLE)
        monkeypatch.setattr(wiring, "policy", example)
        recorder = Recorder()
        with recorder.by("api"):
            yield recorder
        for build in cached:
            build.cache_clear()
    boto3.DEFAULT_SESSION = None


def say(body: Any, agent: str = JEANNE, signed_by: str | None = SYSTEM, kind: str = "application/json") -> Answered:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return ask(ROUTE, headers={"Content-Type": kind}, method="POST", body=raw, signed_by=signed_by, agent=agent)


def look(agent: str = JEANNE, signed_by: str | None = SYSTEM) -> Answered:
    return ask(ROUTE, signed_by=signed_by, agent=agent)


def test_what_is_said_again_answers_with_the_first_moment() -> None:
    first = say({"version": "2026-11-24"})
    assert (first.status, first.json["version"], first.headers["cache-control"]) == (200, "2026-11-24", "no-store")
    assert datetime.fromisoformat(first.json["at"]).tzinfo is not None
    assert say({"version": "2026-11-24"}, signed_by=DPO).json == first.json
    assert look().json == {"current": "2026-11-24", "acknowledgements": [first.json]}
    assert look("somebody-else").json["acknowledgements"] == []


def test_an_id_is_the_same_whether_it_arrives_encoded_or_not() -> None:
    say({"version": "2026-11-24"})
    assert look(JEANNE.replace("@", "%40")).json == look().json != look("another").json


def test_another_version_is_a_conflict_that_names_the_one_in_force() -> None:
    answered = say({"version": "2025"})
    assert (answered.status, answered.headers["content-type"]) == (409, "application/problem+json")
    assert (answered.json["type"], answered.json["current"]) == (
        "urn:sourdine:problem:notice-not-current",
        "2026-11-24",
    )
    assert look().json["acknowledgements"] == []


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"7", b'"2026-11-24"', b"\xff\xfe", b"{}", b'{"version": 1}', b"[" * 100_000]
)
def test_a_body_that_names_no_version_is_refused(body: bytes) -> None:
    answered = say(body)
    assert (answered.status, answered.json["type"]) == (400, "urn:sourdine:problem:invalid-request")


@pytest.mark.parametrize("signed_by", [None, "", "arn:aws:sts::210987654321:assumed-role/Hr/x", "nobody"])
def test_whoever_is_not_of_the_account_learns_and_writes_nothing(signed_by: str | None) -> None:
    assert say({"version": "2026-11-24"}, signed_by=signed_by).status == 403
    assert look(signed_by=signed_by).status == 403
    assert look().json["acknowledgements"] == []


def test_no_agent_is_named_in_rows_or_logs(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    log_here(monkeypatch)
    say({"version": "2026-11-24"})
    say({"version": "2025"})
    monkeypatch.setenv("AGENTS_TABLE", "no-such-table")
    wiring.acknowledgements.cache_clear()
    assert look().status == 500
    rows = boto3.resource("dynamodb", region_name=REGION).Table("AgentsTable").scan()["Items"]
    assert len(rows) == 1
    printed = capsys.readouterr()
    assert "ResourceNotFoundException" in printed.out
    assert "jeanne" not in json.dumps(rows, default=str) + printed.out + printed.err


def test_the_role_allows_what_is_asked_and_hardly_more(asked: Recorder) -> None:
    say({"version": "2026-11-24"})
    say({"version": "2026-11-24"})
    look()
    information._sound.cache_clear()
    ask("/announcements/{language}/audio", language="fr-FR")
    needed = asked.needed["api"]
    secret = next(arn for action, arn in needed if action == "secretsmanager:GetSecretValue")
    resolved = {"AgentsTable": f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/AgentsTable", "PseudonymSecret": secret}
    allowed = [
        {**statement, "Resource": resource(statement["Resource"], resolved)}
        for statement in STATEMENTS
        if "Resource" in statement
    ]
    assert refused(needed, allowed) == set()
    assert {action for action, _ in needed} == {
        "dynamodb:GetItem",
        "dynamodb:PutItem",
        "dynamodb:Query",
        "polly:SynthesizeSpeech",
        "secretsmanager:GetSecretValue",
    }


def resource(value: Any, resolved: dict[str, str]) -> Any:
    """The ARNs that a statement names; of what is not asked here, none."""
    if isinstance(value, list):
        return [resource(item, resolved) for item in value]
    if isinstance(value, dict):
        name = value.get("Ref") or (value.get("Fn::GetAtt") or [""])[0]
        return resolved.get(name, "none")
    return value
