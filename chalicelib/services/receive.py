"""A recording arrived: judge it, give it an opaque name, send it on.

One recording, one row, however often the event is delivered and however often the file is dropped: its id is a
keyed hash of the call and of the bytes' fingerprint, and the row is created by a conditional write. That write
is the idempotency (rather than Powertools' idempotency table) because the row must exist anyway, because it
never lapses, and because it also recognises a second drop of the same file under another name.

The drop is deleted last of all: whatever moment a crash picks, the next delivery finds it and goes on.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import datetime

from chalicelib.errors import (
    RecordingTooLong,
    ScreenRecording,
    UnknownLanguage,
    UnreadableRecording,
    UnsupportedLanguage,
)
from chalicelib.law.decision import FINAL_GROUNDS, judge
from chalicelib.law.retention import last_day
from chalicelib.model import Call, Decision, Fate, Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.media import look
from chalicelib.services.ports import Bucket, ObjectInfo, Place, Step
from chalicelib.telephony.drops import read_drop


def receive(machine: Machine, key: str, version: str | None, now: datetime) -> Recording:
    """Take in the object `key` of the inbox and return its row.

    `version` is the object's version as the event names it, if it does. Raises ObjectMissing when the drop is no
    longer there: it was taken in already, or the inbox's lifecycle had it.
    """
    info = machine.objects.info(Place(Bucket.INBOX, key, version))
    drop = Place(Bucket.INBOX, key, info.version)
    call = read_drop(key, info.metadata)
    recording = _row(machine, call, info, now)
    if recording.state is State.RECEIVED or _may_be_mended(recording):
        recording = _judge(machine, recording, call, drop, now)
    elif recording.state is not State.JUDGED:
        recording = machine.recordings.note(recording, "dropped-again", now)
    if recording.state is State.JUDGED:
        machine.steps.send(Step.TRANSCRIBE, recording.id)
    machine.tidy(recording)
    machine.objects.delete(drop)
    return recording


def _row(machine: Machine, call: Call, info: ObjectInfo, now: datetime) -> Recording:
    """The row of this recording, made now unless it is there already."""
    call_ref = machine.pseudonyms.of("call", call.source, call.call_id)
    recording_id = machine.pseudonyms.of("recording", call_ref, info.fingerprint, str(info.size))
    due_on = machine.day(now, machine.settings.raw_days)
    fresh = Recording(recording_id, call_ref, State.RECEIVED, due_on, ground="arrived")
    if machine.recordings.add(fresh, now):
        return fresh
    return machine.recording(recording_id)


def _may_be_mended(recording: Recording) -> bool:
    """Whether the same file, dropped again with what was missing, deserves another judgement."""
    refused = recording.state in (State.QUARANTINED, State.DISCARDED)
    return refused and recording.ground not in FINAL_GROUNDS


def _judge(machine: Machine, recording: Recording, call: Call, drop: Place, now: datetime) -> Recording:
    """Decide, move the sound where the decision sends it, then write the decision down."""
    settings = machine.settings
    decision = judge(call, now, settings.retention_days, machine.recordings.is_erased(recording.call_ref))
    recording = replace(recording, started_at=call.started_at)
    if call.started_at is not None and decision.ground != "start-in-future":
        recording = replace(recording, last_day=last_day(call.started_at, settings.zone, settings.retention_days))
    if decision.fate is Fate.KEEP:
        decision, recording = _examine(machine, recording, call, drop)
    if decision.fate is Fate.KEEP:
        machine.objects.copy(drop, places.raw(recording.id), {})
        return machine.move(recording, State.JUDGED, decision.ground, now)
    state = State.QUARANTINED if decision.fate is Fate.QUARANTINE else State.DISCARDED
    if recording.state is state:
        return machine.recordings.note(recording, decision.ground, now)
    if decision.fate is Fate.QUARANTINE:
        return machine.quarantine(recording, drop, decision.ground, now)
    return machine.move(recording, State.DISCARDED, decision.ground, now)


def _examine(machine: Machine, recording: Recording, call: Call, drop: Place) -> tuple[Decision, Recording]:
    """Look at the bytes: what they are, how long they last; and at the language, which the detector must know."""
    try:
        with closing(machine.objects.open(drop)) as stream:
            sound = look(stream)
        _require_short(sound.duration_ms, machine.settings.max_duration_ms)
        language = _language(call, machine.settings.languages)
    except ScreenRecording as error:
        return Decision(Fate.DISCARD, error.code), recording
    except (UnreadableRecording, UnknownLanguage, UnsupportedLanguage) as error:
        return Decision(Fate.QUARANTINE, error.code), recording
    seen = replace(recording, language=language, channels=sound.channels, duration_ms=sound.duration_ms)
    return Decision(Fate.KEEP, "lawful"), seen


def _require_short(duration_ms: int, max_duration_ms: int) -> None:
    if duration_ms > max_duration_ms:
        raise RecordingTooLong("the recogniser takes four hours at most: have the telephony split the recording")


def _language(call: Call, languages: tuple[str, ...]) -> str:
    """The call's language as its source says it, or the policy's only one."""
    if call.language is None and len(languages) > 1:
        raise UnknownLanguage("set the drop's `language` metadata, or configure a single language")
    language = call.language or languages[0]
    if language not in languages:
        raise UnsupportedLanguage("the policy does not name this call's language")
    return language
