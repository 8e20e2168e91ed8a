"""Bearer tokens of the providers that want OAuth 2.0 (Zoom, RingCentral, Genesys), and requests that carry one.

Credentials: `token`, where there is a static one, or else `token_url` (https), `client_id`, `client_secret` and
`grant`: the form's fields, such as Zoom's `{"grant_type": "account_credentials", "account_id": "…"}`. What each
provider wants there is known from memory only ([K]), and therefore configured. The caller keeps a token while it lasts,
and hands it over as `token`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from chalicelib.errors import InvalidDelivery, InvalidSettings
from chalicelib.telephony.ours import basic, bearer, credential
from chalicelib.telephony.read import json_object
from chalicelib.telephony.webhook import Credentials, Outgoing

_TOKEN = re.compile(r"[\x21-\x7e]{1,8192}")
_CLIENT = {"grant_type": "client_credentials"}


def ask(credentials: Credentials) -> Outgoing | None:
    """How a token is asked for; None where the credentials hold one."""
    if credentials.get("token"):
        return None
    url, grant = credential(credentials, "token_url"), credentials.get("grant", _CLIENT)
    if not url.startswith("https://"):
        raise InvalidSettings("the provider's `token_url` begins with https://")
    if not isinstance(grant, Mapping) or not all(isinstance(value, str) for value in grant.values()):
        raise InvalidSettings("the provider's `grant` is an object of texts")
    client = basic(credential(credentials, "client_id"), credential(credentials, "client_secret"))
    headers = client | {"content-type": "application/x-www-form-urlencoded"}
    return Outgoing("POST", url, headers, urlencode(grant).encode())


def token_in(answer: bytes) -> tuple[str, int]:
    """The token, and for how many seconds it lasts: 0 where that is not said."""
    document = json_object(answer)
    token, lasts = document.get("access_token"), document.get("expires_in")
    if not isinstance(token, str) or not _TOKEN.fullmatch(token):
        raise InvalidDelivery("the answer holds no token")
    return token, max(lasts, 0) if isinstance(lasts, int) else 0


def bearing(method: str, url: str, credentials: Credentials, document: Mapping[str, Any] | None = None) -> Outgoing:
    """A request that carries the token, and that document as its body."""
    token = credential(credentials, "token")
    if not _TOKEN.fullmatch(token):
        raise InvalidSettings("the provider's `token` is printable ASCII")
    if document is None:
        return Outgoing(method, url, bearer(token))
    headers = bearer(token) | {"content-type": "application/json"}
    return Outgoing(method, url, headers, json.dumps(document).encode())
