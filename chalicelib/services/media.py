"""A recording's file in whatever format: its sound to listen to, and the way to mute and verify it."""

from __future__ import annotations

import mmap
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from chalicelib.audio import mp3_mute
from chalicelib.audio.decode import to_wav
from chalicelib.audio.mp3 import Sketch, scan, sketch, texts_end
from chalicelib.audio.mp3_mute import normalise
from chalicelib.audio.mute import mute
from chalicelib.audio.sniff import HEAD_BYTES, MP3, WAV, kind
from chalicelib.audio.verify import verify, verify_decoded
from chalicelib.audio.wav import probe
from chalicelib.errors import NotARecording, SourdineError
from chalicelib.model import Sound, Span
from chalicelib.services.scratch import scratch

_LONGEST_TEXTS = 1 << 24
_AGREE_MS = 500
MPEG = "audio/mpeg"
_CONTENT_TYPES = {WAV: "audio/wav", MP3: MPEG}


@dataclass(frozen=True, slots=True)
class Media:
    """A file at `path` of a format; what it sounds like is a WAV at `linear`, which `sound` describes.

    Of an MP3, `path` holds its frames and nothing else.
    """

    path: Path
    format: str
    linear: Path
    sound: Sound

    @property
    def codec(self) -> str:
        """What its samples are, or were, stored as."""
        return self.format if self.format == MP3 else self.sound.codec


def needed(head: bytes) -> int:
    """How many of a file's first bytes tell what it is, by its first `HEAD_BYTES`: texts may come before the sound."""
    return min(texts_end(head), _LONGEST_TEXTS) + HEAD_BYTES


def look(head: bytes, size: int) -> Sound | Sketch:
    """Channels and length of a file of `size` bytes by as many of them as are `needed`; about, where it is compressed.

    Raises UnreadableRecording or ScreenRecording.
    """
    return sketch(head, size) if kind(head) == MP3 else probe(head, size)


def require_readable(path: Path) -> None:
    """Return if the file's beginning can be read. Raises UnreadableRecording or ScreenRecording."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        look(head + stream.read(needed(head) - HEAD_BYTES), path.stat().st_size)


def content_type(path: Path) -> str:
    """The media type of a file that can be read."""
    with path.open("rb") as stream:
        return _CONTENT_TYPES[kind(stream.read(HEAD_BYTES))]


@contextmanager
def media(path: Path) -> Iterator[Media]:
    """The file opened, for as long as the block lasts. Raises UnreadableRecording or ScreenRecording."""
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
    if kind(head) != MP3:
        yield Media(path, WAV, path, examine(path))
        return
    with scratch() as folder:
        frames, linear = folder / "frames.mp3", folder / "linear.wav"
        with path.open("rb") as original, frames.open("wb") as written:
            played = normalise(original, written)
        to_wav(frames, linear)
        sound = examine(linear)
        if abs(sound.duration_ms - played.duration_ms) > _AGREE_MS:
            raise NotARecording("decoders disagree on how long the MP3 is: ask the telephony for the recording again")
        yield Media(frames, MP3, linear, sound)


def examine(path: Path) -> Sound:
    """What the WAV at `path` is. Raises UnreadableRecording or ScreenRecording."""
    size = path.stat().st_size
    with path.open("rb") as stream:
        head = stream.read(HEAD_BYTES)
        stream.seek(max(0, size - HEAD_BYTES))
        return probe(head, size, stream.read())


def mute_media(source: Media, target: Path, spans: list[Span]) -> None:
    """Write `source` to `target` with `spans` silenced, then verify it from a fresh reading of both."""
    if target.exists() and target.samefile(source.path):
        raise SourdineError("the recording would be muted over itself: name another file")
    with source.path.open("rb") as original, target.open("w+b") as redacted:
        if source.format != MP3:
            mute(original, redacted, source.sound, spans)
            verify(original, redacted, spans)
            return
        with mmap.mmap(original.fileno(), 0, access=mmap.ACCESS_READ) as data:
            margin_ms = mp3_mute.margin_ms(scan(data, len(data)))
        mp3_mute.mute(original, redacted, spans)
    with media(target) as written, source.linear.open("rb") as before, written.linear.open("rb") as after:
        verify_decoded(before, after, spans, margin_ms)
