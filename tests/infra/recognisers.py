"""A served recogniser that hears what it is told, in a moto account, for the tests of its jobs and of its API."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import boto3
from botocore.config import Config
from moto import mock_aws

from chalicelib.adapters.transcribe import AmazonTranscriber
from chalicelib.errors import UnreadableRecording
from chalicelib.model import Span, Transcript, Word
from chalicelib.services.ports import Bucket, Place
from chalicelib.speech import amazon
from infra.local.hearing import Hearing, Recogniser
from infra.local.jobs import Jobs
from infra.local.transcribe_http import TranscribeServer

SECRET = "4970"
STEREO = Transcript((Word("Bonjour", Span(100, 400, 0), 0.9, ","), Word(SECRET, Span(500, 1200, 1), 0.75)), "fr-FR", 2)
MONO = Transcript((Word("Bonjour", Span(100, 400), 0.9),), "fr-FR", 1)
NAMES = {bucket: f"test-{bucket}" for bucket in Bucket}
MEDIA, OUTPUT = Place(Bucket.WORK, "raw/1.wav"), Place(Bucket.WORK, "raw/1.json")


class ScriptedRecogniser:
    """Hears what it is told; while `free` is unset it waits, telling its progress as a hearing does."""

    def __init__(self) -> None:
        self.free = threading.Event()
        self.free.set()
        self.heard = threading.Event()
        self.media = b""

    def hear(
        self, path: Path, language: str, progress: Callable[[int, int], None] | None, separate: bool
    ) -> Transcript:
        self.media = path.read_bytes()
        if self.media == b"noise":
            raise UnreadableRecording(f"no sound in {SECRET}")
        if self.media == b"crash":
            raise ValueError(SECRET)
        self.heard.set()
        while not self.free.wait(0.01) and progress:
            progress(1, 2)
        return STEREO if separate else MONO


class NoEvents:
    """An event bus that is out of reach."""

    def put_events(self, **_: Any) -> None:
        raise ConnectionError(SECRET)


class World:
    """The server, its clients, and the events that it sends."""

    def __init__(self, port: int, jobs: Jobs, s3: Any = None, sent: SimpleQueue[Any] | None = None) -> None:
        self.port, self.jobs, self.s3, self._sent = port, jobs, s3, sent
        once = Config(retries={"total_max_attempts": 1})
        self.client = boto3.client("transcribe", endpoint_url=f"http://127.0.0.1:{port}", config=once)
        self.transcriber = AmazonTranscriber(self.client, NAMES, "stack-")

    def put(self, body: bytes, key: str = MEDIA.key) -> None:
        self.s3.put_object(Bucket=NAMES[Bucket.WORK], Key=key, Body=body)

    def keys(self) -> set[str]:
        return {item["Key"] for item in self.s3.list_objects_v2(Bucket=NAMES[Bucket.WORK]).get("Contents", ())}

    def output(self) -> Transcript:
        return amazon.load(amazon.parse(self.s3.get_object(Bucket=NAMES[Bucket.WORK], Key=OUTPUT.key)["Body"].read()))

    def start(self, job: str = "1", channels: int = 2, media: Place = MEDIA) -> None:
        self.transcriber.start(job, media, OUTPUT, "fr-FR", channels)

    def ended(self, job: str = "1") -> dict[str, Any]:
        """The job as the client sees it, once it has ended and its event is sent."""
        event = self.event()
        assert event["TranscriptionJobName"] == f"stack-{job}"
        answer = self.client.get_transcription_job(TranscriptionJobName=f"stack-{job}")
        shown: dict[str, Any] = answer["TranscriptionJob"]
        assert event["TranscriptionJobStatus"] == shown["TranscriptionJobStatus"]
        return shown

    def event(self) -> dict[str, str]:
        """The next event's detail, once it is sent."""
        assert self._sent is not None
        (entry,) = self._sent.get(timeout=10)["Entries"]
        assert (entry["Source"], entry["DetailType"]) == ("ours", "Transcribe Job State Change")
        return dict(json.loads(entry["Detail"]))

    def request(self, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, dict[str, Any]]:
        """A bare HTTP request; the status and the JSON of its answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        status, read = answer.status, json.loads(answer.read())
        connection.close()
        return status, read

    def ask(self, fields: Any, operation: str = "StartTranscriptionJob") -> tuple[int, dict[str, Any]]:
        body = fields if isinstance(fields, bytes) else json.dumps(fields).encode()
        return self.request("POST", "/", body, X_Amz_Target=f"Transcribe.{operation}")


@contextmanager
def listening(jobs: Jobs) -> Iterator[int]:
    """The port of a server for `jobs`."""
    with TranscribeServer(("127.0.0.1", 0), jobs) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()
            jobs.stop()


@contextmanager
def served(load: Callable[[], Recogniser], events: Any = None, largest: int = 99, **limits: int) -> Iterator[World]:
    """A server in an account with one bucket, where the media lies."""
    sent: SimpleQueue[dict[str, Any]] = SimpleQueue()
    with mock_aws():
        s3, bus = boto3.client("s3"), boto3.client("events")
        here = {"LocationConstraint": s3.meta.region_name}
        s3.create_bucket(Bucket=NAMES[Bucket.WORK], CreateBucketConfiguration=here)
        bus.meta.events.register("provide-client-params.events.PutEvents", lambda params, **_: sent.put(params))
        jobs = Jobs(load, Hearing(s3, events or bus, "ours", largest), **limits)
        with listening(jobs) as port:
            world = World(port, jobs, s3, sent)
            world.put(b"sound")
            yield world
