"""Whoever asks the API, each with the proof that it takes of them: to run an operation as the role it is for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl, unquote

import jwt

from chalicelib.errors import NotAuthenticated
from chalicelib.services.ports import Claims
from chalicelib.telephony.standard import sign
from chalicelib.telephony.twilio_signed import FORM, signature
from tests.api.asking import DPO, SYSTEM
from tests.api.gateway import PUBLIC, Asked, Proof

SECRET = "whsec_" + base64.b64encode(b"forty-eight bytes, which every provider may take").decode()
SECRETS = dict.fromkeys(
    ("aircall", "dialpad", "ringcentral", "ringover", "standard", "twilio", "vonage", "zoom"), (SECRET,)
)
AGENT, TEAM = "jeanne@exemple.example", "north"
PEOPLE = ("dpo", "supervisor", "agent")


class Issuer:
    """An identity provider whose tokens are the names of roles."""

    def verify(self, token: str, now: datetime) -> Claims:
        if token not in PEOPLE:
            raise NotAuthenticated("the token is not taken")
        return Claims(f"the {token}", frozenset({token}), AGENT if token == "agent" else "", frozenset({TEAM}))


def nobody(asked: Asked) -> Asked:
    return asked


def iam(arn: str) -> Proof:
    return lambda asked: replace(asked, signed_by=arn)


def person(role: str) -> Proof:
    return lambda asked: _with(asked, authorization=f"Bearer {role}")


def machine(asked: Asked) -> Asked:
    """Signs the body, which says what it asks for wherever it can say anything."""
    said = _json(asked.body)
    if isinstance(said, dict):
        said["request"] = f"{asked.method} {unquote(asked.path)}"
        asked = replace(asked, body=json.dumps(said).encode())
    return standard(asked)


def standard(asked: Asked) -> Asked:
    stamp = _now()
    headers = {"webhook-id": "msg_1", "webhook-timestamp": str(stamp)}
    return _with(asked, **headers, **{"webhook-signature": sign(asked.body, "msg_1", stamp, SECRET)})


def twilio(asked: Asked) -> Asked:
    """Whatever the body is, as a form: Twilio's other deliveries have their hash in the address."""
    try:
        fields = parse_qsl(asked.body.decode("ascii"), True)
    except ValueError:
        fields = []
    signed = signature(PUBLIC + asked.target, fields, SECRET)
    return _with(asked, **{"content-type": FORM, "x-twilio-signature": signed})


def zoom(asked: Asked) -> Asked:
    stamp = str(_now())
    mac = hmac.new(SECRET.encode(), f"v0:{stamp}:".encode() + asked.body, hashlib.sha256).hexdigest()
    return _with(asked, **{"x-zm-request-timestamp": stamp, "x-zm-signature": f"v0={mac}"})


def vonage(asked: Asked) -> Asked:
    claims = {"iat": _now(), "payload_hash": hashlib.sha256(asked.body).hexdigest()}
    return _with(asked, authorization=f"Bearer {jwt.encode(claims, SECRET, 'HS256')}")


def ringover(asked: Asked) -> Asked:
    return _with(asked, **{"x-ringover-webhook-signature": jwt.encode(_object(asked), SECRET, "HS512")})


def dialpad(asked: Asked) -> Asked:
    return replace(asked, body=jwt.encode(_object(asked), SECRET, "HS256").encode())


def aircall(asked: Asked) -> Asked:
    said = _json(asked.body)
    return replace(asked, body=json.dumps(said | {"token": SECRET}).encode()) if isinstance(said, dict) else asked


def ringcentral(asked: Asked) -> Asked:
    return _with(asked, **{"verification-token": SECRET})


PROVIDERS: dict[str, Proof] = {
    "aircall": aircall, "dialpad": dialpad, "ringcentral": ringcentral, "ringover": ringover, "standard": standard,
    "twilio": twilio, "vonage": vonage, "zoom": zoom,
}  # fmt: skip


def provider(asked: Asked) -> Asked:
    """As the one whom the path names."""
    return PROVIDERS.get(asked.path.rsplit("/", 1)[-1], nobody)(asked)


_SCHEMES: dict[str, Callable[[str], Proof]] = {
    "iam": lambda role: iam(DPO if role == "dpo" else SYSTEM),
    "person": person,
    "webhookId": lambda role: machine,
    "twilioSignature": lambda role: twilio,
    "zoomSignature": lambda role: provider,
    "ringcentralToken": lambda role: provider,
    "ringoverToken": lambda role: provider,
    "vonageToken": lambda role: provider,
    "inBody": lambda role: provider,
    "code": lambda role: nobody,  # what proves them is in the body, or in the path
    "link": lambda role: nobody,
}


def proofs_of(operation: dict[str, Any]) -> list[Proof]:
    """Of everybody who may ask that, by an OpenAPI operation's schemes and roles."""
    roles = operation["x-roles"]
    people = [role for role in roles if role in PEOPLE]
    schemes = [next(iter(requirement), "code") for requirement in operation["security"]]
    if "inBody" in schemes:
        return [provider]
    of = {"iam": roles, "person": people}
    return [_SCHEMES[scheme](role) for scheme in schemes for role in of.get(scheme, roles[:1])] or [nobody]


def _with(asked: Asked, **headers: str) -> Asked:
    return replace(asked, headers=asked.headers | headers)


def _now() -> int:
    return int(datetime.now(UTC).timestamp())


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _object(asked: Asked) -> dict[str, Any]:
    said = _json(asked.body)
    return said if isinstance(said, dict) else {}
