"""The formats that are muted, by which ways, and one stereo call over and over in each of them."""

from __future__ import annotations

import shutil
import wave
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import av
import lameenc
import numpy

from chalicelib.audio import mp3_mute, opus_mute
from tests.sounds import chunk, encode, fmt, riff

CALL = Path(__file__).parents[1] / "corpus/demo/en-card.wav"
RATE, MP3_KBITS, OPUS_BITS = 8_000, 32, 24_000
PROGRAMS = ("ffmpeg", "sox", "multimon-ng")
"""Programs that may be missing; their Debian packages are called the same."""

OURS = ("ours", "verified", "redact")


@dataclass(frozen=True, slots=True)
class Format:
    """How it is made of 16-bit stereo samples, who mutes it, and by how many steps a decoder may waver for long."""

    suffix: str
    write: Callable[[Path, bytes], object]
    ways: tuple[str, ...]
    steps: int = 0


def missing() -> list[str]:
    """Programs that are not installed here."""
    return [name for name in PROGRAMS if not shutil.which(name)]


def ways(name: str) -> list[str]:
    """Those of a format whose programs are installed; pydub calls ffmpeg for all but linear WAV."""
    gone = {*missing(), *(["pydub"] if "ffmpeg" in missing() and name != "pcm16" else [])}
    return [way for way in FORMATS[name].ways if way not in gone]


def make(name: str, folder: Path, seconds: int) -> Path:
    """The call in a format, in a file called by the format's name."""
    with wave.open(str(CALL)) as call:
        once = call.readframes(call.getnframes())
    path = folder / f"{name}{FORMATS[name].suffix}"
    FORMATS[name].write(path, (once * (seconds * RATE * 4 // len(once) + 1))[: seconds * RATE * 4])
    return path


def _wav(codec: str) -> Callable[[Path, bytes], object]:
    return lambda path, samples: path.write_bytes(riff(fmt(codec, 2, RATE), chunk(b"data", encode(samples, codec))))


def _mp3(path: Path, samples: bytes) -> None:
    encoder = lameenc.Encoder()
    encoder.set_bit_rate(MP3_KBITS)
    encoder.set_in_sample_rate(RATE)
    encoder.set_out_sample_rate(RATE)
    encoder.set_channels(2)
    encoder.set_quality(7)
    encoder.silence()
    path.write_bytes(bytes(encoder.encode(samples) + encoder.flush()))


def _opus(path: Path, samples: bytes) -> None:
    with av.open(str(path), "w", format="ogg") as out:
        stream = out.add_stream("libopus", rate=RATE, layout="stereo")
        stream.bit_rate = OPUS_BITS
        for at in range(0, len(samples), RATE * 4):
            second = numpy.frombuffer(samples[at : at + RATE * 4], "<i2").reshape(1, -1)
            frame = av.AudioFrame.from_ndarray(second, format="s16", layout="stereo")
            frame.rate, frame.pts = RATE, at // 4
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))


def margin_ms(path: Path) -> int:
    """How far from a span a sample of this file may have changed: as far as our own muting of it reaches."""
    if path.suffix == ".wav":
        return 0
    with path.open("rb") as original:
        return {".mp3": mp3_mute, ".opus": opus_mute}[path.suffix].margin_ms(original)


FORMATS = {
    "pcm16": Format(".wav", _wav("pcm16"), (*OURS, "pydub", "ffmpeg", "sox")),
    "mu-law": Format(".wav", _wav("mu-law"), (*OURS, "pydub", "ffmpeg", "sox")),
    "mp3": Format(".mp3", _mp3, (*OURS, "pydub", "ffmpeg")),
    "opus": Format(".opus", _opus, (*OURS, "ffmpeg"), 1),
}
