"""What a call's recording should be doing now, while the call goes on: the same rules, asked of this moment."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from chalicelib.law import rules
from chalicelib.law.case import Case, Known
from chalicelib.law.decision import queue_of
from chalicelib.law.policy import Policy
from chalicelib.model import Call, Fate, Reason


class Course(StrEnum):
    """How a recording goes on. What is stopped does not begin again."""

    RUN = "run"
    PAUSE = "pause"
    STOP = "stop"


@dataclass(frozen=True, slots=True)
class Wanted:
    """A course and its ground; the ground of a recording that runs says what it runs in spite of, if anything."""

    course: Course
    ground: str = ""


_FINAL = (rules.erased, rules.mandate, rules.objection)
_WHILE_IT_LASTS = (rules.personal_call, rules.switched_off)


def wanted(call: Call, policy: Policy, now: datetime, erased: bool = False) -> Wanted:
    """Stopped for good where nothing of the call may be kept; paused while somebody has it off, or nobody allowed it.

    A payment pauses it under a duty too: bank data is never kept (CNIL 2018-303; PCI DSS 3.3.1).
    """
    case = Case(call, policy, Known(now, before_capture=True, erased=erased), queue_of(call, policy))
    verdicts = {rule: verdict for rule in (*_FINAL, *_WHILE_IT_LASTS) if (verdict := rule(case)) is not None}
    for rule in _FINAL:
        if rule in verdicts and verdicts[rule].fate is Fate.DISCARD:
            return Wanted(Course.STOP, verdicts[rule].ground)
    if _is_paying(call, now):
        return Wanted(Course.PAUSE, Reason.PAYMENT.value)
    for rule in _WHILE_IT_LASTS:
        if rule in verdicts and verdicts[rule].fate is Fate.DISCARD:
            return Wanted(Course.PAUSE, verdicts[rule].ground)
    if call.answered is False and not case.cannot_be_refused:
        return Wanted(Course.PAUSE, "refused-before-capture")
    return Wanted(Course.RUN, next((verdict.ground for verdict in verdicts.values()), ""))


def _is_paying(call: Call, now: datetime) -> bool:
    stretches = [off.stretch for off in call.offs if off.reason is Reason.PAYMENT]
    return any(
        (stretch.since is None or stretch.since <= now) and (stretch.until is None or now < stretch.until)
        for stretch in stretches
    )
