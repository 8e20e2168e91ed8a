"""A recorded call in each compressed format, and what such a file sounds like to FFmpeg; nothing here is ours."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import av
import numpy

CORPUS = Path(__file__).parents[1] / "corpus"
CALL = CORPUS / "demo/en-card.wav"
WIDE_CALL = CORPUS / "coded/en-wide.awb"
NAME = "card of Ms Doe"


@cache
def encoded(
    form: str, codec: str, rate: int, channels: int, kbps: int, seconds: int = 16, options: str = "", width: str = "s16"
) -> bytes:
    """The call's first seconds in a container, with a name among its texts; options as `key=value:key=value`."""
    body = io.BytesIO()
    with av.open(str(CALL)) as call, av.open(body, "w", format=form) as out:
        out.metadata["title"] = out.metadata["comment"] = NAME
        stream = out.add_stream(codec, rate=rate, options=dict(pair.split("=") for pair in options.split(":") if pair))
        stream.layout, stream.bit_rate = ("mono", "stereo")[channels - 1], kbps * 1000
        if codec == "flac":
            stream.format = width
        resampler = av.AudioResampler(stream.format, stream.layout, rate, stream.codec_context.frame_size or None)
        for frame in call.decode(audio=0):
            if frame.time < seconds:
                for resampled in resampler.resample(frame):
                    out.mux(stream.encode(resampled))
        for resampled in resampler.resample(None):
            out.mux(stream.encode(resampled))
        out.mux(stream.encode(None))
    return body.getvalue()


@cache
def film(form: str) -> bytes:
    """The call with moving pictures beside it."""
    kinds = {"mp4": (("ipod", "aac", 16000, 1, 32), "mpeg4"), "webm": (("webm", "libopus", 48000, 1, 24), "libvpx")}
    kind, codec = kinds[form]
    out = io.BytesIO()
    with av.open(io.BytesIO(encoded(*kind))) as whole, av.open(out, "w", format=form) as both:
        screen = both.add_stream(codec, rate=5, width=64, height=64, pix_fmt="yuv420p")
        copy = both.add_stream(template=whole.streams.audio[0])
        both.mux(screen.encode(av.VideoFrame(64, 64, "yuv420p")))
        both.mux(screen.encode(None))
        for packet in whole.demux():
            if packet.size:
                packet.stream = copy
                both.mux(packet)
    return out.getvalue()


def heard(body: bytes, decoder: str | None = None) -> tuple[numpy.ndarray, int]:
    """Samples of -32,768 to 32,767, shape (samples, channels), and their rate; by a decoder that is named, or any."""
    with av.open(io.BytesIO(body)) as container:
        stream = container.streams.audio[0]
        context = stream.codec_context
        if decoder:
            context = av.CodecContext.create(decoder, "r")
            context.sample_rate, context.layout = stream.rate, stream.layout
        packets = (packet if packet.size else None for packet in container.demux(stream))
        frames = [_planes(frame) for packet in packets for frame in context.decode(packet)]
        return numpy.concatenate(frames), stream.rate


def _planes(frame: av.AudioFrame) -> numpy.ndarray:
    samples = frame.to_ndarray()
    samples = samples.reshape(-1, len(frame.layout.channels)) if frame.format.is_packed else samples.T
    return samples * 32_768.0 if samples.dtype.kind == "f" else samples.astype(float)
