"""A judged recording goes to the recogniser; and the backstop for whatever got lost on the way."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.wav import is_plain
from chalicelib.errors import (
    ObjectMissing,
    ScreenRecording,
    SourdineError,
    TranscriptionRefused,
    UnreadableRecording,
)
from chalicelib.law.cuts import leaves_nothing
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.again import rechecked
from chalicelib.services.machine import Machine
from chalicelib.services.media import content_type, media, to_listen
from chalicelib.services.muting import mute_media
from chalicelib.services.ports import JobState, Place, Step
from chalicelib.services.scratch import scratch
from chalicelib.spans import clip

_PATIENCE = timedelta(minutes=20)
"""Longer than any function may run: a row that has not changed for so long is hardly anybody's work any more."""


def transcribe(machine: Machine, recording_id: str, now: datetime) -> Recording:
    """Decode what the recogniser may not read, then start the job, once.

    The row moves first, and both acts are idempotent, so that a crash between any two heals. What cannot be decoded,
    or is never taken, is quarantined.
    """
    recording = machine.recording(recording_id)
    if recording.state in (State.JUDGED, State.TRANSCRIBING) and not machine.exists(places.raw(recording.id)):
        return machine.end(recording, State.DISCARDED, "raw-expired", now)
    if recording.state is State.JUDGED:
        recording = rechecked(machine, recording, now)
    if recording.state is State.JUDGED:
        cut = cut_raw(machine, recording) if recording.cuts else recording
        if cut is None or (cut.cuts and leaves_nothing(cut.cuts, cut.duration_ms)):
            return machine.end(recording, State.DISCARDED, "nothing-left" if cut else "cut-impossible", now)
        machine.transcriber.delete(recording.id)  # of an earlier life: a job of that name would be taken for this one
        recording = machine.move(cut, State.TRANSCRIBING, "sent-to-recogniser", now)
    if recording.state is not State.TRANSCRIBING:
        machine.tidy_late(recording, shelves=False)
        return recording
    output = places.raw_transcript(recording.id)
    try:
        heard = _to_hear(machine, recording.id)
        machine.transcriber.start(recording.id, heard, output, recording.language, recording.channels)
    except (TranscriptionRefused, UnreadableRecording, ScreenRecording) as error:
        return set_aside(machine, recording, error.code, now)
    return _unless_ended(machine, recording)


def cut_raw(machine: Machine, recording: Recording) -> Recording | None:
    """Silence in the raw itself what may not be kept, before anybody or anything hears it; None where it cannot be.

    Returns the row with its true length, and the cuts as far as they are inside. Done again after a crash, to the same
    end.
    """
    raw = places.raw(recording.id)
    try:
        with scratch() as folder:
            source, target = Path(folder, "raw"), Path(folder, "cut")
            machine.objects.download(raw, source)
            with media(source) as original:
                length = original.sound.duration_ms
                cuts = clip((cut for cut in recording.cuts if cut.start_ms < length), length)
                mute_media(original, target, cuts)
            machine.objects.upload(target, raw, content_type(target), {})
    except (ObjectMissing, OSError):
        raise
    except SourdineError:
        return None
    return replace(recording, cuts=tuple(cuts), duration_ms=length, length_known=True)


def set_aside(machine: Machine, recording: Recording, ground: str, now: datetime) -> Recording:
    """Quarantine the raw, without what was cut of it meanwhile; where that cannot be done, end it."""
    if recording.cuts and cut_raw(machine, recording) is None:
        return machine.end(recording, State.DISCARDED, "cut-impossible", now)
    return machine.quarantine(recording, places.raw(recording.id), ground, now)


def _unless_ended(machine: Machine, recording: Recording) -> Recording:
    """The row as it is now: decoding takes minutes, in which another delivery may have come to the recording's end."""
    recording = machine.recording(recording.id)
    if recording.state not in (State.TRANSCRIBING, State.REDACTING):
        machine.forget_raw(recording)
    return recording


def _to_hear(machine: Machine, recording_id: str) -> Place:
    """What the recogniser is given: what we listen to ourselves, decoded if need be, so that its times are ours.

    Amazon Transcribe documents 16-bit PCM, not G.711, ADPCM or GSM; and decoders differ in how they count the delay of
    a compressed format.
    """
    raw = places.raw(recording_id)
    with closing(machine.objects.open(raw)) as stream:
        if is_plain(stream.read(HEAD_BYTES), stream.seek(0, 2)):
            return raw
    listened = places.listened(recording_id)
    if machine.exists(listened):
        return listened
    with scratch() as folder:
        source, target = Path(folder, "raw"), Path(folder, "listened.wav")
        machine.objects.download(raw, source)
        to_listen(source, target)
        machine.objects.upload(target, listened, "audio/wav", {})
    return listened


def poll(machine: Machine, now: datetime) -> list[str]:
    """Send on again every recording that stands still; returns their ids.

    The recogniser's event is best effort (FACTS 3.2), and a queue gives up on a message after some hours of outage;
    the row does not.
    """
    sent = []
    for state in (State.JUDGED, State.TRANSCRIBING, State.REDACTING):
        for recording in machine.recordings.due(state, date.max):
            step = _next_step(machine, recording, now)
            if step is not None:
                machine.steps.send(step, recording.id)
                sent.append(recording.id)
    return sent


def _next_step(machine: Machine, recording: Recording, now: datetime) -> Step | None:
    still = recording.changed_at is None or now - recording.changed_at > _PATIENCE
    if recording.state is not State.TRANSCRIBING:
        step = Step.TRANSCRIBE if recording.state is State.JUDGED else Step.REDACT
        return step if still else None
    job = machine.transcriber.state(recording.id)
    if job is JobState.MISSING:
        return Step.TRANSCRIBE if still else None
    return None if job is JobState.RUNNING else Step.REDACT
