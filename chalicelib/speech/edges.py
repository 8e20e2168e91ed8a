"""Where a finding begins and ends: over misheard words beside it, months of an expiry date, digits nobody heard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator

from chalicelib.model import Finding, Span
from chalicelib.speech.reading import Reading
from chalicelib.speech.recognisers.card import CARD_DIGITS
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard
from chalicelib.speech.verdict import SURE, WITH_WORDS, Verdict
from chalicelib.speech.words import Language

_BRIDGE_MS = 3_000
_WINDOW_MS = 20_000
_BESIDE_MS = 900
_UNHEARD_MS = 900
_MOST_BESIDE = 3


def findings(reading: Reading, found: Verdict, voice: list[Heard], words: Language) -> Iterator[Finding]:
    """The spans to mute for a reading: its runs, joined where little lies between.

    Where fewer digits than a card has were heard, the voice is muted from the first to the last: what the recogniser
    lost lies between.
    """
    incomplete = found.kind == "card" and reading.most < CARD_DIGITS.start
    whole = found.kind == "card" and found.confidence >= SURE
    reach = _WINDOW_MS if incomplete else _BRIDGE_MS
    runs = [trimmed for run in reading.runs if (trimmed := _inner(run, found))]
    rule = "payment-window" if incomplete and len(runs) > 1 else found.rule
    for start, end in _joined(runs, reach):
        span = _widened(start, end, voice, words, 0 if whole else _UNHEARD_MS)
        least = min(h.confidence for run in runs for h in run.heard)
        yield Finding(span, found.kind, min(found.confidence, least), rule)


def _inner(run: Run, found: Verdict) -> Run | None:
    return run if found.kind in WITH_WORDS else run.numbers()


def _joined(runs: list[Run], reach_ms: int) -> list[tuple[Heard, Heard]]:
    joined: list[tuple[Heard, Heard]] = []
    for run in runs:
        if joined and run.first.start_ms - joined[-1][1].end_ms <= reach_ms:
            joined[-1] = joined[-1][0], run.last
        else:
            joined.append((run.first, run.last))
    return joined


def _widened(first: Heard, last: Heard, voice: list[Heard], words: Language, unheard_ms: int) -> Span:
    """Outward over words that are misheard digits or months, then over the silence where a digit may have been lost."""
    start, end = first.start_ms, last.end_ms
    place = bisect_left(voice, first.start_ms, key=_start)
    before = [h for h in voice[max(0, place - _MOST_BESIDE) : place] if h.end_ms <= first.start_ms]
    place = bisect_left(voice, last.end_ms, key=_start)
    after = voice[place : place + _MOST_BESIDE]
    for heard in reversed(before):
        if start - heard.end_ms > _BESIDE_MS or not _belongs(heard, words):
            break
        start = heard.start_ms
    for heard in after:
        if heard.start_ms - end > _BESIDE_MS or not _belongs(heard, words):
            break
        end = heard.end_ms
    return Span(max(0, start - unheard_ms), end + unheard_ms, first.channel)


def _start(heard: Heard) -> int:
    return heard.start_ms


def _belongs(heard: Heard, words: Language) -> bool:
    text = heard.piece.text
    return heard.piece.number or text in words.homophones or text in words.months or text in words.repeat
