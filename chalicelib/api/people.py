"""Who asks on a route that has no authorizer (one route cannot have two): a person who shows an ID token, or a
machine that signed the body by the Standard Webhooks.

No answer tells whether an agent exists: whoever may not ask is told the same of every one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.api.identity import ROLES, Caller, Role
from chalicelib.errors import Forbidden, InvalidDelivery, InvalidRequest, NotAuthentic, NotAuthenticated
from chalicelib.services.ports import Tokens
from chalicelib.services.refs import agent_key
from chalicelib.telephony.webhook import Delivery, Secrets

Verify = Callable[[Delivery, Secrets, datetime], object]
"""Checks a delivery's signature. Raises NotAuthentic, InvalidDelivery."""

_SIGNATURE = ("webhook-id", "webhook-timestamp", "webhook-signature")
_BEARER = re.compile(r"bearer +([^ ]+) *", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Proofs:
    """What is taken for a proof. `secrets` are asked for only where somebody signed."""

    tokens: Tokens
    verify: Verify
    secrets: Callable[[], Secrets]


def asker(request: Any, proofs: Proofs, now: datetime) -> Caller:
    """Who sent Chalice's `request`.

    Raises NotAuthenticated; Forbidden where a person has no role here; IdentityUnavailable where it cannot be told
    now; InvalidRequest where two proofs were sent.
    """
    headers: Mapping[str, str] = {name.lower(): value for name, value in request.headers.items()}
    is_signed = any(name in headers for name in _SIGNATURE)
    if is_signed and "authorization" in headers:
        raise InvalidRequest("say once who you are: an ID token or a signature, not both")
    if is_signed:
        # The URL is no part of what is signed: a route compares what the body says with what was asked.
        return signed(Delivery(request.method, "", headers, request.raw_body), proofs.verify, proofs.secrets(), now)
    return _person(headers.get("authorization", ""), proofs.tokens, now)


def signed(delivery: Delivery, verify: Verify, secrets: Secrets, now: datetime) -> Caller:
    """The machine that has one of the secrets. Raises NotAuthenticated."""
    if not secrets:
        raise NotAuthenticated("no secret is configured that a body could be signed with")
    try:
        verify(delivery, secrets, now)
    except (NotAuthentic, InvalidDelivery):
        raise NotAuthenticated("the signature is not taken: compare the secret and the clocks") from None
    return Caller(frozenset({"system"}), "standard-webhooks")


def require_any(caller: Caller, *roles: Role) -> Caller:
    """The caller, who has one of `roles`. Raises Forbidden."""
    if caller.roles.isdisjoint(roles):
        raise _not_theirs()
    return caller


def require_own(caller: Caller, agent: str, *others: Role) -> Caller:
    """The caller, who is that agent themselves, or has one of the roles `others`. Raises Forbidden."""
    if "agent" in caller.roles and caller.agent and agent_key(caller.agent) == agent_key(agent):
        return caller
    return require_any(caller, *others)


def _person(authorization: str, tokens: Tokens, now: datetime) -> Caller:
    found = _BEARER.fullmatch(authorization)
    if not found:
        raise NotAuthenticated("say who you are: `Authorization: Bearer`, then your ID token; or sign the body")
    claims = tokens.verify(found[1], now)
    roles = frozenset(role for role in ROLES if role in claims.roles)
    if not roles:
        raise Forbidden(f"you have none of the roles {', '.join(ROLES)}: ask whoever manages your account")
    return Caller(roles, f"oidc {claims.subject}", claims.agent, claims.teams)


def _not_theirs() -> Forbidden:
    return Forbidden("none of your roles may ask this")
