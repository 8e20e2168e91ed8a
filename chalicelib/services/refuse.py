"""A caller refuses, or somebody pays, while the call goes on: kept, and done at once.

`at` is the moment of what is said, where that is another than `now`, at which it is heard.
"""

from __future__ import annotations

from datetime import datetime

from chalicelib.services.hear import follow
from chalicelib.services.machine import Machine
from chalicelib.services.say import say
from chalicelib.services.steer import Outcome
from chalicelib.telephony.facts import Fact, Kind


def object_to(machine: Machine, ref: str, now: datetime, by: str, at: datetime | None = None) -> Outcome:
    """The caller refuses: both voices, this call and its transfers, here and at the provider (SPARTOO; FACTS 1.4)."""
    say(machine, ref, Fact(Kind.OBJECTED, at or now), now)
    return follow(machine, ref, now, by)


def start_payment(machine: Machine, ref: str, now: datetime, by: str, at: datetime | None = None) -> Outcome:
    """Nothing is recorded until `stop_payment`, or until the limit that the settings name."""
    say(machine, ref, Fact(Kind.PAYING, at or now), now)
    return follow(machine, ref, now, by)


def stop_payment(machine: Machine, ref: str, now: datetime, by: str, at: datetime | None = None) -> Outcome:
    """The payment is over; what else has the recording off keeps it off."""
    say(machine, ref, Fact(Kind.PAID, at or now), now)
    return follow(machine, ref, now, by)
