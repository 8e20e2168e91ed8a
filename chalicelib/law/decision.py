"""May this recording be kept at all? Pure: what is known of the call, and the time, to a fate and its ground."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.law.retention import lifecycle_days
from chalicelib.model import Call, Decision, Fate

_CLOCK_SKEW = timedelta(hours=1)

FINAL_GROUNDS = frozenset({"call-erased", "past-retention", "screen-recording", "quarantine-ended"})
"""Grounds of the law: dropping the same file again changes nothing about them."""


def judge(call: Call, now: datetime, retention_days: int, erased: bool) -> Decision:
    """Decide on arrival, before anybody or anything has heard the recording.

    - erased: the person had the call erased (GDPR art. 17): a late copy of it is deleted;
    - no start, or one in the future: its lawful end cannot be known, so it is set aside, never kept by default;
    - past its end: six months from the call, not from its arrival (CNIL; FACTS 1.1).
    """
    if erased:
        return Decision(Fate.DISCARD, "call-erased")
    if call.started_at is None:
        return Decision(Fate.QUARANTINE, "start-unknown")
    if call.started_at > now + _CLOCK_SKEW:
        return Decision(Fate.QUARANTINE, "start-in-future")
    if lifecycle_days(call.started_at, now, retention_days) < 1:
        return Decision(Fate.DISCARD, "past-retention")
    return Decision(Fate.KEEP, "lawful")
