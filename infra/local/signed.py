"""Webhooks as each provider would send them: signed, or carrying what it proves itself with, at a moment of ours."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import jwt

from chalicelib.telephony import ringover
from chalicelib.telephony.signatures import sign
from chalicelib.telephony.twilio_signed import FORM, signature

Signed = tuple[dict[str, str], bytes]
"""Headers, their names in lower case, and body."""

Said = Mapping[str, Any]
_JSON = {"content-type": "application/json"}


def signed(provider: str, said: Said, url: str, secret: str, now: datetime) -> Signed:
    """The request that says so: `said` are the form's fields for Twilio, for everybody else the JSON object.

    To be posted to `url`, which is the public one. Raises KeyError for a provider that is none of `PROVIDERS`.
    """
    return _SIGNERS[provider](said, url, secret, int(now.timestamp()))


def _aircall(said: Said, url: str, secret: str, stamp: int) -> Signed:
    return _JSON, _json({**said, "token": secret})


def _dialpad(said: Said, url: str, secret: str, stamp: int) -> Signed:
    return {"content-type": "application/jwt"}, jwt.encode(dict(said), secret, "HS256").encode()


def _ringcentral(said: Said, url: str, secret: str, stamp: int) -> Signed:
    return _JSON | {"verification-token": secret}, _json(said)


def _ringover(said: Said, url: str, secret: str, stamp: int) -> Signed:
    body = _json(said)
    proof = {
        "x-ringover-webhook-signature-v3": ringover.signature("POST", url, body, str(stamp), secret),
        "x-ringover-request-signature-v3-timestamp": str(stamp),
    }
    return _JSON | proof, body


def _standard(said: Said, url: str, secret: str, stamp: int) -> Signed:
    body = _json(said)
    name = f"msg_{hashlib.sha256(body).hexdigest()[:24]}"
    proof = {"webhook-id": name, "webhook-timestamp": str(stamp), "webhook-signature": sign(body, name, stamp, secret)}
    return _JSON | proof, body


def _twilio(said: Said, url: str, secret: str, stamp: int) -> Signed:
    fields = {name: str(value) for name, value in said.items()}
    proof = {"x-twilio-signature": signature(url, fields.items(), secret)}
    return {"content-type": FORM} | proof, urlencode(fields).encode()


def _vonage(said: Said, url: str, secret: str, stamp: int) -> Signed:
    body = _json(said)
    claims = {"iat": stamp, "iss": "Vonage", "payload_hash": hashlib.sha256(body).hexdigest()}
    return _JSON | {"authorization": f"Bearer {jwt.encode(claims, secret, 'HS256')}"}, body


def _zoom(said: Said, url: str, secret: str, stamp: int) -> Signed:
    body = _json(said)
    proof = hmac.new(secret.encode(), f"v0:{stamp}:".encode() + body, hashlib.sha256).hexdigest()
    return _JSON | {"x-zm-signature": f"v0={proof}", "x-zm-request-timestamp": str(stamp)}, body


def _json(said: Said) -> bytes:
    return json.dumps(said).encode()


_SIGNERS: dict[str, Callable[[Said, str, str, int], Signed]] = {
    "aircall": _aircall,
    "dialpad": _dialpad,
    "ringcentral": _ringcentral,
    "ringover": _ringover,
    "standard": _standard,
    "twilio": _twilio,
    "vonage": _vonage,
    "zoom": _zoom,
}
