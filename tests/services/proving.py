"""What people ask for, and the codes that reach them."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from chalicelib.law.request import Right
from chalicelib.services.asking import Asked, ask
from chalicelib.services.proof import send_code
from tests.machines import NOW, Twins

WRITTEN, NUMBER = "06 39 98 12 34", "tel:+33639981234"
OTHER = "tel:+33639985678"
EMAIL = "Jeanne.Martin@exemple.example"
_CODE = re.compile(r"\bcode\W{1,3}([0-9]{6})\b")


def wants(right: Right = Right.ACCESS, address: str = WRITTEN, **more: Any) -> Asked:
    return Asked(right, address, **{"source": "203.0.113.7"} | more)


def asks(twins: Twins, asked: Asked | None = None, now: datetime = NOW) -> str:
    """A request whose code was sent; its id."""
    request_id = ask(twins.machine, asked or wants(), now)
    send_code(twins.machine, request_id, now)
    return request_id


def sent(twins: Twins, n: int = -1) -> str:
    """The code of a message, the last one unless said otherwise."""
    (code,) = _CODE.findall(twins.messenger.sent[n][2])
    return str(code)


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 10**6:06}"
