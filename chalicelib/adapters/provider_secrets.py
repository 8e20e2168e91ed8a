"""The ProviderSecrets port: one secret of the stack for each provider, read by Powertools and kept for some minutes.

`{"signing": ["whsec_…", "the one before"], "credentials": {"account": "…", "token": "…"}}`: what the credentials are
called stands in each provider's module.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_lambda_powertools.utilities.parameters import SecretsProvider
from aws_lambda_powertools.utilities.parameters.exceptions import GetParameterError, TransformParameterError
from botocore.exceptions import ClientError

from chalicelib.adapters.addresses import host_of
from chalicelib.errors import (
    InvalidDelivery,
    InvalidSettings,
    ProviderRefused,
    ProviderUnreachable,
    SourdineError,
    UnknownProvider,
)
from chalicelib.services.ports import Web
from chalicelib.telephony.oauth import ask, token_in

KEPT_S = 300
_FAILED_S = 60
_NAME = re.compile(r"[a-z0-9-]{1,40}")
_EARLY_S = 60
"""A token is asked for anew so long before it lapses; one that was revoked, or whose secret changed, after KEPT_S."""


class StackSecrets:
    """`prefix` is what the secrets' names begin with; `client` boto3's of Secrets Manager."""

    def __init__(self, client: Any, prefix: str, web: Web, clock: Callable[[], float] = time.monotonic) -> None:
        self._secrets, self._prefix = SecretsProvider(boto3_client=client), prefix
        self._web, self._clock = web, clock
        self._tokens: dict[str, tuple[str, float]] = {}
        self._failed: dict[str, tuple[SourdineError, float]] = {}

    def signing(self, provider: str) -> tuple[str, ...]:
        found = self._read(provider).get("signing")
        if (
            not isinstance(found, list)
            or not found
            or not all(isinstance(each, str) and each.strip() for each in found)
        ):
            raise UnknownProvider(f"the secret of {provider} has no `signing`: a list of one or two texts")
        return tuple(found)

    def credentials(self, provider: str) -> Mapping[str, Any]:
        found = self._read(provider).get("credentials", {})
        if not isinstance(found, dict):
            raise InvalidSettings(f"the `credentials` of {provider} are a JSON object")
        is_static = found.get("token") or not found.get("token_url")
        return found if is_static else found | {"token": self._token(provider, found)}

    def _read(self, provider: str) -> dict[str, Any]:
        if not _NAME.fullmatch(provider):
            raise UnknownProvider("no provider has such a name")
        error, until = self._failed.get(provider, (None, 0.0))
        if error is not None and self._clock() < until:
            raise error.with_traceback(None)
        try:
            return self._asked(provider)
        except (
            UnknownProvider,
            InvalidSettings,
        ) as error:
            # Whoever calls in without a secret costs one reading a minute.
            self._failed[provider] = error, self._clock() + _FAILED_S
            raise

    def _asked(self, provider: str) -> dict[str, Any]:
        try:
            found = self._secrets.get(self._prefix + provider, max_age=KEPT_S, transform="json")
        except (TransformParameterError, UnicodeDecodeError):  # the latter of a binary secret
            raise InvalidSettings(f"the secret of {provider} is no JSON") from None
        except GetParameterError as error:
            if _is_missing(error):
                raise UnknownProvider(f"{provider} is not configured: its secret was not set") from None
            raise ProviderUnreachable("the secrets cannot be read now") from error
        if not isinstance(found, dict):
            raise InvalidSettings(f"the secret of {provider} is a JSON object")
        return found

    def _token(self, provider: str, credentials: Mapping[str, Any]) -> str:
        token, lapses = self._tokens.get(provider, ("", 0.0))
        if token and self._clock() < lapses:
            return token
        outgoing = ask(credentials)
        if outgoing is None:
            raise InvalidSettings(f"the `credentials` of {provider} name no client")
        answer = self._web.ask(provider, outgoing, (host_of(outgoing.url),))
        if answer.status != 200:
            raise ProviderRefused(answer.status)
        try:
            token, lasts = token_in(answer.body)
        except InvalidDelivery as error:
            raise ProviderUnreachable("the provider's answer to our credentials holds no token") from error
        self._tokens[provider] = token, self._clock() + min(KEPT_S, max(0, lasts - _EARLY_S))
        return token


def _is_missing(error: GetParameterError) -> bool:
    cause = error.__cause__ or error.__context__
    found = cause.response.get("Error", {}).get("Code") if isinstance(cause, ClientError) else str(error)
    return "ResourceNotFoundException" in str(found)
