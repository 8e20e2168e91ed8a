"""This project: muted; muted and verified; and all that Redact does to a sound."""

from __future__ import annotations

import tempfile
from pathlib import Path

from chalicelib.audio.dtmf import keys
from chalicelib.audio.mute import mute
from chalicelib.audio.sniff import MP3, OGG
from chalicelib.model import Span
from chalicelib.services.media import CODED, Media, examine, media
from chalicelib.services.muting import mute_media

Spans = list[list[int]]


def ours(source: Path, target: Path, spans: Spans) -> None:
    """Muted; what is compressed is first freed of what lies around its frames, as its muting asks."""
    wanted = [Span(*span) for span in spans]
    with source.open("rb") as original, target.open("w+b") as redacted:
        if source.suffix == ".wav":
            mute(original, redacted, examine(source), wanted)
            return
        muting = CODED[{".mp3": MP3, ".opus": OGG}[source.suffix]]
        with tempfile.TemporaryFile() as frames:
            muting.normalise(original, frames)
            frames.seek(0)
            muting.mute(frames, redacted, wanted)


def verified(source: Path, target: Path, spans: Spans) -> None:
    """Muted and verified, decoding included."""
    with media(source) as original:
        mute_media(original, target, [Span(*span) for span in spans])


def redact(source: Path, target: Path, spans: Spans) -> None:
    """Keyed digits listened for, muted and verified, and listened for again in what was written."""
    with media(source) as original:
        _listen(original)
        mute_media(original, target, [Span(*span) for span in spans], require=_listen)


def _listen(heard: Media) -> None:
    with heard.linear.open("rb") as stream:
        keys(stream, heard.sound)
