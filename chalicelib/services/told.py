"""A provider's event without whatever names a person, and as a queue's message: no more of it is written anywhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from chalicelib.errors import InvalidMessage
from chalicelib.law.rules import never_recorded
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named, call_named, person_refs
from chalicelib.telephony.event import CallEvent, Happened, Media
from chalicelib.telephony.facts import ALWAYS, Fact, Kind, fact_from, plain

UNKNOWN_QUEUE = "?"
"""A queue that the policy does not know: it has no purpose, and the source's own must not be taken for it."""

_TAG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8}){0,4}")

_KINDS = {
    Happened.STARTED: Kind.STARTED,
    Happened.CONNECTED: Kind.CONNECTED,
    Happened.RECORDING: Kind.RECORDED,
    Happened.OBJECTED: Kind.OBJECTED,
    Happened.ENDED: Kind.ENDED,
    Happened.SCREEN: Kind.SCREEN,
}


@dataclass(frozen=True, slots=True)
class Told:
    """A delivery without names and numbers; `ids` and `call_id` are the provider's own of the call.

    At Dialpad one of them is the agent's number there: it is what pausing needs, and is kept for a day.
    """

    provider: str
    call_id: str
    ref: str
    root: str = ""
    facts: tuple[Fact, ...] = ()
    ids: Mapping[str, str] = field(default_factory=dict)
    media: tuple[Media, ...] = ()

    @property
    def source(self) -> str:
        """The telephone system, as the policy names it: the provider, unless that speaks for another."""
        return self.ids.get("source", self.provider)


def opaque(machine: Machine, event: CallEvent, now: datetime) -> Told:
    """An event under its references; what it does not date happened now."""
    source = event.ids.get("source", event.provider)
    ref = call_named(machine, source, event.call_id)
    root = call_named(machine, source, event.root_id) if event.root_id else ""
    fact = Fact(
        kind=_KINDS[event.happened],
        at=event.at or now,
        agent_ref=agent_named(machine, event.agent) if event.agent else "",
        queue=queue_named(machine, event.queue),
        language=_language(event.language),
        started_at=event.started_at,
        outbound=event.outbound,
        agent_channel=event.agent_channel,
    )
    return Told(
        provider=event.provider,
        call_id=event.call_id,
        ref=ref,
        root="" if root == ref else root,
        facts=(fact, *_beside(machine, event, fact.at)),
        ids=event.ids,
        media=event.media,
    )


def queue_named(machine: Machine, name: str | None) -> str:
    """The policy's name of a queue."""
    if name is None:
        return ""
    queue = machine.policy.queue(name)
    return queue.name if queue else UNKNOWN_QUEUE


def _language(said: str | None) -> str:
    """A language's tag, or that of none: free text is not kept, nor taken for nothing said."""
    return (said if _TAG.fullmatch(said) else "und") if said else ""


def _beside(machine: Machine, event: CallEvent, at: datetime) -> Iterator[Fact]:
    if event.announced is not None:
        yield Fact(Kind.ANNOUNCED, at, yes=event.announced)
    if never_recorded((event.agent, *event.lines), machine.policy):
        yield Fact(Kind.MANDATE, at)
    for ref in person_refs(machine, event.lines):
        yield Fact(Kind.WITH, ALWAYS, about=ref)


def told_plain(told: Told) -> dict[str, Any]:
    """For a queue's message."""
    return {
        "provider": told.provider,
        "call-id": told.call_id,
        "ref": told.ref,
        "root": told.root,
        "facts": [plain(fact) for fact in told.facts],
        "ids": dict(told.ids),
        "media": [media_plain(media) for media in told.media],
    }


def told_from(said: Mapping[str, Any]) -> Told:
    """Raises InvalidMessage for what `told_plain` did not write."""
    try:
        return Told(
            text_from(said["provider"]), text_from(said["call-id"]), text_from(said["ref"]), text_from(said["root"]),
            tuple(fact_from(fact) for fact in said["facts"]), _ids_from(said["ids"]),
            tuple(media_from(media) for media in said["media"]),
        )  # fmt: skip
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise InvalidMessage("no message of what was said of a call") from error


def media_plain(media: Media) -> dict[str, Any]:
    """For a queue's message."""
    began = media.started_at and media.started_at.isoformat()
    return {"id": media.id, "call-id": media.call_id, "url": media.url, "started-at": began, "ids": dict(media.ids)}


def media_from(said: Mapping[str, Any]) -> Media:
    """Raises KeyError, TypeError or ValueError for what is no recording."""
    began = None if said["started-at"] is None else datetime.fromisoformat(said["started-at"])
    url, ids = text_from(said["url"]), _ids_from(said["ids"])
    return Media(text_from(said["id"]), text_from(said["call-id"]), url, began, ids)


def text_from(value: Any) -> str:
    """Raises TypeError or ValueError for what is no text, or none that can be written down."""
    if not isinstance(value, str):
        raise TypeError("no text")
    value.encode()
    return value


def _ids_from(said: Any) -> dict[str, str]:
    return {text_from(name): text_from(value) for name, value in dict(said).items()}
