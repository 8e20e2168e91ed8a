"""What providers say of calls: kept once, under opaque references, and done what follows from it.

Each act can be repeated and their order does not matter, so any number of deliveries in any order has one effect.
"""

from __future__ import annotations

from datetime import UTC, datetime

from chalicelib.model import Call
from chalicelib.services.again import reconsider
from chalicelib.services.answer import answer
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Reach, Step
from chalicelib.services.refs import media_ref
from chalicelib.services.say import KEPT_FOR, say
from chalicelib.services.steer import LIVE_FOR, Outcome, steer, steer_or_later
from chalicelib.services.story import as_told, story_of
from chalicelib.services.told import Told, media_plain
from chalicelib.telephony.facts import Fact, Kind

_ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""That one call is a part of another has no moment."""


def hear(machine: Machine, told: Told, now: datetime) -> Outcome:
    """Keep what was said, and do what follows: judge before capture, fetch, stop. Raises what `steer` raises."""
    keep(machine, told, now)
    story = story_of(machine, told.ref)
    kinds = {fact.kind for fact in told.facts}
    if story.ended_at:
        for seat in story.seats:
            machine.switches.leave(seat.agent_ref, told.ref)
    elif Kind.CONNECTED in kinds or "recording" in told.ids:
        _judge_early(machine, told, now)
    for media in told.media:
        if media_ref(machine, told.provider, media.id) not in story.fetched:
            machine.steps.post(
                Step.FETCH, {"provider": told.provider, "source": told.source, "media": media_plain(media)}
            )
    if kinds & {Kind.OBJECTED, Kind.MANDATE}:
        return follow(machine, told.ref, now)
    return steer(machine, told.ref, now)


def follow(machine: Machine, ref: str, now: datetime, by: str = "machine") -> Outcome:
    """What was said holds for the call's transfers: recordings that are here, and those that still go on."""
    root = story_of(machine, ref).root or ref
    for each in dict.fromkeys((ref, root, *story_of(machine, root).legs)):
        reconsider(machine, each, now, by)
        if each != ref:
            steer_or_later(machine, each, now)
    return steer_or_later(machine, ref, now)


def keep(machine: Machine, told: Told, now: datetime) -> None:
    """Write down what was said, where the call is reached and who is on it, and do nothing. Idempotent."""
    if told.root:
        machine.calls.tell(told.ref, Fact(Kind.PART_OF, _ALWAYS, about=told.root), now + KEPT_FOR)
        machine.calls.tell(told.root, Fact(Kind.LEG, _ALWAYS, about=told.ref), now + KEPT_FOR)
    for fact in told.facts:
        say(machine, told.ref, fact, now)
    if told.ids:
        machine.calls.reach(told.ref, Reach(told.provider, told.call_id, told.ids), now + LIVE_FOR)
    ended = story_of(machine, told.ref).ended_at
    for agent in {fact.agent_ref for fact in told.facts if fact.agent_ref and not ended}:
        machine.switches.sit(agent, told.ref, now + LIVE_FOR)


def _judge_early(machine: Machine, told: Told, now: datetime) -> None:
    """Judge, before capture or as near to it as the provider lets us, a call that nobody has asked about."""
    call = as_told(machine, Call(told.source, told.call_id, None))
    if call.answered is None and (call.queue or machine.policy.source(call.source).queue):
        answer(machine, call, now)
