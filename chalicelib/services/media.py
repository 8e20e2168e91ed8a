"""A recording's file in whatever format: what it is, and its sound to listen to."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import SEEK_END
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from chalicelib.audio import amr, container, flac, mp3_mute, opus, opus_mute
from chalicelib.audio.decode import to_lossless_wav, to_wav
from chalicelib.audio.mp3 import sketch, texts_end
from chalicelib.audio.mute import mute, muted
from chalicelib.audio.sketch import Sketch
from chalicelib.audio.sniff import AMR, FLAC, HEAD_BYTES, MATROSKA, MP3, MP4, OGG, WAV, kind
from chalicelib.audio.wav import probe
from chalicelib.errors import DamagedRecording
from chalicelib.model import Sound, Span
from chalicelib.services.scratch import scratch

_LONGEST_TEXTS = 1 << 24
_AGREE_MS = 500
_CONTENT_TYPES = {
    WAV: "audio/wav", MP3: "audio/mpeg", OGG: "audio/ogg", FLAC: "audio/flac", AMR: "audio/amr", MP4: "audio/mp4",
    MATROSKA: "audio/webm",
}  # fmt: skip


class Coded(Protocol):
    """A compressed format that is muted in its own frames or packets, so that nothing is encoded again."""

    def normalise(self, source: BinaryIO, target: BinaryIO) -> Any:
        """Write the sound of `source` without what lies around it; return what has a `duration_ms`."""
        ...

    def mute(self, source: BinaryIO, target: BinaryIO, spans: Iterable[Span]) -> object:
        """Write `source`, which `normalise` wrote, to `target`, silent in `spans` on every channel."""
        ...

    def margin_ms(self, source: BinaryIO) -> int:
        """How far from a span the sound may have changed."""
        ...


CODED: dict[str, Coded] = {MP3: mp3_mute, OGG: opus_mute, AMR: amr, MP4: container, MATROSKA: container}


@dataclass(frozen=True, slots=True)
class Media:
    """A file at `path` of a format; what it sounds like is a WAV at `linear`, which `sound` describes.

    Of a compressed one, `path` holds its sound and nothing else.
    """

    path: Path
    format: str
    linear: Path
    sound: Sound

    @property
    def codec(self) -> str:
        """What its samples are, or were, stored as."""
        return examine(self.path).codec if self.format == WAV else self.format


def look(stream: BinaryIO) -> Sound | Sketch:
    """Channels and length of a file; about, where it is compressed. Raises UnreadableRecording or ScreenRecording."""
    head, size = _head(stream), stream.seek(0, 2)
    form = kind(head)
    if form == WAV:
        return probe(head, size, _tail(stream, size))
    if form == MP3:
        return sketch(head, size)
    if form == OGG:
        return opus.sketch(head, _tail(stream, size))
    if form == FLAC:
        return flac.sketch(head)
    return amr.sketch(stream) if form == AMR else container.sketch(stream)


def _head(stream: BinaryIO) -> bytes:
    """As many of a file's first bytes as tell what it is: texts may come before the sound."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    return head + stream.read(min(texts_end(head), _LONGEST_TEXTS))


def _tail(stream: BinaryIO, size: int) -> bytes:
    stream.seek(max(0, size - HEAD_BYTES))
    return stream.read()


def require_readable(path: Path) -> None:
    """Return if the file's beginning can be read. Raises UnreadableRecording or ScreenRecording."""
    with path.open("rb") as stream:
        look(stream)


def content_type(path: Path) -> str:
    """The media type of a file that can be read."""
    return _CONTENT_TYPES[_kind(path)]


def is_exact(path: Path) -> bool:
    """Whether spans alone change in a file of this format, to the sample, and no frame beside them."""
    return _kind(path) == FLAC or beeps(path)


def beeps(path: Path) -> bool:
    """Whether a file's format can hold a beep in the place of silence."""
    return _kind(path) == WAV and examine(path).block_frames == 1


def _kind(path: Path) -> str:
    with path.open("rb") as stream:
        return kind(stream.read(HEAD_BYTES))


@contextmanager
def media(path: Path) -> Iterator[Media]:
    """The file opened, for as long as the block lasts. Raises UnreadableRecording or ScreenRecording."""
    form = _kind(path)
    if form == WAV and (stored := examine(path)).block_frames == 1:
        yield Media(path, WAV, path, stored)
        return
    with scratch() as folder:
        clean, linear = folder / "sound", folder / "linear.wav"
        if form == FLAC:
            with path.open("rb") as source, linear.open("wb") as decoded:
                to_lossless_wav(source, decoded)
            yield Media(path, FLAC, linear, examine(linear))
            return
        with path.open("rb") as original, clean.open("w+b") as written:
            if form == WAV:
                played: Any = stored
                mute(original, written, stored, ())
            else:
                played = CODED[form].normalise(original, written)
        with clean.open("rb") as source, linear.open("wb") as decoded:
            to_wav(source, decoded)
        sound = examine(linear)
        if abs(sound.duration_ms - played.duration_ms) > _AGREE_MS:
            raise DamagedRecording("decoders disagree on how long the recording is: ask the telephony for it again")
        yield Media(clean, form, linear, sound)


def examine(path: Path) -> Sound:
    """What the WAV at `path` is. Raises UnreadableRecording or ScreenRecording."""
    with path.open("rb") as stream:
        return examine_stream(stream)


def examine_stream(stream: BinaryIO) -> Sound:
    """What the WAV in `stream` is. Raises UnreadableRecording or ScreenRecording."""
    size = stream.seek(0, SEEK_END)
    stream.seek(0)
    return probe(stream.read(HEAD_BYTES), size, _tail(stream, size))


@contextmanager
def listened(source: Path) -> Iterator[Path]:
    """A 16-bit WAV of what `source` sounds like, for as long as the block lasts. Raises what `to_listen` raises."""
    with scratch() as folder:
        to_listen(source, folder / "listened.wav")
        yield folder / "listened.wav"


def to_listen(source: Path, target: Path) -> None:
    """Write to `target` a 16-bit WAV of what `source` sounds like, by the same reading by which it is muted.

    Raises UnreadableRecording or ScreenRecording.
    """
    with media(source) as opened, opened.linear.open("rb") as linear, target.open("wb") as plain:
        to_wav(muted(linear, opened.sound, ()), plain)
