"""Who asks: a Caller; and the one whom API Gateway's IAM authorizer found by a request's signature.

Whoever shows an ID token or a signed body, on routes that have no authorizer, is found by `people.py`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from chalicelib.errors import Forbidden
from chalicelib.services.ports import Pseudonyms

Role = Literal["dpo", "supervisor", "agent", "system"]

ROLES: tuple[Role, ...] = get_args(Role)
"""In this order the first of several is the one in which somebody acts."""

_SESSION = re.compile(
    r"arn:(?P<partition>[a-z-]+):sts::(?P<account>[0-9]{12}):assumed-role/(?P<name>[A-Za-z0-9_+=,.@-]+)/[^/]+"
)
_ROLE = re.compile(
    r"arn:(?P<partition>[a-z-]+):iam::(?P<account>[0-9]{12}):role/(?:[\x21-\x7e]*/)?(?P<name>[A-Za-z0-9_+=,.@-]+)"
)
_PRINCIPAL = re.compile(r"arn:[a-z-]+:(?:iam|sts)::(?P<account>[0-9]{12}):(?P<rest>[\x21-\x7e]+)")


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody who was authenticated: their parts, the agent they are, and a reference that names nobody.

    `agent` is the id that telephony knows them by, in lower case; empty where they are none. `teams` are the names of
    those that they supervise.
    """

    roles: frozenset[Role]
    _principal: str = field(repr=False)
    agent: str = field(default="", repr=False)
    teams: frozenset[str] = field(default=frozenset(), repr=False)

    @property
    def role(self) -> Role:
        """The part in which they act, as the ledger says it."""
        return next(role for role in ROLES if role in self.roles)

    def reference(self, pseudonyms: Pseudonyms) -> str:
        """The same for the same principal; a session's name often is a person's address, so it is hashed."""
        return pseudonyms.of("caller", self._principal)


def caller(context: Mapping[str, Any], dpo_role: str) -> Caller:
    """Who signed a request, by its context. Raises Forbidden where nobody of the API's own account, or the DPO, did.

    `dpo_role` is the ARN of the DPO's role; empty is nobody.
    """
    identity = context.get("identity")
    arn = identity.get("userArn") if isinstance(identity, Mapping) else None
    found = _PRINCIPAL.fullmatch(arn) if isinstance(arn, str) else None
    if found and _same_role(found[0], dpo_role):
        return Caller(frozenset({"dpo"}), found[0])
    if found and found["account"] == context.get("accountId"):
        return Caller(frozenset({"system"}), found[0])
    raise Forbidden("sign the request with an IAM role of this account that may ask this")


def require(context: Mapping[str, Any], dpo_role: str, *roles: Role) -> Caller:
    """The caller, who has one of `roles`. Raises Forbidden."""
    found = caller(context, dpo_role)
    if found.role not in roles:
        raise Forbidden("only the data protection officer may ask this: assume their role")
    return found


def signature(caller: Caller, pseudonyms: Pseudonyms) -> str:
    """Who did it, as the ledger says it: their part and their reference."""
    return f"{caller.role}:{caller.reference(pseudonyms)}"


def _same_role(session: str, role: str) -> bool:
    """Whether a session is of a role: an account has one role of a name, whatever its path."""
    theirs, wanted = _SESSION.fullmatch(session), _ROLE.fullmatch(role)
    return theirs is not None and wanted is not None and theirs.groupdict() == wanted.groupdict()
