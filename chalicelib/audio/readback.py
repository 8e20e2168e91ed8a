"""A WAV's header once more, by pydub's parser and none of `wav.py`: for verification alone."""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.audio.blocks import GSM_SILENCE
from chalicelib.audio.codec import channel_of
from chalicelib.errors import VerificationFailed

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pydub 0.25 imports audioop
    warnings.simplefilter("ignore", SyntaxWarning)  # and is older than Python 3.12
    warnings.simplefilter("ignore", RuntimeWarning)  # and looks for ffmpeg, which its WAV parser does not need
    from pydub.audio_segment import WavSubChunk, extract_wav_headers

HEAD = 65_536
GSM = 0x31
_MS, _IMA = 0x02, 0x11
_UNKNOWN = (0, 0xFFFFFFFF)
_AT_ONCE = 1 << 19


@dataclass(frozen=True, slots=True)
class Reader:
    """A stream, and where its frames are. `width` is a channel's bytes in one of them."""

    stream: BinaryIO
    tag: int
    channels: int
    rate: int
    width: int
    offset: int
    size: int
    announced: bool

    @property
    def codec(self) -> str:
        return {6: "a-law", 7: "mu-law"}.get(self.tag, f"pcm{8 * self.width}")

    @property
    def samples(self) -> int:
        """How many of a channel's samples are in one frame: more than 1 where frames are blocks."""
        packed = {_MS: 2 * (self.width - 7) + 2, _IMA: 2 * (self.width - 4) + 1, GSM: 320}
        return packed.get(self.tag, 1)

    @property
    def silence(self) -> bytes:
        """A block that holds none."""
        return GSM_SILENCE if self.tag == GSM else bytes(self.width)

    @property
    def frames(self) -> int:
        return self.size // (self.channels * self.width)

    @property
    def form(self) -> tuple[int, int, int, int]:
        """What must not change."""
        return self.tag, self.channels, self.rate, self.width

    def read(self, first: int, last: int) -> bytes:
        """The frames `[first, last)`."""
        frame = self.channels * self.width
        self.stream.seek(self.offset + first * frame)
        return self.stream.read((last - first) * frame)

    def only(self, frames: bytes, channel: int) -> bytes:
        """One channel of frames."""
        return channel_of(frames, self.channels, self.width, channel)

    def channel(self, first: int, last: int, channel: int) -> bytes:
        """A channel's frames `[first, last)`."""
        return self.only(self.read(first, last), channel)

    def parts(self, first: int, last: int, at_once: int = 0) -> Iterator[tuple[int, int]]:
        """`[first, last)` in parts of `at_once` frames, or of as many as fit half a megabyte."""
        step = at_once or max(1, _AT_ONCE // (self.channels * self.width))
        for start in range(first, last, step):
            yield start, min(start + step, last)


def read_back(stream: BinaryIO) -> Reader:
    """The WAV in `stream`. Raises VerificationFailed."""
    stream.seek(0)
    head = stream.read(HEAD)
    total = stream.seek(0, 2)
    try:
        chunks = {chunk.id: chunk for chunk in _chunks(head)}
        fmt, data = chunks[b"fmt "], chunks[b"data"]
        tag, channels, rate, _, frame, _ = struct.unpack_from("<HHIIHH", head, fmt.position + 8)
        if tag == 0xFFFE:
            (tag,) = struct.unpack_from("<H", head, fmt.position + 32)
        at, size = data.position + 8, data.size
        if head[:4] in (b"RF64", b"BW64") and size == 0xFFFFFFFF:
            (size,) = struct.unpack_from("<Q", head, chunks[b"ds64"].position + 16)
        announced = size not in _UNKNOWN
        size = size if announced else total - at
        reader = Reader(stream, tag, channels, rate, frame // channels, at, size - size % frame, announced)
    except (KeyError, struct.error, ZeroDivisionError) as error:
        raise VerificationFailed("the file cannot be read back: nothing was released") from error
    plausible = reader.width > 0 and reader.rate > 0 and reader.samples > 0 and reader.frames > 0
    if reader.offset + reader.size > total or not plausible:
        raise VerificationFailed("the file is shorter than its header says: nothing was released")
    return reader


def gaps(muted: Iterable[tuple[int, int]], first: int, last: int) -> Iterator[tuple[int, int]]:
    """The stretches of `[first, last)` that no muted stretch covers."""
    for start, end in sorted(muted):
        if first < min(start, last):
            yield first, min(start, last)
        first = max(first, end)
    if first < last:
        yield first, last


def require_identical(before: Reader, after: Reader, muted: list[list[tuple[int, int]]]) -> None:
    """Return if each channel is the same in both outside what is muted on it, by one reading: they may lie far away.

    Raises VerificationFailed.
    """
    for first, last in before.parts(0, after.frames):
        old, new = before.read(first, last), after.read(first, last)
        if old == new:
            continue
        for channel, stretches in enumerate(muted):
            olds, news = before.only(old, channel), after.only(new, channel)
            for start, end in gaps(stretches, first, last):
                inside = slice((start - first) * after.width, (end - first) * after.width)
                if olds[inside] != news[inside]:
                    raise VerificationFailed("samples outside the spans changed: nothing was released")


def _chunks(head: bytes) -> list[WavSubChunk]:
    """pydub's reading, told of the pad byte after an odd chunk, which it forgets."""
    found: list[WavSubChunk] = extract_wav_headers(head)
    for chunk in found:
        if chunk.size % 2 and chunk.id != b"data":
            at = chunk.position + 4
            return _chunks(head[:at] + struct.pack("<I", chunk.size + 1) + head[at + 4 :])
    return found
