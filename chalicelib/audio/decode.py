"""Compressed sound as a linear WAV on disk, so that it can be listened to; by another's decoder (dr_mp3)."""

from __future__ import annotations

import wave
from pathlib import Path

from chalicelib.errors import NotARecording

_AT_ONCE = 1 << 16


def to_wav(source: Path, target: Path) -> None:
    """Write what the MP3 `source` sounds like to `target` as 16-bit PCM. Memory is constant. Raises NotARecording."""
    import miniaudio  # only where sound is redacted

    try:
        form = miniaudio.mp3_get_file_info(str(source))
        with wave.open(str(target), "wb") as out:
            out.setnchannels(form.nchannels)
            out.setsampwidth(2)
            out.setframerate(form.sample_rate)
            for samples in miniaudio.mp3_stream_file(str(source), _AT_ONCE):
                out.writeframesraw(samples.tobytes())
    except (miniaudio.MiniaudioError, UnicodeEncodeError) as error:
        raise NotARecording("the MP3 cannot be decoded: ask the telephony for the recording again") from error
