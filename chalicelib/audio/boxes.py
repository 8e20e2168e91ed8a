"""MP4's tables looked over before anybody reads them: a few bytes can announce more samples than memory holds.

FFmpeg makes room for as many samples as a table (ISO/IEC 14496-12, `stsz`, `trun` …) announces, whatever the file's
size. No more are let through than the file has bytes, nor than the longest call has packets.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.errors import DamagedRecording, UnsupportedCodec

_INTO = {b"moov", b"trak", b"mdia", b"minf", b"stbl", b"edts", b"moof", b"traf", b"mvex"}
_SAMPLES = {b"stsz": 8, b"stz2": 8, b"trun": 4}
"""Tables of samples, and where in them their count stands; others say nothing that their own bytes do not."""

_MOST_BOXES, _MOST_SAMPLES = 200_000, 6_000_000
"""Five hours in fragments of a tenth of a second; and in packets of 3 ms."""


def require_bounded(source: BinaryIO) -> None:
    """Return if the tables of an MP4 announce what it can hold. Raises DamagedRecording or UnsupportedCodec."""
    size = source.seek(0, 2)
    left = min(size, _MOST_SAMPLES)
    for number, (name, at, end) in enumerate(_boxes(source, 0, size)):
        if name == b"cmov":
            raise UnsupportedCodec("an MP4 whose description is compressed is not read: have it written plainly")
        if name in _SAMPLES and at + _SAMPLES[name] + 4 <= end:
            source.seek(at + _SAMPLES[name])
            left -= struct.unpack(">I", source.read(4))[0]
        if left < 0 or number > _MOST_BOXES:
            raise DamagedRecording("the MP4 announces more than it can hold: ask the telephony for it again")


def _boxes(source: BinaryIO, at: int, end: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, and first byte and end of the body, of every box of a stretch, and of those within them."""
    stretches = [(at, end)]
    while stretches:
        at, end = stretches.pop()
        if at + 8 > end:
            continue
        source.seek(at)
        size, name = struct.unpack(">I4s", source.read(8))
        body = at + 8
        if size == 1 and at + 16 <= end:
            size, body = struct.unpack(">Q", source.read(8))[0], at + 16
        after = at + size if size else end
        if not body <= after <= end:
            continue  # FFmpeg goes no further either
        yield name, body, after
        stretches.append((after, end))
        if name in _INTO:
            stretches.append((body, after))
