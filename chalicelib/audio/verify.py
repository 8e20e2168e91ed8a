"""Verification: not the muter's word, but the written file's.

The header is read by pydub's own parser and each sample is decoded by the standard codec library, so that a
mistake in `wav.py` or `mute.py` cannot vouch for itself.
Memory is constant.
"""

from __future__ import annotations

import struct
import warnings
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.audio.codec import channel_of, peak, to_linear
from chalicelib.errors import VerificationFailed
from chalicelib.model import Span
from chalicelib.spans import pad

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # pydub 0.25 imports audioop
    warnings.simplefilter("ignore", SyntaxWarning)  # and is older than Python 3.12
    warnings.simplefilter("ignore", RuntimeWarning)  # and looks for ffmpeg, which its WAV parser does not need
    from pydub.audio_segment import extract_wav_headers

_HEAD = 65_536
_BLOCK_FRAMES = 1 << 17


@dataclass(frozen=True, slots=True)
class _Reader:
    """A WAV as this module sees it: a stream, and where its frames are."""

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
    def frames(self) -> int:
        return self.size // (self.channels * self.width)

    def read(self, first: int, last: int) -> bytes:
        frame = self.channels * self.width
        self.stream.seek(self.offset + first * frame)
        return self.stream.read((last - first) * frame)


def verify(original: BinaryIO, redacted: BinaryIO, spans: Iterable[Span]) -> None:
    """Return only if `redacted` is `original` with exactly `spans` silenced.

    Checks, each by its own reading of both files: same codec, rate, channels and number of samples; every span
    inside, and digital silence on the channels asked; every sample outside the spans identical; no chunk but
    format, fact and samples. Raises VerificationFailed with the first that does not hold.
    """
    before, after = _open(original), _open(redacted)
    if _format(before) != _format(after) or _frames_of(before, after) != after.frames:
        raise VerificationFailed("format or duration changed: nothing was released")
    if after.offset + after.size + after.size % 2 != redacted.seek(0, 2):
        raise VerificationFailed("the redacted file holds more than its samples: nothing was released")
    wanted = list(spans)
    for span in wanted:
        _require_silence(after, span)
    for channel in range(after.channels):
        muted = [_frames(span, after) for span in wanted if span.channel in (None, channel)]
        for first, last in _gaps(muted, after.frames):
            _require_identical(before, after, channel, first, last)


def verify_decoded(before: BinaryIO, after: BinaryIO, spans: Iterable[Span], margin_ms: int) -> None:
    """Return only if `after` is `before` with `spans` silent on every channel, and nothing changed beyond a margin.

    Both are compressed files decoded to WAV by another's decoder. Raises VerificationFailed.
    """
    first, second, wanted = _open(before), _open(after), list(spans)
    if _format(first) != _format(second) or first.frames != second.frames:
        raise VerificationFailed("format or duration changed: nothing was released")
    for span in wanted:
        _require_silence(second, Span(span.start_ms, span.end_ms))
    near = [_frames(pad(Span(span.start_ms, span.end_ms), margin_ms), second) for span in wanted]
    for channel in range(second.channels):
        for start, end in _gaps(near, second.frames):
            _require_identical(first, second, channel, start, end)


def _open(stream: BinaryIO) -> _Reader:
    stream.seek(0)
    head = stream.read(_HEAD)
    total = stream.seek(0, 2)
    try:
        chunks = {chunk.id: chunk for chunk in extract_wav_headers(head)}
        fmt, data = chunks[b"fmt "], chunks[b"data"]
        tag, channels, rate, _, frame, _ = struct.unpack_from("<HHIIHH", head, fmt.position + 8)
        if tag == 0xFFFE:
            (tag,) = struct.unpack_from("<H", head, fmt.position + 32)
        size = data.size if data.size not in (0, 0xFFFFFFFF) else total - data.position - 8
        at, announced = data.position + 8, data.size not in (0, 0xFFFFFFFF)
        reader = _Reader(stream, tag, channels, rate, frame // channels, at, size - size % frame, announced)
    except (KeyError, struct.error, ZeroDivisionError) as error:
        raise VerificationFailed("the file cannot be read back: nothing was released") from error
    if reader.offset + reader.size > total or reader.frames < 1:
        raise VerificationFailed("the file is shorter than its header says: nothing was released")
    return reader


def _frames_of(before: _Reader, after: _Reader) -> int:
    """Frames of the original. Where it does not say, those of the redacted file, if only texts come after them."""
    if before.announced or before.frames <= after.frames:
        return before.frames
    before.stream.seek(before.offset + after.size)
    rest = before.stream.read(_HEAD)
    named = rest[:4].strip().isalnum() and len(rest) >= 8
    return after.frames if named and struct.unpack_from("<I", rest, 4)[0] <= len(rest) - 8 else before.frames


def _format(reader: _Reader) -> tuple[int, int, int, int]:
    return reader.tag, reader.channels, reader.rate, reader.width


def _frames(span: Span, reader: _Reader) -> tuple[int, int]:
    return span.start_ms * reader.rate // 1000, min(-(-span.end_ms * reader.rate // 1000), reader.frames)


def _require_silence(reader: _Reader, span: Span) -> None:
    first, last = _frames(span, reader)
    too_late = span.end_ms > -(-reader.frames * 1000 // reader.rate)
    if too_late or not first < last or (span.channel or 0) >= reader.channels:
        raise VerificationFailed(f"the span {span.start_ms}-{span.end_ms} ms fell outside the file")
    channels = range(reader.channels) if span.channel is None else (span.channel,)
    for start, end in _blocks(first, last):
        frames = reader.read(start, end)
        for channel in channels:
            linear, width = to_linear(_channel(frames, reader, channel), reader.codec)
            if not linear or peak(linear, width):
                raise VerificationFailed(f"sound is left in the span {span.start_ms}-{span.end_ms} ms")


def _require_identical(before: _Reader, after: _Reader, channel: int, first: int, last: int) -> None:
    for start, end in _blocks(first, last):
        same = _channel(before.read(start, end), before, channel) == _channel(after.read(start, end), after, channel)
        if not same:
            raise VerificationFailed("samples outside the spans changed: nothing was released")


def _blocks(first: int, last: int) -> Iterator[tuple[int, int]]:
    for start in range(first, last, _BLOCK_FRAMES):
        yield start, min(start + _BLOCK_FRAMES, last)


def _gaps(muted: list[tuple[int, int]], frames: int) -> Iterator[tuple[int, int]]:
    """The stretches of `[0, frames)` that no muted stretch covers."""
    position = 0
    for first, last in sorted(muted):
        if position < first:
            yield position, first
        position = max(position, last)
    if position < frames:
        yield position, frames


def _channel(frames: bytes, reader: _Reader, channel: int) -> bytes:
    return channel_of(frames, reader.channels, reader.width, channel)
