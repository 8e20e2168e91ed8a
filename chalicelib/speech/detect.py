"""The door of the speech room: where, in a transcript, is bank data heard?

Words become pieces in time (`stream`), pieces become runs of digits and letters (`runs`), runs become readings in the
light of what is talked about (`cues`, `dialogue`), each reading gets its verdict (`verdict`) and its edges (`edges`).
A number that is a card by itself says what is talked about, so the call is walked once more with what it showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Transcript
from chalicelib.speech.answers import answers
from chalicelib.speech.cues import Cue, cues
from chalicelib.speech.dialogue import Reading, readings
from chalicelib.speech.echoes import echoes
from chalicelib.speech.edges import findings
from chalicelib.speech.runs import Run, runs
from chalicelib.speech.stream import by_channel, stream
from chalicelib.speech.verdict import SPELLED, unasked, verdict
from chalicelib.speech.words import language as words_of


def detect(transcript: Transcript, language: str, strict: bool = False) -> list[Finding]:
    """Spans to mute, in order of their start; unpadded: padding belongs to the recogniser's timing.

    `language` is a BCP 47 tag (`fr-FR`); raises UnsupportedLanguage where none of its words are known. `strict` mutes
    any run of nine digits or more. A finding never holds the digits.
    """
    words = words_of(language)
    voices = by_channel(stream(transcript, words))
    heard = [cue for voice in voices.values() for cue in cues(voice, words.name)]
    spoken = [run for voice in voices.values() for run in runs(voice, words)]
    heard += _shown(heard, spoken)
    found = list(answers(heard, voices, words))
    for reading in _said(readings(heard, spoken)):
        decided = verdict(reading, strict)
        if decided:
            found += findings(reading, decided, voices[reading.runs[0].first.channel], words)
    found += echoes(found, spoken)
    return sorted(found, key=lambda finding: (finding.span.start_ms, finding.span.end_ms))


def _shown(heard: list[Cue], spoken: list[Run]) -> list[Cue]:
    """Cues that nobody spoke: where numbers as long as a card, or an IBAN, are read though none was asked for."""
    found = (shown for reading in readings(heard, spoken) for shown in unasked(reading))
    return [Cue(kind, start) for start, kind in found]


def _said(some: Iterable[Reading]) -> Iterator[Reading]:
    """Readings that say anything: letters alone count only where letters are expected."""
    for reading in some:
        spelled = reading.on.bank is not None and reading.on.bank.topic in SPELLED
        if spelled or any(run.numbers() for run in reading.runs):
            yield reading
