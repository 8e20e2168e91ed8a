"""One job of the recogniser: its media out of S3, its words, the transcript into S3, the event that says so.

The media lies in a private temporary file while it is heard; the words are never logged.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from botocore.exceptions import ClientError

from chalicelib.errors import ObjectMissing, RecordingTooLong
from chalicelib.model import Transcript
from chalicelib.speech import amazon

LARGEST = 2 * 1024**3
"""Bytes of media that a job may have: Amazon's own limit."""

REASONS = {
    "object-missing": "The media file cannot be read.",
    "unreadable": "The media file holds no sound that can be decoded.",
    "empty": "The media file holds no sound.",
    "too-long": "The media file is too large or too long.",
    "unsupported-language": "The recogniser does not know the language.",
}
OTHER_REASON = "The recogniser failed."


class Recogniser(Protocol):
    """What hears: `chalicelib.adapters.whisper.Whisper`, or a test's own."""

    def hear(
        self, path: Path, language: str, progress: Callable[[int, int], None] | None, separate: bool
    ) -> Transcript: ...


class AbandonedError(Exception):
    """The server stops, or the job was deleted before it ended."""


@dataclass(frozen=True, slots=True)
class Order:
    """What was asked for. `media` and `output` are a bucket and a key, `key_id` the KMS key of the output."""

    name: str
    language: str
    media: tuple[str, str]
    output: tuple[str, str]
    separate: bool = False
    key_id: str | None = None


class Hearing:
    """`s3` and `events` are boto3's clients; `source` is what the events name as theirs; `largest` is in bytes."""

    def __init__(self, s3: Any, events: Any, source: str, largest: int = LARGEST) -> None:
        self._s3, self._events, self._source, self._largest = s3, events, source, largest

    def transcribe(self, order: Order, recogniser: Recogniser, go_on: Callable[[], None]) -> None:
        """Hear an order's media and write its transcript.

        `go_on` is called again and again, and raises AbandonedError when nothing is to be left of the job.
        """
        with tempfile.TemporaryDirectory(prefix="sourdine-") as folder:
            media = Path(folder) / "media"
            self._fetch(order, media)
            transcript = recogniser.hear(media, order.language, lambda _done, _all: go_on(), order.separate)
        go_on()
        written = self._write(order, transcript)
        try:
            go_on()
        except AbandonedError:
            self._s3.delete_object(**written)
            raise

    def _fetch(self, order: Order, path: Path) -> None:
        bucket, key = order.media
        try:
            if self._s3.head_object(Bucket=bucket, Key=key)["ContentLength"] > self._largest:
                raise RecordingTooLong("more bytes of media than a job may have")
            self._s3.download_file(bucket, key, str(path))
        except ClientError as error:
            raise ObjectMissing("the media is not there, or not for us") from error

    def _write(self, order: Order, transcript: Transcript) -> dict[str, str]:
        """Write the transcript; returns what a deletion of it must name."""
        where = dict(zip(("Bucket", "Key"), order.output, strict=True))
        sealed = {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": order.key_id} if order.key_id else {}
        body = json.dumps(amazon.dump(transcript, order.name)).encode()
        answer = self._s3.put_object(**where, Body=body, ContentType="application/json", **sealed)
        return where | ({"VersionId": answer["VersionId"]} if "VersionId" in answer else {})

    def tell(self, name: str, state: str) -> bool:
        """Send the event of a job that ended. False when it is lost: Amazon's own are best effort too."""
        detail = {"TranscriptionJobName": name, "TranscriptionJobStatus": state}
        entry = {"Source": self._source, "DetailType": "Transcribe Job State Change", "Detail": json.dumps(detail)}
        try:
            return not self._events.put_events(Entries=[entry])["FailedEntryCount"]
        except Exception:  # the transcript is there all the same
            return False
