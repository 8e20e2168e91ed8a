"""FFmpeg's demuxers and decoders, through PyAV, with no more trust than a stranger's file deserves.

The demuxer is named, never guessed (a playlist can be made to look like sound, and opens other files), texts and
pictures are no reason to decode anything, and whatever FFmpeg raises is one of our errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from errno import ENOSPC
from typing import Any, BinaryIO

from chalicelib.audio.boxes import require_bounded
from chalicelib.audio.sniff import AMR, FLAC, HEAD_BYTES, INSTEAD, MATROSKA, MP3, MP4, OGG, WAV, kind
from chalicelib.errors import DamagedRecording, ScreenRecording, UnsupportedCodec

_DEMUXERS = {WAV: "wav", MP3: "mp3", OGG: "ogg", AMR: "amr", FLAC: "flac", MP4: "mov", MATROSKA: "matroska"}


_STILLS = {"mjpeg", "png", "bmp", "gif"}


@contextmanager
def refusing() -> Iterator[None]:
    """FFmpeg's errors as DamagedRecording."""
    import av

    try:
        yield
    except (av.FFmpegError, EOFError, IndexError, ValueError, OverflowError) as error:
        if getattr(error, "errno", None) == ENOSPC:  # the disk's fault and not the recording's
            raise OSError(ENOSPC, "No space left on device") from error
        raise DamagedRecording("the sound cannot be read: ask the telephony for the recording again") from error


@contextmanager
def demuxing(source: BinaryIO) -> Iterator[tuple[Any, Any]]:
    """PyAV's container over a seekable file, and its one stream of sound.

    Raises ScreenRecording or a subclass of UnreadableRecording.
    """
    import av

    source.seek(0)
    form = kind(source.read(HEAD_BYTES))
    if form == MP4:
        require_bounded(source)
    source.seek(0)
    with refusing(), av.open(source, format=_DEMUXERS[form]) as container:
        if not all(_is_cover(picture) for picture in container.streams.video):
            raise ScreenRecording("the file holds moving pictures: stop the source from sending screens")
        if len(container.streams.audio) != 1:
            raise UnsupportedCodec("the file does not hold one stream of sound: have the telephony write one")
        stream = container.streams.audio[0]
        if stream.codec_context is None or not stream.rate or not stream.codec_context.channels:
            raise UnsupportedCodec(f"the file's codec is not read: {INSTEAD}")
        yield container, stream


def _is_cover(picture: Any) -> bool:
    """Whether a stream is a still that belongs to the file's texts, and is left behind with them."""
    return picture.name in _STILLS and not picture.frames and picture.average_rate is None
