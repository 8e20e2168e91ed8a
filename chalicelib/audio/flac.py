"""FLAC: decoded, muted as the WAV that it is, encoded again, which loses nothing but texts and pictures."""

from __future__ import annotations

from typing import BinaryIO

from chalicelib.audio.decode import frames
from chalicelib.audio.ffmpeg import demuxing
from chalicelib.audio.sketch import Sketch
from chalicelib.errors import TruncatedRecording

_STREAM_INFO = 42


def encode(linear: BinaryIO, target: BinaryIO) -> None:
    """Write the WAV `linear` (16 bits, or 24 in 32 as `to_lossless_wav` writes them) to `target`, sample by sample."""
    import av

    with demuxing(linear) as (container, stream), av.open(target, "w", format="flac") as out:
        encoder = out.add_stream("flac", rate=stream.rate)
        encoder.layout, encoder.format = stream.layout, stream.format
        for frame in frames(container, stream):
            out.mux(encoder.encode(frame))
        out.mux(encoder.encode(None))
    target.flush()


def sketch(head: bytes) -> Sketch:
    """By how every FLAC describes itself; 0 ms where its encoder did not know. Raises TruncatedRecording."""
    if len(head) < _STREAM_INFO:
        raise TruncatedRecording("the FLAC ends before it is described: ask the telephony for it again")
    packed = int.from_bytes(head[18:26], "big")
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & (1 << 36) - 1
    return Sketch(channels, samples * 1000 // rate if rate else 0)
