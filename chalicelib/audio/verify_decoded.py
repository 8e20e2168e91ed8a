"""Verification of a compressed file by what it sounds like: both files decoded to WAV by another's decoder.

Memory is constant.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import BinaryIO

from chalicelib.audio.codec import peak, rms
from chalicelib.audio.readback import Reader, gaps, read_back, require_identical
from chalicelib.errors import VerificationFailed
from chalicelib.model import Span
from chalicelib.spans import pad

QUIET_DBFS = -70
"""What nobody hears, and what a decoder's memory may leave in a span."""

_FAINT = 64
"""Of 16-bit samples: so quiet that a ratio of two such levels says nothing."""


def verify_decoded(
    before: BinaryIO, after: BinaryIO, spans: Iterable[Span], margin_ms: int, exact: bool = True
) -> None:
    """Return only if `after` is `before` with `spans` silent on every channel, and nothing changed beyond a margin.

    Where it is not `exact`, a decoder's memory may leave less than `QUIET_DBFS` in a span, and what is beyond the
    margin must be as loud as it was, tenth of a second by tenth. Raises VerificationFailed.
    """
    first, second, wanted = read_back(before), read_back(after), list(spans)
    if first.form != second.form or first.frames != second.frames:
        raise VerificationFailed("format or duration changed: nothing was released")
    loudest = 0 if exact else int(10 ** (QUIET_DBFS / 20) * (1 << 8 * second.width - 1))
    for span in wanted:
        _require_quiet(second, span, loudest)
    near = [_frames(pad(span, margin_ms), second) for span in wanted]
    if exact:
        require_identical(first, second, [near] * second.channels)
        return
    for start, end in gaps(near, 0, second.frames):
        _require_alike(first, second, start, end)


def _frames(span: Span, reader: Reader) -> tuple[int, int]:
    return span.start_ms * reader.rate // 1000, min(-(-span.end_ms * reader.rate // 1000), reader.frames)


def _require_quiet(reader: Reader, span: Span, loudest: int) -> None:
    first, last = _frames(span, reader)
    if not first < last or span.end_ms > -(-reader.frames * 1000 // reader.rate):
        raise VerificationFailed(f"the span {span.start_ms}-{span.end_ms} ms fell outside the file")
    for start, end in reader.parts(first, last):
        if any(peak(reader.channel(start, end, c), reader.width) > loudest for c in range(reader.channels)):
            raise VerificationFailed(f"sound is left in the span {span.start_ms}-{span.end_ms} ms")


def _require_alike(before: Reader, after: Reader, first: int, last: int) -> None:
    """No channel twice or half as loud, but where it is all but silent in both."""
    for start, end in before.parts(first, last, before.rate // 10):
        old, new = before.read(start, end), after.read(start, end)
        for channel in range(before.channels) if old != new else ():
            one, other = rms(before.only(old, channel), before.width), rms(after.only(new, channel), after.width)
            if max(one, other) > max(2 * min(one, other), _FAINT):
                raise VerificationFailed("sound outside the spans changed: nothing was released")
