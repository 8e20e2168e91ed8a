"""A call as its source describes it, and whatever else was said of it: by webhooks, agents' switches, payments."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.model import Call, Off, Reason, Stretch
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Reach
from chalicelib.services.refs import agent_ref, call_ref, person_refs
from chalicelib.telephony.facts import ALWAYS, FOLLOWS, Kind, Seat, Story, fold

_WHOLE = Stretch(None, None)
_LONGEST_CHAIN = 6


def story_of(machine: Machine, ref: str) -> Story:
    """What is known of a call, with what was said of the calls that it is a leg of; `root` is the first of those."""
    limit = timedelta(milliseconds=machine.settings.payment_limit_ms)
    facts, above, seen = list(machine.calls.file(ref).facts), "", {ref}
    own = fold(facts, limit)
    while own.root and own.root not in seen and len(seen) < _LONGEST_CHAIN:
        above = own.root
        seen.add(above)
        known = machine.calls.file(above).facts
        facts += [fact for fact in known if fact.kind in FOLLOWS or fact.kind is Kind.WITH]
        own = fold(known, limit)
    return replace(fold(facts, limit), root=above)


def as_told(machine: Machine, call: Call, ref: str | None = None) -> Call:
    """The call with all that is known of it; where two say what only one can be, its own source is believed.

    `ref` is its reference, where the call does not say who it is.
    """
    story = story_of(machine, ref or call_ref(machine, call))
    persons = (*story.persons, *person_refs(machine, call.lines))
    call = replace(
        call,
        queue=call.queue or story.queue or None,
        language=call.language or story.language or machine.policy.source(call.source).language,
        outbound=call.outbound or story.outbound,
        announced=story.announced if call.announced is None else call.announced,
        with_screen=call.with_screen or story.with_screen,
        agent_ref=_first_agent(machine, call, story),
        answered=story.answered,
        useful=call.useful or story.useful,
        agent_channel=story.agent_channel,
    )
    call = _objecting(_objected(_begun(call, story), story), machine.people.objected(persons))
    return replace(call, offs=(*call.offs, *_offs(machine, call, story)))


def live_call(machine: Machine, ref: str, reach: Reach | None) -> Call:
    """A call that goes on, of which there is no recording yet; without a reach nobody knows whose it is."""
    return as_told(machine, Call(reach.source, reach.call_id, None) if reach else Call("", "", None), ref)


def _first_agent(machine: Machine, call: Call, story: Story) -> str:
    if call.agent or call.agent_ref:
        return agent_ref(machine, call)
    return story.seats[0].agent_ref if story.seats else ""


def _begun(call: Call, story: Story) -> Call:
    """A recording of which nobody says when it began did so after its call did, at some moment before its end."""
    if call.started_at or story.started_at is None:
        return call
    latest = story.ended_at or story.started_at + _A_DAY
    precision_ms = -(-(latest - story.started_at) // timedelta(milliseconds=1))
    return replace(call, started_at=story.started_at, precision_ms=max(0, precision_ms))


def _objected(call: Call, story: Story) -> Call:
    """The earliest objection of all; one of which nobody knows the moment holds from the beginning."""
    if story.objected_at is None:
        return call
    if not call.objected:
        return replace(call, objected=True, objected_at=story.objected_at)
    return replace(call, objected_at=call.objected_at and min(call.objected_at, story.objected_at))


def _objecting(call: Call, since: datetime | None) -> Call:
    """Who objected to being recorded (GDPR, art. 21) is on no later call's recording."""
    if since is None or (call.started_at and call.started_at < since):
        return call
    return replace(call, objected=True, objected_at=None)


def _offs(machine: Machine, call: Call, story: Story) -> Iterator[Off]:
    """What switches, payments and mandates had off."""
    if story.mandate:
        yield Off(Reason.MANDATE, _WHOLE)
    for payment in story.payments:
        yield Off(Reason.PAYMENT, payment)
    own = Seat(call.agent_ref, ALWAYS, None)
    is_seated = not own.agent_ref or any(seat.agent_ref == own.agent_ref for seat in story.seats)
    for seat in story.seats if is_seated else (*story.seats, own):
        yield from _seat_offs(machine, seat, call.started_at)


def _seat_offs(machine: Machine, seat: Seat, started_at: datetime | None) -> Iterator[Off]:
    """What an agent had off while they were on the call, as far as it is known when they were."""
    margin = timedelta(milliseconds=machine.settings.cut_margin_ms)
    seat = replace(seat, since=seat.since - margin, until=seat.until and seat.until + margin)
    since = max(seat.since, started_at - _A_DAY) if started_at else seat.since
    switch = machine.switches.current(seat.agent_ref)  # first: what ends in between is then found among the ended
    offs = machine.switches.offs(seat.agent_ref, since)
    if switch and switch.reason:
        offs.append(Off(switch.reason, Stretch(switch.since, switch.until)))
    for off in offs:
        first = max(off.stretch.since or seat.since, seat.since)
        last = min((until for until in (off.stretch.until, seat.until) if until), default=None)
        if last is None or first < last:
            yield Off(off.reason, Stretch(first, last))


_A_DAY = timedelta(days=1)
