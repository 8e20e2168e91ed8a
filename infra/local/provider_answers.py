"""What providers answer, each by its own host: sounds and tokens to its credentials, 401 to everybody else."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import jwt

from chalicelib.telephony.event import Media
from chalicelib.telephony.ours import basic, bearer
from chalicelib.telephony.providers import FETCHES

TOKEN = "token-of-the-double"
_CLIENT = {"client_id": "client", "client_secret": "secret-of-the-double"}
CREDENTIALS: dict[str, dict[str, Any]] = {
    "aircall": {"api_id": "id", "api_token": TOKEN, "pause": True},
    "dialpad": {"token": TOKEN},
    "genesys": {"host": "api.mypurecloud.de", "token_url": "https://login.mypurecloud.de/oauth/token", **_CLIENT},
    "ringcentral": {"token_url": "https://platform.ringcentral.com/restapi/oauth/token", **_CLIENT},
    "ringover": {},
    "standard": {"token": TOKEN, "hosts": ["media.example.com"]},
    "twilio": {"account": "AC00000000000000000000000000000001", "token": TOKEN},
    "vonage": {"application_id": "application-of-the-double"},
    "zoom": {"token_url": "https://zoom.us/oauth/token", **_CLIENT},
}
"""Vonage wants a `private_key` besides: any RSA key, for nothing here knows its public half."""

_CONTROLS = {
    "aircall": r"POST /v1/calls/\d+/(pause|resume)_recording",
    "dialpad": r"PATCH /api/v2/users/[^/]+/activecall",
    "genesys": r"PUT /api/v2/conversations/calls/[^/]+/recordingstate",
    "ringcentral": r"PATCH /restapi/v1\.0/account/~/telephony/sessions/[^/]+/parties/[^/]+/recordings/[^/]+",
    "twilio": r"POST /2010-04-01/Accounts/AC\w+/Calls/CA\w+/Recordings/(RE\w+|Twilio\.CURRENT)\.json",
}
_FRESH = "?signature=fresh"


def provider_of(host: str) -> str:
    """Whose API it is: any host that is nobody's may be another telephone system's."""
    names = {name: fetches.HOSTS for name, fetches in FETCHES.items()} | {"genesys": (".mypurecloud.de",)}
    ends = ((name, end) for name, hosts in names.items() for end in hosts)
    return next((name for name, end in ends if host == end or (end[0] == "." and host.endswith(end))), "standard")


def at_provider(provider: str, media: Media) -> str:
    """The address at which the double keeps a recording."""
    if provider == "aircall":
        return f"https://recordings.aircall.io/{media.call_id}.mp3"
    if provider == "ringcentral":
        return f"https://media.ringcentral.com/{quote(media.call_id)}/{quote(media.id)}"
    return media.url


class Answers:
    """`recordings` are the sounds by host and path, `asked` all requests with the status of each answer."""

    def __init__(self) -> None:
        self.recordings: dict[tuple[str, str], bytes] = {}
        self.asked: list[dict[str, Any]] = []

    def keep(self, at: str, sound: bytes) -> None:
        """From now on that sound lies at that address."""
        place = urlsplit(at)
        self.recordings[place.netloc, place.path.removesuffix(".wav")] = sound

    def answer(self, method: str, host: str, target: str, authorization: str) -> tuple[int, bytes]:
        """What the provider that has that host answers."""
        provider, (path, _, query) = provider_of(host), target.partition("?")
        if path.endswith("/oauth/token"):
            known = authorization == basic(_CLIENT["client_id"], _CLIENT["client_secret"])["authorization"]
            token = {"access_token": TOKEN, "token_type": "bearer", "expires_in": 3600}
            return (200, as_json(token)) if known else (401, as_json({"error": "invalid_client"}))
        if not _is_known(provider, host, authorization):
            return 401, b"{}"
        if provider in _CONTROLS and re.fullmatch(_CONTROLS[provider], f"{method} {path}"):
            return 200, b"{}"
        if provider == "aircall" and method == "GET" and (call := re.fullmatch(r"/v1/calls/(\d+)", path)):
            return 200, as_json({"call": {"recording": f"https://recordings.aircall.io/{call[1]}.mp3{_FRESH}"}})
        if provider == "ringcentral" and method == "GET" and path.endswith("/call-log"):
            return 200, as_json({"records": self._log(quote(parse_qs(query)["telephonySessionId"][0]))})
        if host == "recordings.aircall.io" and f"?{query}" != _FRESH:
            return 403, b"{}"  # that address has lapsed
        place = host, path.removesuffix(".json").removesuffix(".wav")
        if method == "DELETE" and provider == "twilio" and path.endswith(".json"):
            return (404, b"") if self.recordings.pop(place, None) is None else (204, b"")
        if method != "GET" or place not in self.recordings:
            return 404, b""
        return 200, b"{}" if path.endswith(".json") else self.recordings[place]

    def _log(self, session: str) -> list[dict[str, Any]]:
        """RingCentral's call log of a session: the recordings that it has by now."""
        host = "media.ringcentral.com"
        found = [path for name, path in self.recordings if name == host and path.startswith(f"/{session}/")]
        return [{"recording": {"id": path.rpartition("/")[2], "contentUri": f"https://{host}{path}"}} for path in found]


def _is_known(provider: str, host: str, authorization: str) -> bool:
    credentials = CREDENTIALS[provider]
    if provider == "ringover" or host == "recordings.aircall.io":
        return True
    if provider == "twilio":
        return authorization == basic(credentials["account"], credentials["token"])["authorization"]
    if provider == "aircall":
        return authorization == basic(credentials["api_id"], credentials["api_token"])["authorization"]
    if provider == "vonage":
        return _is_vonages(authorization.removeprefix("Bearer "))
    return authorization == bearer(TOKEN)["authorization"]


def _is_vonages(token: str) -> bool:
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.PyJWTError:
        return False
    return bool(claims.get("application_id") == CREDENTIALS["vonage"]["application_id"])


def as_json(document: Any) -> bytes:
    return json.dumps(document).encode()
