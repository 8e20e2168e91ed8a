"""The door of the speech room: where, in a transcript, is bank data heard?

Words become pieces in time (`stream`), pieces become runs of digits and letters (`runs`), runs become readings in the
light of what is talked about (`cues`, `dialogue`), each reading gets its verdict (`verdict`) and its edges (`edges`).
A number that is a card by itself says what is talked about, so the call is walked once more with what it showed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.model import Finding, Transcript
from chalicelib.speech.answers import answers, shaped
from chalicelib.speech.cues import Cue, cues
from chalicelib.speech.dialogue import readings
from chalicelib.speech.echoes import again, echoes, recalled
from chalicelib.speech.edges import findings
from chalicelib.speech.reading import Reading
from chalicelib.speech.runs import Run, runs
from chalicelib.speech.stream import by_channel, stream
from chalicelib.speech.unasked import unasked
from chalicelib.speech.verdict import WITH_WORDS, verdict
from chalicelib.speech.words import language as words_of


def detect(transcript: Transcript, language: str, strict: bool = False) -> list[Finding]:
    """Spans to mute, in order of their start; unpadded: padding belongs to the recogniser's timing.

    `language` is a BCP 47 tag (`fr-FR`); raises UnsupportedLanguage where none of its words are known. `strict` mutes
    any run of nine digits or more. A finding never holds the digits.
    """
    words = words_of(language)
    voices = by_channel(stream(transcript, words))
    heard = [cue for voice in voices.values() for cue in cues(voice, words.name)]
    spoken = [run for channel, voice in voices.items() for run in runs(voice, words, _breaks(heard, channel))]
    heard += _shown(heard, spoken)
    found = [*answers(heard, voices, words), *shaped(heard, voices)]
    read: list[tuple[Finding, Run]] = []
    for reading in _said(readings(heard, spoken)):
        decided = verdict(reading, strict)
        if decided:
            some = findings(reading, decided, voices[reading.runs[0].first.channel], words)
            read += [(finding, reading.whole()) for finding in some]
    found += [finding for finding, _ in read]
    found += echoes(read, spoken)
    found += recalled(read, spoken)
    found += again(found, voices, words)
    return sorted(found, key=lambda finding: (finding.span.start_ms, finding.span.end_ms))


def _breaks(heard: list[Cue], channel: int | None) -> frozenset[int]:
    """Where a voice names another number, or another bank datum."""
    return frozenset(cue.at.start_ms for cue in heard if cue.at.channel == channel and not cue.needs_payment)


def _shown(heard: list[Cue], spoken: list[Run]) -> list[Cue]:
    """Cues that nobody spoke: where numbers as long as a card, or an IBAN, are read though none was asked for."""
    found = (shown for reading in readings(heard, spoken) for shown in unasked(reading))
    return [Cue(kind, start) for start, kind in found]


def _said(some: Iterable[Reading]) -> Iterator[Reading]:
    """Readings that say anything: letters or months alone count only where they are expected."""
    for reading in some:
        worded = reading.on.bank is not None and reading.on.bank.topic in WITH_WORDS
        if worded or any(run.numbers() for run in reading.runs):
            yield reading
