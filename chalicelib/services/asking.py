"""A request comes in, from anybody by the web or from an agent; it lapses where nobody proves who it is.

Before its proof (`proof.py`) nothing is looked up of anybody, so that nothing can be told.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from chalicelib.errors import InvalidRequest, StaleRequest, TooMany
from chalicelib.law.request import Channel, Request, Right, Status, forgotten
from chalicelib.law.texts import LANGUAGES
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named, source_ref
from chalicelib.services.take_up import take_up
from chalicelib.speech.typed import without_numbers
from chalicelib.telephony.numbers import address

LONGEST_TEXT = 2_000
PROOF_AWAITED = timedelta(days=30)
"""From the day on which it was asked for: nobody can be answered of whom nobody knows who it is (art. 12(2))."""

_UNWRITTEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Asked:
    """What somebody asks for. `address` is their telephone number or e-mail address as they wrote it, `source` where
    it comes from; `bank_data`: a card number stayed audible, they say.
    """

    right: Right
    address: str = field(default="", repr=False)
    language: str = "fr"
    text: str = field(default="", repr=False)
    bank_data: bool = False
    source: str = field(default="", repr=False)


def ask(machine: Machine, asked: Asked, now: datetime) -> str:
    """Write a public request down, which waits for its proof; its id, that nobody guesses. `send_code` comes next.

    Raises InvalidRequest; TooMany where as many came from that source within the hour.
    """
    request = awaiting(machine, asked, now)
    ref, most = source_ref(machine, asked.source), machine.settings.requests_an_hour
    if not machine.codes.count("source", ref, most, now, now + _HOUR):
        raise TooMany("too many requests come from there: try again in an hour, or write to the DPO")
    machine.requests.add(replace(request, by="data-subject"), now)
    return request.id


def ask_as_agent(machine: Machine, agent: str, asked: Asked, now: datetime) -> Request:
    """An agent's request, whose identity provider says who they are: taken up at once. Raises InvalidRequest."""
    request = replace(
        written(machine, asked, now),
        channel=Channel.AGENT,
        agent_refs=machine.switches.names(agent_named(machine, agent)),
        proven_on=machine.day(now),
        by="agent",
    )
    machine.requests.add(request, now)
    return take_up(machine, request, now)


def lapse(machine: Machine, now: datetime) -> Iterator[Exception]:
    """End the requests that nobody proved in thirty days, and forget who they spoke of; yields what went wrong with one
    of them.

    What was proved and not taken up, as something broke in between, is taken up.
    """
    for seen in list(machine.requests.of(Status.UNPROVEN)):
        try:
            with suppress(StaleRequest):  # it was proved in this very moment
                _lapse(machine, seen.id, now)
        except Exception as error:  # whatever it is, the others wait too
            yield error


def _lapse(machine: Machine, request_id: str, now: datetime) -> None:
    request = machine.requests.get(request_id)
    if request is None or request.state is not Status.UNPROVEN:  # an index may be late
        return
    if request.proven_on:
        take_up(machine, request, now)
    elif _is_over(request, machine.day(now)):
        _end(machine, request, now)


def _is_over(request: Request, today: date) -> bool:
    return (request.asked_on or request.received_on) + PROOF_AWAITED < today


def _end(machine: Machine, request: Request, now: datetime) -> None:
    ended = replace(forgotten(request), state=Status.LAPSED, by="machine", policy=machine.policy.version)
    machine.requests.write(ended, "lapsed", now)


def awaiting(machine: Machine, asked: Asked, now: datetime) -> Request:
    """A request that waits for its proof from today on, not written yet. Raises InvalidRequest."""
    contact = address(asked.address, machine.policy.requests.country)
    if contact is None:
        raise InvalidRequest("`who` is a telephone number, with its country's code if it is foreign, or an e-mail")
    return replace(
        written(machine, asked, now),
        contact=contact,
        persons=machine.identities.of(contact),
        asked_on=machine.day(now),
    )


def written(machine: Machine, asked: Asked, now: datetime) -> Request:
    """What is the same of every request, not written yet. Raises InvalidRequest."""
    if asked.language not in LANGUAGES:
        raise InvalidRequest(f"`language` is {' or '.join(LANGUAGES)}")
    if len(asked.text) > LONGEST_TEXT or _UNWRITTEN.search(asked.text):
        raise InvalidRequest(f"`text` is up to {LONGEST_TEXT} characters")
    return Request(
        id=_new_id(),
        right=asked.right,
        state=Status.UNPROVEN,
        received_on=machine.day(now),
        language=asked.language,
        text=without_numbers(asked.text, asked.language),
        bank_data=asked.bank_data,
        ground="asked",
        policy=machine.policy.version,
    )


def _new_id() -> str:
    """26 hexadecimal digits, a letter first: the few that a message names are never taken for its code."""
    return secrets.choice("abcdef") + secrets.token_hex(13)[1:]
