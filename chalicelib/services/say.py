"""Keep one thing that was said of a call, where the call's transfers look for it too."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.services.machine import Machine
from chalicelib.services.story import story_of
from chalicelib.telephony.facts import FOLLOWS, OF_LEGS, Fact, Kind

KEPT_FOR = timedelta(days=190)
"""A recording of the call may come until its term is over: six months, and a margin. Then nothing of it is kept."""


def say(machine: Machine, ref: str, fact: Fact, now: datetime) -> None:
    """Keep it, at the call and at the one that it is a leg of, as far as it concerns them. Idempotent.

    Of a call that was erased on somebody's request nothing is kept any more.
    """
    root = story_of(machine, ref).root
    root = "" if root and machine.recordings.is_erased(root) else root
    if not (root and fact.kind in FOLLOWS):
        _keep(machine, ref, fact, now)
        link(machine, ref, fact, now)
    if root:
        say_of_leg(machine, root, ref, fact, now)


def say_of_leg(machine: Machine, root: str, leg: str, fact: Fact, now: datetime) -> None:
    """Keep at the first call what a leg's fact is to it: who sits there, that it ended. Idempotent.

    Who is on the leg alone is not on what was said before it.
    """
    if fact.kind in FOLLOWS:
        _keep(machine, root, fact, now)
    elif fact.kind in OF_LEGS:
        _keep(machine, root, replace(fact, about=fact.about or leg, started_at=None), now)
    elif fact.kind is Kind.LEFT:
        _keep(machine, root, fact, now)
    elif fact.kind is Kind.ENDED:
        _keep(machine, root, Fact(Kind.LEFT, fact.at, about=leg), now)


def link(machine: Machine, ref: str, fact: Fact, now: datetime) -> None:
    """Who is on a call can ask for it: the caller by a number, the agent."""
    for person in (fact.about if fact.kind is Kind.WITH else "", fact.agent_ref):
        if person and person != machine.pseudonyms.of("agent", ""):  # agents whom nobody names share one reference
            machine.people.link(person, ref, (now + KEPT_FOR).date())
            _unless_erased(machine, ref)


def _keep(machine: Machine, ref: str, fact: Fact, now: datetime) -> None:
    if machine.recordings.is_erased(ref):
        return
    machine.calls.tell(ref, fact, now + KEPT_FOR)
    _unless_erased(machine, ref)


def _unless_erased(machine: Machine, ref: str) -> None:
    """Whoever erased the call meanwhile did not see what was just written."""
    if machine.recordings.is_erased(ref):
        machine.calls.forget(ref)
        machine.people.forget(ref)
