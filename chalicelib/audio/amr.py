"""AMR and AMR-WB files (RFC 4867, section 5): frames of 20 ms, muted by putting a silent one in their place.

The decoder goes on from frame to frame (pitch, gains, filters), so that a silent frame still rings with what came
before it, and the first frames after a span sound with a wrong memory: hence the frames beside a span.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.audio.sketch import Sketch
from chalicelib.errors import DamagedRecording, EmptyRecording, UnsupportedCodec
from chalicelib.model import Span

FRAME_MS = 20
FRAMES_BEFORE, FRAMES_AFTER = 4, 2
_SETTLED_MS = 600
_PADDING_BITS = 0x83


@dataclass(frozen=True, slots=True)
class Kind:
    """A magic, the bytes of speech that follow each type's header, and a frame that decodes below -70 dBFS.

    The silent frames are what the reference encoders write for zeros, at 6.7 and at 14.25 kbit/s: of all their modes
    those that fade soonest whatever was heard before.
    """

    magic: bytes
    sizes: dict[int, int]
    silent: bytes


NARROW = Kind(
    b"#!AMR\n",
    dict(enumerate((12, 13, 15, 17, 19, 20, 26, 31, 5))) | {15: 0},
    bytes.fromhex("1c1e95f3dfe0007c1643c3c3c000003c0000"),
)
WIDE = Kind(
    b"#!AMR-WB\n",
    dict(enumerate((17, 23, 32, 36, 40, 46, 50, 58, 60, 5))) | {14: 0, 15: 0},
    bytes.fromhex("1c404030ddd37617f06550681a076079ddccc8920a1090ab18c847aa20bb62020e6026cee0"),
)


def normalise(source: BinaryIO, target: BinaryIO) -> Sketch:
    """Write the whole frames of `source`. Raises a subclass of UnreadableRecording."""
    seen = sketch(source)
    if not seen.duration_ms:
        raise EmptyRecording("the AMR file has a header and not one frame")
    mute(source, target, ())
    return seen


def mute(source: BinaryIO, target: BinaryIO, spans: Iterable[Span]) -> None:
    """Write `source` to `target` with a silent frame for each one in or beside `spans`. Memory is constant."""
    source.seek(0)
    kind = _kind(source)
    target.write(kind.magic)
    wanted = _ranges(spans)
    for number, frame in enumerate(_frames(source, kind)):
        while wanted and wanted[0].stop <= number:
            del wanted[0]
        target.write(kind.silent if wanted and number in wanted[0] else frame)
    target.flush()


def margin_ms(source: BinaryIO) -> int:
    """How far from a span the sound may have changed."""
    return FRAME_MS * (FRAMES_BEFORE + FRAMES_AFTER) + _SETTLED_MS


def sketch(source: BinaryIO) -> Sketch:
    """Length of a whole file, frame by frame. Raises a subclass of UnreadableRecording."""
    source.seek(0)
    return Sketch(1, FRAME_MS * sum(1 for _ in _frames(source, _kind(source))))


def _kind(source: BinaryIO) -> Kind:
    magic = source.readline(len(WIDE.magic))
    for kind in (NARROW, WIDE):
        if magic == kind.magic:
            return kind
    raise UnsupportedCodec("AMR of several channels is not read: have the telephony write one channel, or WAV")


def _frames(source: BinaryIO, kind: Kind) -> Iterator[bytes]:
    """Each frame with its header; a last one that was cut off is none."""
    while header := source.read(1):
        size = kind.sizes.get(header[0] >> 3)
        if size is None or header[0] & _PADDING_BITS:
            raise DamagedRecording("between the AMR frames lies something else: ask the telephony for it again")
        body = source.read(size)
        if len(body) < size:
            return
        yield header + body


def _ranges(spans: Iterable[Span]) -> list[range]:
    """The frames of every span, in order; they may overlap."""
    return [
        range(max(0, span.start_ms // FRAME_MS - FRAMES_BEFORE), -(-span.end_ms // FRAME_MS) + FRAMES_AFTER)
        for span in sorted(spans, key=lambda s: (s.start_ms, s.end_ms))
    ]
