"""The part of Amazon Transcribe's API that Sourdine uses: requests read with care, jobs shown as Amazon shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from infra.local.hearing import Order
from infra.local.jobs import AlreadyThereError, Job, Jobs, QueueFullError

_NAME = re.compile(r"[0-9a-zA-Z._-]{1,200}")
_LANGUAGE = re.compile(r"[a-z]{2,3}-[A-Z]{2}")
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_KEY = re.compile(r"[a-zA-Z0-9_.!*'()/-]{1,1024}")
_MEDIA = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]/.{1,1024}", re.DOTALL)
_KEY_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9:_/+=,@.-]{0,2047}")

Fields = Mapping[str, Any]


class RefusedError(Exception):
    """An answer that botocore raises as the ClientError `code`. The message quotes nothing of the request."""

    def __init__(self, code: str, message: str, status: int = HTTPStatus.BAD_REQUEST) -> None:
        super().__init__(message)
        self.code, self.status = code, status


def order_of(fields: Fields) -> Order:
    """What a StartTranscriptionJob asks for. Raises RefusedError for what is malformed or not offered."""
    known = "TranscriptionJobName LanguageCode MediaFormat Media OutputBucketName OutputKey OutputEncryptionKMSKeyId"
    _only(fields, {*known.split(), "Settings"})
    media, settings = _object(fields, "Media"), _object(fields, "Settings")
    _only(media, {"MediaFileUri"})
    _only(settings, {"ChannelIdentification"})
    bucket, _, key = _text(media, "MediaFileUri", _MEDIA).removeprefix("s3://").partition("/")
    key_id = _text(fields, "OutputEncryptionKMSKeyId", _KEY_ID) if "OutputEncryptionKMSKeyId" in fields else None
    return Order(
        name=_text(fields, "TranscriptionJobName", _NAME),
        language=_text(fields, "LanguageCode", _LANGUAGE),
        media=(bucket, key),
        output=(_text(fields, "OutputBucketName", _BUCKET), _text(fields, "OutputKey", _KEY)),
        separate=settings.get("ChannelIdentification") is True,
        key_id=key_id,
    )


def _only(fields: Fields, known: set[str]) -> None:
    if set(fields) - known:
        raise RefusedError("BadRequestException", f"Only these are offered here: {', '.join(sorted(known))}.")


def _object(fields: Fields, name: str) -> Fields:
    value = fields.get(name, {})
    if not isinstance(value, dict):
        raise RefusedError("BadRequestException", f"{name} must be an object.")
    return value


def _text(fields: Fields, name: str, pattern: re.Pattern[str]) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not pattern.fullmatch(value):
        raise RefusedError("BadRequestException", f"{name} is missing or malformed.")
    return value


def shown(job: Job) -> dict[str, Any]:
    """A job as Amazon shows it."""
    order = job.order
    about: dict[str, Any] = {
        "TranscriptionJobName": order.name,
        "TranscriptionJobStatus": job.state,
        "LanguageCode": order.language,
        "Media": {"MediaFileUri": "s3://" + "/".join(order.media)},
        "CreationTime": job.created,
        "Settings": {"ChannelIdentification": order.separate},
    }
    if job.ended:
        about["CompletionTime"] = job.ended
    if job.state == "COMPLETED":
        about["Transcript"] = {"TranscriptFileUri": "s3://" + "/".join(order.output)}
    if job.state == "FAILED":
        about["FailureReason"] = job.reason
    return {"TranscriptionJob": about}


class Api:
    """The three operations over `jobs`."""

    def __init__(self, jobs: Jobs) -> None:
        self.jobs = jobs
        self._operations: dict[str, Callable[[Fields], dict[str, Any]]] = {
            "Transcribe.StartTranscriptionJob": self._start,
            "Transcribe.GetTranscriptionJob": self._get,
            "Transcribe.DeleteTranscriptionJob": self._delete,
        }

    def answer(self, target: str, body: bytes) -> dict[str, Any]:
        """The answer to a request body for the operation `target`. Raises RefusedError."""
        operation = self._operations.get(target)
        if operation is None:
            raise RefusedError("UnknownOperationException", "This operation is not offered here.")
        try:
            fields = json.loads(body)
        except (ValueError, RecursionError):
            fields = None
        if not isinstance(fields, dict):
            raise RefusedError("SerializationException", "The request is not a JSON object.")
        return operation(fields)

    def _start(self, fields: Fields) -> dict[str, Any]:
        try:
            return shown(self.jobs.add(order_of(fields)))
        except AlreadyThereError:
            raise RefusedError("ConflictException", "A job of this name exists already.", HTTPStatus.CONFLICT) from None
        except QueueFullError:
            raise RefusedError(
                "LimitExceededException", "Too many jobs wait already.", HTTPStatus.TOO_MANY_REQUESTS
            ) from None

    def _get(self, fields: Fields) -> dict[str, Any]:
        job = self.jobs.get(_text(fields, "TranscriptionJobName", _NAME))
        if job is None:
            raise _not_found()
        return shown(job)

    def _delete(self, fields: Fields) -> dict[str, Any]:
        if not self.jobs.delete(_text(fields, "TranscriptionJobName", _NAME)):
            raise _not_found()
        return {}


def _not_found() -> RefusedError:
    return RefusedError("BadRequestException", "The requested job couldn't be found.")
