"""The door of the speech room: where, in a transcript, is bank data heard?

Plain and wide for now: every run of three digits or more, spoken or written, in French and English. It mutes
telephone numbers too: when in doubt, mute more.
"""

from __future__ import annotations

from collections.abc import Iterable

from chalicelib.errors import UnsupportedLanguage
from chalicelib.model import Finding, Span, Transcript, Word
from chalicelib.speech.numerals import LANGUAGES, digits_in, is_bridge

MIN_DIGITS = 3
"""A security code is the shortest bank datum that is read aloud."""

_MAX_STRANGERS = 2
_MAX_PAUSE_MS = 5_000


def detect(transcript: Transcript, language: str) -> list[Finding]:
    """Spans to mute, by channel and then by time; unpadded: padding belongs to the recogniser's timing.

    `language` is a BCP 47 tag (`fr-FR`); raises UnsupportedLanguage where no words of its are known.
    """
    primary = language.split("-")[0].lower()
    if primary not in LANGUAGES:
        raise UnsupportedLanguage("digits are known in French and English only: set the call's language to one")
    findings = []
    for channel in sorted({word.span.channel for word in transcript.words}, key=lambda c: -1 if c is None else c):
        words = [word for word in transcript.words if word.span.channel == channel]
        findings += [_finding(run) for run in _runs(words, primary) if _worth(run, primary) >= MIN_DIGITS]
    return findings


def _runs(words: Iterable[Word], language: str) -> list[list[Word]]:
    """Digit words in a row, over fillers, short pauses and at most two strangers (a groan, a misheard digit)."""
    runs: list[list[Word]] = []
    strangers = _MAX_STRANGERS + 1
    for word in sorted(words, key=lambda w: (w.span.start_ms, w.span.end_ms)):
        if not digits_in(word.text, language):
            strangers += not is_bridge(word.text, language)
            continue
        near = runs and word.span.start_ms - runs[-1][-1].span.end_ms <= _MAX_PAUSE_MS
        if near and strangers <= _MAX_STRANGERS:
            runs[-1].append(word)
        else:
            runs.append([word])
        strangers = 0
    return runs


def _worth(run: list[Word], language: str) -> int:
    return sum(digits_in(word.text, language) for word in run)


def _finding(run: list[Word]) -> Finding:
    span = Span(run[0].span.start_ms, max(word.span.end_ms for word in run), run[0].span.channel)
    return Finding(span, "digits", min(word.confidence for word in run), "digit-run")
