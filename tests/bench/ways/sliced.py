"""pydub as people use it: slices joined with silence."""

from __future__ import annotations

from pathlib import Path

from pydub import AudioSegment

ENCODED = {"pcm16": {}, "mu-law": {"codec": "pcm_mulaw"}, "mp3": {"bitrate": "32k"}}
"""By the file's stem, which is its format's name: how it is written again as it was."""


def pydub(source: Path, target: Path, spans: list[list[int]]) -> None:
    """All in memory."""
    whole, at, parts = AudioSegment.from_file(str(source)), 0, []
    for start, end in spans:
        silent = AudioSegment.silent(end - start, whole.frame_rate).set_channels(whole.channels)
        parts += [whole[at:start], silent]
        at = end
    joined = sum([*parts[1:], whole[at:]], parts[0])
    joined.export(str(target), format=target.suffix[1:], **ENCODED[source.stem])
