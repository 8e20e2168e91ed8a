"""One call judged: which bank words stay audible, which harmless numbers do not, how much silence is for nothing."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields

from chalicelib.model import Finding, Span, Transcript
from chalicelib.services.redaction import widen
from chalicelib.spans import merge, pad
from tests.corpus.speech.calls import NEGATIVES, Spoken

Detector = Callable[[Transcript, str], list[Finding]]
PADDING_MS, FAR_MS = 250, 1_000
COVERED, TOUCHED = 0.95, 0.05


@dataclass
class Tally:
    """Sums over calls. `other` are harmless numbers, in calls of every kind."""

    calls: int = 0
    sensitive: int = 0
    leaked: int = 0
    leaky_calls: int = 0
    negatives: int = 0
    muted_negatives: int = 0
    other: int = 0
    muted_other: int = 0
    far_ms: int = 0
    duration_ms: int = 0
    words: int = 0
    spent_s: float = 0.0

    def __add__(self, more: Tally) -> Tally:
        return Tally(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(Tally)))


def total(tallies: Iterable[Tally]) -> Tally:
    """All in one."""
    return sum(tallies, Tally())


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one detector did to one call."""

    leaked: tuple[Span, ...]
    muted_other: tuple[Span, ...]
    far: tuple[Span, ...]
    tally: Tally


def judge(spoken: Spoken, detect: Detector) -> Verdict:
    """Let `detect` hear the call, and compare its findings, padded, with the truth."""
    start = time.perf_counter()
    findings = detect(spoken.transcript, spoken.language)
    spent = time.perf_counter() - start
    muted = [finding.span for finding in widen(findings, PADDING_MS, spoken.duration_ms)]
    by_channel = {channel: _on(muted, channel) for channel in (0, 1)}
    leaked = tuple(span for span, _ in spoken.truth if _share(span, by_channel) < COVERED)
    other = tuple(span for span in spoken.audible if _share(span, by_channel) > TOUCHED)
    far = tuple(_far(by_channel, [span for span, _ in spoken.truth]))
    negative = spoken.kind in NEGATIVES
    hit = bool(other) or (spoken.kind == "smalltalk" and bool(muted))
    tally = Tally(
        1, len(spoken.truth), len(leaked), int(bool(leaked)), int(negative), int(negative and hit),
        len(spoken.audible), len(other), sum(s.end_ms - s.start_ms for s in far), spoken.duration_ms,
        len(spoken.transcript.words), spent,
    )  # fmt: skip
    return Verdict(leaked, other, far, tally)


def _on(muted: Iterable[Span], channel: int) -> list[Span]:
    """What is silent on one channel, disjoint and in order."""
    return merge(Span(s.start_ms, s.end_ms, channel) for s in muted if s.channel in (None, channel))


def _share(span: Span, by_channel: dict[int, list[Span]]) -> float:
    """How much of a word is silent."""
    silent = (min(span.end_ms, s.end_ms) - max(span.start_ms, s.start_ms) for s in by_channel[span.channel or 0])
    return sum(ms for ms in silent if ms > 0) / (span.end_ms - span.start_ms)


def _far(by_channel: dict[int, list[Span]], truth: Sequence[Span]) -> Iterable[Span]:
    """What is silent, on either channel, further than a second from any bank word of either."""
    near = merge(pad(Span(s.start_ms, s.end_ms), FAR_MS) for s in truth)
    for muted in by_channel.values():
        for span in muted:
            at = span.start_ms
            for zone in near:
                if zone.end_ms > at and zone.start_ms < span.end_ms:
                    if zone.start_ms > at:
                        yield Span(at, zone.start_ms, span.channel)
                    at = zone.end_ms
            if at < span.end_ms:
                yield Span(at, span.end_ms, span.channel)


def an_hour(calls: Iterable[Spoken]) -> Transcript:
    """Calls one after the other until an hour is full."""
    words, at, language = [], 0, ""
    for spoken in calls:
        language = spoken.language
        for word in spoken.transcript.words:
            span = Span(word.span.start_ms + at, word.span.end_ms + at, word.span.channel)
            words.append(type(word)(word.text, span, word.confidence, word.punctuation))
        at += spoken.duration_ms
        if at > 3_600_000:
            break
    return Transcript(tuple(words), language, 2)
