"""Ogg (RFC 3533): pages read and checked one at a time, and packets laid over pages anew."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.errors import DamagedRecording, TruncatedRecording, UnreadableRecording

CONTINUED, FIRST, LAST = 1, 2, 4
"""A page's flags: it begins within a packet, begins a stream, ends it."""

_HEADER = struct.Struct("<4sBBqIIIB")
_MAGIC = b"OggS"
_SEGMENT, _MOST_SEGMENTS = 255, 255
_MIRRORED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))
_STEP = 4096
_TRIES = 16


@dataclass(frozen=True, slots=True)
class Page:
    """A page whose checksum is right. `granule` counts what was played when its last whole packet ends."""

    flags: int
    granule: int
    serial: int
    number: int
    lacing: bytes
    body: bytes
    raw: bytes

    def packets(self, begun: bytes = b"") -> tuple[list[bytes], bytes]:
        """The packets that end here, the first after what was `begun` of it; and the beginning of one that does not."""
        whole, begin, end = [], 0, 0
        for size in self.lacing:
            end += size
            if size < _SEGMENT:
                whole.append(self.body[begin:end])
                begin = end
        if whole:
            whole[0] = begun + whole[0]
            return whole, self.body[begin:]
        return whole, begun + self.body


def pages(source: BinaryIO) -> Iterator[Page]:
    """Every page from the first byte on; whatever lies between pages is passed over. Memory is a page's.

    Raises DamagedRecording at a page whose checksum is wrong, TruncatedRecording at one that is not there whole.
    """
    source.seek(0)
    while header := _next_header(source):
        lacing = source.read(header[-1]) if len(header) == _HEADER.size else b""
        body = source.read(sum(lacing))
        if len(header) < _HEADER.size or len(lacing) < header[-1] or len(body) < sum(lacing):
            raise TruncatedRecording("the Ogg file ends within a page: ask the telephony for the recording again")
        _, version, flags, granule, serial, number, stored, _ = _HEADER.unpack(header)
        raw = header + lacing + body
        if version or stored != checksum(raw):
            raise DamagedRecording("a page of the Ogg file is damaged: ask the telephony for the recording again")
        yield Page(flags, granule, serial, number, lacing, body, raw)


def last_page(tail: bytes) -> Page | None:
    """The last page in a file's end that ends a packet; None where there is none."""
    at = len(tail)
    for _ in range(_TRIES):
        at = tail.rfind(_MAGIC, 0, at)
        if at < 0:
            return None
        try:
            page = next(pages(io.BytesIO(tail[at:])))
        except UnreadableRecording:
            continue
        if page.granule >= 0:
            return page
    return None


def written(flags: int, granule: int, serial: int, number: int, packets: list[bytes]) -> bytes:
    """A page of whole packets."""
    lacing = b"".join(b"\xff" * (len(packet) // _SEGMENT) + bytes((len(packet) % _SEGMENT,)) for packet in packets)
    header = _HEADER.pack(_MAGIC, 0, flags, granule, serial, number, 0, len(lacing))
    raw = b"".join((header, lacing, *packets))
    return raw[:22] + struct.pack("<I", checksum(raw)) + raw[26:]


def checksum(raw: bytes) -> int:
    """Of a page as if its own checksum were 0: polynomial 0x04C11DB7, which zlib has with every bit mirrored."""
    mirrored = b"".join((raw[:22], bytes(4), raw[26:])).translate(_MIRRORED)
    crc = zlib.crc32(mirrored, 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(crc.to_bytes(4, "little").translate(_MIRRORED), "big")


class Writer:
    """Lays packets of one stream over pages, none of them over two."""

    def __init__(self, target: BinaryIO, serial: int, longest: int) -> None:
        """A page lasts no more than `longest`, in the units of granules, unless one packet does."""
        self._target, self._serial, self._longest = target, serial, longest
        self._packets: list[bytes] = []
        self._number = self._segments = self._since = self._granule = 0

    def put(self, packet: bytes, granule: int) -> None:
        """Add a packet of less than 65,025 bytes that ends at `granule`."""
        segments = len(packet) // _SEGMENT + 1
        if self._segments + segments > _MOST_SEGMENTS or granule - self._since > self._longest:
            self.turn()
        self._packets.append(packet)
        self._segments += segments
        self._granule = granule

    def turn(self, flags: int = 0) -> None:
        """End the page, if it has a packet."""
        if self._packets:
            flags |= 0 if self._number else FIRST
            self._target.write(written(flags, self._granule, self._serial, self._number, self._packets))
            self._number, self._segments, self._since = self._number + 1, 0, self._granule
            self._packets = []


def _next_header(source: BinaryIO) -> bytes:
    """The header that comes next, cut short if the file is; nothing where no page follows."""
    header = source.read(_HEADER.size)
    if header[:4] == _MAGIC:
        return header
    source.seek(-len(header), io.SEEK_CUR)
    while len(ahead := source.read(_STEP)) >= len(_MAGIC):
        found = ahead.find(_MAGIC)
        source.seek((found if found >= 0 else len(ahead) - 3) - len(ahead), io.SEEK_CUR)
        if found >= 0:
            return source.read(_HEADER.size)
    return b""
