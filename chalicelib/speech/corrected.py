"""Words that a person says were others: put in the place of those that the recogniser heard."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.errors import CannotBeRectified
from chalicelib.model import Span, Transcript, Word
from chalicelib.speech.detect import detect


def corrected(transcript: Transcript, span: Span, text: str, language: str) -> Transcript:
    """The transcript with `text` in the place of the words of one voice that are heard in `span`, evenly over it.

    Raises CannotBeRectified where it is not clear whose words they are, where that many do not fit, or where they are
    bank data, which no transcript may hold; UnsupportedLanguage.
    """
    span = replace(span, channel=_voice(transcript, span))
    kept = [word for word in transcript.words if not (span.overlaps(word.span) and word.span.channel == span.channel)]
    words = sorted([*kept, *_spread(text.split(), span)], key=lambda word: (word.span.start_ms, word.span.end_ms))
    found = replace(transcript, words=tuple(words))
    if any(finding.span.overlaps(span) for finding in detect(found, language, strict=True)):
        raise CannotBeRectified("what is to be written there reads as bank data, which no transcript may hold")
    return found


def _voice(transcript: Transcript, span: Span) -> int | None:
    """The channel on which the words are heard."""
    voices = {word.span.channel for word in transcript.words}
    heard = {word.span.channel for word in transcript.words if word.span.overlaps(span)} or voices
    if span.channel in voices:
        return span.channel
    if span.channel is not None or len(heard) != 1:
        raise CannotBeRectified("say on which of the recording's channels the words are: 0 is the left one")
    return next(iter(heard))


def _spread(texts: list[str], span: Span) -> list[Word]:
    length = span.end_ms - span.start_ms
    if len(texts) > length:
        raise CannotBeRectified("so many words do not fit into that span")
    edges = [span.start_ms + length * n // len(texts) for n in range(len(texts) + 1)]
    return [Word(text, Span(edges[n], edges[n + 1], span.channel)) for n, text in enumerate(texts)]
