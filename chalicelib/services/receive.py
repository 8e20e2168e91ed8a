"""A recording arrived: judge it, give it an opaque name, send it on.

One recording, one row, however often the event is delivered and however often the file is dropped: its id is a
keyed hash of the call and of the bytes' fingerprint, and the row is created by a conditional write. That write
is the idempotency (rather than Powertools' idempotency table) because the row must exist anyway, because it
never lapses, and because it also recognises a second drop of the same file under another name.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.wav import probe
from chalicelib.errors import RecordingTooLong, ScreenRecording, SourdineError, UnreadableRecording, UnsupportedLanguage
from chalicelib.law.decision import judge
from chalicelib.law.retention import last_day
from chalicelib.model import Call, Decision, Fate, Recording, Sound, State
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, ObjectInfo, Place, Step
from chalicelib.telephony.drops import read_drop

_GOES_TO = {Fate.KEEP: places.raw, Fate.QUARANTINE: places.quarantined}
_AFTERWARDS = {Fate.KEEP: State.JUDGED, Fate.QUARANTINE: State.QUARANTINED, Fate.DISCARD: State.DISCARDED}


def receive(machine: Machine, key: str, version: str | None, now: datetime) -> Recording:
    """Take in the object `key` of the inbox and return its row.

    `version` is the object's version as the event names it, if it does. Raises ObjectMissing when the drop is no
    longer there: it was taken in already, or the inbox's lifecycle had it.
    """
    info = machine.objects.info(Place(Bucket.INBOX, key, version))
    drop = Place(Bucket.INBOX, key, info.version)
    call = read_drop(key, info.metadata)
    recording = _row(machine, call, info, now)
    if recording.state is State.RECEIVED:
        recording = _judge(machine, recording, call, drop, info, now)
    elif recording.state is not State.JUDGED:
        recording = machine.recordings.note(recording, "dropped-again", now)
    machine.objects.delete(drop)
    if recording.state is State.JUDGED:
        machine.steps.send(Step.TRANSCRIBE, recording.id)
    return recording


def _row(machine: Machine, call: Call, info: ObjectInfo, now: datetime) -> Recording:
    """The row of this recording, made now unless it is there already."""
    call_ref = machine.pseudonyms.of("call", call.source, call.call_id)
    recording_id = machine.pseudonyms.of("recording", call_ref, info.fingerprint, str(info.size))
    due_on = machine.day(now, machine.settings.raw_days)
    fresh = Recording(recording_id, call_ref, State.RECEIVED, due_on, ground="arrived", started_at=call.started_at)
    if machine.recordings.add(fresh, now):
        return fresh
    return machine.recordings.get(recording_id) or fresh


def _judge(
    machine: Machine, recording: Recording, call: Call, drop: Place, info: ObjectInfo, now: datetime
) -> Recording:
    """Decide, move the sound where the decision sends it, then write the decision down."""
    settings = machine.settings
    decision = judge(call, now, settings.retention_days, machine.recordings.is_erased(recording.call_ref))
    if decision.fate is Fate.KEEP:
        decision, recording = _examine(machine, recording, call, drop, info)
    if decision.fate in _GOES_TO:
        machine.objects.copy(drop, _GOES_TO[decision.fate](recording.id))
    return machine.move(recording, _AFTERWARDS[decision.fate], decision.ground, now)


def _examine(
    machine: Machine, recording: Recording, call: Call, drop: Place, info: ObjectInfo
) -> tuple[Decision, Recording]:
    """Look at the bytes: what they are, how long they last; and at the language, which the detector must know."""
    settings = machine.settings
    try:
        sound = probe(machine.objects.head(drop, HEAD_BYTES), info.size)
        _require_short(sound, settings.max_duration_ms)
        language = call.language or settings.languages[0]
        if language not in settings.languages:
            raise UnsupportedLanguage("the policy does not name this call's language")
    except ScreenRecording as error:
        return Decision(Fate.DISCARD, error.code), recording
    except (UnreadableRecording, UnsupportedLanguage) as error:
        return Decision(Fate.QUARANTINE, error.code), recording
    return Decision(Fate.KEEP, "lawful"), _described(recording, sound, language, settings.zone, settings.retention_days)


def _require_short(sound: Sound, max_duration_ms: int) -> None:
    if sound.duration_ms > max_duration_ms:
        raise RecordingTooLong("the recogniser takes four hours at most: have the telephony split the recording")


def _described(recording: Recording, sound: Sound, language: str, zone: ZoneInfo, days: int) -> Recording:
    if recording.started_at is None:
        raise SourdineError("a recording that is kept has a start")
    return replace(
        recording,
        language=language,
        channels=sound.channels,
        duration_ms=sound.duration_ms,
        last_day=last_day(recording.started_at, zone, days),
    )
