"""A ZIP that is made while it is read: neither in memory nor on disk, however long it becomes."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from zipstream import ZIP_DEFLATED, ZIP_STORED, ZipStream

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

INDEX = "index.json"
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the ZIP, in pieces that are made when their turn comes; sound is not packed any further."""

    name: str
    pieces: Iterable[bytes]
    dense: bool = False


def zipped(members: Iterable[Member]) -> Iterator[bytes]:
    """The ZIP of `members`, each asked for once the one before is written; last the index of their SHA-256.

    What a member raises is raised here, and what was made until then is no ZIP.
    """
    archive, index = ZipStream(), list[dict[str, Any]]()
    for member in members:
        counted = _Counted(member)
        archive.add(counted, member.name, compress_type=ZIP_STORED if member.dense else ZIP_DEFLATED)
        yield from archive.all_files()
        index.append(counted.plain())
    archive.add(json.dumps({"files": index}, indent=1).encode(), INDEX, compress_type=ZIP_DEFLATED)
    yield from archive.finalize()


class _Counted:
    """A member's pieces, hashed as they pass."""

    def __init__(self, member: Member) -> None:
        self._member, self._sha256, self._size = member, hashlib.sha256(), 0

    def __iter__(self) -> Iterator[bytes]:
        for piece in self._member.pieces:
            self._sha256.update(piece)
            self._size += len(piece)
            yield piece

    def plain(self) -> dict[str, Any]:
        return {"name": self._member.name, "size": self._size, "sha256": self._sha256.hexdigest()}


def pieces_of(stream: BinaryIO) -> Iterator[bytes]:
    """All that a stream has; it is closed at the end."""
    with closing(stream):
        yield from iter(lambda: stream.read(_PIECE), b"")


class Flow(io.RawIOBase):
    """Pieces as a stream that is read once, from end to end; it knows the SHA-256 of what it gave."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces, self._left, self._sha256 = pieces, memoryview(b""), hashlib.sha256()

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        room = memoryview(buffer).cast("B")
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        given = self._left[: len(room)]
        room[: len(given)] = given
        self._sha256.update(given)
        self._left = self._left[len(given) :]
        return len(given)
