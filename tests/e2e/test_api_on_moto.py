"""What the DPO, telephony and the employer's systems ask, on the stack: the real handler, within its role."""

from __future__ import annotations

import base64
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import boto3
import pytest

from tests.api.asking import ACCOUNT, DPO, DPO_ROLE, SYSTEM
from tests.e2e.acts import drop, everything, hear, rows, statements_of
from tests.e2e.permissions import refused
from tests.e2e.stack import Stack
from tests.machines import CARD
from tests.sounds import wav


def today() -> date:
    """In the policy's zone."""
    return datetime.now(ZoneInfo("Europe/Paris")).date()


UNTIL = (today() + timedelta(days=300)).isoformat()
HOLD = {"kind": "legal-claim", "reference": "2026/17", "until": UNTIL}


def ask(stack: Stack, method: str, route: str, body: Any = None, signed_by: str = DPO, **named: str) -> tuple[int, Any]:
    """Status and JSON of an answer."""
    stack.also["DPO_ROLE_ARN"] = DPO_ROLE
    context = {"httpMethod": method, "resourcePath": route, "accountId": ACCOUNT, "identity": {"userArn": signed_by}}
    raw = base64.b64encode(json.dumps(body).encode()).decode() if body is not None else None
    event = {
        "requestContext": context, "headers": {"Content-Type": "application/json"}, "pathParameters": named or None,
        "multiValueQueryStringParameters": None, "stageVariables": None, "body": raw, "isBase64Encoded": True,
    }  # fmt: skip
    answer = stack.invoke("APIHandler", event)
    return answer["statusCode"], json.loads(answer["body"])


def available(stack: Stack, **said: str) -> str:
    """A recording in the vault; its id."""
    drop(stack, "call.wav", wav(), **({"call-id": "1"} | said))
    stack.pump()
    hear(stack, CARD)
    stack.pump()
    ((recording_id, row),) = rows(stack).items()
    assert row["state"] == "available"
    return recording_id


def shelves(stack: Stack) -> set[str]:
    return {key.split("/")[0] for key, _ in everything(stack).get("VaultBucket", [])}


def test_a_hold_outlasts_the_calls_end_and_ends_on_its_own_day(stack: Stack) -> None:
    recording_id = available(stack)
    status, said = ask(stack, "PUT", "/recordings/{recording}/hold", HOLD, recording=recording_id)
    assert (status, said["state"], said["hold"]["until"]) == (200, "held", UNTIL)
    assert said["hold"]["by"].startswith("dpo:")
    assert shelves(stack) == {"held"}
    assert ask(stack, "GET", "/holds")[1]["holds"] == [said]
    table = boto3.resource("dynamodb").Table(stack.ref("RecordingsTable"))
    past = {":day": today().isoformat(), ":last": (today() - timedelta(days=9)).isoformat()}
    table.update_item(
        Key={"id": recording_id}, UpdateExpression="SET due_on = :day, last_day = :last", ExpressionAttributeValues=past
    )
    assert stack.tick("Sweep") == {"ended": 1}
    assert rows(stack)[recording_id]["state"] == "expired"
    assert everything(stack) == {}
    assert ask(stack, "GET", "/holds")[1] == {"holds": []}


def test_a_released_hold_leaves_the_call_where_it_would_have_been(stack: Stack) -> None:
    recording_id = available(stack)
    before = rows(stack)[recording_id]["last_day"]
    ask(stack, "PUT", "/recordings/{recording}/hold", HOLD, recording=recording_id)
    status, said = ask(stack, "DELETE", "/recordings/{recording}/hold", recording=recording_id)
    assert (status, said["state"], said["last-day"], said["hold"]) == (200, "available", before, None)
    assert shelves(stack) == {"calls"}
    assert rows(stack)[recording_id]["due_on"] == before


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (HOLD | {"until": (today() + timedelta(days=4000)).isoformat()}, 409),
        (HOLD | {"until": today().isoformat()}, 409),
        (HOLD | {"until": "some day"}, 400),
        (HOLD | {"kind": "just-in-case"}, 400),
        (HOLD | {"reference": "Mme Dupont"}, 400),
        ({}, 400),
        ([], 400),
    ],
)
def test_a_hold_without_reason_or_lawful_end_is_refused_and_changes_nothing(
    stack: Stack, body: Any, status: int
) -> None:
    recording_id = available(stack)
    answered, problem = ask(stack, "PUT", "/recordings/{recording}/hold", body, recording=recording_id)
    assert (answered, problem["status"]) == (status, status)
    assert shelves(stack) == {"calls"}


def test_nobody_but_the_dpo_holds_releases_or_lists(stack: Stack) -> None:
    recording_id = available(stack)
    for signed_by in (SYSTEM, "arn:aws:iam::123456789012:user/jeanne", ""):
        for method in ("PUT", "DELETE"):
            answered = ask(stack, method, "/recordings/{recording}/hold", HOLD, signed_by, recording=recording_id)
            assert answered[0] == 403
        assert ask(stack, "GET", "/holds", None, signed_by)[0] == 403
    assert shelves(stack) == {"calls"}


def test_an_unknown_recording_is_not_found(stack: Stack) -> None:
    assert ask(stack, "PUT", "/recordings/{recording}/hold", HOLD, recording="nobody")[0] == 404


CALL = {"source": "drop", "call-id": "7", "queue": "urgences", "agent": "jeanne"}


def test_before_capture_a_call_under_a_duty_is_recorded_and_the_announcement_comes_along(stack: Stack) -> None:
    status, said = ask(stack, "POST", "/calls/decision", CALL, SYSTEM)
    assert (status, said["record"], said["grounds"]) == (200, True, ["lawful"])
    assert "touche 9" in said["announcement"]["text"]
    assert "objection-key" not in said


def test_whoever_may_refuse_is_told_with_which_key(stack: Stack) -> None:
    part = (datetime.now(UTC) - timedelta(seconds=5)).isoformat() + "/"
    status, said = ask(
        stack, "POST", "/calls/decision", CALL | {"queue": "souscription", "contract-part": part}, SYSTEM
    )
    assert (status, said["record"], said["objection-key"]) == (200, True, "9")


@pytest.mark.parametrize(
    ("said", "ground"),
    [
        ({"queue": "another"}, "no-purpose"),
        ({"lines": ["3290"]}, "mandate"),
        ({"agent": "3290"}, "mandate"),
        ({"queue": "souscription"}, "no-useful-part"),
        ({"queue": "souscription", "direction": "outbound"}, "outbound-sale"),
        ({"queue": "service-client", "personal-call": True}, "personal-call"),
        ({"queue": "service-client", "objected": True}, "objected"),
        ({"queue": "service-client", "off": "true"}, "agent-off"),
        ({"language": "de-DE"}, "unsupported-language"),
    ],
)
def test_before_capture_a_call_that_may_not_be_recorded_is_not(stack: Stack, said: dict[str, Any], ground: str) -> None:
    status, answer = ask(stack, "POST", "/calls/decision", CALL | said, SYSTEM)
    assert (status, answer["record"]) == (200, False)
    assert ground in answer["grounds"]
    assert "announcement" not in answer


def test_the_lot_gives_a_call_the_same_answer_before_capture_and_on_arrival(stack: Stack) -> None:
    answers = {}
    for number in range(6):
        asked = CALL | {"call-id": str(number), "queue": "service-client", "agent": f"agent {number}"}
        answers[str(number)] = ask(stack, "POST", "/calls/decision", asked, SYSTEM)[1]["record"]
        drop(
            stack, f"{number}.wav", wav(milliseconds=600 + number),
            **{"call-id": str(number), "queue": "service-client", "agent": f"agent {number}"},
        )  # fmt: skip
    stack.pump()
    came = sum(row["state"] == "transcribing" for row in rows(stack).values())
    refused_ones = [row["ground"] for row in rows(stack).values() if row["state"] == "discarded"]
    assert came == sum(answers.values())
    assert refused_ones == ["not-drawn"] * (6 - came)


@pytest.mark.parametrize("body", [{}, [], {"call-id": ""}, CALL | {"quue": "x"}, CALL | {"agent": [7]}])
def test_a_question_that_cannot_be_understood_is_no_yes(stack: Stack, body: Any) -> None:
    status, problem = ask(stack, "POST", "/calls/decision", body, SYSTEM)
    assert (status, "record" in problem) == (400, False)


def test_a_signature_gives_a_sale_its_term_and_a_refusal_ends_it(stack: Stack) -> None:
    recording_id = available(stack, queue="assurance")
    sale = {"source": "drop", "call-id": "1"}
    day = today().isoformat()
    status, said = ask(stack, "PUT", "/contracts", sale | {"signed-on": day}, SYSTEM)
    assert (status, [each["id"] for each in said["recordings"]]) == (200, [recording_id])
    assert shelves(stack) == {"kept"}
    assert ask(stack, "PUT", "/contracts", sale | {"refused": True}, SYSTEM)[0] == 200
    assert everything(stack) == {}
    assert ask(stack, "PUT", "/contracts", sale | {"refused": True}, SYSTEM)[0] == 404
    assert ask(stack, "PUT", "/contracts", sale, SYSTEM)[0] == 400


def test_the_api_asks_for_nothing_that_its_role_does_not_allow(stack: Stack) -> None:
    recording_id = available(stack, queue="assurance")
    ask(stack, "PUT", "/recordings/{recording}/hold", HOLD, recording=recording_id)
    ask(stack, "GET", "/holds")
    ask(stack, "DELETE", "/recordings/{recording}/hold", recording=recording_id)
    ask(stack, "POST", "/calls/decision", CALL | {"queue": "service-client", "call-id": "3"}, SYSTEM)
    sale = {"source": "drop", "call-id": "1"}
    ask(stack, "PUT", "/contracts", sale | {"signed-on": today().isoformat()}, SYSTEM)
    ask(stack, "PUT", "/contracts", sale | {"refused": True}, SYSTEM)
    assert everything(stack) == {}
    assert refused(stack.asked.needed["APIHandler"], statements_of(stack, "APIHandler")) == set()
