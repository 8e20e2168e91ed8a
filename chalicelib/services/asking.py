"""A request comes in: from anybody by the web, from an agent, or through the DPO, who entered what came by post.

Before its proof (`proof.py`) nothing is looked up of anybody, so that nothing can be told.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from ipaddress import IPv6Network

from chalicelib.errors import InvalidRequest, TooMany
from chalicelib.law.deadlines import after_months
from chalicelib.law.request import Channel, Request, Right, Status
from chalicelib.law.texts import LANGUAGES
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named
from chalicelib.services.take_up import take_up
from chalicelib.telephony.numbers import address

LONGEST_TEXT = 2_000
BY_PAPER = (Channel.POST, Channel.TELEPHONE, Channel.EMAIL, Channel.COUNTER)
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


@dataclass(frozen=True, slots=True)
class Entered:
    """How a request reached the DPO, and on which day; `proven`: the DPO knows who it is. `agent` is the id of an agent
    whose request it is, empty for anybody else's; `by` is the DPO's signature.
    """

    received_on: date
    channel: Channel
    proven: bool
    by: str
    agent: str = field(default="", repr=False)


def ask(machine: Machine, asked: Asked, now: datetime) -> str:
    """Write a public request down, which waits for its proof; its id, that nobody guesses. `send_code` comes next.

    Raises InvalidRequest; TooMany where as many came from that source within the hour.
    """
    request = _request(machine, asked, now)
    ref, most = machine.pseudonyms.of("source", _network(asked.source)), machine.settings.requests_an_hour
    if not machine.codes.count("source", ref, most, now, now + _HOUR):
        raise TooMany("too many requests come from there: try again in an hour, or write to the DPO")
    machine.requests.add(replace(request, by="data-subject"), now)
    return request.id


def ask_as_agent(machine: Machine, agent: str, asked: Asked, now: datetime) -> Request:
    """An agent's request, whose identity provider says who they are: taken up at once. Raises InvalidRequest."""
    request = replace(
        _written(machine, asked, now),
        state=Status.OPEN,
        channel=Channel.AGENT,
        agent_refs=machine.switches.names(agent_named(machine, agent)),
        proven_on=machine.day(now),
        by="agent",
    )
    machine.requests.add(request, now)
    return take_up(machine, request, now)


def enter(machine: Machine, asked: Asked, entered: Entered, now: datetime) -> Request:
    """A request that came otherwise, as the DPO writes it down: taken up where they know who it is. `send_code` comes
    next where they do not, and its clock stands still from today.

    Raises InvalidRequest.
    """
    today = machine.day(now)
    if entered.channel not in BY_PAPER:
        raise InvalidRequest(f"what the DPO enters came by {', '.join(BY_PAPER)}")
    if not after_months(today, -12) <= entered.received_on <= today:
        raise InvalidRequest("the day of receipt is not after today, and at most a year ago")
    request = replace(
        _request(machine, asked, now), received_on=entered.received_on, channel=entered.channel, by=entered.by
    )
    if not entered.proven:
        machine.requests.add(request, now)
        return request
    refs = machine.switches.names(agent_named(machine, entered.agent)) if entered.agent else ()
    request = replace(request, state=Status.OPEN, agent_refs=refs, asked_on=None, proven_on=today)
    machine.requests.add(request, now)
    return take_up(machine, request, now)


def _request(machine: Machine, asked: Asked, now: datetime) -> Request:
    """It waits for its proof from today on. Raises InvalidRequest."""
    contact = address(asked.address, machine.policy.requests.country)
    if contact is None:
        raise InvalidRequest("`address` is a telephone number, with its country's code if it is foreign, or an e-mail")
    return replace(
        _written(machine, asked, now),
        contact=contact,
        persons=machine.identities.of(contact),
        asked_on=machine.day(now),
    )


def _written(machine: Machine, asked: Asked, now: datetime) -> Request:
    """What is the same of every request. Raises InvalidRequest."""
    if asked.language not in LANGUAGES:
        raise InvalidRequest(f"`language` is {' or '.join(LANGUAGES)}")
    if len(asked.text) > LONGEST_TEXT or _UNWRITTEN.search(asked.text):
        raise InvalidRequest(f"`text` is up to {LONGEST_TEXT} characters")
    return Request(
        id=secrets.token_hex(13),
        right=asked.right,
        state=Status.UNPROVEN,
        received_on=machine.day(now),
        language=asked.language,
        text=asked.text,
        bank_data=asked.bank_data,
        ground="asked",
        policy=machine.policy.version,
    )


def _network(source: str) -> str:
    """Of IPv6 the network of a household: whoever has one of its addresses has all."""
    try:
        return str(IPv6Network(f"{source}/64", strict=False))
    except ValueError:
        return source
