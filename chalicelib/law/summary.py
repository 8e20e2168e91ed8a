"""What an answer says of the calls that were found: plain values, which the law room can put into words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.model import Recording


class Copy(StrEnum):
    """Whether a recording is handed over, and how, or why not."""

    WHOLE = "whole"
    OWN_VOICE = "own-voice"  # the other party is silenced (art. 15(4))
    OWN_WORDS = "own-words"  # no sound, the person's own words in writing
    WITHHELD = "withheld"  # nothing tells one voice from the other
    NOT_PORTABLE = "not-portable"
    QUARANTINED = "quarantined"
    IN_WORK = "in-work"
    ENDED = "ended"
    NONE = ""  # the right that was exercised hands nothing over


HANDED_OVER = (Copy.WHOLE, Copy.OWN_VOICE, Copy.OWN_WORDS)


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody listened: when and for which purpose, never who (CJEU, C-579/21)."""

    at: datetime
    purpose: str


@dataclass(frozen=True, slots=True)
class CallSaid:
    """One recording of a call, or a call that has none; `why` is a ground, `name` that of its files in the package.

    `queue` is as the policy names it, "" where nobody said.
    """

    at: datetime | None
    queue: str = ""
    recording: Recording | None = None
    why: str = ""
    copy: Copy = Copy.NONE
    heard: tuple[Heard, ...] = ()
    name: str = ""


@dataclass(frozen=True, slots=True)
class Summary:
    """All of it, in the order of the calls; what is counted last is an agent's alone."""

    calls: tuple[CallSaid, ...] = ()
    is_agent: bool = False
    switched_off: int = 0
    acknowledged: int = 0
    evaluations: int = 0
