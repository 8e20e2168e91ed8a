"""The CallControl port: Amazon Connect by AWS's own API, every other provider by HTTP."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.adapters.addresses import host_of
from chalicelib.errors import (
    CannotControl,
    ForbiddenAddress,
    InvalidSettings,
    MediaTooLarge,
    ProviderRefused,
    ProviderUnreachable,
    UnknownProvider,
)
from chalicelib.services.ports import ProviderSecrets, Reach, Web
from chalicelib.telephony.connect import control_call
from chalicelib.telephony.providers import CONTROLS
from chalicelib.telephony.webhook import Act

_OURS_TO_MEND = frozenset(
    {"AccessDeniedException", "InvalidParameterException", "InvalidRequestException", "ResourceNotFoundException"}
)


class ProviderControl:
    """`connect` is boto3's Amazon Connect client."""

    def __init__(self, web: Web, secrets: ProviderSecrets, connect: Any) -> None:
        self._web, self._secrets, self._connect = web, secrets, connect

    def act(self, act: Act, reach: Reach) -> None:
        if reach.provider == "connect":
            self._act_on_connect(act, reach)
        else:
            self._act_by_http(act, reach)

    def _act_on_connect(self, act: Act, reach: Reach) -> None:
        method, parameters = control_call(act, reach.ids)
        try:
            getattr(self._connect, method)(**parameters)
        except ClientError as error:
            answer = error.response
            status = int(answer.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
            if answer.get("Error", {}).get("Code") in _OURS_TO_MEND:
                raise ProviderRefused(status) from error
            raise ProviderUnreachable("Amazon Connect does not do it now") from error
        except BotoCoreError as error:
            raise ProviderUnreachable("Amazon Connect does not answer") from error

    def _act_by_http(self, act: Act, reach: Reach) -> None:
        controls = CONTROLS.get(reach.provider)
        if controls is None:
            raise CannotControl(f"{reach.provider} has no way to {act} a recording")
        try:
            outgoing = controls.control(act, reach.ids, self._secrets.credentials(reach.provider))
            answer = self._web.ask(reach.provider, outgoing, (host_of(outgoing.url),))
        except (UnknownProvider, InvalidSettings, ForbiddenAddress) as error:
            raise CannotControl(str(error)) from error
        except MediaTooLarge as error:
            raise ProviderUnreachable("the provider's answer is no answer to that") from error
        if not 200 <= answer.status < 300:
            raise ProviderRefused(answer.status)
