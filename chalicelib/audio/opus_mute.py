"""Silence in Ogg Opus with nothing encoded again: packets of the spans are replaced, on the pages that hold them.

A muted packet says that there is nothing, in as many bytes for a word as for a pause. Texts are left behind: they carry
names and numbers.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import BinaryIO

from chalicelib.audio.ogg import LAST, Page, Writer, written
from chalicelib.audio.opus import RATE, head, one_stream, packets_by_page, sound_pages
from chalicelib.audio.opus_packet import LONGEST_PACKET, plain, silence
from chalicelib.errors import DamagedRecording, EmptyRecording
from chalicelib.model import Span

BEFORE_MS, AFTER_MS = 20, 80
"""How far a packet may be from a span and is muted too.

Before: where SILK gives way to CELT, decoders fade out of 5 ms that they make up from what was heard. After: SILK keeps
a copy of the frame before (LBRR, up to 60 ms) for when that is lost.
"""
SETTLED_MS = 300
"""When a decoder that was reset in mid-call sounds as if it had not been."""

_TAGS = b"OpusTags\x08\0\0\0sourdine\0\0\0\0"
_SLACK = RATE // 50


@dataclass(frozen=True, slots=True)
class Opus:
    """What was normalised. `samples` at 48 kHz are played, after `pre_skip` that are not."""

    channels: int
    pre_skip: int
    samples: int

    @property
    def duration_ms(self) -> int:
        """Length rounded up."""
        return -(-self.samples * 1000 // RATE)


def normalise(source: BinaryIO, target: BinaryIO) -> Opus:
    """Write the sound of `source` to `target` on pages of a second from granule 0 on, and nothing else that it holds.

    Raises UnreadableRecording or ScreenRecording; what was written by then is to be thrown away.
    """
    stream = one_stream(source)
    first = next(stream)
    said = head(first.body)
    writer = Writer(target, first.serial, RATE)
    for header in (said.packet, _TAGS):
        writer.put(header, 0)
        writer.turn()
    end = 0
    for packet, end in _timed(sound_pages(stream)):
        writer.put(packet, end)
    writer.turn(LAST)
    target.flush()
    if end <= said.pre_skip:
        raise EmptyRecording("the Opus file plays not one sample: ask the telephony for the recording again")
    return Opus(said.channels, said.pre_skip, end - said.pre_skip)


def mute(source: BinaryIO, target: BinaryIO, spans: Iterable[Span]) -> None:
    """Write `source`, which `normalise` wrote, to `target`, silent in `spans`: all channels, which share packets."""
    stream, ended = one_stream(source), 0
    first = next(stream)
    target.write(first.raw)
    ranges = _ranges(spans, head(first.body).pre_skip)
    starts, ends = [start for start, _ in ranges], [end for _, end in ranges]
    for page in stream:
        near = ranges[bisect_right(ends, ended) : bisect_left(starts, page.granule)]
        target.write(_silenced(page, ended, near) if near and page.granule > ended else page.raw)
        ended = page.granule
    target.flush()


def margin_ms(source: BinaryIO) -> int:
    """How far from a span a sample may have changed."""
    return AFTER_MS + LONGEST_PACKET * 1000 // RATE + SETTLED_MS


def _timed(sound: Iterator[Page]) -> Iterator[tuple[bytes, int]]:
    """Packets without padding and the granule at which each ends; none that is not played.

    Raises DamagedRecording where granules tell another time than packets do: players would disagree on where words are.
    """
    ended, shift = 0, None
    for page, packets in packets_by_page(sound):
        read = [plain(packet) for packet in packets]
        ends = list(accumulate((samples for _, samples in read), initial=ended))
        if shift is None:
            shift = page.granule - ends[-1]
            shift = max(shift, 0) if page.flags & LAST else shift
        end = page.granule - shift if page.flags & LAST else ends[-1]
        if shift < 0 or end < ended or abs(page.granule - shift - end) > _SLACK or end > ends[-1] + _SLACK:
            raise DamagedRecording("the Opus file tells two times at once: ask the telephony for the recording again")
        for (packet, _), (start, stop) in zip(read, pairwise(ends), strict=True):
            if start < end:
                yield packet, min(stop, end)
        ended = ends[-1]


def _ranges(spans: Iterable[Span], pre_skip: int) -> list[tuple[int, int]]:
    """Stretches of granules within which a packet is muted, in order and apart from each other."""
    found = list[tuple[int, int]]()
    for span in sorted(spans, key=lambda s: (s.start_ms, s.end_ms)):
        start = (span.start_ms - BEFORE_MS) * RATE // 1000 + pre_skip
        end = (span.end_ms + AFTER_MS) * RATE // 1000 + pre_skip
        if found and start <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((start, end))
    return found


def _silenced(page: Page, start: int, ranges: list[tuple[int, int]]) -> bytes:
    """A page that begins at a granule, with the packets that overlap a stretch replaced."""
    packets, rest = page.packets()
    if rest:
        raise DamagedRecording("the Opus file is not as it was normalised")
    for at, packet in enumerate(packets):
        stop = start + plain(packet)[1]
        if any(first < stop and start < last for first, last in ranges):
            packets[at] = silence(packet[0], stop - start)
        start = stop
    return written(page.flags, page.granule, page.serial, page.number, packets)
