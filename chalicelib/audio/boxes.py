"""MP4's tables looked over before anybody reads them: a few bytes can announce more samples than memory holds.

FFmpeg makes room for as many samples as a table (ISO/IEC 14496-12, `stsz`, `trun` …) announces, and once more for each
edit, wherever in the description the table stands. No more are let through than the file has bytes, nor than the
longest call has packets.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from typing import BinaryIO

from chalicelib.errors import DamagedRecording, UnsupportedCodec

_COUNTED = {b"stsz": 8, b"stz2": 8, b"trun": 4, b"elst": 4}
"""Tables, and where after their name their count stands."""

_NAMES = re.compile(b"|".join(_COUNTED))
_MOST_BOXES, _MOST_SAMPLES, _MOST_EDITS = 200_000, 6_000_000, 16
"""Five hours in fragments of a tenth of a second; in packets of 3 ms; and a start, an end and some cuts."""

_LONGEST = 64 << 20


def require_bounded(source: BinaryIO) -> None:
    """Return if the tables of an MP4 announce what it can hold. Raises DamagedRecording or UnsupportedCodec."""
    size = source.seek(0, 2)
    samples, edits = min(size, _MOST_SAMPLES), _MOST_EDITS
    for number, description in enumerate(_descriptions(source, size)):
        if b"cmov" in description:
            raise UnsupportedCodec("an MP4 whose description is compressed is not read: have it written plainly")
        for table in _NAMES.finditer(description):
            at = table.end() + _COUNTED[table[0]]
            count = int.from_bytes(description[at : at + 4], "big")
            samples -= count if table[0] != b"elst" else 0
            edits -= count if table[0] == b"elst" else 0
        if samples < 0 or edits < 0 or number > _MOST_BOXES:
            raise DamagedRecording("the MP4 announces more than it can hold: ask the telephony for it again")


def _descriptions(source: BinaryIO, size: int) -> Iterator[bytes]:
    """Every box of the file but the sound, whole: tables may hide at any depth."""
    at = 0
    while at + 8 <= size:
        source.seek(at)
        length, name = struct.unpack(">I4s", source.read(8))
        if length == 1:
            length = int.from_bytes(source.read(8), "big")
        after = min(size, at + length) if length >= 8 else size
        if name != b"mdat":
            if after - at > _LONGEST:
                raise DamagedRecording("the MP4 describes more than it can hold: ask the telephony for it again")
            source.seek(at)
            yield source.read(after - at)
        at = after
