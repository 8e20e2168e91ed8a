"""What moto never does: a transcription that fails, or that is refused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import boto3


@contextmanager
def failing_jobs() -> Iterator[None]:
    """Every job that is asked for has failed."""

    def fail(parsed: Any, **_: Any) -> None:
        if "TranscriptionJob" in parsed:
            parsed["TranscriptionJob"]["TranscriptionJobStatus"] = "FAILED"

    with _hook("after-call.transcribe.GetTranscriptionJob", fail):
        yield


@contextmanager
def refused_jobs() -> Iterator[None]:
    """No job is taken: the recogniser does not know the format."""

    def refuse(**_: Any) -> Any:
        error = {"Code": "BadRequestException", "Message": "The media format is not supported"}
        return SimpleNamespace(status_code=400), {"Error": error, "ResponseMetadata": {}}

    with _hook("before-call.transcribe.StartTranscriptionJob", refuse):
        yield


@contextmanager
def failing_uploads() -> Iterator[None]:
    """No upload in parts can be finished."""

    def fail(**_: Any) -> Any:
        error = {"Code": "AccessDenied", "Message": "Access Denied"}
        return SimpleNamespace(status_code=403), {"Error": error, "ResponseMetadata": {}}

    with _hook("before-call.s3.CompleteMultipartUpload", fail):
        yield


@contextmanager
def _hook(event: str, handler: Any) -> Iterator[None]:
    hooks = boto3.DEFAULT_SESSION._session.get_component("event_emitter")  # type: ignore[union-attr]
    hooks.register(event, handler)
    try:
        yield
    finally:
        hooks.unregister(event, handler)


class Died(BaseException):
    """The function is gone, in the middle of whatever it did."""


_HARNESS = ("ReceiveMessage", "DeleteMessage", "GetQueueUrl")
"""What SQS's poller asks, and not the function."""


@dataclass
class Fate:
    """Whether it died, and how many calls were made before."""

    made: int = 0
    died: bool = False


@contextmanager
def dying(before: int) -> Iterator[Fate]:
    """The function that runs dies before its AWS call of that number, counted from 0; what comes after it lives on."""
    fate = Fate()

    def count(model: Any, **_: Any) -> None:
        if model.service_model.service_name == "sqs" and model.name in (
            "ReceiveMessage",
            "DeleteMessage",
            "GetQueueUrl",
        ):
            return  # the harness's own
        if fate.made == before and not fate.died:
            fate.died = True
            raise Died
        fate.made += 1

    with _hook("before-call.*.*", count):
        yield fate
