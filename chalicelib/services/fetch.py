"""Bring a recording from its provider into the inbox, and then, by policy, see to it that the provider has it no more.

Each step is written down when it is done, so that a second delivery, or one after a crash, goes on from there.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from chalicelib.errors import InvalidMessage, InvalidSettings, ProviderRefused, ProviderUnreachable
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, Copied, Place
from chalicelib.services.refs import call_named, media_ref
from chalicelib.services.say import KEPT_FOR, say
from chalicelib.services.story import story_of
from chalicelib.services.told import media_from, media_plain, text_from
from chalicelib.telephony.event import Media
from chalicelib.telephony.facts import Fact, Kind
from chalicelib.telephony.providers import ASKS_AGAIN, DELETES, FETCHES
from chalicelib.telephony.webhook import Credentials, Deletes

_GONE = (404, 410)


def fetch(machine: Machine, message: Mapping[str, Any], now: datetime) -> str:
    """Do what is left to do of a recording, and say in a word what that was: `fetched`, `deleted-there`, `nothing`.

    `cannot-delete-there` where the policy wants it deleted and no way is known. Raises InvalidMessage, and whatever
    another try can mend.
    """
    provider, source, media = _read(message)
    if message.get("delete") is True:
        _delete_there(machine, provider, DELETES[provider], media)
        return "deleted-there"
    ref, name = call_named(machine, source, media.call_id), media_ref(machine, provider, media.id)
    story, done = story_of(machine, ref), "nothing"
    if machine.recordings.is_erased(ref):
        return _unwanted(machine, provider, media)
    if name not in story.fetched:
        credentials = machine.secrets.credentials(provider)
        _bring(machine, provider, source, media, name, credentials, now)
        there = media_plain(media) if provider in DELETES else {}  # elsewhere nothing could be done with it
        machine.calls.copied(ref, Copied(provider, source, there), now + KEPT_FOR)
        say(machine, ref, Fact(Kind.FETCHED, now, about=name), now)
        if machine.recordings.is_erased(ref):  # by somebody who did not see what was just written
            machine.calls.forget(ref)
            return _unwanted(machine, provider, media)
        done = "fetched"
    if not machine.policy.source(source).delete_there or name in story.gone:
        return done
    deletes = DELETES.get(provider)
    if deletes is None:
        return "cannot-delete-there"
    _delete_there(machine, provider, deletes, media)
    say(machine, ref, Fact(Kind.GONE, now, about=name), now)
    return "deleted-there"


def _unwanted(machine: Machine, provider: str, media: Media) -> str:
    """A recording of a call that was erased on somebody's request: it is deleted there too, where that can be done."""
    if provider not in DELETES:
        return "cannot-delete-there"
    _delete_there(machine, provider, DELETES[provider], media)
    return "deleted-there"


def _read(message: Mapping[str, Any]) -> tuple[str, str, Media]:
    try:
        provider, source = text_from(message["provider"]), text_from(message["source"])
        media = media_from(message["media"])
    except (KeyError, TypeError, ValueError) as error:
        raise InvalidMessage("no message of a recording to fetch") from error
    if provider not in FETCHES or (message.get("delete") is True and provider not in DELETES):
        raise InvalidMessage("nothing is fetched from a provider of that name")
    return provider, source, media


def _bring(
    machine: Machine, provider: str, source: str, media: Media, name: str, credentials: Credentials, now: datetime
) -> None:
    """Stream it into the inbox, with what its event says of it; a second time over the first, as one recording."""
    fetches = FETCHES[provider]
    hosts = (*fetches.HOSTS, *_hosts(credentials))
    if asks := ASKS_AGAIN.get(provider):
        answer = machine.web.ask(provider, asks.ask_again(media, credentials), hosts)
        if answer.status != 200:
            raise ProviderRefused(answer.status)
        media = replace(media, url=asks.address_in(answer.body, media))
    began = {"started-at": media.started_at.isoformat()} if media.started_at else {}
    said = {"source": source, "call-id": media.call_id, **began}
    with machine.web.stream(provider, fetches.fetch(media, credentials, now), hosts) as stream:
        machine.objects.receive(stream, Place(Bucket.INBOX, f"fetched/{provider}/{name}"), "", said)


def _delete_there(machine: Machine, provider: str, deletes: Deletes, media: Media) -> None:
    """Delete, and look: what is still there is tried again."""
    hosts, credentials = FETCHES[provider].HOSTS, machine.secrets.credentials(provider)
    answer = machine.web.ask(provider, deletes.delete(media, credentials), hosts)
    if answer.status not in _GONE and not 200 <= answer.status < 300:
        raise ProviderRefused(answer.status)
    if machine.web.ask(provider, deletes.look(media, credentials), hosts).status not in _GONE:
        raise ProviderUnreachable("the provider still has the recording that it was told to delete")


def _hosts(credentials: Credentials) -> tuple[str, ...]:
    """Where a provider's recordings lie besides: for those that nobody knows for sure."""
    hosts = credentials.get("hosts", [])
    if not isinstance(hosts, list) or not all(isinstance(host, str) and host.strip(".") for host in hosts):
        raise InvalidSettings("the provider's `hosts` are a list of names, or of endings that begin with a dot")
    return tuple(host.lower() for host in hosts)
