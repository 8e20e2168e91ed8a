"""A judged recording goes to the recogniser; and the backstop for whatever got lost on the way."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from chalicelib.errors import TranscriptionRefused
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.ports import JobState, Step

_PATIENCE = timedelta(minutes=20)
"""Longer than any function may run: a row that has not changed for so long is nobody's work."""


def transcribe(machine: Machine, recording_id: str, now: datetime) -> Recording:
    """Start the job, once: the row moves first, and starting is idempotent, so a crash between the two heals."""
    recording = machine.recording(recording_id)
    if recording.state is State.JUDGED:
        recording = machine.move(recording, State.TRANSCRIBING, "sent-to-recogniser", now)
    if recording.state is not State.TRANSCRIBING:
        machine.tidy(recording)
        return recording
    media, output = places.raw(recording.id), places.raw_transcript(recording.id)
    try:
        machine.transcriber.start(recording.id, media, output, recording.language, recording.channels)
    except TranscriptionRefused as error:
        return machine.quarantine(recording, media, error.code, now)
    return recording


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
