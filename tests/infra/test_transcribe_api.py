"""What our own Amazon Transcribe answers to requests that are malformed, or ask for what it does not offer."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.errors import TranscriptionRefused
from chalicelib.services.ports import Bucket, Place
from infra.local import transcribe_server
from infra.local.hearing import Hearing
from infra.local.jobs import Jobs
from tests.infra.recognisers import MEDIA, ScriptedRecogniser, World, listening


@pytest.fixture(scope="module")
def idle() -> Iterator[World]:
    """One server for all that is refused: no job of it ever comes to a hearing."""
    jobs = Jobs(ScriptedRecogniser, Hearing(None, None, "ours"))
    with listening(jobs) as port:
        yield World(port, jobs)


def request(**changes: Any) -> dict[str, Any]:
    """A StartTranscriptionJob that is in order but for `changes`; None takes a field away."""
    fields = {
        "TranscriptionJobName": "job",
        "LanguageCode": "fr-FR",
        "Media": {"MediaFileUri": "s3://bucket/key.wav"},
        "OutputBucketName": "bucket",
        "OutputKey": "key.json",
    }
    return {name: value for name, value in (fields | changes).items() if value is not None}


@pytest.mark.parametrize(
    "fields",
    [
        request(TranscriptionJobName="no spaces"),
        request(TranscriptionJobName="x" * 201),
        request(TranscriptionJobName=["job"]),
        request(LanguageCode=None),
        request(Media=None),
        request(Media="s3://bucket/key.wav"),
        request(Media={"MediaFileUri": "https://example.org/key.wav"}),
        request(Media={"MediaFileUri": "s3://bucket"}),
        request(OutputKey="a:b"),
        request(OutputBucketName=None),
        request(OutputEncryptionKMSKeyId=" "),
        request(ContentRedaction={"RedactionType": "PII", "RedactionOutput": "redacted"}),
        request(Settings={"ShowSpeakerLabels": True, "MaxSpeakerLabels": 2}),
        request(Settings=[]),
    ],
    ids=lambda fields: json.dumps(fields)[:60],
)
def test_a_request_that_is_malformed_or_not_offered_is_refused(idle: World, fields: dict[str, Any]) -> None:
    status, answer = idle.ask(fields)
    assert (status, answer["__type"]) == (400, "BadRequestException")
    assert idle.jobs.counts() == {"queued": 0, "running": 0}


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"null", b"\xff", b"[" * 60_000])
def test_what_is_no_json_object_is_refused(idle: World, body: bytes) -> None:
    status, answer = idle.ask(body)
    assert (status, answer["__type"]) == (400, "SerializationException")


def test_an_operation_that_is_not_offered_is_refused(idle: World) -> None:
    status, answer = idle.ask({}, "ListTranscriptionJobs")
    assert (status, answer["__type"]) == (400, "UnknownOperationException")
    assert idle.request("POST", "/")[0] == 400


@pytest.mark.parametrize("length", ["-1", "many", "65537", "9" * 30, "²"])
def test_a_request_without_a_fit_length_is_refused_unread(idle: World, length: str) -> None:
    with socket.create_connection(("127.0.0.1", idle.port), timeout=10) as connection:
        connection.sendall(f"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n".encode())
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 400 ")
    assert idle.request("GET", "/health")[0] == 200


def test_the_adapter_takes_a_refusal_as_final(idle: World) -> None:
    with pytest.raises(TranscriptionRefused):
        idle.transcriber.start("1", MEDIA, Place(Bucket.WORK, "a:b"), "fr-FR", 2)


def test_help_is_told_and_a_wrong_count_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        transcribe_server.main(["--help"])
    assert end.value.code == 0
    assert "AWS_ENDPOINT_URL_TRANSCRIBE" in capsys.readouterr().out
    with pytest.raises(SystemExit):
        transcribe_server.main(["--workers", "0"])
    assert "a whole number from 1" in capsys.readouterr().err
