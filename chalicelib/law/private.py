"""What an agent has a recording off for is theirs to know, and the DPO's: others are told that it is off.

A mandate tells of a union or of staff representation (GDPR, art. 9), a personal call of somebody's private life. Others
are therefore answered as if it was off for no reason in particular: also the rules' order must not tell. What cannot be
hidden is that such a call goes on unrecorded after the switch is on again, and where a duty goes before other reasons.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from chalicelib.law.policy import Policy
from chalicelib.law.rules import never_recorded
from chalicelib.model import Call, Reason

PRIVATE = frozenset({Reason.MANDATE.value, Reason.PERSONAL.value})
"""Reasons, which are grounds too."""

OFF = "agent-off"
_BEFORE_OFF = ("call-erased", "objected")
"""Grounds that would come first if it was off for another reason (`decision.decide`)."""


def veiled(ground: str) -> str:
    """A ground for whoever does not know."""
    return OFF if ground in PRIVATE else ground


def veiled_grounds(grounds: Collection[str], knows: Collection[str]) -> list[str]:
    """A decision's, in the order of the rules; `knows` are the private ones that whoever asks knows anyway."""
    hidden = PRIVATE.difference(knows).intersection(grounds)
    if not hidden:
        return list(grounds)
    first = [ground for ground in grounds if ground in _BEFORE_OFF]
    return list(dict.fromkeys([*first, OFF, *(ground for ground in grounds if ground not in hidden)]))


def as_others_know(call: Call) -> Call:
    """The call with everything off that is, for no private reason."""
    return replace(
        call, offs=tuple(replace(off, reason=Reason.OTHER) if off.reason in PRIVATE else off for off in call.offs)
    )


def known_of(asked: Call, policy: Policy) -> set[str]:
    """What telephony knows by itself of the call that it asks about: what it says of it, and that one of the lines is
    in the policy as a representative's.
    """
    named = never_recorded((asked.agent, *asked.lines), policy)
    return {off.reason.value for off in asked.offs} | ({Reason.MANDATE.value} if named else set())
