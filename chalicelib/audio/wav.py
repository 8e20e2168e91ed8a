"""WAV headers: where the samples lie, and in which codec.

Read: PCM of 8, 16, 24 and 32 bits and G.711 (µ-law, A-law), plain or WAVE_FORMAT_EXTENSIBLE, chunks in any
order before `data`, sizes of 0 or 0xFFFFFFFF (a recorder that streamed and never came back to fill them in).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from chalicelib.audio.sniff import WAV, kind
from chalicelib.errors import EmptyRecording, NotARecording, TruncatedRecording, UnsupportedCodec
from chalicelib.model import Sound

PCM, FLOAT, A_LAW, MU_LAW, EXTENSIBLE = 0x0001, 0x0003, 0x0006, 0x0007, 0xFFFE
_TEXT = re.compile(rb"LIST|id3 |ID3 |bext|iXML|_PMX|cue |smpl|fact|PEAK|cart|axml|INFO")
_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
_MAX_CHANNELS = 16
_RATES = range(4_000, 192_001)


def probe(head: bytes, size: int, tail: bytes = b"") -> Sound:
    """Read a WAV's header.

    `head` is the file's first `HEAD_BYTES` (or all of it), `size` the whole file's length in bytes, `tail` its last
    bytes where they are at hand: they tell texts after the samples from samples, in a file that does not say where
    those end. Raises a subclass of UnreadableRecording, or ScreenRecording; never anything else, whatever the bytes.
    """
    if kind(head) != WAV:
        raise NotARecording("this is no WAV")
    if head[:4] == b"RF64":
        raise UnsupportedCodec("RF64 is not read yet: have the telephony write files under 4 GiB")
    fmt = None
    for name, start, length in _chunks(head):
        if name == b"fmt ":
            fmt = head[start : start + length]
        elif name == b"data":
            return _sound(fmt, start, _data_size(start, length, size, tail))
    raise TruncatedRecording("the header ends before any sample: the file was cut, or its texts are too long")


def _chunks(head: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Name, first byte and length of each chunk that begins in `head`; chunks are padded to even lengths."""
    position = 12
    while position + 8 <= len(head):
        name, length = struct.unpack_from("<4sI", head, position)
        yield name, position + 8, length
        position += 8 + length + (length & 1)


def _data_size(start: int, announced: int, size: int, tail: bytes) -> int:
    """Bytes of samples: as announced, or up to the file's end, texts there left out, where nothing is announced."""
    if announced in _UNKNOWN_SIZES:
        announced = size - start - _texts(tail[-(size - start) :] if size > start else b"")
    if start + announced > size:
        raise TruncatedRecording("the header announces more sound than the file holds: ask for it again")
    return announced


def _texts(tail: bytes) -> int:
    """How many of the last bytes are chunks that end exactly at the end of the file."""
    longest = 0
    for found in _TEXT.finditer(tail):
        at = found.start()
        while at + 8 <= len(tail) and _TEXT.match(tail, at):
            (length,) = struct.unpack_from("<I", tail, at + 4)
            at += 8 + length + (length & 1)
        if at in (len(tail), len(tail) + 1):
            longest = max(longest, len(tail) - found.start())
    return longest


def _sound(fmt: bytes | None, start: int, data_size: int) -> Sound:
    if fmt is None or len(fmt) < 16:
        raise NotARecording("the samples come before a format chunk: this is not a WAV that can be read")
    tag, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack_from("<H", fmt, 24)
    codec = _codec(tag, bits)
    if not 1 <= channels <= _MAX_CHANNELS or rate not in _RATES or frame_bytes != channels * bits // 8:
        raise NotARecording("the format chunk contradicts itself: ask the telephony for the recording again")
    plain = fmt[: 40 if fmt[:2] == b"\xfe\xff" else 16 if codec.startswith("pcm") else 18]
    sound = Sound(codec, channels, rate, bits // 8, start, data_size - data_size % frame_bytes, plain)
    if not sound.frames:
        raise EmptyRecording("the file has a header and not one sample")
    return sound


def _codec(tag: int, bits: int) -> str:
    if tag == PCM and bits in (8, 16, 24, 32):
        return f"pcm{bits}"
    if tag in (MU_LAW, A_LAW) and bits == 8:
        return "mu-law" if tag == MU_LAW else "a-law"
    raise UnsupportedCodec(f"WAV codec 0x{tag:04x} at {bits} bits is not read yet: use linear PCM or G.711")
