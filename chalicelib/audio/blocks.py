"""Codecs that pack samples into blocks: IMA ADPCM, MS ADPCM, and GSM 6.10 as WAV holds it (320 samples in 65 bytes).

What Windows' ACM drivers wrote, and telephone recorders still do. A block is muted whole and on every channel, since
channels share their blocks. An ADPCM block holds the state it starts from, so its neighbours decode as before; a GSM
block continues the one before it.
"""

from __future__ import annotations

import struct

from chalicelib.errors import UnsupportedCodec
from chalicelib.model import Sound

IMA, MS, GSM = "ima-adpcm", "ms-adpcm", "gsm"
TAGS = {0x0002: MS, 0x0011: IMA, 0x0031: GSM}
BITS = {MS: 4, IMA: 4, GSM: 0}
_MOST_CHANNELS = {MS: 2, IMA: 2, GSM: 1}
_HEADS = {MS: (7, 2), IMA: (4, 1)}
"""Bytes that begin a block, for each channel, and the samples in them; every byte after those holds two."""

_MS_COEFFICIENTS = struct.pack(
    "<H14h", 7, 256, 0, 512, -256, 0, 0, 192, 64, 240, 0, 460, -208, 392, -232
)  # the only sets that every decoder knows
_EXTENSIBLE = b"\xfe\xff"

GSM_SILENCE = bytes.fromhex(
    "204817d6840280244992248902802449922489028024499224890280244992240982"
    "74614d28004892244992280048922449922800489224499228004892244992"
)
"""What SoX makes of digital silence; repeated, it decodes to a constant of at most 24 in 32,768 (-62 dBFS)."""

_RINGING = {GSM: 1}
"""Blocks in which a decoder still sounds of what came before (GSM: 15 ms and less, measured), to be muted as well."""

_MARGINS = {GSM: 11}


def block_frames(codec: str, channels: int, fmt: bytes) -> int:
    """Samples of each channel in one block; 0 where the format chunk contradicts itself.

    Raises UnsupportedCodec for more channels than the codec has, or MS ADPCM with coefficients of its own.
    """
    if len(fmt) < 20 or not channels:
        return 0
    if channels > _MOST_CHANNELS[codec]:
        raise UnsupportedCodec(f"{codec} on {channels} channels is not read: use linear PCM or G.711")
    block_bytes, _, _, announced = struct.unpack_from("<4H", fmt, 12)
    frames = _capacity(codec, block_bytes // channels) if block_bytes % channels == 0 else 0
    if codec == MS and not fmt.startswith(_EXTENSIBLE) and fmt[20:50] != _MS_COEFFICIENTS:
        raise UnsupportedCodec("MS ADPCM with coefficients of its own is not read: use linear PCM or G.711")
    return frames if frames == announced else 0


def _capacity(codec: str, share: int) -> int:
    """Samples that a channel's `share` of a block's bytes holds; 0 if no such block exists."""
    if codec == GSM:
        return 320 if share == 65 else 0
    head, first = _HEADS[codec]
    if share <= head or (codec == IMA and share % 4):
        return 0
    return (share - head) * 2 + first


def block_format(codec: str, channels: int, rate: int, block_bytes: int, frames: int) -> bytes:
    """A format chunk's body with what the codec needs and nothing else."""
    tag = next(tag for tag, name in TAGS.items() if name == codec)
    extra = struct.pack("<H", frames) + (_MS_COEFFICIENTS if codec == MS else b"")
    per_second = rate * block_bytes // frames
    head = struct.pack("<HHIIHHH", tag, channels, rate, per_second, block_bytes, BITS[codec], len(extra))
    return head + extra


def touched(first: int, last: int, sound: Sound) -> tuple[int, int]:
    """The frames (blocks, where there are some) to overwrite for samples `[first, last)`: rounded outward."""
    ringing = _RINGING.get(sound.codec, 0)
    return max(0, first // sound.block_frames - ringing), -(-last // sound.block_frames)


def margin_ms(sound: Sound) -> int:
    """How far from a span the sound may change, for the ear: 0 in linear codecs, one block in ADPCM, then exact.

    GSM: 11 blocks, after which decoders are back within 1 % of full scale (355 ms at most in 1,289 cuts at 8 kHz;
    the very same again after 0.7 s in 99 % of them, 5 s in the worst). Its neighbours' bytes never change.
    """
    if sound.block_frames == 1:
        return 0
    return -(-sound.block_frames * _MARGINS.get(sound.codec, 1) * 1000 // sound.rate)
