"""Our own Amazon Transcribe, asked by a real boto3 client and by the adapter that the Lambdas use."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.transcribe import AmazonTranscriber
from chalicelib.errors import RecogniserMissing
from chalicelib.services.ports import Bucket, JobState, Place
from infra.local.hearing import Recogniser
from tests.infra.recognisers import (
    MEDIA,
    MONO,
    NAMES,
    OUTPUT,
    SECRET,
    STEREO,
    NoEvents,
    ScriptedRecogniser,
    World,
    served,
)


@pytest.fixture
def recogniser() -> ScriptedRecogniser:
    return ScriptedRecogniser()


@pytest.fixture
def world(recogniser: ScriptedRecogniser) -> Iterator[World]:
    with served(lambda: recogniser) as made:
        yield made


def test_a_job_reads_its_media_writes_its_transcript_and_says_so(world: World, recogniser: ScriptedRecogniser) -> None:
    world.start()
    job = world.ended()
    assert job["TranscriptionJobStatus"] == "COMPLETED"
    assert job["CompletionTime"] >= job["CreationTime"]
    assert recogniser.media == b"sound"
    assert world.output() == STEREO
    assert world.transcriber.state("1") is JobState.COMPLETED


def test_without_channel_identification_words_have_no_channel(world: World) -> None:
    world.start(channels=1)
    world.ended()
    assert world.output() == MONO


def test_a_transcript_is_written_under_the_key_that_was_asked_for(world: World) -> None:
    key = "arn:aws:kms:eu-west-3:123456789012:key/1234"
    AmazonTranscriber(world.client, NAMES, "stack-", key).start("1", MEDIA, OUTPUT, "fr-FR", 2)
    world.ended()
    head = world.s3.head_object(Bucket=NAMES[Bucket.WORK], Key=OUTPUT.key)
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_a_name_is_used_once(world: World) -> None:
    world.start()
    with pytest.raises(ClientError) as error:
        world.client.start_transcription_job(
            TranscriptionJobName="stack-1",
            LanguageCode="fr-FR",
            Media={"MediaFileUri": "s3://bucket/key.wav"},
            OutputBucketName="bucket",
            OutputKey="key.json",
        )
    assert error.value.response["Error"]["Code"] == "ConflictException"
    world.start()  # the adapter takes a second start of one job as done
    world.ended()


def test_a_job_that_is_not_known_is_missing(world: World) -> None:
    assert world.transcriber.state("1") is JobState.MISSING
    world.transcriber.delete("1")
    with pytest.raises(ClientError) as error:
        world.client.delete_transcription_job(TranscriptionJobName="1")
    assert error.value.response["Error"]["Code"] == "BadRequestException"


def test_a_full_queue_takes_no_more(recogniser: ScriptedRecogniser) -> None:
    recogniser.free.clear()
    with served(lambda: recogniser, waiting=1) as world:
        world.start("1")
        assert recogniser.heard.wait(10)
        world.start("2")
        assert world.request("GET", "/health") == (200, {"status": "ok", "queued": 1, "running": 1})
        assert world.transcriber.state("2") is JobState.RUNNING
        with pytest.raises(ClientError) as error:
            world.start("3")
        assert error.value.response["Error"]["Code"] == "LimitExceededException"
        recogniser.free.set()
        assert [world.event()["TranscriptionJobName"] for _ in range(2)] == ["stack-1", "stack-2"]


def test_a_job_deleted_while_it_is_heard_leaves_nothing(world: World, recogniser: ScriptedRecogniser) -> None:
    recogniser.free.clear()
    world.start("1")
    assert recogniser.heard.wait(10)
    recogniser.heard.clear()
    world.transcriber.delete("1")
    world.start("2")  # its turn comes without the first being heard to its end
    assert recogniser.heard.wait(10)
    assert world.keys() == {MEDIA.key}
    recogniser.free.set()
    world.ended("2")


def test_a_job_deleted_while_its_transcript_is_written_leaves_nothing(world: World) -> None:
    def delete_first(**_: Any) -> None:
        world.transcriber.delete("1")

    world.s3.put_bucket_versioning(Bucket=NAMES[Bucket.WORK], VersioningConfiguration={"Status": "Enabled"})
    world.s3.meta.events.register("after-call.s3.PutObject", delete_first)
    world.start("1")
    world.start("2", media=Place(Bucket.WORK, "absent"))
    world.ended("2")  # so the one worker is through with the first
    versions = world.s3.list_object_versions(Bucket=NAMES[Bucket.WORK])
    assert {version["Key"] for version in versions["Versions"]} == {MEDIA.key}
    assert "DeleteMarkers" not in versions


@pytest.mark.parametrize(
    ("media", "reason"),
    [
        (None, "The media file cannot be read."),
        (b"noise", "The media file holds no sound that can be decoded."),
        (b"crash", "The recogniser failed."),
    ],
)
def test_a_job_that_cannot_be_heard_fails_without_a_word_of_why(
    world: World, media: bytes | None, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "sourdine.recogniser")
    world.s3.delete_object(Bucket=NAMES[Bucket.WORK], Key=MEDIA.key)
    if media is not None:
        world.put(media)
    world.start()
    assert world.ended()["FailureReason"] == reason
    assert world.transcriber.state("1") is JobState.FAILED
    assert not [word for word in (SECRET, MEDIA.key, NAMES[Bucket.WORK]) if word in caplog.text]


def test_media_larger_than_a_job_may_have_fails(recogniser: ScriptedRecogniser) -> None:
    with served(lambda: recogniser, largest=4) as world:
        world.start()
        assert world.ended()["FailureReason"] == "The media file is too large or too long."


def test_a_lost_event_does_not_fail_the_job(recogniser: ScriptedRecogniser) -> None:
    with served(lambda: recogniser, NoEvents()) as world:
        world.start("1")
        world.start("2")
        while world.transcriber.state("2") is JobState.RUNNING:
            pass
        assert world.transcriber.state("1") is JobState.COMPLETED


def test_only_the_latest_ended_jobs_are_remembered(recogniser: ScriptedRecogniser) -> None:
    with served(lambda: recogniser, kept=2) as world:
        for job in ("1", "2", "3"):
            world.start(job)
            world.event()
        assert [world.transcriber.state(job) for job in ("1", "2", "3")] == [
            JobState.MISSING,
            JobState.COMPLETED,
            JobState.COMPLETED,
        ]


def test_health_tells_when_the_model_is_ready(recogniser: ScriptedRecogniser) -> None:
    loaded = threading.Event()

    def load() -> ScriptedRecogniser:
        loaded.wait(10)
        return recogniser

    with served(load) as world:
        assert world.request("GET", "/health") == (503, {"status": "loading"})
        world.start()
        assert world.transcriber.state("1") is JobState.RUNNING
        loaded.set()
        assert world.ended()["TranscriptionJobStatus"] == "COMPLETED"
        assert world.request("GET", "/health") == (200, {"status": "ok", "queued": 0, "running": 0})
        assert world.request("GET", "/else")[0] == 404


def test_a_stop_gives_up_the_jobs_being_heard(world: World, recogniser: ScriptedRecogniser) -> None:
    recogniser.free.clear()
    world.start()
    assert recogniser.heard.wait(10)
    world.jobs.stop()
    assert world.keys() == {MEDIA.key}
    with pytest.raises(ClientError):
        world.start("2")


def test_a_model_that_does_not_load_is_never_ready() -> None:
    def load() -> Recogniser:
        raise RecogniserMissing("not installed")

    with served(load) as world:
        world.start()
        assert world.ended()["FailureReason"] == "The recogniser failed."
        assert world.request("GET", "/health")[0] == 503
