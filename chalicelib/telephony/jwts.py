"""JWTs that providers sign with a shared secret (FACTS 2.5, 2.6, 2.9): one algorithm each, and nothing but that one.

Only the signature is judged here. What the claims say is read by the module of the provider, with the moment that it
is given: PyJWT would ask the clock.
"""

from __future__ import annotations

from datetime import datetime

from jwt import PyJWS
from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidAlgorithmError, InvalidKeyError, InvalidSignatureError, PyJWTError

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.read import json_object, since_1970
from chalicelib.telephony.webhook import Payload, Secrets


class _Hmac(HMACAlgorithm):
    """How long a secret is, its provider chose: no use in warning of it at every delivery."""

    def check_key_length(self, key: bytes) -> str | None:
        return None


_JWS = PyJWS(algorithms=[])
"""Knows the two algorithms that are registered below, not even `none`."""
_JWS.register_algorithm("HS256", _Hmac(HMACAlgorithm.SHA256))
_JWS.register_algorithm("HS512", _Hmac(HMACAlgorithm.SHA512))


def verified(token: str, secrets: Secrets, algorithm: str) -> Payload:
    """The claims of a token that one of the secrets signed, by exactly that algorithm."""
    if not token.isascii():
        raise NotAuthentic("not-a-jwt")
    for secret in filter(None, secrets):
        try:
            claims = _JWS.decode(token, secret, algorithms=[algorithm])
        except InvalidAlgorithmError:
            raise NotAuthentic("algorithm") from None
        except (InvalidSignatureError, InvalidKeyError):
            continue
        except PyJWTError:
            raise NotAuthentic("not-a-jwt") from None
        return json_object(claims)
    raise NotAuthentic("signature")


def require_unexpired(claims: Payload, now: datetime) -> None:
    """Where the token says until when it holds (`exp`), that moment is to come."""
    if "exp" in claims:
        until = since_1970(claims["exp"])
        if until is None or until <= now:
            raise NotAuthentic("expired")
