"""An identity provider: it has keys, publishes them, and signs whatever it is asked to."""

from __future__ import annotations

import base64
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from hashlib import sha256
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from chalicelib.errors import IdentityUnavailable

NAME, AUDIENCE = "https://idp.example/realm", "sourdine"
NOW = datetime(2026, 11, 24, 9, tzinfo=UTC)
AT = int(NOW.timestamp())
SAID = {
    "iss": NAME, "aud": AUDIENCE, "sub": "83bbeb0a", "token_use": "id", "iat": AT - 10, "exp": AT + 3600,
    "cognito:groups": ["agent"], "email": "Jeanne.Martin@exemple.example", "email_verified": True,
}  # fmt: skip


@cache
def rsa_key(name: str) -> rsa.RSAPrivateKey:
    """A key of that name, slow to make."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def ec_key(name: str) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def public(name: str) -> dict[str, Any]:
    """A key as an issuer publishes it; those whose names begin with `ec` are elliptic curves."""
    if name.startswith("ec"):
        found = ECAlgorithm.to_jwk(ec_key(name).public_key(), as_dict=True)
    else:
        found = RSAAlgorithm.to_jwk(rsa_key(name).public_key(), as_dict=True)
    return dict(found) | {"kid": name, "use": "sig", "alg": "ES256" if name.startswith("ec") else "RS256"}


def token(kid: str = "one", headers: dict[str, Any] | None = None, **said: Any) -> str:
    """A token that says SAID and what is named; None leaves a claim out."""
    claims = {name: value for name, value in (SAID | said).items() if value is not None}
    key: Any = ec_key(kid) if kid.startswith("ec") else rsa_key(kid)
    return jwt.encode(claims, key, "ES256" if kid.startswith("ec") else "RS256", headers={"kid": kid} | (headers or {}))


def by_hand(header: dict[str, Any], secret: bytes = b"") -> str:
    """A token that no library would make: with a header of any kind, signed with HMAC or not at all."""
    parts = [_encoded(json.dumps(part).encode()) for part in (header, SAID)]
    signature = hmac.new(secret, ".".join(parts).encode(), sha256).digest() if secret else b""
    return ".".join([*parts, _encoded(signature)])


def public_pem(name: str) -> bytes:
    return rsa_key(name).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Published:
    """What the issuer's addresses answer, and which were asked; `bodies` by address, the JWKS of `kids` elsewhere."""

    kids: list[str] = field(default_factory=lambda: ["one", "ec-one"])
    bodies: dict[str, bytes] = field(default_factory=dict)
    is_down: bool = False
    asked: list[str] = field(default_factory=list)

    def __call__(self, url: str) -> bytes:
        self.asked.append(url)
        if self.is_down:
            raise IdentityUnavailable("down")
        return self.bodies.get(url, json.dumps({"keys": [public(kid) for kid in self.kids]}).encode())


@dataclass
class Clock:
    """Seconds, as they are set."""

    at: float = 1000.0

    def __call__(self) -> float:
        return self.at
