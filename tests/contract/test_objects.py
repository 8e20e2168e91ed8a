"""The Objects port: one suite, on the in-memory twin and on S3 as moto plays it."""

import io
import random
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.adapters.s3 import S3Objects
from chalicelib.audio.plan import LEAST, Copy, Piece, Written
from chalicelib.errors import MediaTooLarge, ObjectMissing, TruncatedRecording
from chalicelib.services.ports import Bucket, Objects, Place
from tests.contract.accounts import account

AT = Place(Bucket.WORK, "raw/abc")
TAGS = {"retention-days": "180", "last-day": "2027-05-23"}


class Store:
    """A port under test and telephony's way into it."""

    def __init__(self, port: Objects, drop: Any, unfinished: Any = list) -> None:
        self.port, self.drop, self.unfinished = port, drop, unfinished


class _Trickle(io.RawIOBase):
    """Gives what it has in odd pieces, then raises or ends."""

    def __init__(self, body: bytes, error: Exception | None) -> None:
        self._body, self._error = io.BytesIO(body), error

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any, /) -> int:
        found = self._body.read(min(len(buffer), 77_777))
        if not found and self._error:
            raise self._error
        buffer[: len(found)] = found
        return len(found)


def trickle(body: bytes, error: Exception | None = None) -> BinaryIO:
    return io.BufferedReader(_Trickle(body, error))


@pytest.fixture(params=["memory", "s3"])
def store(request: pytest.FixtureRequest) -> Iterator[Store]:
    if request.param == "memory":
        twin = MemoryObjects()
        yield Store(twin, twin.drop)
        return
    with account() as aws:
        s3 = aws.client("s3")

        def drop(place: Place, body: bytes, metadata: dict[str, str]) -> Any:
            put = s3.put_object(Bucket=aws.buckets[place.bucket], Key=place.key, Body=body, Metadata=metadata)
            return put.get("VersionId")

        def unfinished() -> list[Any]:
            return s3.list_multipart_uploads(Bucket=aws.buckets[AT.bucket]).get("Uploads", [])

        yield Store(S3Objects(s3, aws.buckets), drop, unfinished)


def test_what_is_put_can_be_read_and_carries_its_tags(store: Store) -> None:
    store.port.put(AT, b"0123456789", "audio/wav", TAGS)
    assert store.port.get(AT) == b"0123456789"
    assert store.port.info(AT).size == 10
    assert store.port.tags(AT) == TAGS


def test_what_is_written_over_something_is_only_while_that_very_thing_lies_there(store: Store) -> None:
    with pytest.raises(ObjectMissing):
        store.port.put(AT, b"new", "text/plain", TAGS, over=b"old")
    store.port.put(AT, b"old", "text/plain", {})
    store.port.put(AT, b"new", "text/plain", TAGS, over=b"old")
    assert (store.port.get(AT), store.port.tags(AT)) == (b"new", TAGS)
    with pytest.raises(ObjectMissing):
        store.port.put(AT, b"newer", "text/plain", {}, over=b"old")
    assert (store.port.get(AT), store.port.tags(AT)) == (b"new", TAGS)


def test_s3_itself_refuses_what_somebody_wrote_in_between() -> None:
    with account() as aws:
        s3 = aws.client("s3")

        class Raced:
            """S3 where somebody writes after each reading."""

            def __getattr__(self, name: str) -> Any:
                return getattr(s3, name)

            def get_object(self, **asked: Any) -> Any:
                found = s3.get_object(**asked)
                s3.put_object(**asked, Body=b"theirs")
                return found

        S3Objects(s3, aws.buckets).put(AT, b"old", "text/plain", {})
        with pytest.raises(ObjectMissing):
            S3Objects(Raced(), aws.buckets).put(AT, b"ours", "text/plain", {}, over=b"old")
        assert S3Objects(s3, aws.buckets).get(AT) == b"theirs"


def test_files_go_up_and_come_down(store: Store, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(b"sound" * 1000)
    store.port.upload(tmp_path / "up", AT, "audio/wav", TAGS)
    store.port.download(AT, tmp_path / "down")
    assert (tmp_path / "down").read_bytes() == b"sound" * 1000
    assert store.port.tags(AT) == TAGS


def test_a_large_file_goes_up_in_parts_and_carries_its_tags(store: Store, tmp_path: Path) -> None:
    (tmp_path / "up").write_bytes(bytes(20 << 20))
    store.port.upload(tmp_path / "up", AT, "audio/wav", TAGS)
    assert (store.port.info(AT).size, store.port.tags(AT)) == (20 << 20, TAGS)


@pytest.mark.parametrize("size", [0, 9, 8 << 20, (20 << 20) + 7])
def test_a_stream_of_any_length_is_received_with_its_metadata(store: Store, size: int) -> None:
    body = random.Random(size).randbytes(size)
    store.port.receive(trickle(body), AT, "audio/mpeg", {"call": "abc", "provider": "nobody"})
    assert store.port.get(AT) == body
    info = store.port.info(AT)
    assert (info.size, info.content_type) == (size, "audio/mpeg")
    assert info.metadata == {"call": "abc", "provider": "nobody"}
    assert store.port.tags(AT) == {}


@pytest.mark.parametrize("size", [0, 9, (8 << 20) - 1, 8 << 20, 20 << 20])
def test_a_stream_that_raises_leaves_nothing_behind(store: Store, size: int) -> None:
    with pytest.raises(MediaTooLarge, match="told"):
        store.port.receive(trickle(bytes(size), MediaTooLarge("told")), AT, "audio/mpeg", {})
    with pytest.raises(ObjectMissing):
        store.port.info(AT)
    assert store.unfinished() == []


def test_a_stream_that_raises_leaves_what_lay_there_before(store: Store) -> None:
    store.port.receive(trickle(b"first"), AT, "audio/mpeg", {})
    with pytest.raises(MediaTooLarge):
        store.port.receive(trickle(bytes(9 << 20), MediaTooLarge("told")), AT, "audio/mpeg", {})
    assert store.port.get(AT) == b"first"


def test_nothing_there_is_an_error_of_ours_that_names_no_key(store: Store, tmp_path: Path) -> None:
    for ask in (
        store.port.info,
        store.port.get,
        store.port.tags,
        store.port.open,
        lambda place: store.port.compose(place, AT, [Copy(0, 9)], io.BytesIO(), "audio/wav", {}),
        lambda place: store.port.download(place, tmp_path / "x"),
        lambda place: store.port.copy(place, AT, {}),
    ):
        with pytest.raises(ObjectMissing) as caught:
            ask(Place(Bucket.WORK, "raw/0612345678"))
        assert "0612345678" not in str(caught.value)


def test_a_copy_leaves_names_in_the_metadata_behind(store: Store) -> None:
    drop = Place(Bucket.INBOX, "записи/a b+c?.wav")
    version = store.drop(drop, b"sound", {"customer": "nobody"})
    assert store.port.info(drop).metadata == {"customer": "nobody"}
    store.port.copy(Place(drop.bucket, drop.key, version), AT, TAGS)
    assert store.port.get(AT) == b"sound"
    assert store.port.info(AT).metadata == {}
    assert store.port.tags(AT) == TAGS


def test_equal_bytes_have_equal_fingerprints_and_others_do_not(store: Store) -> None:
    prints = []
    for name, body in (("a", b"one"), ("b", b"one"), ("c", b"two")):
        store.drop(Place(Bucket.INBOX, name), body, {})
        prints.append(store.port.info(Place(Bucket.INBOX, name)).fingerprint)
    assert prints[0] == prints[1] != prints[2]


def test_a_named_version_is_read_and_deleted_alone(store: Store) -> None:
    at = Place(Bucket.INBOX, "call.wav")
    first, second = store.drop(at, b"first", {}), store.drop(at, b"second", {})
    assert store.port.get(Place(at.bucket, at.key, first)) == b"first"
    store.port.delete(Place(at.bucket, at.key, first))
    with pytest.raises(ObjectMissing):
        store.port.info(Place(at.bucket, at.key, first))
    assert store.port.info(at).version == second


def test_deleting_a_key_deletes_all_its_versions_and_no_other_key(store: Store) -> None:
    at, beside = Place(Bucket.INBOX, "call.wav"), Place(Bucket.INBOX, "call.wav.2")
    versions = [store.drop(at, b"first", {}), store.drop(at, b"second", {})]
    store.drop(beside, b"other", {})
    lying = store.port.versions(at)
    assert (store.port.delete(at), store.port.delete(at), store.port.versions(at)) == (lying, 0, 0)
    for version in (None, *versions):
        with pytest.raises(ObjectMissing):
            store.port.info(Place(at.bucket, at.key, version))
    assert store.port.get(beside) == b"other"


def test_a_stream_reads_whatever_range_in_whatever_order(store: Store) -> None:
    pick = random.Random(7)
    body = pick.randbytes(13 << 20)
    store.port.put(AT, body, "audio/wav", {})
    with store.port.open(AT) as stream:
        assert (stream.seek(0, io.SEEK_END), stream.read(5)) == (len(body), b"")
        for _ in range(30):
            at, count = pick.randrange(len(body)), pick.choice([1, 44, 3_200, 1 << 20])
            assert (stream.seek(at), stream.read(count)) == (at, body[at : at + count])
            assert stream.tell() == min(at + count, len(body))
        for _ in range(2):
            stream.seek(0)
            assert b"".join(iter(lambda: stream.read(1 << 20), b"")) == body
        assert stream.seek(len(body) + 9) and stream.read(9) == b""
        assert stream.readable() and stream.seekable() and not stream.writable()
    assert stream.closed


def test_an_empty_object_is_an_empty_stream(store: Store) -> None:
    store.port.put(AT, b"", "audio/wav", {})
    with store.port.open(AT) as stream:
        assert (stream.read(), stream.seek(3), stream.read(1)) == (b"", 3, b"")


def test_a_stream_never_gives_bytes_of_two_objects(store: Store) -> None:
    store.port.put(AT, b"old" * (1 << 20), "audio/wav", {})
    with store.port.open(AT) as stream:
        found = stream.read(3)
        store.port.put(AT, b"new" * (1 << 20), "audio/wav", {})
        with suppress(ObjectMissing):
            found += stream.read()
    assert b"new" not in found


def test_a_composed_object_is_its_pieces_and_carries_its_tags(store: Store) -> None:
    original, redacted = random.Random(1).randbytes(4 * LEAST), random.Random(2).randbytes(4 * LEAST)
    store.port.put(AT, original, "audio/wav", {})
    target = Place(Bucket.WORK, "redacted/abc")
    pieces: list[Piece] = [Written(3, LEAST + 3), Copy(LEAST + 5, 2 * LEAST + 5), Copy(7, LEAST + 7), Written(0, 9)]
    store.port.compose(AT, target, pieces, io.BytesIO(redacted), "audio/wav", TAGS)
    assert store.port.get(target) == (
        redacted[3 : LEAST + 3] + original[LEAST + 5 : 2 * LEAST + 5] + original[7 : LEAST + 7] + redacted[:9]
    )
    assert store.port.tags(target) == TAGS


def test_one_piece_is_an_object_too(store: Store) -> None:
    store.port.put(AT, b"0123456789" * LEAST, "audio/wav", {})
    target = Place(Bucket.WORK, "redacted/abc")
    store.port.compose(AT, target, [Written(1, 4)], io.BytesIO(b"abcdef"), "audio/wav", TAGS)
    assert (store.port.get(target), store.port.tags(target)) == (b"bcd", TAGS)
    store.port.compose(AT, target, [Copy(3, LEAST + 3)], io.BytesIO(), "audio/wav", TAGS)
    assert store.port.get(target) == (b"0123456789" * LEAST)[3 : LEAST + 3]


def test_a_composition_that_fails_writes_nothing(store: Store) -> None:
    store.port.put(AT, bytes(2 * LEAST), "audio/wav", {})
    target = Place(Bucket.WORK, "redacted/abc")
    with pytest.raises(TruncatedRecording):
        store.port.compose(AT, target, [Copy(0, LEAST), Written(0, 9)], io.BytesIO(b"short"), "audio/wav", {})
    with pytest.raises(ObjectMissing):
        store.port.info(target)


def test_whatever_begins_so_is_emptied_in_every_version_and_nothing_else(store: Store) -> None:
    for key in ("r1/a.zip", "r1/b.zip", "r1/b.zip", "r10/a.zip"):
        store.port.put(Place(Bucket.EXPORTS, key), b"zip", "application/zip", {})
    found = store.port.empty(Place(Bucket.EXPORTS, "r1/"))
    assert (found in (2, 3), store.port.empty(Place(Bucket.EXPORTS, "r1/"))) == (True, 0)
    assert store.port.get(Place(Bucket.EXPORTS, "r10/a.zip")) == b"zip"
