"""A recording arrived: judge it, give it an opaque name, send it on.

One recording, one row, however often the event is delivered and however often the file is dropped: its id is a
keyed hash of the call and of the bytes' fingerprint, and the row is created by a conditional write. That write
is the idempotency (rather than Powertools' idempotency table) because the row must exist anyway, because it
never lapses, and because it also recognises a second drop of the same file under another name.

The drop is deleted last of all: whatever moment a crash picks, the next delivery finds it and goes on.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from chalicelib.errors import ObjectMissing, StaleRecording
from chalicelib.law.cuts import OPEN_END_MS, cut_spans, leaves_nothing
from chalicelib.law.decision import queue_of
from chalicelib.law.retention import is_long, last_day
from chalicelib.law.rules import FINAL_GROUNDS, REFUSALS, is_believable
from chalicelib.model import ENDS, Call, Decision, Fate, Reason, Recording, Shelf, State, Stretch
from chalicelib.services import places
from chalicelib.services.again import refuse_call, said_again
from chalicelib.services.examine import Examined, examine
from chalicelib.services.judge import judge
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, ObjectInfo, Place, Step
from chalicelib.services.refs import agent_ref, call_ref, person_refs
from chalicelib.services.say import KEPT_FOR, link, say
from chalicelib.services.story import as_told
from chalicelib.spans import merge
from chalicelib.telephony.drops import read_drop
from chalicelib.telephony.facts import ALWAYS, Fact, Kind
from chalicelib.telephony.names import is_beside

_TRIES = 5


def receive(machine: Machine, key: str, version: str | None, now: datetime) -> Recording:
    """Take in the object `key` of the inbox and return its row.

    `version` is the object's version as the event names it, if it does. Raises ObjectMissing when the drop is no
    longer there: it was taken in already, or the inbox's lifecycle had it, or it is none and is deleted unread.
    """
    if is_beside(key):
        machine.objects.delete(Place(Bucket.INBOX, key, version))
        raise ObjectMissing("what lies beside a recording is not kept")
    for _ in range(_TRIES - 1):
        with suppress(StaleRecording):  # more was said of the call meanwhile: judged by that too
            return _take_in(machine, key, version, now)
    return _take_in(machine, key, version, now)


def _take_in(machine: Machine, key: str, version: str | None, now: datetime) -> Recording:
    info = machine.objects.info(Place(Bucket.INBOX, key, version))
    drop = Place(Bucket.INBOX, key, info.version)
    dropped = read_drop(key, info.metadata)
    recording = _row(machine, dropped, info, now)
    _say(machine, dropped, now)
    call = as_told(machine, dropped)  # after the row is there: whoever says more from now on finds it
    if not machine.recordings.is_erased(recording.call_ref):
        link(machine, recording.call_ref, Fact(Kind.STARTED, ALWAYS, agent_ref=agent_ref(machine, call)), now)
    if recording.state is State.RECEIVED or _may_be_mended(recording):
        recording = _judge(machine, recording, call, drop, now)
    else:
        recording = said_again(machine, recording, call, drop, now)
    if recording.state in ENDS and recording.ground in REFUSALS:
        refuse_call(machine, call, recording.ground, now)
    if recording.state is State.JUDGED:
        machine.steps.send(Step.TRANSCRIBE, recording.id)
    machine.tidy(recording, shelves=False)
    machine.objects.delete(drop)
    return recording


def _say(machine: Machine, call: Call, now: datetime) -> None:
    """What a drop's own metadata refuses holds for the call's other files too, also those to come."""
    ref = call_ref(machine, call)
    if machine.recordings.is_erased(ref):
        return
    if call.objected:
        say(machine, ref, Fact(Kind.OBJECTED, call.objected_at or call.started_at or ALWAYS), now)
    if any(off.reason is Reason.MANDATE and _touches(off.stretch, call) for off in call.offs):
        say(machine, ref, Fact(Kind.MANDATE, ALWAYS), now)
    for person in person_refs(machine, call.lines):
        say(machine, ref, Fact(Kind.WITH, ALWAYS, about=person), now)
    for off in call.offs:
        if off.reason is Reason.PAYMENT and off.stretch.since and off.stretch.until:
            say(machine, ref, Fact(Kind.PAYING, off.stretch.since, until=off.stretch.until), now)


def _touches(stretch: Stretch, call: Call) -> bool:
    return stretch.until is None or call.started_at is None or stretch.until > call.started_at


def _row(machine: Machine, call: Call, info: ObjectInfo, now: datetime) -> Recording:
    """The row of this recording, made now unless it is there already."""
    ref = call_ref(machine, call)
    recording_id = machine.pseudonyms.of("recording", ref, info.fingerprint, str(info.size))
    due_on = machine.day(now, machine.settings.raw_days + 1)
    version = machine.policy.version
    fresh = Recording(recording_id, ref, State.RECEIVED, due_on, ground="arrived", policy=version)
    if machine.recordings.add(fresh, now):
        return fresh
    return machine.recording(recording_id)


def _may_be_mended(recording: Recording) -> bool:
    """Whether the same file, dropped again with what was missing, deserves another judgement."""
    refused = recording.state in (State.QUARANTINED, State.DISCARDED)
    return refused and recording.ground not in FINAL_GROUNDS


def _judge(machine: Machine, recording: Recording, call: Call, drop: Place, now: datetime) -> Recording:
    """Look at the bytes, decide, move the sound where the decision sends it, then write the decision down."""
    seen = examine(machine, drop)
    decision = _with_doubt(_in_time(judge(machine, call, now, seen.duration_ms), call, now), seen)
    recording = _described(machine, recording, call, seen, now)
    if decision.fate is Fate.KEEP:
        decision, recording = _fit(machine, recording, call, seen, decision)
    if decision.fate is Fate.KEEP:
        machine.objects.copy(drop, places.raw(recording.id), {})
        return machine.move(recording, State.JUDGED, decision.ground, now)
    if recording.state is State.DISCARDED:
        return machine.note(recording, decision.ground, now)
    if decision.ground == "call-erased":
        return machine.end(recording, State.ERASED, decision.ground, now)
    if decision.fate is Fate.QUARANTINE:
        return machine.quarantine(recording, drop, decision.ground, now)
    return machine.end(recording, State.DISCARDED, decision.ground, now)


def _in_time(decision: Decision, call: Call, now: datetime) -> Decision:
    """So late that what was said of the call is forgotten: nobody knows what may not be kept of it."""
    if decision.fate is not Fate.KEEP or call.started_at is None or call.started_at >= now - KEPT_FOR:
        return decision
    if decision.cuts:  # what may not be kept in part is not set aside either
        return Decision(Fate.DISCARD, ("cut-impossible", "too-late-to-know"))
    return Decision(Fate.QUARANTINE, ("too-late-to-know",))


def _described(machine: Machine, recording: Recording, call: Call, seen: Examined, now: datetime) -> Recording:
    """The row with what is known of the call: its queue, its lawful end, its agent's pseudonym."""
    queue, started = queue_of(call, machine.policy), call.started_at
    recording = replace(recording, started_at=started, agent_ref=agent_ref(machine, call))
    recording = replace(recording, agent_channel=call.agent_channel, precision_ms=call.precision_ms)
    if seen.sound:
        recording = replace(recording, channels=seen.sound.channels, duration_ms=seen.sound.duration_ms)
        recording = replace(recording, length_known=seen.duration_ms is not None)
    if queue is None:
        return recording
    recording = replace(recording, queue=queue.name)
    if started is None or not is_believable(started, now):
        return recording
    end_on = last_day(machine.policy, queue, started, call.signed_on)
    shelf = Shelf.KEPT if is_long(end_on, started, machine.policy.zone) else Shelf.CALLS
    return replace(recording, last_day=end_on, shelf=shelf)


def _with_doubt(decision: Decision, seen: Examined) -> Decision:
    """Moving pictures are deleted whatever else; of what is set aside, what it is says more than what nobody said."""
    doubt = seen.doubt
    if doubt is None:
        return decision
    both_aside = decision.fate is doubt.fate and decision.ground not in FINAL_GROUNDS
    if doubt.fate is Fate.DISCARD or both_aside:
        return Decision(doubt.fate, (*doubt.grounds, *decision.grounds))
    return decision


def _fit(
    machine: Machine, recording: Recording, call: Call, seen: Examined, decision: Decision
) -> tuple[Decision, Recording]:
    """What becomes, by its bytes, of a call that the law lets in; and the spans to cut.

    What was refused for a part of the call may not be set aside either: if it cannot be cut, the whole is deleted. What
    an earlier drop of it said is off stays off.
    """
    if seen.doubt is not None:
        uncut = decision.cuts or recording.cuts
        return (Decision(Fate.DISCARD, ("cut-impossible", *seen.doubt.grounds)) if uncut else seen.doubt), recording
    length = seen.duration_ms or OPEN_END_MS
    cuts = [*recording.cuts, *cut_spans(decision.cuts, call, length, machine.settings.cut_margin_ms)]
    if cuts and leaves_nothing(cuts, length):
        return Decision(Fate.DISCARD, ("nothing-left", *decision.grounds)), recording
    language = call.language or machine.policy.languages[0]
    return decision, replace(recording, language=language, cuts=tuple(merge(cuts)))
