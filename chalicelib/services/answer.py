"""May this call be recorded? Answered before capture, and kept for the recording that comes of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.law.rules import never_recorded
from chalicelib.model import Call, Decision, Fate
from chalicelib.services.hear import follow
from chalicelib.services.judge import may_record
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_ref, call_ref, person_refs
from chalicelib.services.say import say
from chalicelib.services.steer import LIVE_FOR
from chalicelib.services.story import story_of
from chalicelib.services.told import queue_named
from chalicelib.telephony.facts import ALWAYS, Fact, Kind


def answer(machine: Machine, call: Call, now: datetime) -> Decision:
    """Decide, and keep the answer with what it was given for; `call` is as it was told (`story.as_told`).

    Anything but `keep` is a no. Whoever asks again, as for the part that concludes a contract, may be answered yes: a
    recording that goes on is then resumed.
    """
    decision = may_record(machine, replace(call, started_at=call.started_at or now), now)
    ref = call_ref(machine, call)
    seats = story_of(machine, ref).seats
    is_transfer = bool(call.agent and seats and seats[-1].agent_ref != agent_ref(machine, call))
    asked = Fact(
        kind=Kind.STARTED,
        at=now if is_transfer else call.started_at or now,
        agent_ref=agent_ref(machine, call) if call.agent else "",
        queue=queue_named(machine, call.queue),
        language=call.language or "",
        outbound=call.outbound or None,
    )
    for fact in (asked, *_beside(machine, call, now)):
        say(machine, ref, fact, now)
    say(machine, ref, Fact(Kind.ANSWERED, now, yes=decision.fate is Fate.KEEP, about=decision.ground), now)
    if call.agent:
        machine.switches.sit(asked.agent_ref, ref, now + LIVE_FOR)
    follow(machine, ref, now)
    return decision


def _beside(machine: Machine, call: Call, now: datetime) -> Iterator[Fact]:
    """What else the question says, for the recording that comes of it."""
    if call.announced is not None:
        yield Fact(Kind.ANNOUNCED, now, yes=call.announced)
    if call.useful:
        yield Fact(Kind.USEFUL, call.useful.since or now, until=call.useful.until)
    if never_recorded((call.agent, *call.lines), machine.policy):
        yield Fact(Kind.MANDATE, now)
    for ref in person_refs(machine, call.lines):
        yield Fact(Kind.WITH, ALWAYS, about=ref)
