"""What is said of a recording that is here already: a refusal that comes late is a refusal all the same."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.errors import StaleRecording
from chalicelib.law.case import Known
from chalicelib.law.cuts import OPEN_END_MS, cut_spans
from chalicelib.law.decision import decide
from chalicelib.law.rules import REFUSALS, SAID_LATE
from chalicelib.model import ENDS, Call, Fate, Recording, Span, State
from chalicelib.services.end import end_now
from chalicelib.services.examine import Examined, examine
from chalicelib.services.judge import judge
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Place
from chalicelib.services.refs import call_ref
from chalicelib.services.story import as_told
from chalicelib.spans import clip, merge

_TRIES = 5


def said_again(machine: Machine, recording: Recording, call: Call, drop: Place, now: datetime) -> Recording:
    """End a recording that its source now says was refused; otherwise write down that it came again, as `drop`.

    A part that may not be kept is added to the cuts as long as the raw is not cut yet; later nothing but the end helps.
    """
    if recording.state in ENDS:
        return machine.note(recording, "dropped-again", now)
    call = replace(call, started_at=call.started_at or recording.started_at)
    length = _length(recording, examine(machine, drop))
    decision = judge(machine, call, now, length)
    refusals = [ground for ground in decision.grounds if ground in REFUSALS]
    if decision.fate is Fate.DISCARD and refusals:
        ended = end_now(machine, recording, refusals[0], now)
        refuse_call(machine, call, refusals[0], now)
        return ended
    cuts = cut_spans(decision.cuts, call, length or OPEN_END_MS, machine.settings.cut_margin_ms)
    if _covered(cuts, recording.cuts):
        unchanged = recording.state is State.JUDGED
        return recording if unchanged else machine.note(recording, "dropped-again", now)
    return _cut_late(machine, recording, cuts, "dropped-again", now)


def reconsider(machine: Machine, ref: str, now: datetime, by: str = "machine") -> None:
    """End, or cut as long as that can be done, the call's recordings that are here already, by what was said since."""
    for seen in list(machine.recordings.of_call(ref)):
        for left in reversed(range(_TRIES)):
            try:
                _unless_ended(machine, machine.recording(seen.id), now, by)
                break
            except StaleRecording:  # somebody works on it
                if not left:
                    raise


def _unless_ended(machine: Machine, recording: Recording, now: datetime, by: str) -> None:
    if recording.state is State.RECEIVED:
        machine.note(recording, "said-meanwhile", now, by)  # whoever judges it reads again
    elif recording.state not in ENDS:
        _reconsidered(machine, recording, now, by)


def rechecked(machine: Machine, recording: Recording, now: datetime) -> Recording:
    """The recording, by all that was said up to now: an index that was behind may have hidden it from what was said."""
    _reconsidered(machine, recording, now, "machine")
    return machine.recording(recording.id)


def _reconsidered(machine: Machine, recording: Recording, now: datetime, by: str) -> None:
    if machine.recordings.is_erased(recording.call_ref):  # an index that was behind hid it from whoever erased it
        machine.end(recording, State.ERASED, "call-erased", now, by)
        return
    precision_ms, queue = recording.precision_ms, recording.queue or None
    call = Call("", "", recording.started_at, None, precision_ms, queue, agent_ref=recording.agent_ref)
    call = as_told(machine, call, recording.call_ref)
    margin = timedelta(milliseconds=machine.settings.cut_margin_ms)
    length = recording.duration_ms if recording.length_known and recording.duration_ms else OPEN_END_MS
    ended_at = call.started_at and call.started_at + timedelta(milliseconds=length + call.precision_ms)
    decision = decide(call, machine.policy, Known(now, ended_at=ended_at, margin=margin), SAID_LATE)
    if decision.fate is Fate.DISCARD:
        end_now(machine, recording, decision.ground, now, by)
        return
    margin_ms = machine.settings.cut_margin_ms
    if not _covered(cut_spans(decision.cuts, call, length, margin_ms), recording.cuts):
        cuts = cut_spans(decision.cuts, call, OPEN_END_MS, margin_ms)  # the row's length may be an estimate
        _cut_late(machine, recording, cuts, decision.ground, now, by)


def _cut_late(
    machine: Machine, recording: Recording, cuts: list[Span], ground: str, now: datetime, by: str = "machine"
) -> Recording:
    """Nothing but its end helps a recording that was heard already; of a duty's, what is not redacted is cut."""
    queue = machine.policy.queue(recording.queue)
    bound = queue is not None and machine.policy.binds(queue) and recording.length_known
    in_time = bound and recording.state is State.TRANSCRIBING
    if in_time:
        cuts = clip(cuts, recording.duration_ms)
    if recording.state is State.JUDGED or in_time:
        cut = replace(recording, cuts=tuple(merge([*recording.cuts, *cuts])))
        return machine.note(cut, ground, now, by)
    return end_now(machine, recording, "cut-impossible", now, by)


def _length(recording: Recording, seen: Examined) -> int | None:
    """The length in ms, if it is known for sure: by the file, or since the recording was cut."""
    was_cut = recording.cuts and recording.state not in (State.JUDGED, State.QUARANTINED)
    return recording.duration_ms if was_cut else seen.duration_ms


def refuse_call(machine: Machine, call: Call, ground: str, now: datetime) -> None:
    """End every other recording of a call that was refused: a transfer's legs, a second file."""
    for seen in list(machine.recordings.of_call(call_ref(machine, call))):
        recording = machine.recording(seen.id)
        if recording.state not in ENDS:
            end_now(machine, recording, ground, now)


def _covered(cuts: Iterable[Span], known: Iterable[Span]) -> bool:
    """Whether all of it is cut already."""
    known = list(known)
    return all(any(k.start_ms <= cut.start_ms and cut.end_ms <= k.end_ms for k in known) for cut in cuts)
