"""May this call be recorded, and kept? The law's answer, with what only the machine knows: erasures, lot, ceilings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.law.case import Known
from chalicelib.law.decision import decide, queue_of
from chalicelib.law.lot import is_drawn, stretch_of
from chalicelib.law.queue import Queue
from chalicelib.model import Call, Decision, Fate
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_ref, call_ref

_COUNTED_FOR = timedelta(days=31 + 8)
"""How long a ceiling's count is kept: a month at most, and a late delivery."""


def judge(machine: Machine, call: Call, now: datetime, duration_ms: int | None = None) -> Decision:
    """Decide on a recording that has arrived; `duration_ms` is None where nobody can tell for sure."""
    known = Known(now, ended_at=_ended_at(call, duration_ms), erased=_is_erased(machine, call))
    return _decide(machine, call, replace(known, margin=timedelta(milliseconds=machine.settings.cut_margin_ms)))


def may_record(machine: Machine, call: Call, now: datetime) -> Decision:
    """Decide before capture: `keep` is a yes, anything else a no. Counts against the agent's ceiling.

    `call` is as it was told (`story.as_told`); what an earlier question was answered is no reason.
    """
    asked = replace(call, answered=None)
    return _decide(machine, asked, Known(now, before_capture=True, erased=_is_erased(machine, asked)))


def _decide(machine: Machine, call: Call, known: Known) -> Decision:
    queue = queue_of(call, machine.policy)
    if queue is not None and queue.share_percent is not None:
        token = machine.pseudonyms.of("lot", call.source, call.call_id)
        known = replace(known, drawn=is_drawn(token, queue.share_percent))
    decision = decide(call, machine.policy, known)
    if known.before_capture and not (call.agent or call.agent_ref):
        return decision  # counted once it is known whose call it is
    if queue is None or decision.fate is not Fate.KEEP or _is_below_ceiling(machine, call, queue, known.moment):
        return decision
    return decide(call, machine.policy, replace(known, below_ceiling=False))


def _is_below_ceiling(machine: Machine, call: Call, queue: Queue, now: datetime) -> bool:
    """Count the call in on the day on which it began, if there is room."""
    if queue.ceiling is None:
        return True
    began = call.started_at or now
    stretch = f"{queue.name}#{stretch_of(queue.ceiling, began.astimezone(machine.policy.zone).date())}"
    most, ends_at = queue.ceiling.calls, max(began, now) + _COUNTED_FOR
    return machine.ceilings.take(agent_ref(machine, call), stretch, most, call_ref(machine, call), ends_at)


def _is_erased(machine: Machine, call: Call) -> bool:
    return machine.recordings.is_erased(call_ref(machine, call))


def _ended_at(call: Call, duration_ms: int | None) -> datetime | None:
    """The latest moment that a recording can reach."""
    if call.started_at is None or duration_ms is None:
        return None
    try:
        return call.started_at + timedelta(milliseconds=call.precision_ms + duration_ms)
    except OverflowError:  # the year 9999, which no rule believes
        return None
