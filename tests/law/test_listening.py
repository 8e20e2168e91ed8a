"""Who may hear calls of which queue, and for what."""

from __future__ import annotations

import pytest

from chalicelib.law.listening import NOT_GRANTED, NOT_THE_QUEUES, granted, may_hear, may_listen
from chalicelib.law.queue import Need, Purpose
from chalicelib.law.texts import LANGUAGES, texts
from tests.policies import policy

CLIENTS, SALES, DUTY = "service-client", "souscription", "urgences"


def why(queue: str, role: str, purpose: str, *changes: tuple[str, str]) -> str | None:
    found = policy(*changes)
    return may_listen(found, found.queue(queue), role, purpose)


def granting(line: str) -> tuple[str, str]:
    return "[keeping]", f"[listening]\n{line}\n\n[keeping]"


@pytest.mark.parametrize("purpose", ["training", "evaluation", "service-quality"])
def test_supervisors_hear_a_call_for_what_it_was_recorded_for(purpose: str) -> None:
    assert why(CLIENTS, "supervisor", purpose) is None
    assert why(CLIENTS, "supervisor", purpose, ('purposes = ["training", "evaluation", "service-quality"]',
                                                f'purposes = ["{purpose}"]')) is None  # fmt: skip


def test_a_purpose_that_the_policy_grants_and_the_queue_does_not_have_is_not_enough() -> None:
    training = ('purposes = ["training", "evaluation", "service-quality"]', 'purposes = ["training"]')
    assert why(CLIENTS, "supervisor", "evaluation", training) == NOT_THE_QUEUES
    assert why("", "supervisor", "training") == NOT_THE_QUEUES


@pytest.mark.parametrize(("queue", "purpose"), [(SALES, "contract-proof"), (DUTY, "legal-duty")])
def test_nobody_but_the_dpo_hears_proofs_and_duties_unless_the_policy_grants_just_that(
    queue: str, purpose: str
) -> None:
    found = policy()
    assert [role for role in ("supervisor", "agent", "dpo") if may_hear(found, found.queue(queue), role)] == ["dpo"]
    assert why(queue, "supervisor", purpose) == NOT_GRANTED
    assert why(queue, "supervisor", "training") == NOT_THE_QUEUES
    assert why(queue, "supervisor", purpose, granting(f'supervisor = ["{purpose}"]')) is None
    assert why(CLIENTS, "supervisor", "training", granting(f'supervisor = ["{purpose}"]')) == NOT_GRANTED


def test_agents_hear_for_training_alone_by_default() -> None:
    assert why(CLIENTS, "agent", "training") is None
    assert why(CLIENTS, "agent", "evaluation") == NOT_GRANTED
    assert why(CLIENTS, "agent", "training", granting("agent = []")) == NOT_GRANTED


@pytest.mark.parametrize("queue", [CLIENTS, SALES, DUTY, "a queue of last year"])
def test_the_dpo_hears_any_queue_for_what_is_theirs_and_for_nothing_else(queue: str) -> None:
    assert [why(queue, "dpo", need) for need in Need] == [None] * 4
    assert {why(queue, "dpo", purpose) for purpose in Purpose} == {NOT_GRANTED}
    assert why(queue, "dpo", "claim", granting('dpo = ["request"]')) == NOT_GRANTED


@pytest.mark.parametrize("role", ["system", "model_config", "", "dpo "])
def test_a_role_that_the_policy_does_not_know_hears_nothing(role: str) -> None:
    assert granted(policy(), role) == ()
    assert why(CLIENTS, role, "training") == NOT_GRANTED


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_no_is_said_in_words(language: str) -> None:
    assert all(texts(language)["listening"][code] for code in (NOT_GRANTED, NOT_THE_QUEUES))
    assert set(texts(language)["listening"]["need"]) == set(Need)
