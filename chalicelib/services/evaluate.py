"""Evaluations: what a supervisor wrote about an agent's work in a call, by the controller's own grid.

It outlives the sound, by the policy's `keeping.analyses` from the call's day, and goes with it where that is erased.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from chalicelib.errors import CannotBeEvaluated, Forbidden, ObjectMissing, UnknownRecording
from chalicelib.law.listening import may_listen
from chalicelib.law.queue import Purpose
from chalicelib.law.retention import lifecycle_days, tag_days_at_most
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.insist import insisted
from chalicelib.services.listen import NOBODY, Listener, reached, reaches
from chalicelib.services.machine import DAYS_TAG, Machine

_THEIR_OWN = (State.AVAILABLE, State.HELD, State.EXPIRED)
"""In which agents read their own: neither a hold nor the end of the sound takes it from them."""

Evaluation = dict[str, Any]


def evaluate(machine: Machine, recording_id: str, grid: Mapping[str, Any], who: Listener, now: datetime) -> Evaluation:
    """Write an evaluation, in the place of the one before; the ledger first. `grid` is JSON.

    Raises Forbidden, UnknownRecording, CannotBeEvaluated, StaleRecording.
    """
    return insisted(lambda: _evaluated(machine, recording_id, grid, who, now))


def _evaluated(
    machine: Machine, recording_id: str, grid: Mapping[str, Any], who: Listener, now: datetime
) -> Evaluation:
    supervisor = replace(who, roles=who.roles & {"supervisor"})
    recording, _ = reached(machine, recording_id, supervisor)
    queue = machine.policy.queue(recording.queue)
    if may_listen(machine.policy, queue, "supervisor", Purpose.EVALUATION):
        raise Forbidden("the calls of this queue are not recorded for evaluation, or supervisors may not evaluate")
    agent = machine.switches.known_as(recording.agent_ref)
    if agent == who.agent_ref:
        raise Forbidden("nobody evaluates a call of their own: ask another supervisor of the team")
    kept = {
        "recording": recording.id,
        "agent": agent,
        "evaluator": who.reference,
        "at": now.isoformat(),
        **_of_the_call(machine, recording),
        "grid": grid,
    }
    tags = _tags(machine, kept, now)
    machine.link_until(recording.call_ref, date.fromisoformat(str(kept["ends"])))
    machine.note(recording, "evaluated", now, who.by("supervisor"))
    _write(machine, recording.id, kept, tags)
    return kept


def _of_the_call(machine: Machine, recording: Recording) -> Evaluation:
    """Its day and length, and the day on which the evaluation ends."""
    if recording.started_at is None:
        raise CannotBeEvaluated("nobody knows the call's day, from which an evaluation has its end")
    day = machine.day(recording.started_at)
    ends = machine.policy.keeping.analyses.after(day)
    return {"day": day.isoformat(), "duration-ms": recording.duration_ms, "ends": ends.isoformat()}


def _tags(machine: Machine, kept: Evaluation, now: datetime) -> dict[str, str]:
    """No sweep ends an evaluation: the store does, up to a week early beyond six months, and never late."""
    days = lifecycle_days(date.fromisoformat(kept["ends"]), now, machine.policy.zone)
    if days < 1:
        raise CannotBeEvaluated("an evaluation of a call of that day would be past its end already")
    return {DAYS_TAG: str(tag_days_at_most(days)), "last-day": kept["ends"], "state": "evaluation"}


def _write(machine: Machine, recording_id: str, kept: Evaluation, tags: dict[str, str]) -> None:
    """Write it, unless the recording is erased meanwhile: then nothing may be left."""
    place = places.evaluation(recording_id)
    machine.objects.put(place, json.dumps(kept, ensure_ascii=False).encode(), "application/json", tags)
    if place in places.superfluous(machine.recording(recording_id)):
        machine.objects.delete(place)


def read(machine: Machine, recording_id: str, who: Listener, now: datetime) -> Evaluation:
    """The evaluation, for the agent themselves, their team's supervisor or the DPO; the ledger first.

    Raises UnknownRecording, with the same words whatever is not there or not theirs, and StaleRecording.
    """
    return insisted(lambda: _read(machine, recording_id, who, now))


def _read(machine: Machine, recording_id: str, who: Listener, now: datetime) -> Evaluation:
    recording, kept = machine.recordings.get(recording_id), kept_of(machine, recording_id, now)
    readers = {
        "dpo": True,
        "supervisor": reaches(machine, recording, who, "supervisor"),
        "agent": _is_theirs(machine, recording, kept, who),
    }
    role = next((role for role, may in readers.items() if may and role in who.roles), None)
    if recording is None or kept is None or role is None:
        raise UnknownRecording("there is no such evaluation, or it is not yours to read")
    machine.note(recording, "evaluation-read", now, who.by(role))
    return kept


def _is_theirs(machine: Machine, recording: Recording | None, kept: Evaluation | None, who: Listener) -> bool:
    """Of a recording that has ended, the row knows no agent any more; what was written about them does."""
    ref = (recording and recording.agent_ref) or (kept and kept["agent"]) or NOBODY
    is_theirs = machine.switches.known_as(ref) == who.agent_ref
    return is_theirs and recording is not None and recording.state in _THEIR_OWN


def kept_of(machine: Machine, recording_id: str, now: datetime) -> Evaluation | None:
    """The evaluation of a recording, None where there is none or it is past its end; nothing is written down."""
    try:
        found: Evaluation = json.loads(machine.objects.get(places.evaluation(recording_id)))
    except ObjectMissing:
        return None
    return found if machine.day(now).isoformat() < found["ends"] else None


def reassign(machine: Machine, recording_id: str, agent_ref: str, now: datetime) -> None:
    """Another agent took part in the call than the evaluation says: it is theirs."""
    kept = kept_of(machine, recording_id, now)
    if kept is not None and kept["agent"] != agent_ref:
        _write(machine, recording_id, kept | {"agent": agent_ref}, _tags(machine, kept, now))
