"""Who asks on a route that has no authorizer."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from chalice.app import Request, Response

from chalicelib.adapters.memory import MemoryPseudonyms
from chalicelib.api.identity import ROLES, Caller, Role, caller, signature
from chalicelib.api.people import Proofs, asker, require_any, require_own
from chalicelib.api.problems import problem, told
from chalicelib.errors import (
    Forbidden,
    IdentityUnavailable,
    InvalidDelivery,
    InvalidRequest,
    NotAuthentic,
    NotAuthenticated,
)
from chalicelib.services.ports import Claims
from chalicelib.telephony.webhook import Delivery, Secrets
from tests.api.asking import ACCOUNT, DPO, DPO_ROLE, log_here

NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
JEANNE = Claims("83bbeb0a", frozenset({"agent"}), "jeanne@exemple.example")
PEOPLE = {
    "jeanne": JEANNE,
    "paul": Claims("1f", frozenset({"agent", "supervisor", "staff"}), "paul@exemple.example", frozenset({"north"})),
    "the-dpo": Claims("2a", frozenset({"dpo"})),
    "nobody": Claims("3b", frozenset({"staff", "DPO"})),
    "nameless": Claims("4c", frozenset({"agent"})),
}
SIGNED = {"Webhook-Id": "msg_1", "Webhook-Timestamp": "1795510800", "webhook-signature": "v1,good"}
BODY = b'{"call": "7"}'


class People:
    """An identity provider whose tokens are names."""

    def verify(self, token: str, now: datetime) -> Claims:
        if token == "later":
            raise IdentityUnavailable("the identity provider's keys cannot be read now: ask again later")
        if token not in PEOPLE or now != NOW:
            raise NotAuthenticated("the token is not taken")
        return PEOPLE[token]


@dataclass
class Signatures:
    """Takes one signature of one body under one secret, and keeps what it was shown."""

    fails: Exception | None = None
    seen: list[Delivery] = field(default_factory=list)

    def __call__(self, delivery: Delivery, secrets: Secrets, now: datetime) -> bytes:
        self.seen.append(delivery)
        if self.fails:
            raise self.fails
        if delivery.headers["webhook-signature"] != "v1,good" or "ours" not in secrets or delivery.body != BODY:
            raise NotAuthentic("signature")
        return delivery.body


def asked(headers: dict[str, str] | None, body: bytes = BODY) -> Request:
    return Request(
        {
            "requestContext": {"httpMethod": "POST", "resourcePath": "/calls/{call}/payment/start"},
            "headers": headers,
            "multiValueQueryStringParameters": None,
            "pathParameters": {"call": "7"},
            "stageVariables": None,
            "body": body.decode(),
            "isBase64Encoded": False,
        }
    )


def found(headers: dict[str, str] | None, *, verify: Any = None, secrets: Secrets = ("ours",)) -> Caller:
    return asker(asked(headers), Proofs(People(), verify or Signatures(), lambda: secrets), NOW)


def bearer(name: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {name}"}


@pytest.mark.parametrize("name", ["Authorization", "authorization", "AUTHORIZATION"])
@pytest.mark.parametrize("scheme", ["Bearer ", "bearer ", "BEARER   "])
def test_a_token_says_which_agent_asks(name: str, scheme: str) -> None:
    one = found({name: scheme + "jeanne"})
    assert (one.role, one.roles, one.agent) == ("agent", {"agent"}, "jeanne@exemple.example")


def test_somebody_keeps_all_their_roles_and_acts_in_the_first() -> None:
    paul = found(bearer("paul"))
    assert (paul.roles, paul.role) == ({"agent", "supervisor"}, "supervisor")


def test_somebody_supervises_the_teams_that_their_token_names() -> None:
    assert (found(bearer("paul")).teams, found(bearer("jeanne")).teams, found(SIGNED).teams) == (
        {"north"},
        set(),
        set(),
    )


def test_a_person_without_a_role_here_may_ask_nothing() -> None:
    with pytest.raises(Forbidden, match="none of the roles"):
        found(bearer("nobody"))


@pytest.mark.parametrize(
    "headers",
    [
        None,
        {},
        {"Authorization": ""},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer "},
        {"Authorization": "jeanne"},
        {"Authorization": "Basic jeanne"},
        {"Authorization": "Bearer jeanne paul"},
        {"Authorization": "Bearer jeanne, Bearer paul"},
        {"Authorization": "Bearer\njeanne"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=…"},
        {"X-Authorization": "Bearer jeanne"},
        bearer("somebody"),
    ],
)
def test_without_a_proof_that_is_taken_nobody_asks(headers: dict[str, str] | None) -> None:
    with pytest.raises(NotAuthenticated):
        found(headers)


def test_a_machine_that_signs_the_body_is_a_system_and_no_agent() -> None:
    verify = Signatures()
    machine = found(SIGNED, verify=verify)
    assert (machine.role, machine.roles, machine.agent) == ("system", {"system"}, "")
    (delivery,) = verify.seen
    assert (delivery.method, delivery.body, delivery.headers["webhook-id"]) == ("POST", BODY, "msg_1")


@pytest.mark.parametrize("fails", [NotAuthentic("timestamp"), InvalidDelivery("no such header")])
def test_a_signature_that_is_not_taken_is_nobodys(fails: Exception) -> None:
    with pytest.raises(NotAuthenticated, match="the signature is not taken"):
        found(SIGNED, verify=Signatures(fails))


def test_what_breaks_in_the_check_lets_nobody_in() -> None:
    with pytest.raises(ZeroDivisionError):
        found(SIGNED, verify=Signatures(ZeroDivisionError()))


def test_without_a_secret_no_signature_is_taken() -> None:
    with pytest.raises(NotAuthenticated, match="no secret is configured"):
        found(SIGNED, secrets=())


@pytest.mark.parametrize("authorization", ["Bearer jeanne", "Basic x", ""])
@pytest.mark.parametrize("signed", [SIGNED, {"webhook-id": "msg_1"}, {"Webhook-Signature": ""}])
def test_two_proofs_are_refused_before_either_is_looked_at(signed: dict[str, str], authorization: str) -> None:
    verify = Signatures()
    with pytest.raises(InvalidRequest, match="not both"):
        found(signed | {"Authorization": authorization}, verify=verify)
    assert verify.seen == []


def test_the_secrets_are_asked_for_only_where_somebody_signed() -> None:
    def none() -> Secrets:
        raise AssertionError("nobody signed")

    assert asker(asked(bearer("jeanne")), Proofs(People(), Signatures(), none), NOW).role == "agent"


def test_where_it_cannot_be_told_who_asks_nobody_does() -> None:
    with pytest.raises(IdentityUnavailable):
        found(bearer("later"))


@pytest.mark.parametrize(
    ("name", "roles", "may"),
    [
        ("jeanne", ("agent",), True),
        ("jeanne", ("supervisor", "dpo"), False),
        ("paul", ("agent",), True),
        ("paul", ("supervisor",), True),
        ("the-dpo", ("agent", "supervisor", "system"), False),
        ("the-dpo", ROLES, True),
        ("the-dpo", (), False),
    ],
)
def test_whoever_has_one_of_the_roles_may(name: str, roles: tuple[Role, ...], may: bool) -> None:
    one = found(bearer(name))
    if may:
        assert require_any(one, *roles) is one
    else:
        with pytest.raises(Forbidden):
            require_any(one, *roles)


@pytest.mark.parametrize("agent", ["jeanne@exemple.example", " Jeanne@Exemple.example "])
def test_an_agent_may_for_themselves(agent: str) -> None:
    assert require_own(found(bearer("jeanne")), agent, "supervisor").agent == "jeanne@exemple.example"


@pytest.mark.parametrize(
    ("name", "agent"),
    [("jeanne", "paul@exemple.example"), ("jeanne", "nobody-of-that-name"), ("jeanne", ""), ("nameless", ""),
     ("nameless", " "), ("the-dpo", ""), ("the-dpo", "jeanne@exemple.example")],
)  # fmt: skip
def test_whoever_may_not_is_told_the_same_of_every_agent(name: str, agent: str) -> None:
    with pytest.raises(Forbidden) as refused:
        require_own(found(bearer(name)), agent, "supervisor", "system")
    assert str(refused.value) == "none of your roles may ask this"


def test_others_may_for_an_agent_by_their_role() -> None:
    assert require_own(found(bearer("paul")), "jeanne@exemple.example", "supervisor").role == "supervisor"
    assert require_own(found(SIGNED), "jeanne@exemple.example", "system").role == "system"
    with pytest.raises(Forbidden):
        require_own(found(bearer("paul")), "jeanne@exemple.example")


def test_the_ledger_names_a_person_by_a_reference_that_names_nobody() -> None:
    pseudonyms, jeanne = MemoryPseudonyms(), found(bearer("jeanne"))
    assert jeanne.reference(pseudonyms) == found(bearer("jeanne")).reference(pseudonyms)
    others = [
        found(bearer("paul")),
        found(SIGNED),
        caller({"accountId": ACCOUNT, "identity": {"userArn": DPO}}, DPO_ROLE),
    ]
    assert jeanne.reference(pseudonyms) not in {other.reference(pseudonyms) for other in others}
    assert signature(jeanne, pseudonyms) == f"agent:{jeanne.reference(pseudonyms)}"
    assert "jeanne" not in repr(jeanne) + signature(jeanne, pseudonyms)
    assert "83bbeb0a" not in repr(jeanne) + signature(jeanne, pseudonyms)


def test_who_is_not_known_is_told_how_to_say_it() -> None:
    answer = problem(NotAuthenticated("say who you are"))
    assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert '"urn:sourdine:problem:not-authenticated"' in answer.body
    assert "WWW-Authenticate" not in problem(Forbidden("no")).headers


def test_keys_that_cannot_be_read_are_no_yes_and_a_line_in_the_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    log_here(monkeypatch)

    @told
    def view() -> Response:
        return Response(found(bearer("later")).role)

    assert view().status_code == 503
    assert "identity-unavailable" in capsys.readouterr().out
