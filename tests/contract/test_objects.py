"""The Objects port: one suite, on the in-memory twin and on S3 as moto plays it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.adapters.s3 import S3Objects
from chalicelib.errors import ObjectMissing
from chalicelib.services.ports import Bucket, Objects, Place
from tests.contract.accounts import account

AT = Place(Bucket.WORK, "raw/abc")
TAGS = {"retention-days": "180", "last-day": "2027-05-23"}


class Store:
    """A port under test and telephony's way into it."""

    def __init__(self, port: Objects, drop: Any) -> None:
        self.port, self.drop = port, drop


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

        yield Store(S3Objects(s3, aws.buckets), drop)


def test_what_is_put_can_be_read_and_carries_its_tags(store: Store) -> None:
    store.port.put(AT, b"0123456789", "audio/wav", TAGS)
    assert store.port.get(AT) == b"0123456789"
    assert store.port.head(AT, 4) == b"0123"
    assert store.port.head(AT, 400) == b"0123456789"
    assert store.port.info(AT).size == 10
    assert store.port.tags(AT) == TAGS


def test_an_empty_object_has_an_empty_head(store: Store) -> None:
    store.port.put(AT, b"", "audio/wav", {})
    assert (store.port.head(AT, 100), store.port.info(AT).size) == (b"", 0)


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


def test_nothing_there_is_an_error_of_ours_that_names_no_key(store: Store, tmp_path: Path) -> None:
    for ask in (
        store.port.info,
        store.port.get,
        store.port.tags,
        lambda place: store.port.head(place, 1),
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
    store.port.delete(at)
    store.port.delete(at)
    for version in (None, *versions):
        with pytest.raises(ObjectMissing):
            store.port.info(Place(at.bucket, at.key, version))
    assert store.port.get(beside) == b"other"
