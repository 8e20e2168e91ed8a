"""What providers say of calls: kept once, under opaque references, and done what follows from it.

Each act can be repeated and their order does not matter, so any number of deliveries in any order has one effect.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.model import Call
from chalicelib.services.again import reconsider
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Reach, Step
from chalicelib.services.refs import media_ref
from chalicelib.services.say import KEPT_FOR, say, say_of_leg
from chalicelib.services.steer import LIVE_FOR, Outcome, steer_or_later
from chalicelib.services.story import as_told, story_of
from chalicelib.services.told import Told, media_plain
from chalicelib.telephony.event import Media
from chalicelib.telephony.facts import ALWAYS, Fact, Kind

_PATIENCE_MS = 120_000
"""How long a recording waits at its provider for what was not said of its call yet."""

_MOST_CALLS = 100


def hear(machine: Machine, told: Told, now: datetime) -> Outcome:
    """Keep what was said, and do what follows: fetch a recording, end one that is here, pause one that goes on."""
    keep(machine, told, now)
    story = story_of(machine, told.ref)
    kinds = {fact.kind for fact in told.facts}
    if story.ended_at:
        for seat in story.seats:
            machine.switches.leave(seat.agent_ref, told.ref)
    for media in told.media if not machine.recordings.is_erased(told.ref) else ():
        if media_ref(machine, told.provider, media.id) not in story.fetched:
            wanted = {"provider": told.provider, "source": told.source, "media": media_plain(media)}
            machine.steps.post(Step.FETCH, wanted, 0 if _is_told(machine, told, media) else _PATIENCE_MS)
    linked = told.root and (story.objected_at or story.mandate or story.payments)
    if linked or kinds & {Kind.OBJECTED, Kind.MANDATE}:
        return follow(machine, told.ref, now)
    named = any(fact.agent_ref for fact in told.facts)
    calls = [ref for ref in (told.ref, story.root) if ref]
    for ref in calls if named or told.root else ():
        reconsider(machine, ref, now)  # whose switch it was is heard after the recording came
    for ref in calls[1:]:
        steer_or_later(machine, ref, now)
    return steer_or_later(machine, told.ref, now)


def follow(machine: Machine, ref: str, now: datetime, by: str = "machine") -> Outcome:
    """What was said holds for the call's transfers: recordings that are here, and those that still go on."""
    calls = [ref]
    waiting = [story_of(machine, ref).root or ref]
    while waiting and len(calls) < _MOST_CALLS:
        each = waiting.pop(0)
        calls += [each] if each not in calls else []
        waiting += [leg for leg in story_of(machine, each).legs if leg not in (*calls, *waiting)]
    outcomes = [steer_or_later(machine, each, now) for each in calls]
    for each in calls:
        reconsider(machine, each, now, by)
    return outcomes[0]


def keep(machine: Machine, told: Told, now: datetime) -> None:
    """Write down what was said, where the call is reached and who is on it, and do nothing. Idempotent.

    Of a call that was erased, nothing.
    """
    if machine.recordings.is_erased(told.ref):
        return
    if told.root:
        machine.calls.tell(told.ref, Fact(Kind.PART_OF, ALWAYS, about=told.root), now + KEPT_FOR)
        say(machine, told.root, Fact(Kind.LEG, ALWAYS, about=told.ref), now)
        tops = dict.fromkeys((told.root, story_of(machine, told.ref).root or told.root))
        for fact in machine.calls.file(told.ref).facts:
            for top in tops:
                say_of_leg(machine, top, told.ref, fact, now)
    for fact in told.facts:
        say(machine, told.ref, fact, now)
    if told.ids:
        machine.calls.reach(told.ref, Reach(told.provider, told.call_id, told.ids), now + LIVE_FOR)
    _sit(machine, told, now)


def _sit(machine: Machine, told: Told, now: datetime) -> None:
    """Who is on a leg is on the call that it is a leg of, which may be the one that is recorded."""
    story = story_of(machine, told.ref)
    if story.ended_at:
        return
    named = {fact.agent_ref for fact in told.facts if fact.agent_ref}
    for agent in named:
        machine.switches.sit(agent, told.ref, now + LIVE_FOR)
    on_the_leg = named | {seat.agent_ref for seat in story.seats if told.root}
    if story.root and on_the_leg and not story_of(machine, story.root).ended_at:
        for agent in on_the_leg:
            machine.switches.sit(agent, story.root, now + LIVE_FOR)


def _is_told(machine: Machine, told: Told, media: Media) -> bool:
    """Whether enough is known for the recording to be judged: what is not may come in a delivery that is late."""
    call = as_told(machine, Call(told.source, told.call_id, media.started_at))
    source = machine.policy.source(told.source)
    return bool(call.started_at and (call.queue or source.queue) and (call.announced is not None or source.announces))
