"""What a rule looks at, and what it says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue
from chalicelib.model import Call, Fate, Stretch


@dataclass(frozen=True, slots=True)
class Known:
    """What is known besides the call.

    The time; when the recording ended at the latest, if that is known; whether it was erased; whether lot and ceiling
    let it in; and what the clocks of a telephone system and of an agent's screen may differ.
    """

    moment: datetime
    ended_at: datetime | None = None
    before_capture: bool = False
    erased: bool = False
    drawn: bool = False
    below_ceiling: bool = True
    margin: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True)
class Case:
    """All that a rule looks at; `queue` is the policy's, or None where it knows none for the call."""

    call: Call
    policy: Policy
    known: Known
    queue: Queue | None

    @property
    def cannot_be_refused(self) -> bool:
        """Whether that text goes before a caller's objection and an agent's switch."""
        return self.queue is not None and self.policy.binds(self.queue)

    @property
    def under_duty(self) -> bool:
        """Whether a legal text obliges to record."""
        return self.queue is not None and self.queue.kind == "duty"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one rule says, where it says anything."""

    fate: Fate
    ground: str
    cuts: tuple[Stretch, ...] = ()
