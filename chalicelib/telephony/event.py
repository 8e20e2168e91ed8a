"""What a provider says happened to a call, in one shape for all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Happened(StrEnum):
    """Whatever else a delivery tells, this is why it came."""

    STARTED = "started"
    CONNECTED = "connected"
    RECORDING = "recording"
    OBJECTED = "objected"
    ENDED = "ended"
    SCREEN = "screen"


@dataclass(frozen=True, slots=True)
class Media:
    """A recording that a provider keeps. `url` may open it to anybody who has it: never log it.

    `id` is the provider's own of the recording, `call_id` that of the call; `ids` are what else its API needs.
    """

    id: str
    call_id: str
    url: str = field(repr=False)
    started_at: datetime | None = None
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CallEvent:
    """One event of one call; what a provider does not say is None.

    `at` is when it happened, by the provider's clock. `root_id` is the first call's id, of which this one is a leg or a
    transfer. `started_at` is when the call began. `agent` is the agent who is connected, by the provider's stable id
    (README, *Telephony*); `lines` are every number and extension of the call, in whatever form. `agent_channel` is 0
    for left. `ids` is what `Controls` needs. `agent` and `lines` are personal data: see `model.Call`.
    """

    provider: str
    happened: Happened
    call_id: str
    at: datetime | None = None
    root_id: str | None = None
    started_at: datetime | None = None
    agent: str | None = None
    lines: tuple[str, ...] = ()
    queue: str | None = None
    language: str | None = None
    outbound: bool | None = None
    announced: bool | None = None
    agent_channel: int | None = None
    media: tuple[Media, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
