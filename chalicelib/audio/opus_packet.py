"""A packet of Opus (RFC 6716, section 3): how long it lasts, without its padding, and the silence as long as it."""

from __future__ import annotations

from functools import lru_cache

from chalicelib.errors import DamagedRecording

LONGEST_PACKET = 5_760
"""Samples at 48 kHz that a packet lasts at most: 120 ms."""
LARGEST_PACKET = 61_440
"""Bytes that every player must take (RFC 7845, section 6): 120 ms at the highest rate are a quarter of it."""
_LARGEST_FRAME = 1_275
_FRAMES = (480, 960, 1920, 2880) * 3 + (480, 960) * 2 + (120, 240, 480, 960) * 4
_PADDED, _VBR = 0x40, 0x80


def plain(packet: bytes) -> tuple[bytes, int]:
    """A packet without padding, and how many samples it lasts. Raises DamagedRecording where decoders would drop it.

    Newer encoders keep in the padding a rough copy of the last second (DRED), which would outlive what is muted.
    """
    if not 0 < len(packet) <= LARGEST_PACKET:
        raise _broken()
    frame, code = _FRAMES[packet[0] >> 3], packet[0] & 3
    if code == 0:
        if len(packet) - 1 > _LARGEST_FRAME:
            raise _broken()
        return packet, frame
    if code == 3:
        packet = _without_padding(packet)
    sizes = _sizes_of_several(packet) if code == 3 else _sizes_of_two(packet)
    if max(sizes) > _LARGEST_FRAME or min(sizes) < 0 or frame * len(sizes) > LONGEST_PACKET:
        raise _broken()
    return packet, frame * len(sizes)


def _sizes_of_two(packet: bytes) -> list[int]:
    """Bytes of each frame of a packet of code 1 or 2."""
    if packet[0] & 3 == 1:
        size, left = divmod(len(packet) - 1, 2)
        if left:
            raise _broken()
        return [size, size]
    (size,), begin = _sizes(packet, 1, 1)
    return [size, len(packet) - begin - size]


def _sizes_of_several(packet: bytes) -> list[int]:
    """Bytes of each frame of a packet of code 3 that has no padding."""
    count = packet[1] & 0x3F
    if not count:
        raise _broken()
    if packet[1] & _VBR:
        sizes, begin = _sizes(packet, 2, count - 1)
        return [*sizes, len(packet) - begin - sum(sizes)]
    size, left = divmod(len(packet) - 2, count)
    if left:
        raise _broken()
    return [size] * count


def _sizes(packet: bytes, at: int, count: int) -> tuple[list[int], int]:
    """As many sizes as are written from a byte on, and where they end."""
    sizes = []
    for _ in range(count):
        size, long = packet[at : at + 1], packet[at + 1 : at + 2]
        if not size or (size[0] > 251 and not long):
            raise _broken()
        sizes.append(size[0] + 4 * long[0] if size[0] > 251 else size[0])
        at += 2 if size[0] > 251 else 1
    return sizes, at


def _without_padding(packet: bytes) -> bytes:
    """A packet of code 3 whose count says that there is none."""
    if len(packet) < 2:
        raise _broken()
    if not packet[1] & _PADDED:
        return packet
    at, padding = 2, 0
    while packet[at : at + 1] == b"\xff":
        at, padding = at + 1, padding + 254
    padding += packet[at] if at < len(packet) else len(packet)
    if at + 1 + padding > len(packet):
        raise _broken()
    return bytes((packet[0], packet[1] & ~_PADDED)) + packet[at + 1 : len(packet) - padding]


def _broken() -> DamagedRecording:
    return DamagedRecording("a packet of the Opus file is broken: ask the telephony for the recording again")


@lru_cache(maxsize=128)
def silence(toc: int, samples: int) -> bytes:
    """A packet as long as another, with its channels, in which CELT says that there is nothing."""
    for config, frame in ((31, 960), (30, 480), (29, 240), (28, 120)):
        if samples == frame:
            return bytes((config << 3 | toc & 4,)) + b"\xff\xfe"
        if samples % frame == 0:
            break
    count = samples // frame
    return bytes((config << 3 | toc & 4 | 3, count)) + b"\xff\xfe" * count
