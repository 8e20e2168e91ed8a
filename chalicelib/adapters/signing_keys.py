"""The keys that an identity provider signs with: read from where it publishes them (RFC 7517), and kept for a while.

PyJWT reads the keys; its client for them is not used. It counts its pause from the last answer that was good, so
that forged key ids would ask an issuer that is down with every request, and it cannot discover where the keys lie.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import urllib3
from jwt import PyJWK, PyJWKSet, PyJWTError

from chalicelib.errors import IdentityUnavailable

ALGORITHMS = frozenset({"RS256", "ES256"})
"""Asymmetric ones alone: with HS256 whoever knows the public key could sign."""

LIFESPAN = 600.0
"""Seconds for which keys are taken as they were read: one that the provider withdrew is believed no longer."""

PAUSE = 60.0
"""Seconds between two readings for key ids that are not known: whoever forges them cannot make us hammer the issuer."""

RETRY = 5.0
"""Seconds after a reading that failed, within which none is tried."""

_LONGEST = 256 << 10
_LOOPBACK = ("127.0.0.1", "localhost")
_POOL = urllib3.PoolManager(timeout=urllib3.Timeout(connect=3, read=3), retries=False)

Fetch = Callable[[str], bytes]
"""The body at an address. Raises IdentityUnavailable."""


def get(url: str) -> bytes:
    """A small body, over TLS (over plain HTTP from loopback alone), never from anywhere else that the answer names."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "https" and (parts.scheme, parts.hostname in _LOOPBACK) != ("http", True):
            raise _unavailable()
        answer = _POOL.request("GET", url, redirect=False, preload_content=False)
        try:
            body = answer.read(_LONGEST + 1)
        finally:
            answer.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError) as error:
        raise _unavailable() from error
    if answer.status != 200 or len(body) > _LONGEST:
        raise _unavailable()
    return body


class SigningKeys:
    """An issuer's keys by their ids. Without `jwks_url` its discovery document says where they lie."""

    def __init__(
        self, issuer: str, jwks_url: str = "", fetch: Fetch = get, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._issuer, self._jwks_url, self._fetch, self._clock = issuer, jwks_url, fetch, clock
        self._keys: dict[str, PyJWK] = {}
        self._read_at = self._tried_at = -float("inf")

    def of(self, kid: str) -> PyJWK | None:
        """A key for one of ALGORITHMS; None where the issuer has none of that id. Raises IdentityUnavailable."""
        now = self._clock()
        if now - self._read_at >= LIFESPAN:
            self._read(now, RETRY)
        elif kid not in self._keys:
            self._read(now, PAUSE)
        return self._keys.get(kid)

    def _read(self, now: float, pause: float) -> None:
        """Read the keys again, unless that was tried within `pause`: then what came of it still holds."""
        if now - self._tried_at < pause:
            if self._tried_at > self._read_at:
                raise _unavailable()
            return
        self._tried_at = now
        try:
            self._keys = _usable(self._document(self._jwks_url or self._discovered()))
        except (PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise _unavailable() from error
        self._read_at = now

    def _discovered(self) -> str:
        """Where the keys lie (OpenID Connect Discovery 1.0, section 4)."""
        said = self._document(self._issuer.rstrip("/") + "/.well-known/openid-configuration")
        found = said.get("jwks_uri")
        if said.get("issuer") != self._issuer or not isinstance(found, str):
            raise ValueError("another issuer's, or without keys")
        return found

    def _document(self, url: str) -> dict[str, Any]:
        found = json.loads(self._fetch(url))
        if not isinstance(found, dict):
            raise ValueError("no object")
        return found


def _usable(document: dict[str, Any]) -> dict[str, PyJWK]:
    """The keys that ID tokens may be signed with. Raises ValueError where there is none."""
    found = {
        key.key_id: key
        for key in PyJWKSet.from_dict(document)
        if isinstance(key.key_id, str) and key.algorithm_name in ALGORITHMS and key.public_key_use in ("sig", None)
    }
    if not found:
        raise ValueError("no key")
    return found


def _unavailable() -> IdentityUnavailable:
    return IdentityUnavailable("the identity provider's keys cannot be read now: ask again later")
