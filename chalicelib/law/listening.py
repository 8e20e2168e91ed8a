"""Who may hear a recording and for what (GDPR, art. 5(1)(b)), as the policy's `[listening]` grants it.

Whose recordings a role reaches (a team's, one's own) is no matter of the policy: `services/listen.py`.
"""

from __future__ import annotations

from chalicelib.law.policy import Policy
from chalicelib.law.queue import Listening, Queue

NOT_GRANTED = "not-granted"
"""The policy grants the role no such purpose, whatever the recording."""

NOT_THE_QUEUES = "not-recorded-for-that"
"""The calls of that queue are not recorded for that purpose."""


def granted(policy: Policy, role: str) -> tuple[str, ...]:
    """What the policy lets a role listen for; nothing, where it knows no such role."""
    return tuple(getattr(policy.listening, role)) if role in Listening.model_fields else ()


def may_listen(policy: Policy, queue: Queue | None, role: str, purpose: str) -> str | None:
    """None where a role may hear that queue's calls for that purpose, else the code of why not.

    Supervisors and agents hear a call for what it was recorded for alone; the DPO whatever the queue, also where the
    policy knows it no more.
    """
    if purpose not in granted(policy, role):
        return NOT_GRANTED
    if role != "dpo" and (queue is None or purpose not in queue.purposes):
        return NOT_THE_QUEUES
    return None


def may_hear(policy: Policy, queue: Queue | None, role: str) -> bool:
    """Whether a role may hear that queue's calls for any purpose at all."""
    return any(may_listen(policy, queue, role, purpose) is None for purpose in granted(policy, role))
