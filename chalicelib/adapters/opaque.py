"""Opaque ids: a keyed hash, so that nobody can find a telephone number again by hashing all of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from functools import cached_property

from chalicelib.errors import InvalidSettings

_CHARACTERS = 26
_SHORTEST = 32


def opaque_id(key: bytes, kind: str, *parts: str) -> str:
    """HMAC-SHA-256 of the parts, each told from the next by its length; 26 characters (130 bits) of base32.

    Fit for S3 keys, job names (`[0-9a-zA-Z._-]`), tags and logs.
    """
    message = b"".join(len(part.encode()).to_bytes(4, "big") + part.encode() for part in (kind, *parts))
    return base64.b32encode(hmac.digest(key, message, hashlib.sha256)).decode().lower()[:_CHARACTERS]


class SecretPseudonyms:
    """Pseudonyms under the stack's secret, fetched at first use."""

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        self._fetch = fetch

    @cached_property
    def _key(self) -> bytes:
        return self._fetch()

    def of(self, kind: str, *parts: str) -> str:
        return opaque_id(self._key, kind, *parts)


class SecretIdentities:
    """Identities under the keys of a secret: a JSON list, the current one first, or a single one as it stands.

    Who rotates puts a new key before the others, and leaves those until whatever was linked under them has ended: of
    numbers nobody keeps more than their hashes, so nothing can be hashed again.
    """

    def __init__(self, fetch: Callable[[], bytes]) -> None:
        self._fetch = fetch

    @cached_property
    def _keys(self) -> tuple[bytes, ...]:
        return keys_in(self._fetch())

    def of(self, address: str) -> tuple[str, ...]:
        return tuple(opaque_id(key, "person", address) for key in self._keys)


def keys_in(secret: bytes) -> tuple[bytes, ...]:
    """The keys of such a secret. Raises InvalidSettings, which quotes none."""
    if not secret.startswith(b"["):
        return (secret,)
    try:
        keys = json.loads(secret)
    except ValueError:
        keys = None
    if (
        not isinstance(keys, list)
        or not keys
        or not all(isinstance(key, str) and len(key) >= _SHORTEST for key in keys)
    ):
        raise InvalidSettings(f"the secret of the numbers is a JSON list of keys of {_SHORTEST} characters or more")
    return tuple(key.encode() for key in keys)
