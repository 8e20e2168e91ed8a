"""Opus in Ogg (RFC 7845): its header, and the packets of one stream or a refusal."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from chalicelib.audio.ogg import CONTINUED, FIRST, LAST, Page, last_page, pages
from chalicelib.audio.opus_packet import LARGEST_PACKET, plain
from chalicelib.audio.sketch import Sketch
from chalicelib.errors import (
    DamagedRecording,
    EmptyRecording,
    NotARecording,
    ScreenRecording,
    TruncatedRecording,
    UnsupportedCodec,
)

RATE = 48_000
"""Granules in a second, whatever the sampling rate was."""

_MOST_SKIPPED = 5_760
"""Samples that are not played: 312 from libopus, 3,840 where a file was cut. More would hide words."""
_PICTURES = (b"\x80theora", b"\x80daala", b"OVP80", b"BBCD", b"KW-DIRAC", b"\x01video")
_SOUNDS = (b"\x01vorbis", b"Speex   ", b"\x7fFLAC", b"fLaC", b"PCM     ", b"CELT    ", b"\x01audio")


@dataclass(frozen=True, slots=True)
class Head:
    """What OpusHead says; `packet` is it, written again: no gain, no mapping, and nothing that may follow.

    A gain could make a voice, or keyed digits, too faint for us, and loud again for whoever clears it.
    """

    channels: int
    pre_skip: int
    packet: bytes


def head(packet: bytes) -> Head:
    """Raises UnsupportedCodec where there is more than one mono or stereo stream, or NotARecording."""
    if len(packet) < 19 or packet[:8] != b"OpusHead" or packet[8] & 0xF0:
        raise NotARecording("the Ogg file does not begin as Opus does, whatever its name says")
    channels, (pre_skip,), family = packet[9], struct.unpack_from("<H", packet, 10), packet[18]
    if family > 1 or not 1 <= channels <= 2:
        raise UnsupportedCodec("Opus is read with one or two channels: have the telephony write mono or stereo")
    if pre_skip > _MOST_SKIPPED:
        raise DamagedRecording("the Opus file hides part of what it holds: have the telephony write what is played")
    if family and packet[19 : 21 + channels] != bytes((1, channels - 1, *range(channels))):
        raise UnsupportedCodec("Opus is read where each channel plays its own voice: have the telephony write stereo")
    return Head(channels, pre_skip, packet[:16] + bytes(3))


def sketch(beginning: bytes, end: bytes) -> Sketch:
    """Of a file by its first 64 KiB and its last. Raises UnreadableRecording or ScreenRecording."""
    stream = one_stream(io.BytesIO(beginning))
    first = next(stream)
    said = head(first.body)
    last = last_page(end)
    if last is None:
        raise TruncatedRecording("the Ogg file does not end with a page: ask the telephony for the recording again")
    if last.serial != first.serial:
        raise UnsupportedCodec("the Ogg file holds several streams: have the telephony write one")
    played = last.granule - said.pre_skip - _began(stream)
    if played <= 0:
        raise EmptyRecording("the Opus file plays not one sample: ask the telephony for the recording again")
    return Sketch(said.channels, -(-played * 1000 // RATE))


def _began(stream: Iterator[Page]) -> int:
    """The granule before the first sample; 0 where texts push the sound out of the beginning."""
    try:
        for page, packets in packets_by_page(sound_pages(stream)):
            return max(0, page.granule - sum(plain(packet)[1] for packet in packets))
    except TruncatedRecording:
        pass
    return 0


def one_stream(source: BinaryIO) -> Iterator[Page]:
    """The pages of the one stream that an Opus file is.

    Raises ScreenRecording where pictures are beside the sound, UnsupportedCodec where other sound is, or comes after.
    """
    begun, found = list[Page](), pages(source)
    for page in found:
        if begun and not page.flags & FIRST:
            _require_opus([first.body for first in begun])
            yield begun[0]
            yield from _of_one(page, found, begun[0].serial)
            return
        begun.append(page)
        if not page.flags & FIRST or len(begun) > 8:
            break
    _require_opus([first.body for first in begun])
    raise TruncatedRecording("the Ogg file ends before its sound: ask the telephony for the recording again")


def _of_one(page: Page | None, rest: Iterator[Page], serial: int) -> Iterator[Page]:
    while page:
        if page.flags & FIRST:
            _require_opus([b"OpusHead", page.body])
        if page.serial != serial:
            raise UnsupportedCodec("the Ogg file holds several streams: have the telephony write one")
        yield page
        page = next(rest, None)


def _require_opus(beginnings: list[bytes]) -> None:
    """Return if the streams that begin so are one of Opus."""
    if any(body.startswith(_PICTURES) for body in beginnings):
        raise ScreenRecording("the Ogg file holds moving pictures: stop the source from sending screens")
    if len(beginnings) > 1:
        raise UnsupportedCodec("the Ogg file holds several streams: have the telephony write one")
    if any(body.startswith(_SOUNDS) for body in beginnings):
        raise UnsupportedCodec("of Ogg only Opus is read: have the telephony write Opus, MP3 or WAV")
    if not any(body.startswith(b"OpusHead") for body in beginnings):
        raise NotARecording("the Ogg file does not begin as Opus does, whatever its name says")


def sound_pages(stream: Iterator[Page]) -> Iterator[Page]:
    """The pages after OpusTags, in sequence: a file cut out of a broadcast may begin with any number.

    Raises NotARecording or TruncatedRecording.
    """
    _pass_tags(stream)
    before: Page | None = None
    for page in stream:
        if before and (page.number != (before.number + 1) & 0xFFFFFFFF or before.flags & LAST):
            raise TruncatedRecording("a page of the Ogg file is missing: ask the telephony for the recording again")
        yield page
        before = page


def _pass_tags(stream: Iterator[Page]) -> None:
    page = next(stream, None)
    if page is None or page.body[:8] != b"OpusTags":
        raise DamagedRecording("the Ogg file has no OpusTags: ask the telephony for the recording again")
    while page and page.lacing.count(255) == len(page.lacing):
        page = next(stream, None)
        if page and not page.flags & CONTINUED:
            raise TruncatedRecording("a page of the Ogg file is missing: ask the telephony for the recording again")
    if page and (page.lacing[-1] == 255 or page.lacing.count(255) != len(page.lacing) - 1):
        raise DamagedRecording("the Opus file begins its sound within its texts: ask the telephony for it again")


def packets_by_page(sound: Iterator[Page]) -> Iterator[tuple[Page, list[bytes]]]:
    """Packets at the page on which they end; pages on which none does are left out."""
    rest = b""
    for page in sound:
        if bool(page.flags & CONTINUED) != bool(rest):
            raise TruncatedRecording("a packet of the Opus file is in part missing: ask for the recording again")
        packets, rest = page.packets(rest)
        if len(rest) > LARGEST_PACKET:
            raise DamagedRecording("a packet of the Opus file is larger than players take: ask for the recording again")
        if packets:
            yield page, packets
    if rest:
        raise TruncatedRecording("the Opus file ends within a packet: ask the telephony for the recording again")
