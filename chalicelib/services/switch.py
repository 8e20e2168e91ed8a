"""An agent's switch: off is off at once, on every call that they are on, and stays known for what comes later.

CNIL (FACTS 1.1): employees can get out of being recorded, for private calls and for their mandates, by themselves.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.errors import Forbidden, InvalidRequest, StaleSwitch
from chalicelib.model import Off, Reason, Stretch, Switch
from chalicelib.services.again import reconsider
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.say import KEPT_FOR
from chalicelib.services.steer import HEALED_MS, Outcome, steer_or_later

AGENT = "agent"
"""Who turned it, where that was the agent."""

_STRONGEST_FIRST = (Reason.MANDATE, Reason.OBJECTION, Reason.PERSONAL, Reason.PAYMENT, Reason.OTHER)


@dataclass(frozen=True, slots=True)
class Turned:
    """The switch as it stands, and what became of the calls that the agent is on, by reference."""

    switch: Switch
    calls: Mapping[str, Outcome]


def turn_off(
    machine: Machine, agent_ref: str, reason: Reason, until: datetime | None, by: str, now: datetime
) -> Turned:
    """Record nothing of that agent's from now on, until `until` if one is said. Anybody may, the same again is no harm.

    Raises InvalidRequest for an end that has passed, StaleSwitch where somebody else turned it in the same moment.
    """
    if until is not None and until <= now:
        raise InvalidRequest("`until` lies in the past: leave it out, or say a moment to come")
    if reason is Reason.PAYMENT:  # no longer than any other that nobody ends
        latest = now + timedelta(milliseconds=machine.settings.payment_limit_ms)
        until = min(until, latest) if until else latest
    before = machine.switches.current(agent_ref)
    wanted = Switch(now, by, reason, until)
    if before and before.is_off(now) and before.by == AGENT != by:
        wanted = _beside(before, wanted)
    return _turn(machine, agent_ref, before, wanted, now)


def turn_on(machine: Machine, agent_ref: str, by: str, now: datetime) -> Turned:
    """End an off: by the agent, or by whoever turned it off. Raises Forbidden, StaleSwitch."""
    switch = machine.switches.current(agent_ref)
    if switch is None or not switch.is_off(now):
        return Turned(switch or Switch(now, by), _steered(machine, agent_ref, now))
    if by not in (AGENT, switch.by):
        raise Forbidden("only the agent, or whoever switched it off, switches it on again")
    return _turn(machine, agent_ref, switch, Switch(now, by), now)


def standing(machine: Machine, agent_ref: str, now: datetime) -> Switch | None:
    """The switch as it stands: None is on since ever; an off whose end has passed is on since then."""
    switch = machine.switches.current(agent_ref)
    if switch and switch.reason and not switch.is_off(now):
        return Switch(switch.until or now, switch.by, revision=switch.revision)
    return switch


def _beside(agents: Switch, wanted: Switch) -> Switch:
    """What the agent has off stays the agent's, on a ground that says as much, and no shorter: only they end it."""
    reason = min((each for each in (agents.reason, wanted.reason) if each), key=_STRONGEST_FIRST.index)
    until = max(agents.until, wanted.until) if agents.until and wanted.until else None
    return replace(wanted, by=agents.by, reason=reason, until=until)


def _turn(machine: Machine, agent_ref: str, before: Switch | None, wanted: Switch, now: datetime) -> Turned:
    """`before` is what `wanted` was made of: whoever turns it meanwhile is not written over, nor who did so later."""
    if before and before.since > now:
        raise StaleSwitch("the switch was turned meanwhile: look at it again")
    wanted = replace(wanted, revision=before.revision if before else 0)
    switch = machine.switches.turn(agent_ref, wanted, _ended(before, now), now + KEPT_FOR)
    outcomes = _steered(machine, agent_ref, now)
    if wanted.reason is not None:
        for ref in machine.switches.calls(agent_ref, now):
            reconsider(machine, ref, now, "agent" if wanted.by == AGENT else "machine")
    return Turned(switch, outcomes)


def _steered(machine: Machine, agent_ref: str, now: datetime) -> dict[str, Outcome]:
    """Each call that the agent is on; it is looked at once more, for whoever dies on the way."""
    calls = machine.switches.calls(agent_ref, now)
    for ref in calls:
        machine.steps.post(Step.CALLS, {"follow": ref}, HEALED_MS)
    return {ref: steer_or_later(machine, ref, now) for ref in calls}


def _ended(before: Switch | None, now: datetime) -> Off | None:
    """The stretch that ends now, if one goes on."""
    if before is None or before.reason is None or before.since >= now:
        return None
    return Off(before.reason, Stretch(before.since, min(before.until, now) if before.until else now))
