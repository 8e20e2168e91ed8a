"""A ZIP that is made while it is read, also by S3 (as moto plays it)."""

from __future__ import annotations

import hashlib
import io
import json
import random
from collections.abc import Iterator
from typing import BinaryIO, cast
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.adapters.s3 import S3Objects
from chalicelib.errors import ObjectMissing
from chalicelib.services.ports import Bucket, Objects, Place
from chalicelib.services.zipped import Flow, Member, zipped
from tests.contract.accounts import account

AT = Place(Bucket.EXPORTS, "rq.zip")
SOUND = random.Random(7).randbytes(12 << 20)


@pytest.fixture(params=["memory", "s3"])
def objects(request: pytest.FixtureRequest) -> Iterator[Objects]:
    if request.param == "memory":
        yield MemoryObjects()
        return
    with account() as aws:
        yield S3Objects(aws.client("s3"), aws.buckets)


def pieces(body: bytes, size: int = 77_777) -> Iterator[bytes]:
    return (body[at : at + size] for at in range(0, len(body), size))


def stream(members: list[Member]) -> tuple[Flow, BinaryIO]:
    flow = Flow(zipped(iter(members)))
    return flow, cast("BinaryIO", io.BufferedReader(flow))


def test_members_of_any_length_come_out_as_they_went_in(objects: Objects) -> None:
    flow, body = stream([Member("a.wav", pieces(SOUND), dense=True), Member("b.txt", [b"", b"words"])])
    objects.receive(body, AT, "application/zip", {})
    written = objects.get(AT)
    assert flow.sha256 == hashlib.sha256(written).hexdigest()
    with ZipFile(io.BytesIO(written)) as archive:
        assert archive.read("a.wav") == SOUND and archive.read("b.txt") == b"words"
        kinds = {each.filename: each.compress_type for each in archive.infolist()}
        index = json.loads(archive.read("index.json"))["files"]
    assert kinds == {"a.wav": ZIP_STORED, "b.txt": ZIP_DEFLATED, "index.json": ZIP_DEFLATED}
    assert index[1] == {"name": "b.txt", "size": 5, "sha256": hashlib.sha256(b"words").hexdigest()}


def test_a_member_that_breaks_off_leaves_nothing(objects: Objects) -> None:
    def broken() -> Iterator[bytes]:
        yield SOUND
        raise ObjectMissing("gone")

    with pytest.raises(ObjectMissing, match="gone"):
        objects.receive(stream([Member("a.wav", broken())])[1], AT, "application/zip", {})
    with pytest.raises(ObjectMissing):
        objects.info(AT)


def test_a_member_is_asked_for_once_the_one_before_is_written() -> None:
    order: list[str] = []

    def members() -> Iterator[Member]:
        for name in ("a", "b"):
            order.append(f"{name} asked for")
            yield Member(name, said(name))

    def said(name: str) -> Iterator[bytes]:
        yield name.encode()
        order.append(f"{name} written")

    for _ in zipped(members()):
        pass
    assert order == ["a asked for", "a written", "b asked for", "b written"]
