"""An agent says that they read the notice: who (opaque), which version, and when for the first time."""

from __future__ import annotations

from datetime import datetime

from chalicelib.errors import InvalidRequest, NoticeNotCurrent
from chalicelib.law.policy import Policy
from chalicelib.law.shown import ACKNOWLEDGED_FOR
from chalicelib.services.ports import Acknowledgement, Acknowledgements, Pseudonyms
from chalicelib.services.refs import agent_key

_LONGEST = 128


def acknowledge(
    kept: Acknowledgements, pseudonyms: Pseudonyms, policy: Policy, agent: str, version: object, now: datetime
) -> Acknowledgement:
    """Write down that `agent` read `version`, which is the one in force; a repetition changes nothing.

    Returns the first one. Raises NoticeNotCurrent naming the version in force, InvalidRequest.
    """
    reference = _reference(pseudonyms, agent)
    if not isinstance(version, str):
        raise InvalidRequest('name the version that was read: {"version": "…"}')
    if version != policy.version:
        raise NoticeNotCurrent(f"the notice in force is {policy.version}: show that one", policy.version)
    until = ACKNOWLEDGED_FOR.after(now.astimezone(policy.zone).date())
    return kept.add(reference, version, now, until)


def acknowledged(kept: Acknowledgements, pseudonyms: Pseudonyms, agent: str) -> list[Acknowledgement]:
    """What `agent` acknowledged so far. Raises InvalidRequest."""
    return kept.of(_reference(pseudonyms, agent))


def _reference(pseudonyms: Pseudonyms, agent: str) -> str:
    """The agent's opaque reference; the id itself is written nowhere."""
    if not agent.strip() or len(agent) > _LONGEST or not agent.isprintable() or "%" in agent:
        raise InvalidRequest(f"an agent's id is 1 to {_LONGEST} printable characters, without %")
    return pseudonyms.of("agent", agent_key(agent))
