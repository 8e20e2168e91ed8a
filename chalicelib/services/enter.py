"""The DPO enters a request that came by post, by telephone, by e-mail or in person."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime

from chalicelib.errors import InvalidRequest
from chalicelib.law.deadlines import after_months
from chalicelib.law.request import Channel, Request
from chalicelib.services.asking import Asked, awaiting, written
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named
from chalicelib.services.take_up import take_up

BY_PAPER = (Channel.POST, Channel.TELEPHONE, Channel.EMAIL, Channel.COUNTER)


@dataclass(frozen=True, slots=True)
class Entered:
    """How a request reached the DPO, and on which day; `proven`: the DPO knows who it is. `agent` is the id of an agent
    whose request it is, who needs no address then, empty for anybody else's; `by` is the DPO's signature.
    """

    received_on: date
    channel: Channel
    proven: bool
    by: str
    agent: str = field(default="", repr=False)


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
    begin = written if entered.proven and entered.agent and not asked.address else awaiting
    request = replace(
        begin(machine, asked, now), received_on=entered.received_on, channel=entered.channel, by=entered.by
    )
    if not entered.proven:
        machine.requests.add(request, now)
        return request
    refs = machine.switches.names(agent_named(machine, entered.agent)) if entered.agent else ()
    request = replace(request, agent_refs=refs, asked_on=None, proven_on=today)
    machine.requests.add(request, now)
    return take_up(machine, request, now)
