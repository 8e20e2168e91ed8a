"""WAV headers: where the samples lie, and in which codec.

Read: PCM of 8, 16, 24 and 32 bits, G.711 (µ-law, A-law) and the codecs of `blocks`, plain or WAVE_FORMAT_EXTENSIBLE,
chunks in any order before `data`, sizes of 0 or 0xFFFFFFFF (a recorder that streamed and never came back to fill them
in), RF64. A `fact` chunk's count of samples is not asked: the bytes say it.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator

from chalicelib.audio.blocks import BITS, TAGS, block_format, block_frames
from chalicelib.audio.sniff import RF64, WAV, kind
from chalicelib.errors import DamagedRecording, EmptyRecording, NotARecording, TruncatedRecording, UnsupportedCodec
from chalicelib.model import Sound

PCM, A_LAW, MU_LAW, EXTENSIBLE = 0x0001, 0x0006, 0x0007, 0xFFFE
_TEXT = re.compile(rb"LIST|id3 |ID3 |bext|iXML|_PMX|cue |smpl|fact|PEAK|cart|axml|INFO")
_MOST_HEARD = 2_000_000_000
"""Amazon Transcribe takes 2 GB (FACTS 3.2); more of it is decoded to a narrower band."""

_UNKNOWN_SIZES = (0, 0xFFFFFFFF)
_MAX_CHANNELS = 16
_RATES = range(4_000, 192_001)
_MOST_BYTES = (1 << 32) - 1024
"""Samples that fit a RIFF, whose 32-bit size counts its header too."""


def probe(head: bytes, size: int, tail: bytes = b"") -> Sound:
    """Read a WAV's header.

    `head` is the file's first `HEAD_BYTES` (or all of it), `size` the whole file's length in bytes, `tail` its last
    bytes where they are at hand: they tell texts after the samples from samples, in a file that does not say where
    those end. Raises a subclass of UnreadableRecording, or ScreenRecording; never anything else, whatever the bytes.
    """
    if kind(head) != WAV:
        raise NotARecording("this is no WAV")
    fmt, ds64 = None, b""
    for name, start, length in _chunks(head):
        if (name == b"fmt " and fmt is not None) or (name == b"ds64" and ds64):
            raise DamagedRecording("the WAV describes itself twice, and readers would differ: ask for it again")
        if name == b"fmt ":
            fmt = head[start : start + length]
        elif name == b"ds64":
            ds64 = head[start : start + length]
        elif name == b"data":
            if head[:4] in RF64:
                length = _wide_size(ds64, length, size)
            return _sound(fmt, start, _data_size(start, length, size, tail))
    raise TruncatedRecording("the header ends before any sample: the file was cut, or its texts are too long")


def is_plain(head: bytes, size: int) -> bool:
    """Whether a file of `size` bytes is a WAV that any recogniser reads as we do.

    It is 16-bit PCM of under 2 GB, its sizes are right, and nothing follows its samples, which might be more of them.
    Raises what `probe` raises.
    """
    if (
        size >= _MOST_HEARD
        or kind(head) != WAV
        or head[:4] != b"RIFF"
        or size - 8 - struct.unpack_from("<I", head, 4)[0] not in (0, 1)
    ):
        return False
    sound = probe(head, size)
    behind = size - sound.data_offset - sound.data_size
    announced = struct.unpack_from("<I", head, sound.data_offset - 4)[0]
    return (sound.codec, sound.fmt[:2], announced, behind) == ("pcm16", b"\1\0", sound.data_size, 0)


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


def _wide_size(ds64: bytes, length: int, size: int) -> int:
    """Bytes of samples, by the chunk that says them where 32 bits do not; it must know the file's own length."""
    if len(ds64) < 16:
        raise DamagedRecording("an RF64 that does not say its sizes cannot be read: ask for it again")
    whole, samples = struct.unpack_from("<QQ", ds64)
    if not size - 1 <= whole + 8 <= size + 1:
        raise TruncatedRecording("the RF64 is longer or shorter than it says: ask for it again")
    return samples if length == 0xFFFFFFFF else length


def _texts(tail: bytes) -> int:
    """How many of the last bytes are chunks that end exactly at the end of the file."""
    longest, ends = 0, dict[int, int]()  # where the chunks from a place on end, so that none is walked twice
    for found in _TEXT.finditer(tail):
        at, walked = found.start(), []
        while at not in ends and at + 8 <= len(tail) and _TEXT.match(tail, at):
            walked.append(at)
            (length,) = struct.unpack_from("<I", tail, at + 4)
            at += 8 + length + (length & 1)
        ends |= dict.fromkeys(walked, ends.get(at, at))
        if ends.get(found.start()) in (len(tail), len(tail) + 1):
            longest = max(longest, len(tail) - found.start())
    return longest


def _sound(fmt: bytes | None, start: int, data_size: int) -> Sound:
    if fmt is None or len(fmt) < 16:
        raise NotARecording("the samples come before a format chunk: this is not a WAV that can be read")
    tag, channels, rate, _, frame_bytes, bits = struct.unpack_from("<HHIIHH", fmt)
    if tag == EXTENSIBLE and len(fmt) >= 26:
        (tag,) = struct.unpack_from("<H", fmt, 24)
    codec = _codec(tag, bits)
    in_blocks = codec in BITS
    fits = block_frames(codec, channels, fmt) if in_blocks else int(frame_bytes == channels * bits // 8)
    if not 1 <= channels <= _MAX_CHANNELS or rate not in _RATES or not fits:
        raise DamagedRecording("the format chunk contradicts itself: ask the telephony for the recording again")
    plain = block_format(codec, channels, rate, frame_bytes, fits) if in_blocks else _plain(fmt, codec)
    whole = data_size - data_size % frame_bytes
    if not whole:
        raise EmptyRecording("the file has a header and not one sample")
    if whole > _MOST_BYTES:
        raise UnsupportedCodec("4 GiB of samples or more fit no WAV: have the telephony begin a file before that")
    return Sound(codec, channels, rate, frame_bytes // channels, start, whole, plain, fits)


def _plain(fmt: bytes, codec: str) -> bytes:
    """The format chunk's body without what no linear codec wants there."""
    return fmt[: 40 if fmt[:2] == b"\xfe\xff" else 16 if codec.startswith("pcm") else 18]


def _codec(tag: int, bits: int) -> str:
    if tag == PCM and bits in (8, 16, 24, 32):
        return f"pcm{bits}"
    if tag in (MU_LAW, A_LAW) and bits == 8:
        return "mu-law" if tag == MU_LAW else "a-law"
    if tag in TAGS and bits == BITS[TAGS[tag]]:
        return TAGS[tag]
    raise UnsupportedCodec(
        f"WAV codec 0x{tag:04x} at {bits} bits is not read: have the telephony write linear PCM or G.711"
    )
