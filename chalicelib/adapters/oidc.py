"""The Tokens port on OpenID Connect: ID tokens of one issuer for one audience (Core 1.0, section 3.1.3.7; RFC 8725).

PyJWT checks the signature. What the token says is checked here: PyJWT would ask the wall clock.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import jwt
from jwt.types import Options

from chalicelib.adapters.signing_keys import ALGORITHMS
from chalicelib.errors import NotAuthenticated
from chalicelib.services.ports import Claims
from chalicelib.services.refs import agent_key

LONGEST = 16 << 10
LEEWAY = 60
"""Seconds by which the issuer's clock may differ from ours."""

_COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+")
_THE_END_OF_TIME = 1e12
_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "enforce_minimum_key_length": True,
}


class Keys(Protocol):
    """The issuer's keys by id."""

    def of(self, kid: str) -> jwt.PyJWK | None: ...


@dataclass(frozen=True, slots=True)
class OidcTokens:
    """`role_claim` holds roles as a list or as words, and `team_claim` teams, also between commas.

    `agent_claim` holds the id that telephony knows the agent by.
    """

    issuer: str
    audience: str
    keys: Keys
    role_claim: str = "cognito:groups"
    agent_claim: str = "email"
    team_claim: str = "custom:teams"

    def verify(self, token: str, now: datetime) -> Claims:
        """What an ID token says. Raises NotAuthenticated, IdentityUnavailable."""
        said = self._signed(token)
        # An audience beside ours is one that we do not trust: it could use the token too.
        if said.get("iss") != self.issuer or said.get("aud") not in (self.audience, [self.audience]):
            raise NotAuthenticated("the token is of another issuer, or for another application")
        if said.get("token_use", "id") != "id":
            raise NotAuthenticated("this is no ID token: send the ID token")
        _require_current(said, now)
        subject = said.get("sub")
        if not isinstance(subject, str) or not subject:
            raise NotAuthenticated("the token says of nobody that it is theirs")
        return Claims(subject, _words(said.get(self.role_claim)), self._agent(said), self._teams(said))

    def _signed(self, token: str) -> dict[str, Any]:
        """What the issuer signed, whatever it is."""
        if len(token) > LONGEST or not _COMPACT.fullmatch(token):
            raise _not_taken()
        try:
            header = jwt.get_unverified_header(token)
            key = self.keys.of(header["kid"]) if _may_be_ours(header) else None
            if key is None:
                raise _not_taken()
            return jwt.decode(token, key, algorithms=[key.algorithm_name], options=_SIGNATURE_ALONE)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError):
            raise _not_taken() from None

    def _agent(self, said: dict[str, Any]) -> str:
        """Nobody by an address that the person may have typed in themselves."""
        found = said.get(self.agent_claim)
        if not isinstance(found, str) or (self.agent_claim == "email" and said.get("email_verified") not in _YES):
            return ""
        return agent_key(found)

    def _teams(self, said: dict[str, Any]) -> frozenset[str]:
        found = said.get(self.team_claim)
        return _words(found.replace(",", " ") if isinstance(found, str) else found)


class NoTokens:
    """The Tokens port where no identity provider is configured: nobody's token is taken."""

    def verify(self, token: str, now: datetime) -> Claims:
        """Raises NotAuthenticated."""
        raise NotAuthenticated("no identity provider is configured")


_YES = (True, "true")  # Cognito says it in either way


def _may_be_ours(header: dict[str, Any]) -> bool:
    """Whether it is worth looking for the key. An access or a logout token has a type of its own, an ID token none."""
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    return all(isinstance(name, str) for name in (algorithm, kid, kind)) and (
        algorithm in ALGORITHMS and kind.upper() == "JWT"
    )


def _require_current(said: dict[str, Any], now: datetime) -> None:
    expires, begins = _moment(said.get("exp")), max(_moment(said.get("iat")), _moment(said.get("nbf", 0)))
    if now.timestamp() >= expires + LEEWAY:
        raise NotAuthenticated("the token has expired: sign in again")
    if now.timestamp() < begins - LEEWAY:
        raise NotAuthenticated("the token is not valid yet: compare the clocks")


def _moment(value: Any) -> float:
    """A NumericDate (RFC 7519, section 2) that can be reckoned with. Raises NotAuthenticated."""
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _THE_END_OF_TIME:
        return value
    raise NotAuthenticated("the token does not say from when until when it is valid")


def _words(value: Any) -> frozenset[str]:
    found = value.split() if isinstance(value, str) else value
    return frozenset(word for word in found if isinstance(word, str)) if isinstance(found, list) else frozenset()


def _not_taken() -> NotAuthenticated:
    return NotAuthenticated("the token is none of this company's identity provider: sign in and send the ID token")
