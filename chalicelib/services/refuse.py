"""A caller refuses, or somebody pays, while the call goes on: kept, and done at once.

`at` is the moment of what is said, where that is earlier than `now`, at which it is heard: of two clocks that differ
the one counts by which more is cut.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.services.hear import follow
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.say import say
from chalicelib.services.steer import HEALED_MS, Outcome
from chalicelib.services.story import story_of
from chalicelib.services.told import Told, told_plain
from chalicelib.telephony.facts import Fact, Kind


def object_to(machine: Machine, ref: str, now: datetime, by: str, at: datetime | None = None) -> Outcome:
    """The caller refuses: both voices, this call and its transfers, here and at the provider (SPARTOO; FACTS 1.4)."""
    say(machine, ref, Fact(Kind.OBJECTED, at or now, about=by), now)
    return _followed(machine, ref, now, by)


def object_surely(machine: Machine, told: Told, now: datetime, by: str) -> Outcome:
    """The same where nobody says it again if it fails: then it is put into the queue. Raises what went wrong."""
    try:
        return object_to(machine, told.ref, now, by)
    except Exception:
        refusal = replace(told, facts=(Fact(Kind.OBJECTED, now),), ids={}, media=())
        machine.steps.post(Step.CALLS, {"told": told_plain(refusal)})
        raise


def start_payment(machine: Machine, ref: str, now: datetime, by: str, at: datetime | None = None) -> Outcome:
    """Nothing is recorded until `stop_payment`, or until the limit that the settings name."""
    start, known = Fact(Kind.PAYING, at or now, about=by), _facts(machine, ref)
    if start not in known and any(fact.kind is Kind.PAID and fact.at >= start.at for fact in known):
        start = replace(start, at=now)  # it follows the one that ended, whatever the clock says that signed it
    say(machine, ref, start, now)
    return _followed(machine, ref, now, by)


def stop_payment(machine: Machine, ref: str, now: datetime, by: str, once: str = "") -> Outcome:
    """The payment is over now; what else has the recording off keeps it off.

    `once` names the request, where somebody could play it again: a payment that began since is not ended by it.
    """
    if not (once and any(fact.kind is Kind.PAID and fact.about == once for fact in _facts(machine, ref))):
        say(machine, ref, Fact(Kind.PAID, now, about=once), now)
    return _followed(machine, ref, now, by)


def has_started(machine: Machine, ref: str, by: str) -> bool:
    """Whether they started a payment of that call, or of the one that it is a leg of."""
    return any(fact.kind is Kind.PAYING and fact.about == by for fact in _facts(machine, ref))


def _facts(machine: Machine, ref: str) -> list[Fact]:
    """What is kept of the call and of the first one that it is a leg of."""
    return [fact for each in (ref, story_of(machine, ref).root) if each for fact in machine.calls.file(each).facts]


def _followed(machine: Machine, ref: str, now: datetime, by: str) -> Outcome:
    """At once, and once more from the queue, for whoever dies on the way."""
    machine.steps.post(Step.CALLS, {"follow": ref}, HEALED_MS)
    return follow(machine, ref, now, by)
