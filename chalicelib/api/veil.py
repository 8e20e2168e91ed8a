"""What an agent has a recording off for is theirs to know, and the DPO's: others are told that it is off.

A mandate tells of a union or of staff representation (GDPR, art. 9), a personal call of somebody's private life.
"""

from __future__ import annotations

from collections.abc import Collection

from chalicelib.law.policy import Policy
from chalicelib.law.rules import never_recorded
from chalicelib.model import Call, Reason

PRIVATE = frozenset({Reason.MANDATE.value, Reason.PERSONAL.value})
"""Reasons, which are grounds too."""

_OFF = "agent-off"


def veiled(ground: str, knows: Collection[str]) -> str:
    """A ground for whoever asks; `knows` are those of the private ones that they know anyway."""
    return _OFF if ground in PRIVATE and ground not in knows else ground


def known_of(asked: Call, policy: Policy) -> set[str]:
    """What telephony knows by itself of the call that it asks about: what it says of it, and that one of the lines is
    in the policy as a representative's.
    """
    named = never_recorded((asked.agent, *asked.lines), policy)
    return {off.reason.value for off in asked.offs} | ({Reason.MANDATE.value} if named else set())
