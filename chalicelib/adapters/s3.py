"""The Objects port on Amazon S3. Encryption is each bucket's default, so every copy takes its bucket's key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO
from urllib.parse import urlencode

from boto3.s3.transfer import TransferConfig
from botocore.exceptions import ClientError

from chalicelib.adapters.multipart import multipart
from chalicelib.adapters.ranged import ranged, read_exactly
from chalicelib.audio.plan import Piece, Written
from chalicelib.errors import ObjectMissing
from chalicelib.services.ports import Bucket, ObjectInfo, Place

_MISSING = {"404", "NoSuchKey", "NoSuchVersion", "NotFound"}
_REPLACED = {"412", "PreconditionFailed", "ConditionalRequestConflict"}
_ONE_BY_ONE = {"use_threads": False}
"""A part is sent before the next is read: with threads, as many as ten of them wait in memory."""
_CHECKSUMS = ("ChecksumCRC64NVME", "ChecksumSHA256", "ChecksumSHA1", "ChecksumCRC32C", "ChecksumCRC32")


class S3Objects:
    """`client` is boto3's S3 client; `names` the real name of each bucket."""

    def __init__(self, client: Any, names: Mapping[Bucket, str]) -> None:
        self._s3 = client
        self._names = names

    def info(self, place: Place) -> ObjectInfo:
        with _missing(place):
            head = self._s3.head_object(**self._at(place), ChecksumMode="ENABLED")
        checksum = next((head[name] for name in _CHECKSUMS if head.get(name)), head["ETag"])
        return ObjectInfo(
            head["ContentLength"], checksum, head["Metadata"], head.get("VersionId"), head.get("ContentType", "")
        )

    def get(self, place: Place) -> bytes:
        with _missing(place):
            return bytes(self._s3.get_object(**self._at(place))["Body"].read())

    def open(self, place: Place) -> BinaryIO:
        with _missing(place):
            head = self._s3.head_object(**self._at(place))

        def fetch(first: int, last: int) -> bytes:
            which = {"Range": f"bytes={first}-{last - 1}", "IfMatch": head["ETag"]}
            with _missing(place):
                answer = self._s3.get_object(**self._at(place), **which)
                body = bytes(answer["Body"].read())
            # A server may ignore a range (RFC 9110, 14.2): Amazon's never does, MiniStack's does for a version.
            return body if "ContentRange" in answer else body[first:last]

        return ranged(fetch, head["ContentLength"])

    def download(self, place: Place, path: Path) -> None:
        with _missing(place):
            self._s3.download_file(self._names[place.bucket], place.key, str(path))

    def put(
        self, place: Place, body: bytes, content_type: str, tags: Mapping[str, str], over: bytes | None = None
    ) -> None:
        with _missing(place):
            only = {} if over is None else {"IfMatch": self._etag_of(place, over)}
            self._s3.put_object(**self._at(place), Body=body, ContentType=content_type, **_tagging(tags), **only)

    def upload(self, path: Path, place: Place, content_type: str, tags: Mapping[str, str]) -> None:
        extra = {"ContentType": content_type, **_tagging(tags)}
        self._s3.upload_file(str(path), self._names[place.bucket], place.key, ExtraArgs=extra)

    def receive(self, stream: BinaryIO, place: Place, content_type: str, metadata: Mapping[str, str]) -> None:
        extra = {"ContentType": content_type, "Metadata": dict(metadata)}
        self._s3.upload_fileobj(
            stream, self._names[place.bucket], place.key, ExtraArgs=extra, Config=TransferConfig(**_ONE_BY_ONE)
        )

    def copy(self, source: Place, target: Place, tags: Mapping[str, str], content_type: str | None = None) -> None:
        afresh = {"MetadataDirective": "REPLACE", "TaggingDirective": "REPLACE", **_tagging(tags)}
        afresh |= {"ContentType": content_type} if content_type else {}
        with _missing(source):
            self._s3.copy_object(**self._at(target), CopySource=self._at(source), **afresh)

    def compose(
        self,
        source: Place,
        target: Place,
        pieces: Iterable[Piece],
        redacted: BinaryIO,
        content_type: str,
        tags: Mapping[str, str],
    ) -> None:
        parts = list(pieces)
        if len(parts) == 1 and isinstance(parts[0], Written):
            self.put(target, read_exactly(redacted, parts[0].first, parts[0].last), content_type, tags)
            return
        with _missing(source):
            etag = self._s3.head_object(**self._at(source))["ETag"]
            copied = {"CopySource": self._at(source), "CopySourceIfMatch": etag}
            made = {"ContentType": content_type, **_tagging(tags)}
            multipart(self._s3, self._at(target), made, copied, parts, redacted)

    def tags(self, place: Place) -> dict[str, str]:
        with _missing(place):
            answer = self._s3.get_object_tagging(**self._at(place))
        return {tag["Key"]: tag["Value"] for tag in answer["TagSet"]}

    def delete(self, place: Place) -> int:
        if place.version is not None:
            self._s3.delete_object(**self._at(place))
            return 1
        found = self._versions(place)
        for version in found:
            self._s3.delete_object(Bucket=self._names[place.bucket], Key=place.key, VersionId=version)
        return len(found)

    def empty(self, place: Place) -> int:
        found = list(self._below(place))
        for version in found:
            bucket = self._names[place.bucket]
            self._s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])
        return len(found)

    def versions(self, place: Place) -> int:
        return len(self._versions(place))

    def link(self, place: Place, lasts_s: int, name: str) -> str:
        shown = {"ResponseContentDisposition": f'attachment; filename="{name}"', "ResponseCacheControl": "no-store"}
        asked = self._at(place) | shown
        return str(self._s3.generate_presigned_url("get_object", Params=asked, ExpiresIn=lasts_s))

    def _etag_of(self, place: Place, body: bytes) -> str:
        """Of the object of these bytes. It is no digest where a key of KMS encrypts, so that S3 alone knows it."""
        answer = self._s3.get_object(**self._at(place))
        if answer["Body"].read() != body:
            raise ObjectMissing(f"what lay at that place in {place.bucket} was replaced")
        return str(answer["ETag"])

    def _versions(self, place: Place) -> list[str]:
        """Every version and delete marker of exactly this key."""
        return [version["VersionId"] for version in self._below(place) if version["Key"] == place.key]

    def _below(self, place: Place) -> Iterator[dict[str, str]]:
        """Every version and delete marker of each key that begins so."""
        pages = self._s3.get_paginator("list_object_versions").paginate(
            Bucket=self._names[place.bucket], Prefix=place.key
        )
        for page in pages:
            yield from (*page.get("Versions", ()), *page.get("DeleteMarkers", ()))

    def _at(self, place: Place) -> dict[str, str]:
        at = {"Bucket": self._names[place.bucket], "Key": place.key}
        return at | {"VersionId": place.version} if place.version is not None else at


def _tagging(tags: Mapping[str, str]) -> dict[str, str]:
    """Tags as requests take them; without any, nothing that asks for the right to tag."""
    return {"Tagging": urlencode(tags)} if tags else {}


@contextmanager
def _missing(place: Place) -> Any:
    """Turn S3's ways of saying that nothing is there into ours; its message would name the key."""
    try:
        yield
    except ClientError as error:
        code = error.response.get("Error", {}).get("Code")
        if code in _MISSING:
            raise ObjectMissing(f"nothing lies at that place in {place.bucket}") from None
        if code in _REPLACED:
            raise ObjectMissing(f"what lay at that place in {place.bucket} was replaced meanwhile") from None
        raise
