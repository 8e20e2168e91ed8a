"""Opaque ids: a keyed hash, so that nobody can find a telephone number again by hashing all of them."""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Callable
from functools import cached_property

_CHARACTERS = 26


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
