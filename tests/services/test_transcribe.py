"""To the recogniser, once; and again when its answer is lost."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from chalicelib.errors import ObjectMissing, TranscriptionRefused
from chalicelib.model import State
from chalicelib.services import places
from chalicelib.services.ports import Bucket, JobState, Place, Step
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import poll, transcribe
from tests.audio.coded import encoded
from tests.machines import NOW, Twins
from tests.sounds import wav

LATER = NOW + timedelta(minutes=21)


def test_a_judged_recording_is_sent_once_however_often_the_message_comes() -> None:
    twins = Twins()
    recording = twins.received()
    for _ in range(3):
        assert transcribe(twins.machine, recording.id, NOW).state is State.TRANSCRIBING
    assert twins.transcriber.started == [(recording.id, "fr-FR", 2)]


def test_a_crash_between_the_row_and_the_job_is_mended_by_the_next_delivery() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.transcriber.jobs.clear()
    transcribe(twins.machine, recording.id, NOW)
    assert twins.transcriber.state(recording.id) is JobState.RUNNING


def test_what_the_recogniser_will_never_take_is_set_aside() -> None:
    class Refusing(type(Twins().transcriber)):  # type: ignore[misc]
        def start(self, job: str, media: Place, output: Place, language: str, channels: int) -> None:
            raise TranscriptionRefused("no")

    twins = Twins(transcriber=Refusing())
    recording = twins.transcribing()
    assert (recording.state, recording.ground) == (State.QUARANTINED, "transcription-failed")
    assert twins.buckets() == {Bucket.QUARANTINE}


def test_the_poll_sends_again_whatever_stands_still_and_leaves_what_moves() -> None:
    twins = Twins()
    judged = twins.received()
    twins.steps.sent.clear()
    assert poll(twins.machine, NOW) == []
    assert poll(twins.machine, LATER) == [judged.id]
    transcribe(twins.machine, judged.id, NOW)
    twins.heard(judged)
    twins.objects.delete(places.raw_transcript(judged.id))
    with pytest.raises(ObjectMissing):
        redact(twins.machine, judged.id, NOW)
    twins.steps.sent.clear()
    assert (poll(twins.machine, NOW), poll(twins.machine, LATER)) == ([], [judged.id])
    assert twins.steps.sent == [(Step.REDACT, judged.id)]


def test_the_poll_sends_on_what_ended_and_sends_again_what_never_started() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.steps.sent.clear()
    for job, sent in (
        (JobState.RUNNING, []),
        (JobState.COMPLETED, [(Step.REDACT, recording.id)]),
        (JobState.FAILED, [(Step.REDACT, recording.id)]),
        (None, [(Step.TRANSCRIBE, recording.id)]),
    ):
        twins.steps.sent.clear()
        twins.transcriber.jobs = {recording.id: job} if job else {}
        poll(twins.machine, LATER)
        assert twins.steps.sent == sent


def test_a_crash_after_decoding_decodes_nothing_again() -> None:
    twins = Twins()
    recording = twins.received(wav("a-law"))
    transcribe(twins.machine, recording.id, NOW)
    first = twins.objects.get(places.listened(recording.id))
    twins.transcriber.jobs.clear()
    twins.objects.put(places.listened(recording.id), first + b"\0", "audio/wav", {})
    transcribe(twins.machine, recording.id, NOW)
    assert twins.objects.get(places.listened(recording.id)) == first + b"\0"
    assert twins.transcriber.state(recording.id) is JobState.RUNNING


def test_a_recording_that_ended_while_it_was_decoded_leaves_neither_copy_nor_job() -> None:
    twins = Twins()
    recording = twins.received(wav("a-law"))

    class Slow(type(twins.objects)):  # type: ignore[misc]
        def upload(self, path: Path, place: Place, content_type: str, tags: Mapping[str, str]) -> None:
            row = twins.machine.recording(recording.id)
            if row.state is State.TRANSCRIBING:
                twins.machine.move(row, State.DISCARDED, "given-up", NOW)
            super().upload(path, place, content_type, tags)

    slow = Slow(twins.objects._kept, twins.objects._numbers)
    machine = replace(twins.machine, objects=slow)
    assert transcribe(machine, recording.id, NOW).state is State.DISCARDED
    assert twins.buckets() == set()
    assert twins.transcriber.state(recording.id) is JobState.MISSING


def test_what_cannot_be_decoded_is_set_aside_before_anything_is_paid_for() -> None:
    twins = Twins()
    body = encoded("flac", "flac", 8000, 2, 0)
    recording = twins.transcribing(body[: len(body) // 2])
    assert (recording.state, recording.ground) == (State.QUARANTINED, "damaged")
    assert twins.transcriber.started == []
    assert twins.buckets() == {Bucket.QUARANTINE}
