"""Any format that is read as a linear WAV, so that it can be listened to and verified; by FFmpeg's decoders."""

from __future__ import annotations

import wave
from collections.abc import Iterator
from itertools import chain
from typing import Any, BinaryIO

from chalicelib.audio.ffmpeg import demuxing
from chalicelib.audio.sniff import INSTEAD
from chalicelib.errors import EmptyRecording, RecordingTooLong, UnsupportedCodec

LISTENING_RATE = 16_000
"""What sound of a wider band is listened to at: twice a telephone's, and a third of the disk."""

_MOST_BYTES = (1 << 32) - (1 << 16)
"""What a WAV can hold, so that a small file cannot fill the disk."""

_DECODERS = {
    "pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_alaw", "pcm_mulaw",
    "adpcm_ima_wav", "adpcm_ms", "gsm_ms", "mp3", "mp3float", "opus", "libopus", "aac", "flac",
    "amrnb", "amrwb",
}  # fmt: skip


_INSTEAD = {"amrnb": "libopencore_amrnb", "amrwb": "libopencore_amrwb"}
"""FFmpeg's own decoders stop at the first pause that an AMR encoder did not send (DTX)."""


def to_wav(source: BinaryIO, target: BinaryIO) -> None:
    """Write what `source` sounds like to `target` as 16-bit PCM, at `LISTENING_RATE` or less. Memory is constant.

    Raises ScreenRecording or a subclass of UnreadableRecording.
    """
    with demuxing(source) as (container, stream):
        _convert(container, stream, target, "s16", min(stream.rate, LISTENING_RATE))


def to_lossless_wav(source: BinaryIO, target: BinaryIO) -> None:
    """Write every sample of `source`, at its own rate, as 16- or 32-bit PCM. Raises what `to_wav` raises."""
    with demuxing(source) as (container, stream):
        _convert(container, stream, target, stream.format.packed.name, stream.rate)


def _convert(container: Any, stream: Any, target: BinaryIO, form: str, rate: int) -> None:
    import av

    channels, width, written = len(stream.layout.channels), int(form[1:]) // 8, 0
    resampler = av.AudioResampler(format=form, layout=stream.layout.name, rate=rate)
    with wave.open(target, "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        for frame in _resampled(frames(container, stream), resampler):
            samples = bytes(frame.planes[0])[: frame.samples * channels * width]
            written += len(samples)
            if written > _MOST_BYTES:
                raise RecordingTooLong("the recording is longer than is heard in one job: have it split")
            out.writeframesraw(samples)
    if not written:
        raise EmptyRecording("the file holds not one sample: ask the telephony for the recording again")


def frames(container: Any, stream: Any) -> Iterator[Any]:
    """PyAV's frames of one stream of a container. Raises UnsupportedCodec, or what `demuxing` turns into ours."""
    import av

    name = stream.codec_context.name
    if name not in _DECODERS:
        raise UnsupportedCodec(f"the file's codec is not read: {INSTEAD}")
    if name not in _INSTEAD:
        yield from container.decode(stream)
        return
    decoder = av.CodecContext.create(_INSTEAD[name], "r")
    decoder.sample_rate, decoder.layout = stream.rate, "mono"
    for packet in container.demux(stream):
        yield from decoder.decode(packet if packet.size else None)


def _resampled(frames: Iterator[Any], resampler: Any) -> Iterator[Any]:
    for frame in chain(frames, [None]):
        yield from resampler.resample(frame)
