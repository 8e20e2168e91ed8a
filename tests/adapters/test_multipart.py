"""Composing on S3: what crosses the wire, and what is left when it fails."""

import io
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy
import pytest
from botocore.exceptions import ClientError

from chalicelib.adapters.s3 import S3Objects
from chalicelib.audio.mute import mute, muted, plan
from chalicelib.audio.plan import LEAST, Copy, Written
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import ObjectMissing
from chalicelib.model import Span
from chalicelib.services.ports import Bucket, Place
from tests.contract.accounts import account
from tests.sounds import chunk, fmt, riff

RAW, REDACTED = Place(Bucket.WORK, "raw/abc"), Place(Bucket.WORK, "redacted/abc")
MIB = 1 << 20


@dataclass
class Wire:
    """S3, and how many bytes of bodies went each way by operation."""

    objects: S3Objects
    client: Any
    bucket: str
    up: Counter[str]
    down: Counter[str]

    def unfinished(self) -> list[Any]:
        return self.client.list_multipart_uploads(Bucket=self.bucket).get("Uploads", [])


@pytest.fixture
def wire() -> Iterator[Wire]:
    with account() as aws:
        client = aws.client("s3")
        up, down = Counter[str](), Counter[str]()

        def sent(params: dict[str, Any], model: Any, **_: Any) -> None:
            up[model.name] += len(params.get("Body") or b"")

        def came(parsed: dict[str, Any], model: Any, **_: Any) -> None:
            down[model.name] += parsed.get("ContentLength", 0) if "Body" in parsed else 0

        client.meta.events.register("provide-client-params.s3.*", sent)
        client.meta.events.register("after-call.s3.*", came)
        yield Wire(S3Objects(client, aws.buckets), client, aws.buckets[Bucket.WORK], up, down)


def noise(minutes: int, texts: bytes = b"") -> bytes:
    """Stereo noise of 16 bits at 16 kHz: 3.84 MB a minute."""
    samples = numpy.random.default_rng(4).integers(-9_000, 9_000, minutes * 60 * 16_000 * 2, "<i2").tobytes()
    return riff(fmt("pcm16", 2, 16_000), texts, chunk(b"data", samples))


@pytest.mark.parametrize("texts", [b"", chunk(b"LIST", b"INFOIART\x06\0\0\0nobody")], ids=["plain", "texts"])
def test_only_the_parts_around_the_spans_cross_the_wire(wire: Wire, texts: bytes) -> None:
    body = noise(12, texts)
    sound = probe(body, len(body))
    middle, end = 360_000, sound.duration_ms
    spans = [
        Span(1_000, 6_000),
        Span(middle, middle + 9_000, 1),
        Span(middle + 4_000, middle + 9_500),
        Span(end - 1, end),
    ]
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=body)
    wire.up.clear()
    with wire.objects.open(RAW) as raw:
        wire.objects.compose(RAW, REDACTED, plan(raw, sound, spans), muted(raw, sound, spans), "audio/wav", {"a": "b"})
    whole = io.BytesIO()
    mute(io.BytesIO(body), whole, sound, spans)
    assert wire.objects.get(REDACTED) == whole.getvalue()
    assert wire.client.head_object(Bucket=wire.bucket, Key=REDACTED.key)["ContentType"] == "audio/wav"
    assert wire.objects.tags(REDACTED) == {"a": "b"}
    assert wire.up["UploadPart"] == wire.up.total() <= 15 * MIB < len(body) / 2.7
    assert wire.unfinished() == []


def test_what_is_verified_is_read_where_it_lies(wire: Wire) -> None:
    body = noise(3)
    sound, spans = probe(body, len(body)), [Span(60_000, 70_000, 0)]
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=body)
    with wire.objects.open(RAW) as raw:
        wire.objects.compose(RAW, REDACTED, plan(raw, sound, spans), muted(raw, sound, spans), "audio/wav", {})
    with wire.objects.open(RAW) as raw, wire.objects.open(REDACTED) as redacted:
        verify(raw, redacted, spans)


def test_a_short_reading_fetches_little_and_a_long_one_each_byte_once(wire: Wire) -> None:
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=bytes(24 * MIB))
    with wire.objects.open(RAW) as raw:
        for _ in range(9):
            raw.seek(10 * MIB)
            raw.read(3_200)
    assert wire.down.total() <= MIB
    wire.down.clear()
    with wire.objects.open(RAW) as raw:
        while raw.read(MIB):
            pass
    assert wire.down.total() == 24 * MIB


@pytest.mark.parametrize("operation", ["UploadPart", "UploadPartCopy", "CompleteMultipartUpload"])
def test_an_upload_that_fails_is_aborted(wire: Wire, operation: str) -> None:
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=bytes(3 * LEAST))

    def refuse(**_: Any) -> Any:
        return SimpleNamespace(status_code=403), {"Error": {"Code": "AccessDenied"}, "ResponseMetadata": {}}

    wire.client.meta.events.register(f"before-call.s3.{operation}", refuse)
    pieces = [Written(0, LEAST), Copy(LEAST, 2 * LEAST), Written(0, 9)]
    with pytest.raises(ClientError):
        wire.objects.compose(RAW, REDACTED, pieces, io.BytesIO(bytes(LEAST)), "audio/wav", {})
    assert wire.unfinished() == []
    with pytest.raises(ObjectMissing):
        wire.objects.info(REDACTED)


def test_a_copied_piece_is_pinned_to_one_object_and_its_replacement_is_an_error_of_ours(wire: Wire) -> None:
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=bytes(2 * LEAST))
    etag, pinned = wire.client.head_object(Bucket=wire.bucket, Key=RAW.key)["ETag"], []

    def replaced(params: dict[str, Any], **_: Any) -> Any:  # moto does not look at the condition
        pinned.append(params["headers"]["x-amz-copy-source-if-match"])
        return SimpleNamespace(status_code=412), {"Error": {"Code": "PreconditionFailed"}, "ResponseMetadata": {}}

    wire.client.meta.events.register("before-call.s3.UploadPartCopy", replaced)
    with pytest.raises(ObjectMissing, match="replaced"):
        wire.objects.compose(RAW, REDACTED, [Copy(0, LEAST), Written(0, 9)], io.BytesIO(bytes(9)), "audio/wav", {})
    assert pinned == [etag]
    assert wire.unfinished() == []


def test_checksums_are_announced_and_told_again_at_the_end(wire: Wire) -> None:
    announced, told = [], []
    events = wire.client.meta.events
    announce = "provide-client-params.s3.CreateMultipartUpload"
    events.register(announce, lambda params, **_: announced.append(params["ChecksumAlgorithm"]))
    tell = "provide-client-params.s3.CompleteMultipartUpload"
    events.register(tell, lambda params, **_: told.extend(params["MultipartUpload"]["Parts"]))
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=bytes(LEAST))
    pieces = [Written(0, LEAST), Written(0, 9)]
    wire.objects.compose(RAW, REDACTED, pieces, io.BytesIO(bytes(LEAST)), "audio/wav", {})
    assert announced == ["CRC32"]  # moto takes them unannounced; S3 does not
    assert [sorted(part) for part in told] == [["ChecksumCRC32", "ETag", "PartNumber"]] * 2


def test_a_copy_keeps_the_media_type_that_it_is_given(wire: Wire) -> None:
    wire.client.put_object(Bucket=wire.bucket, Key=RAW.key, Body=b"sound")
    wire.objects.copy(RAW, REDACTED, {}, "audio/wav")
    assert wire.client.head_object(Bucket=wire.bucket, Key=REDACTED.key)["ContentType"] == "audio/wav"


def test_what_is_received_waits_in_memory_for_no_more_than_a_part(wire: Wire) -> None:
    ahead: list[int] = []

    class Zeros(io.RawIOBase):
        given = 0

        def readable(self) -> bool:
            return True

        def readinto(self, buffer: Any, /) -> int:
            count = min(len(buffer), 64 * MIB - self.given)
            self.given += count
            ahead.append(self.given - sent.total())
            return count

    sent = Counter[str]()

    def part(params: dict[str, Any], **_: Any) -> None:
        sent["parts"] += len(params["Body"])

    wire.client.meta.events.register("provide-client-params.s3.UploadPart", part)
    wire.objects.receive(io.BufferedReader(Zeros()), RAW, "audio/mpeg", {})
    assert wire.objects.info(RAW).size == 64 * MIB
    assert max(ahead) <= 16 * MIB
