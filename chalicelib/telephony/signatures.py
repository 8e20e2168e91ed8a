"""The signatures of Standard Webhooks 1.0.0 (FACTS 2.12).

A secret is `whsec_` and the base64 of 24 to 64 bytes (HMAC-SHA256, `v1`), or `whpk_` and that of an Ed25519 public key
(`v1a`). What is signed is `{id}.{timestamp}.{body}`, so that no id may hold a full stop.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from datetime import datetime

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.read import header, require_fresh, since_1970
from chalicelib.telephony.webhook import Delivery, Secrets

_ID, _STAMP = re.compile(r"[\x21-\x2d\x2f-\x7e]{1,256}"), re.compile(r"[0-9]{1,12}")
_MOST = 10
"""Signatures that are looked at: each costs a reading of the body, before anybody is known."""

_PUBLIC, _SHARED = "whpk_", "whsec_"
_SIZES = {_PUBLIC: (32,), _SHARED: range(24, 65)}


def verify(delivery: Delivery, secrets: Secrets, now: datetime) -> bytes:
    """The body, if one of the secrets signed it within five minutes of now. Raises NotAuthentic."""
    name, stamp = header(delivery, "webhook-id"), header(delivery, "webhook-timestamp")
    if not _ID.fullmatch(name):
        raise NotAuthentic("id")
    if not _STAMP.fullmatch(stamp):
        raise NotAuthentic("moment-missing")
    require_fresh(since_1970(stamp), now)
    given = [part.partition(",")[::2] for part in header(delivery, "webhook-signature").split(" ", _MOST)][:_MOST]
    if not any(version in ("v1", "v1a") for version, _ in given):
        raise NotAuthentic("algorithm")
    message = f"{name}.{stamp}.".encode() + delivery.body
    matches = [_signed(message, secret, version, text) for version, text in given for secret in secrets]
    if not any(matches):
        raise NotAuthentic("signature" if all(map(_key, secrets)) else "secret-unreadable")
    return delivery.body


def sign(body: bytes, name: str, timestamp: int, secret: str) -> str:
    """The header `webhook-signature` of that body, by a `whsec_` secret. Raises NotAuthentic if it is none."""
    if secret.startswith(_PUBLIC) or not (key := _key(secret)):
        raise NotAuthentic("secret-unreadable")
    return _v1(f"{name}.{timestamp}.".encode() + body, key)


def _signed(message: bytes, secret: str, version: str, text: str) -> bool:
    key, public = _key(secret), secret.startswith(_PUBLIC)
    if not key or version != ("v1a" if public else "v1"):
        return False
    if not public:
        return hmac.compare_digest(_v1(message, key).encode(), f"v1,{text}".encode("utf-8", "replace"))
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(_decoded(text), message)
    except InvalidSignature:
        return False
    return True


def _v1(message: bytes, key: bytes) -> str:
    return f"v1,{base64.b64encode(hmac.new(key, message, hashlib.sha256).digest()).decode()}"


def _key(secret: str) -> bytes:
    """Empty where the secret is none of ours. Some write it without the padding."""
    kind = _PUBLIC if secret.startswith(_PUBLIC) else _SHARED
    encoded = secret.removeprefix(kind)
    key = _decoded(encoded + "=" * (-len(encoded) % 4))
    return key if len(key) in _SIZES[kind] else b""


def _decoded(text: str) -> bytes:
    """Empty where it is no base64."""
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return b""
