"""A judged recording goes to the recogniser; and the backstop for the recogniser's lost answers."""

from __future__ import annotations

from datetime import date, datetime

from chalicelib.errors import TranscriptionRefused
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.ports import JobState, Step


def transcribe(machine: Machine, recording_id: str, now: datetime) -> Recording:
    """Start the job, once: the row moves first, and starting is idempotent, so a crash between the two heals."""
    recording = machine.recording(recording_id)
    if recording.state is State.JUDGED:
        recording = machine.move(recording, State.TRANSCRIBING, "sent-to-recogniser", now)
    if recording.state is State.QUARANTINED:
        machine.tidy(recording)
    if recording.state is not State.TRANSCRIBING:
        return recording
    media, output = places.raw(recording.id), places.raw_transcript(recording.id)
    try:
        machine.transcriber.start(recording.id, media, output, recording.language, recording.channels)
    except TranscriptionRefused as error:
        return machine.quarantine(recording, error.code, now)
    return recording


def poll(machine: Machine) -> list[str]:
    """Send on every recording whose job has ended, and send again one whose job was never started.

    The recogniser's event is best effort (FACTS 3.2). Returns the ids sent.
    """
    sent = []
    for recording in machine.recordings.due(State.TRANSCRIBING, date.max):
        job = machine.transcriber.state(recording.id)
        if job is not JobState.RUNNING:
            machine.steps.send(Step.TRANSCRIBE if job is JobState.MISSING else Step.REDACT, recording.id)
            sent.append(recording.id)
    return sent
