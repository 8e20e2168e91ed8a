"""Verification: not the muter's word, but the written file's.

The header is read by `readback` and each sample is decoded by the standard codec library, so that a mistake in
`wav.py` or `mute.py` cannot vouch for itself. Blocks of ADPCM and GSM are compared as bytes, which no decoder's
memory of what came before can blur.
Memory is constant.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from typing import BinaryIO

from chalicelib.audio.codec import peak, to_linear
from chalicelib.audio.readback import GSM, HEAD, Reader, read_back, require_identical
from chalicelib.errors import VerificationFailed
from chalicelib.model import Span

_BEEP_HERTZ = 425
_SOFT = 20
"""A beep is quieter than a twentieth of full scale: -26 dBFS."""


def verify(original: BinaryIO, redacted: BinaryIO, spans: Iterable[Span], tone: bool = False) -> None:
    """Return only if `redacted` is `original` with exactly `spans` silenced, or beeping where `tone`.

    Checks, each by its own reading of both files: same codec, rate, channels and number of samples; every span
    inside, and digital silence, or one soft wave that repeats in under 3 ms, on the channels asked; every sample
    outside the spans identical; no chunk but format, fact and samples. Of a codec of blocks, each block that a span
    touches is the silent one, on every channel, and every other is identical. Raises VerificationFailed with the first
    that does not hold.
    """
    before, after = read_back(original), read_back(redacted)
    if before.form != after.form or _frames_of(before, after) != after.frames:
        raise VerificationFailed("format or duration changed: nothing was released")
    if after.offset + after.size + after.size % 2 != redacted.seek(0, 2):
        raise VerificationFailed("the redacted file holds more than its samples: nothing was released")
    wanted = list(spans)
    for span in wanted:
        (_require_beep if tone else _require_silence)(after, span)
    by_channel = [[span for span in wanted if channel in _channels(span, after)] for channel in range(after.channels)]
    require_identical(before, after, [[_frames(span, after) for span in spans] for spans in by_channel])


def _frames_of(before: Reader, after: Reader) -> int:
    """Frames of the original. Where it does not say, those of the redacted file, if only texts come after them."""
    if before.announced or before.frames <= after.frames:
        return before.frames
    before.stream.seek(before.offset + after.size)
    rest = before.stream.read(HEAD)
    named = rest[:4].strip().isalnum() and len(rest) >= 8
    return after.frames if named and struct.unpack_from("<I", rest, 4)[0] <= len(rest) - 8 else before.frames


def _frames(span: Span, reader: Reader) -> tuple[int, int]:
    """The frames that a span covers; whole blocks, and GSM's block before, whose sound goes on in the next."""
    per_frame = 1000 * reader.samples
    first = span.start_ms * reader.rate // per_frame - (reader.tag == GSM)
    last = -(-span.end_ms * reader.rate // per_frame)
    return max(0, first), min(last, reader.frames)


def _channels(span: Span, reader: Reader) -> range:
    if span.channel is None or reader.samples > 1:
        return range(reader.channels)
    return range(span.channel, span.channel + 1)


def _require_inside(reader: Reader, span: Span) -> tuple[int, int]:
    first, last = _frames(span, reader)
    too_late = span.end_ms > -(-reader.frames * reader.samples * 1000 // reader.rate)
    if too_late or not first < last or (span.channel or 0) >= reader.channels:
        raise VerificationFailed(f"the span {span.start_ms}-{span.end_ms} ms fell outside the file")
    return first, last


def _require_silence(reader: Reader, span: Span) -> None:
    for start, end in reader.parts(*_require_inside(reader, span)):
        for channel in _channels(span, reader):
            if not _is_silent(reader.channel(start, end, channel), reader):
                raise VerificationFailed(f"sound is left in the span {span.start_ms}-{span.end_ms} ms")


def _is_silent(samples: bytes, reader: Reader) -> bool:
    if reader.samples > 1:
        return bool(samples) and samples == reader.silence * (len(samples) // reader.width)
    linear, width = to_linear(samples, reader.codec)
    return bool(linear) and not peak(linear, width)


def _require_beep(reader: Reader, span: Span) -> None:
    """One wave over and over, so short that no sound of speech fits it."""
    first, last = _require_inside(reader, span)
    period = round(reader.rate / _BEEP_HERTZ)
    for start, end in reader.parts(first, last):
        for channel in _channels(span, reader):
            if not _beeps(reader.channel(max(first, start - period), end, channel), reader, period):
                raise VerificationFailed(f"not a soft beep alone is in the span {span.start_ms}-{span.end_ms} ms")


def _beeps(samples: bytes, reader: Reader, period: int) -> bool:
    if reader.samples > 1 or not samples:
        return False
    linear, width = to_linear(samples, reader.codec)
    loudest, after = peak(linear, width), period * width
    sounds = loudest > 0 or len(linear) < after
    return (
        sounds and loudest <= (1 << 8 * width - 1) // _SOFT and linear[after:] == linear[: max(0, len(linear) - after)]
    )
