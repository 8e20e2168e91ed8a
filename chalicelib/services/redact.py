"""A recording whose words are known: redact it, store it, forget the raw. The heart of the machine.

Every act can be repeated. Whatever moment a crash picks, the next delivery finds either the raw, and does it all
again to the same end, or no raw, which is deleted only after both redacted objects are in the vault and the row
says what was muted.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from chalicelib.errors import ObjectMissing, SourdineError, StaleRecording, TranscriptionRefused
from chalicelib.model import Finding, Recording, State, Transcript
from chalicelib.services import places
from chalicelib.services.again import rechecked
from chalicelib.services.machine import Machine
from chalicelib.services.media import content_type
from chalicelib.services.ports import JobState, Step
from chalicelib.services.redaction import Manner, redact_file
from chalicelib.services.scratch import scratch
from chalicelib.services.shelves import redacted_tags
from chalicelib.services.stored import redact_stored
from chalicelib.services.transcribe import set_aside
from chalicelib.speech import amazon

_HEARD_AGAIN = "heard-again"


def redact(machine: Machine, recording_id: str, now: datetime) -> Recording:
    """Finish a recording whose transcription has ended; in any other state, only tidy up after it.

    Any doubt (a transcript that cannot be read or holds no word, a span outside the file, a failed verification)
    quarantines the recording. Raises only what another delivery can mend.
    """
    recording = machine.recording(recording_id)
    if recording.state is State.TRANSCRIBING:
        recording = _heard(machine, recording, now)
    if recording.state is not State.REDACTING:
        machine.tidy_late(recording)
        return rechecked(machine, recording, now) if recording.state is State.AVAILABLE else recording
    if not machine.exists(places.raw(recording.id)):
        return _without_raw(machine, recording, now)
    tags = redacted_tags(machine, recording.last_day, now)
    if not tags:
        return machine.end(recording, State.DISCARDED, "past-retention", now)
    try:
        recording = machine.move(_to_vault(machine, recording, tags), State.REDACTING, "stored", now)
    except (ObjectMissing, StaleRecording):
        raise
    except SourdineError as error:
        machine.transcriber.delete(recording.id)
        return set_aside(machine, recording, error.code, now)
    return _release(machine, recording, now)


def _heard(machine: Machine, recording: Recording, now: datetime) -> Recording:
    """On to redacting if the job says that it is done: the event's word alone is not taken for it."""
    job = machine.transcriber.state(recording.id)
    if job is JobState.COMPLETED:
        return machine.move(recording, State.REDACTING, "heard", now)
    if job is not JobState.FAILED:
        return recording
    machine.transcriber.delete(recording.id)
    if _was_heard_again(machine, recording):
        return set_aside(machine, recording, TranscriptionRefused.code, now)
    machine.steps.send(Step.TRANSCRIBE, recording.id)
    return machine.note(recording, _HEARD_AGAIN, now)


def _was_heard_again(machine: Machine, recording: Recording) -> bool:
    """Whether a failed job was tried once more since the recording was last judged."""
    for line in reversed(machine.recordings.ledger(recording.id)):
        if line.state is State.JUDGED:
            return False
        if line.ground == _HEARD_AGAIN:
            return True
    return False


def _to_vault(machine: Machine, recording: Recording, tags: dict[str, str]) -> Recording:
    """Write both redacted objects, tagged, and return the row with what was muted."""
    words = machine.objects.get(places.raw_transcript(recording.id))
    transcript = amazon.load(amazon.parse(words), recording.language)
    muted = _audio_to_vault(machine, recording, transcript, tags)
    masked = amazon.dump(amazon.mask(transcript, muted), recording.id)
    body = json.dumps(masked, ensure_ascii=False).encode()
    machine.objects.put(places.transcript(recording.id, recording.shelf), body, "application/json", tags)
    return replace(recording, muted=tuple(muted))


def _audio_to_vault(
    machine: Machine, recording: Recording, transcript: Transcript, tags: dict[str, str]
) -> list[Finding]:
    """Redact the sound where it lies or, where that cannot be done, on disk; return what was muted."""
    settings, raw = machine.settings, places.raw(recording.id)
    audio = places.audio(recording.id, recording.shelf)
    manner = Manner(settings.padding_ms, settings.strict, settings.menu_keys, settings.tone)
    asked = transcript, recording.language, manner, recording.cuts
    muted = redact_stored(machine.objects, raw, places.redacted(recording.id), audio, tags, *asked)
    if muted is not None:
        return muted
    with scratch() as folder:
        source, target = Path(folder, "raw"), Path(folder, "redacted")
        machine.objects.download(raw, source)
        muted = redact_file(source, target, *asked)
        machine.objects.upload(target, audio, content_type(target), tags)
    return muted


def _release(machine: Machine, recording: Recording, now: datetime) -> Recording:
    """Forget the raw, then say that the redacted recording is there."""
    machine.forget_raw(recording)
    recording = machine.move(recording, State.AVAILABLE, "verified", now)
    machine.tidy(recording)
    return rechecked(machine, recording, now)


def _without_raw(machine: Machine, recording: Recording, now: datetime) -> Recording:
    """The raw is gone: the work was done before a crash, or a lifecycle rule had it first."""
    if all(machine.exists(place) for place in places.verified(recording.id, recording.shelf)):
        return _release(machine, recording, now)
    return machine.end(recording, State.DISCARDED, "raw-expired", now)
