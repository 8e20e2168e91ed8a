"""Small sounds for tests, written here so that no reader under test has a hand in them."""

from __future__ import annotations

import math
import struct
import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioop

CODECS = {"pcm8": (1, 8), "pcm16": (1, 16), "pcm24": (1, 24), "pcm32": (1, 32), "mu-law": (7, 8), "a-law": (6, 8)}


def tone(milliseconds: int, rate: int = 8000, hertz: float = 440, peak: int = 9000) -> bytes:
    """Signed 16-bit mono samples that are never silent for long."""
    count = milliseconds * rate // 1000
    return struct.pack(
        f"<{count}h", *(round(peak * math.sin(2 * math.pi * hertz * n / rate)) or 1 for n in range(count))
    )


def encode(samples: bytes, codec: str) -> bytes:
    """16-bit linear samples in another WAV codec."""
    if codec == "mu-law":
        return audioop.lin2ulaw(samples, 2)
    if codec == "a-law":
        return audioop.lin2alaw(samples, 2)
    width = CODECS[codec][1] // 8
    wide = audioop.lin2lin(samples, 2, width)
    return audioop.bias(wide, 1, 128) if width == 1 else wide


def interleave(channels: list[bytes], width: int) -> bytes:
    """One stream of frames out of one stream of samples per channel."""
    frames = bytearray(len(channels[0]) * len(channels))
    step = width * len(channels)
    for number, samples in enumerate(channels):
        for byte in range(width):
            frames[number * width + byte :: step] = samples[byte::width]
    return bytes(frames)


def chunk(name: bytes, body: bytes, size: int | None = None) -> bytes:
    return name + struct.pack("<I", len(body) if size is None else size) + body + b"\0" * (len(body) % 2)


def fmt(codec: str, channels: int, rate: int = 8000, extensible: bool = False) -> bytes:
    tag, bits = CODECS[codec]
    frame = channels * bits // 8
    body = struct.pack("<HHIIHH", 0xFFFE if extensible else tag, channels, rate, rate * frame, frame, bits)
    if extensible:
        body += struct.pack("<HHIH", 22, bits, 3, tag) + bytes.fromhex("000000001000800000aa00389b71")
    elif tag != 1:
        body += struct.pack("<H", 0)
    return chunk(b"fmt ", body)


def riff(*chunks: bytes, size: int | None = None, magic: bytes = b"RIFF") -> bytes:
    body = b"WAVE" + b"".join(chunks)
    return magic + struct.pack("<I", len(body) if size is None else size) + body


def rf64(fmt: bytes, data: bytes, *after: bytes, magic: bytes = b"RF64", riff_off: int = 0, data_off: int = 0) -> bytes:
    """A WAV whose sizes are in its ds64 chunk, and as far off as asked."""
    chunks = (fmt, chunk(b"data", data, size=0xFFFFFFFF), *after)
    whole = 4 + 36 + sum(map(len, chunks))
    sizes = struct.pack("<QQQI", whole + riff_off, len(data) + data_off, 0, 0)
    return riff(chunk(b"ds64", sizes), *chunks, size=0xFFFFFFFF, magic=magic)


def wav(codec: str = "pcm16", channels: int = 2, milliseconds: int = 2000, rate: int = 8000) -> bytes:
    """A plain WAV with another pitch on every channel."""
    voices = [encode(tone(milliseconds, rate, 300 + 200 * n), codec) for n in range(channels)]
    data = interleave(voices, CODECS[codec][1] // 8)
    return riff(fmt(codec, channels, rate), chunk(b"data", data))
