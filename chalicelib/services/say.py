"""Keep one thing that was said of a call, where the call's transfers look for it too."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.services.machine import Machine
from chalicelib.services.story import story_of
from chalicelib.telephony.facts import FOLLOWS, OF_LEGS, Fact

KEPT_FOR = timedelta(days=190)
"""A recording of the call may come until its term is over: six months, and a margin. Then nothing of it is kept."""


def say(machine: Machine, ref: str, fact: Fact, now: datetime) -> None:
    """Keep it, at the call and at the one that it is a leg of, as far as it concerns them. Idempotent."""
    root = story_of(machine, ref).root
    if not (root and fact.kind in FOLLOWS):
        machine.calls.tell(ref, fact, now + KEPT_FOR)
    if root and fact.kind in FOLLOWS | OF_LEGS:
        machine.calls.tell(root, fact, now + KEPT_FOR)
