"""What our own requests to a provider are signed with, out of the JSON of its secret."""

from __future__ import annotations

import base64

from chalicelib.errors import InvalidSettings
from chalicelib.telephony.webhook import Credentials


def credential(credentials: Credentials, name: str) -> str:
    """One text of the secret that must be there."""
    found = credentials.get(name)
    if not isinstance(found, str) or not found:
        raise InvalidSettings(f"the provider's credentials lack `{name}`: put it into the JSON of its secret")
    return found


def basic(user: str, password: str) -> dict[str, str]:
    """The header of HTTP Basic."""
    return {"authorization": f"Basic {base64.b64encode(f'{user}:{password}'.encode()).decode()}"}


def bearer(token: str) -> dict[str, str]:
    """The header of a bearer token."""
    return {"authorization": f"Bearer {token}"}
