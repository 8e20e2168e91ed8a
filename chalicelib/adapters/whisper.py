"""Whisper on this machine's processor: sound file to transcript, each channel by itself, with no cloud.

Settings are measured (PLATFORM 6): int8 and beam 1 lose no digit; temperature 0 alone loops; no prompt, because on
composed calls one of numerals hears fewer digits (French pairs: 0.93 without, 0.90 and 0.85 with it). Word times
are 0.1 to 1 s off, so whoever mutes pads by 0.5 s at least. faster-whisper is imported when it is needed: the
command line and the local recogniser have it, the Lambda package never. Its own decoder is not used: it skips the
frames that it cannot read, which would shift every later word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from chalicelib.adapters.whisper_model import PIP, find_model
from chalicelib.audio.decode import frames
from chalicelib.audio.ffmpeg import demuxing
from chalicelib.errors import (
    EmptyRecording,
    RecogniserMissing,
    RecordingTooLong,
    UnsupportedLanguage,
)
from chalicelib.model import Span, Transcript, Word

Progress = Callable[[int, int], None]
"""Told the milliseconds of sound heard so far and in all, over every channel."""

RATE = 16_000
LONGEST_S = 4 * 3600

_OPENING, _CLOSING = '«"“”(¿¡', '.,;:!?…»"“”)'
_TEMPERATURES = (0.0, 0.2, 0.4, 0.6)


def load_model(model: str, workers: int) -> Any:
    """A faster-whisper model from a folder or a hub name; `workers` is how many threads may hear at once.

    Raises RecogniserMissing.
    """
    try:
        from faster_whisper import WhisperModel
    except ImportError as error:
        raise RecogniserMissing(f"faster-whisper is not installed: {PIP}") from error
    try:
        return WhisperModel(model, device="cpu", compute_type="int8", num_workers=workers)
    except (OSError, RuntimeError, ValueError) as error:
        raise RecogniserMissing("the Whisper model does not load: name a CTranslate2 folder or hub name") from error


class Whisper:
    """A loaded model: `spec` as in `find_model`; `workers` threads may call `hear` at the same time."""

    def __init__(self, spec: str | None = None, workers: int = 1, load: Callable[[str, int], Any] = load_model) -> None:
        self._model = load(find_model(spec), workers)

    def hear(self, path: Path, language: str, progress: Progress | None = None, separate: bool = True) -> Transcript:
        """The words of a sound file in `language` (`fr-FR`), with their channel when the file has several.

        Not `separate`: the channels are mixed into one. Raises UnreadableRecording, UnsupportedLanguage; what
        `progress` raises ends the hearing.
        """
        subtag = language.split("-")[0].lower()
        if subtag not in self._model.supported_languages:
            raise UnsupportedLanguage("the Whisper model does not know this language")
        sounds = decode(path)
        if not separate:
            sounds = [sum(sound / len(sounds) for sound in sounds)]
        words: list[Word] = []
        for number, sound in enumerate(sounds):
            told = _of_all(progress, number, len(sounds), _ms(len(sound) / RATE))
            words += self._words(sound, subtag, number if len(sounds) > 1 else None, told)
        return Transcript(tuple(sorted(words, key=lambda w: (w.span, w.text))), language, len(sounds))

    def _words(self, sound: Any, language: str, channel: int | None, told: Callable[[int], None]) -> Iterator[Word]:
        length = _ms(len(sound) / RATE)
        segments, _ = self._model.transcribe(
            sound.astype("float32") / 32768,
            language=language,
            beam_size=1,
            temperature=_TEMPERATURES,
            condition_on_previous_text=False,
            word_timestamps=True,
            vad_filter=True,
        )
        for segment in segments:
            told(_ms(segment.end))
            yield from filter(None, (word_of(heard, channel, length) for heard in segment.words or ()))
        told(length)


def _of_all(progress: Progress | None, number: int, channels: int, length: int) -> Callable[[int], None]:
    """Progress on one channel, told as progress on all of them."""

    def told(done: int) -> None:
        if progress:
            progress(number * length + min(done, length), channels * length)

    return told


def word_of(heard: Any, channel: int | None, length: int) -> Word | None:
    """One word of faster-whisper's, its punctuation apart, inside a recording of `length` ms; None if only marks."""
    text = heard.word.strip().lstrip(_OPENING)
    bare = text.rstrip(_CLOSING)
    if not any(letter.isalnum() for letter in bare):
        return None
    start = max(0, min(_ms(heard.start), length - 1))
    span = Span(start, max(start + 1, min(_ms(heard.end), length)), channel)
    return Word(bare, span, float(heard.probability), text[len(bare) :])


def _ms(seconds: float) -> int:
    return round(seconds * 1000)


def decode(path: Path, longest_s: int = LONGEST_S) -> list[Any]:
    """Each channel's samples at 16 kHz, as int16 arrays of one length; `longest_s` seconds at most.

    A frame that does not decode ends it: to skip it would shift every later word. Raises UnreadableRecording.
    """
    try:
        import av
        import numpy
    except ImportError as error:
        raise RecogniserMissing(f"PyAV is not installed: {PIP}") from error
    with path.open("rb") as source, demuxing(source) as (container, stream):
        resampler = av.AudioResampler(format="s16p", rate=RATE)
        pieces = list(_pieces(frames(container, stream), resampler, longest_s * RATE))
    if not pieces:
        raise EmptyRecording("the file holds not one sample")
    return list(numpy.concatenate(pieces, axis=1))


def _pieces(heard: Iterator[Any], resampler: Any, most: int) -> Iterator[Any]:
    samples = 0
    for frame in chain(heard, [None]):
        for resampled in resampler.resample(frame):
            samples += resampled.samples
            if samples > most:
                raise RecordingTooLong("the recording is longer than is heard in one job")
            yield resampled.to_ndarray()
