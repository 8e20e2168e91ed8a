"""Deliveries that are signed as a JWT with a shared secret (FACTS 2.5, 2.6, 2.9)."""

from __future__ import annotations

import jwt
from jwt.types import Options

from chalicelib.errors import NotAuthentic
from chalicelib.telephony.webhook import Payload, Secrets

_SIGNATURE_ALONE: Options = {
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
    "verify_aud": False,
    "verify_iss": False,
    "verify_sub": False,
    "verify_jti": False,
}
"""The claims are the provider's module's to judge: PyJWT would ask the machine's clock."""


def verified(token: str, secrets: Secrets, algorithm: str) -> Payload:
    """The claims of a token that one of the secrets signed with exactly that algorithm.

    Raises NotAuthentic with the check `not-a-jwt`, `algorithm` or `signature`.
    """
    for secret in secrets:
        try:
            return jwt.decode(token, secret, [algorithm], options=_SIGNATURE_ALONE)
        except (jwt.InvalidSignatureError, jwt.InvalidKeyError):
            continue
        except jwt.InvalidAlgorithmError as error:
            raise NotAuthentic("algorithm") from error
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise NotAuthentic("not-a-jwt") from error
    raise NotAuthentic("signature")
