"""What every provider's module speaks: a delivery as it came, and what our own requests to a provider are.

Sans-I/O: nothing here is sent or received. A provider's module is checked against `Provider` by its entry in
`providers.py`; what only some providers can do (`Fetches`, `Deletes`, `Controls`) has a table of its own there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from chalicelib.telephony.event import CallEvent, Media

Secrets = tuple[str, ...]
"""What a delivery may be signed with: the current secret first, during a rotation the previous one too."""

Credentials = Mapping[str, Any]
"""What our own requests to a provider are signed with: the JSON of its secret. Each module says what it reads of it."""

Payload = dict[str, Any]
"""What a delivery says, once it is known to be authentic."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """A webhook's request. `url` is the public one with its query (by settings, never by the Host header).

    `headers` have names in lower case; `body` is as it came, byte for byte.
    """

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """What a handshake wants to be answered at once."""

    status: int
    headers: Mapping[str, str]
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A request of ours to a provider."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes | None = field(default=None, repr=False)


class Act(StrEnum):
    """What may be done to a recording while the call goes on."""

    PAUSE = "pause"
    RESUME = "resume"
    STOP = "stop"


class Provider(Protocol):
    """One provider's webhooks."""

    def authenticate(self, delivery: Delivery, secrets: Secrets, now: datetime) -> Payload:
        """What it says. Raises NotAuthentic, or InvalidDelivery for what is no such delivery at all."""
        ...

    def handshake(self, payload: Payload, delivery: Delivery, secrets: Secrets) -> Reply | None:
        """The answer that an authentic delivery waits for, where it is a question and no event."""
        ...

    def parse(self, payload: Payload) -> list[CallEvent]:
        """What happened to which calls; empty where nothing of it concerns a recording. Raises InvalidDelivery."""
        ...


class Fetches(Protocol):
    """A provider that keeps recordings until they are fetched."""

    HOSTS: tuple[str, ...]
    """Where its recordings may lie: whole names, or endings that begin with a dot."""

    def fetch(self, media: Media, credentials: Credentials, now: datetime) -> Outgoing: ...


class AsksAgain(Protocol):
    """A provider whose addresses lapse, or that names none."""

    def ask_again(self, media: Media, credentials: Credentials) -> Outgoing:
        """How the address is asked for."""
        ...

    def address_in(self, answer: bytes, media: Media) -> str:
        """The recording's address out of the answer to that. Raises InvalidDelivery."""
        ...


class Deletes(Protocol):
    """A provider at whom a recording can be deleted."""

    def delete(self, media: Media, credentials: Credentials) -> Outgoing: ...

    def look(self, media: Media, credentials: Credentials) -> Outgoing:
        """What is answered with 404 or 410 once it is gone."""
        ...


class Controls(Protocol):
    """A provider whose recordings can be stopped while the call goes on."""

    def control(self, act: Act, ids: Mapping[str, str], credentials: Credentials) -> Outgoing:
        """`ids` are the events' own. Raises CannotControl where one is missing or the act is unknown there."""
        ...
