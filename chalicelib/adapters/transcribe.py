"""The Transcriber port on Amazon Transcribe, or on any server that speaks its API (`infra/local/`)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from botocore.exceptions import ClientError

from chalicelib.errors import TranscriptionRefused
from chalicelib.services.ports import Bucket, JobState, Place

_STATES = {"COMPLETED": JobState.COMPLETED, "FAILED": JobState.FAILED}
_NOT_FOUND = {"NotFoundException", "BadRequestException"}


class AmazonTranscriber:
    """`client` is boto3's Transcribe client; `names` the buckets' real names.

    `prefix` begins the name of every job of this stack, so that its events are told from other stacks'; `key_id`
    encrypts what the recogniser writes.
    """

    def __init__(self, client: Any, names: Mapping[Bucket, str], prefix: str = "", key_id: str | None = None) -> None:
        self._transcribe = client
        self._names = names
        self._prefix = prefix
        self._key_id = key_id

    def start(self, job: str, media: Place, output: Place, language: str, channels: int) -> None:
        request: dict[str, Any] = {
            "TranscriptionJobName": self._prefix + job,
            "LanguageCode": language,
            "Media": {"MediaFileUri": f"s3://{self._names[media.bucket]}/{media.key}"},
            "OutputBucketName": self._names[output.bucket],
            "OutputKey": output.key,
            "Settings": {"ChannelIdentification": channels == 2},
        }
        if self._key_id:
            request["OutputEncryptionKMSKeyId"] = self._key_id
        try:
            self._transcribe.start_transcription_job(**request)
        except ClientError as error:
            code = _code(error)
            if code == "BadRequestException" and not _about_access(error):
                raise TranscriptionRefused("the recogniser does not take this recording") from None
            if code != "ConflictException":
                raise

    def state(self, job: str) -> JobState:
        try:
            answer = self._transcribe.get_transcription_job(TranscriptionJobName=self._prefix + job)
        except ClientError as error:
            if _code(error) in _NOT_FOUND:
                return JobState.MISSING
            raise
        return _STATES.get(answer["TranscriptionJob"]["TranscriptionJobStatus"], JobState.RUNNING)

    def delete(self, job: str) -> None:
        try:
            self._transcribe.delete_transcription_job(TranscriptionJobName=self._prefix + job)
        except ClientError as error:
            if _code(error) not in _NOT_FOUND:
                raise


def _about_access(error: ClientError) -> bool:
    """Amazon also says BadRequest when it may not read the media or write the output: a fault of ours, to be mended."""
    return "access" in str(error.response.get("Error", {}).get("Message", "")).lower()


def _code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code"))
