"""Keyed digits: the two tones of a telephone's key (ITU-T Q.23), found on every channel, and never named.

Each frame of 24 ms is compared with the eight frequencies, a little low and a little high of each (Q.24: 1.5 % off at
the most), by one matrix product over blocks of 8 ms, of which three make a frame. A frame is keyed when one low and
one high tone hold most of its energy (speech never does for long), neither much louder than the other (Q.24: 8 dB
and 4 dB; we take 9.2), each well above its neighbours. Two frames in a row are a key: telephones accept 40 ms.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import compress, pairwise
from operator import or_
from typing import Any, BinaryIO

from chalicelib.audio.codec import channel_of, to_linear
from chalicelib.model import Finding, Sound, Span
from chalicelib.spans import merge

KEYED = "keyed"
"""The kind of a finding over a key."""

LOW, HIGH = (697, 770, 852, 941), (1209, 1336, 1477, 1633)
"""The keypad's rows and columns, in Hz."""

_BLOCK_MS, _BLOCKS = 8, 3
_CHUNK_BLOCKS = 7_500
_ONE_THREAD = 1 << 17
"""Multiplications of a matrix product: OpenBLAS shares one of more than twice as many among threads."""

_SHARE, _SHARE_BESIDE = 0.65, 0.35
"""Of a frame's energy in two tones: what makes a key, and what belongs to one beside it."""

_LEAST_ENERGY = 3e-6
_OFF = (0.992, 1.008)
_LOUDER = 10**0.92
_ABOVE_NEIGHBOURS = 4.0
_LEAST_FRAMES = 2
_EDGE_MS = 16
"""What a frame may miss of a tone at its beginning and end."""

_ONE_KEY_MS = 30
_ALONE_MS = 4_000


def keys(stream: BinaryIO, sound: Sound) -> list[Finding]:
    """A finding over every key that is heard on any channel of a WAV, in order. Memory is constant."""
    import numpy  # 70 MB: loaded only where sound is redacted

    block = sound.rate * _BLOCK_MS // 1000
    frequencies = numpy.outer(_OFF, LOW + HIGH).ravel()
    tables = _tables(block, sound.rate, frequencies)
    turns = numpy.exp(-2j * numpy.pi * frequencies * block / sound.rate).astype(numpy.complex64)
    found: list[Span] = []
    for channel, first, blocks in _blocks(stream, sound, block):
        for start, end in _runs(*_powers(blocks, tables, turns), block * _BLOCKS):
            start_ms, end_ms = (1000 * block * (first + at) // sound.rate for at in (start, end + _BLOCKS))
            span = Span(max(0, start_ms - _EDGE_MS), min(end_ms + _EDGE_MS, sound.duration_ms), channel)
            found.append(span)
    return [Finding(span, KEYED, 0.9, "dtmf") for span in sorted(merge(found, _ONE_KEY_MS - 2 * _EDGE_MS))]


def sequences(keyed: list[Finding]) -> list[Finding]:
    """The keys without those that are alone for four seconds before and after: choices in a menu."""
    ordered = sorted(keyed, key=lambda finding: (finding.span.channel or 0, finding.span))
    near = [_is_near(one.span, next_one.span) for one, next_one in pairwise(ordered)]
    return sorted(compress(ordered, map(or_, [False, *near], [*near, False])), key=lambda finding: finding.span)


def _is_near(one: Span, next_one: Span) -> bool:
    return one.channel == next_one.channel and next_one.start_ms - one.end_ms <= _ALONE_MS


def _tables(block: int, rate: int, frequencies: Any) -> Any:
    """Cosine and minus sine of each frequency, side by side (a complex number), over one block: `block` rows."""
    import numpy

    turning: Any = numpy.exp(-2j * numpy.pi * numpy.outer(numpy.arange(block), frequencies) / rate)
    return turning.astype(numpy.complex64).view(numpy.float32)


def _blocks(stream: BinaryIO, sound: Sound, block: int) -> Iterator[tuple[int, int, Any]]:
    """Channel, number of the first block, and blocks as rows from -1 to 1.

    A minute at a time, the last two blocks again; all channels of it, so that the sound is read once.
    """
    total = sound.frames // block
    for first in range(0, total, _CHUNK_BLOCKS):
        count = min(_CHUNK_BLOCKS + _BLOCKS - 1, total - first)
        stream.seek(sound.data_offset + first * block * sound.frame_bytes)
        frames = stream.read(count * block * sound.frame_bytes)
        for channel in range(sound.channels):
            samples, width = to_linear(channel_of(frames, sound.channels, sound.sample_bytes, channel), sound.codec)
            linear = _floats(samples, width)
            yield channel, first, linear[: len(linear) // block * block].reshape(-1, block)


def _floats(samples: bytes, width: int) -> Any:
    import numpy

    if width == 3:
        padded: Any = numpy.zeros((len(samples) // 3, 4), numpy.uint8)
        padded[:, 1:] = numpy.frombuffer(samples, numpy.uint8).reshape(-1, 3)
        samples, width = padded.tobytes(), 4
    scale = numpy.float32(1 << (8 * width - 1))
    return numpy.frombuffer(samples, f"<i{width}").astype(numpy.float32) / scale


def _powers(blocks: Any, tables: Any, turns: Any) -> tuple[Any, Any]:
    """Of each frame of three blocks: the power at the eight frequencies (its rows), and its energy."""
    import numpy

    parts = _product(blocks, tables).view(numpy.complex64)
    energies = numpy.einsum("ij,ij->i", blocks, blocks)
    frames = max(0, len(blocks) - _BLOCKS + 1)
    whole: Any = numpy.zeros((frames, len(turns)), numpy.complex64)
    energy: Any = numpy.zeros(frames, numpy.float32)
    for at in reversed(range(_BLOCKS)):
        whole *= turns
        whole += parts[at : at + frames]
        energy += energies[at : at + frames]
    powers = whole.real**2 + whole.imag**2
    return numpy.maximum(*numpy.split(powers.T, len(_OFF))), energy


def _product(blocks: Any, tables: Any) -> Any:
    """The matrix product in pieces too small for OpenBLAS to share among threads, whose waiting costs more."""
    import numpy

    pieces = numpy.array_split(blocks, -(-blocks.size * tables.shape[1] // _ONE_THREAD))
    return numpy.concatenate([piece @ tables for piece in pieces])


def _runs(powers: Any, energy: Any, samples: int) -> Iterator[tuple[int, int]]:
    """First and last frame of each key."""
    import numpy

    tones = powers[:4].max(0) + powers[4:].max(0)
    share = (2 / samples) * tones / numpy.maximum(energy, _LEAST_ENERGY * samples)
    likely = numpy.flatnonzero(share > _SHARE_BESIDE)
    key, clear = _clear(powers[:, likely])
    certain = clear & (share[likely] > _SHARE)
    breaks: Any = numpy.flatnonzero((numpy.diff(likely) > 1) | (numpy.diff(key) != 0)) + 1
    for run, sure in zip(numpy.split(likely, breaks), numpy.split(certain, breaks), strict=True):
        if numpy.count_nonzero(sure) >= _LEAST_FRAMES:
            yield int(run[0]), int(run[-1])


def _clear(powers: Any) -> tuple[Any, Any]:
    """Number of the key that each frame is nearest to, and whether its tones are even and above their neighbours."""
    import numpy

    low, high = powers[:4], powers[4:]
    (*_, low_next, lows), (*_, high_next, highs) = numpy.sort(low, 0), numpy.sort(high, 0)
    even = (lows < _LOUDER * highs) & (highs < _LOUDER * lows)
    clear = (lows > _ABOVE_NEIGHBOURS * low_next) & (highs > _ABOVE_NEIGHBOURS * high_next)
    return low.argmax(0) * 4 + high.argmax(0), even & clear
