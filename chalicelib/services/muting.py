"""One file muted into another in whatever format, and verified from a fresh reading of both."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from chalicelib.audio import flac
from chalicelib.audio.mute import mute, muted, require_inside
from chalicelib.audio.sniff import FLAC, MP3, WAV
from chalicelib.audio.verify import verify
from chalicelib.audio.verify_decoded import verify_decoded
from chalicelib.errors import SourdineError
from chalicelib.model import Span
from chalicelib.services.media import CODED, Media, beeps, examine, media

_EXACT = {MP3}
"""Compressed formats that decode to the same samples again soon after a span; others keep traces for longer."""


def mute_media(
    source: Media,
    target: Path,
    spans: list[Span],
    tone: bool = False,
    require: Callable[[Media], None] | None = None,
) -> None:
    """Write `source` to `target` with `spans` silenced, verify it, and have `require` look at it too.

    `tone` puts a soft beep there in linear PCM and G.711; in every other format it is silence all the same. Raises
    SpanOutsideRecording before a byte is written, VerificationFailed, and whatever `require` raises; then `target` must
    not be used.
    """
    if target.exists() and target.samefile(source.path):
        raise SourdineError("the recording would be muted over itself: name another file")
    for span in spans:
        require_inside(span, source.sound)
    beep = tone and beeps(source.path)
    _write(source, target, spans, beep)
    with media(target) as written:
        _verify(source, target, written, spans, beep)
        if require:
            require(written)


def _write(source: Media, target: Path, spans: list[Span], beep: bool) -> None:
    with source.path.open("rb") as original, target.open("w+b") as redacted:
        if source.format == WAV:
            mute(original, redacted, examine(source.path), spans, beep)
        elif source.format == FLAC:
            with source.linear.open("rb") as linear:
                flac.encode(muted(linear, source.sound, spans), redacted)
        else:
            CODED[source.format].mute(original, redacted, spans)


def _verify(source: Media, target: Path, written: Media, spans: list[Span], beep: bool) -> None:
    """A WAV by its samples or blocks, FLAC by its samples, and what loses some by what it sounds like."""
    if source.format == WAV:
        with source.path.open("rb") as before, target.open("rb") as after:
            verify(before, after, spans, beep)
        return
    with source.linear.open("rb") as before, written.linear.open("rb") as after:
        if source.format == FLAC:
            verify(before, after, spans)
            return
        with source.path.open("rb") as original:
            margin_ms = CODED[source.format].margin_ms(original)
        verify_decoded(before, after, spans, margin_ms, source.format in _EXACT)
