"""What a right may do to one call, and what stands against it (GDPR, art. 17(3), 18, 20 and 21; FACTS 1.3, 1.6)."""

from __future__ import annotations

from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue
from chalicelib.law.request import Told
from chalicelib.model import Hold, HoldKind


def kept(policy: Policy, queue: Queue | None, hold: Hold | None, recording: str = "") -> Told | None:
    """Why a call's recording is not erased on its person's request, None where it is.

    What is recorded for quality goes: nothing in training an agent goes before the person (art. 21(1)), and a call of
    which nobody knows what for has no ground at all. A hold stands for a claim, a restriction for somebody's request.
    """
    if hold is not None and hold.kind is HoldKind.LEGAL_CLAIM:
        return Told("kept-claim", 1, recording)
    if hold is not None and hold.kind is HoldKind.RESTRICTION:
        return Told("kept-restricted", 1, recording)
    if queue is None or queue.kind == "quality":
        return None
    if duty := policy.duty(queue):
        return Told("kept-duty", 1, recording, duty.source)
    return Told("kept-proof", 1, recording, queue.retention_source or "")


def summed(told: list[Told]) -> tuple[Told, ...]:
    """Counts of one kind added up, in the order in which each was first said."""
    counts: dict[tuple[str, str, str], int] = {}
    for each in told:
        key = each.code, each.recording, each.source
        counts[key] = counts.get(key, 0) + each.count
    return tuple(Told(code, count, recording, source) for (code, recording, source), count in counts.items())
