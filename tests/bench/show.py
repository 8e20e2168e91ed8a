"""Calls to look at: the worst leaks, the worst silences, and dumps as Amazon Transcribe writes them."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

from chalicelib.model import Span, Word
from chalicelib.speech.amazon import dump
from tests.bench.measure import Detector, Verdict
from tests.corpus.speech.calls import Spoken

_AROUND_MS = 6_000


def story(spoken: Spoken, verdict: Verdict, detect: Detector, marked: Sequence[Span]) -> str:
    """What was said around each marked span, what the recogniser wrote of it, and what the detector found there."""
    lines = [f"== seed {spoken.seed} {spoken.language} {spoken.kind} {spoken.surface} noise {spoken.noise} %: "
             f"{len(verdict.leaked)} of {len(spoken.truth)} bank words audible, "
             f"{verdict.tally.far_ms / 1000:.1f} s silent for nothing"]  # fmt: skip
    truth, audible = {span for span, _ in spoken.truth}, set(spoken.audible)
    for window in _windows(marked):
        near = [w for w in spoken.verbatim if w.span.overlaps(window)]
        lines.append(f"said     {_by_turns((_marked(w, marked, truth, audible), w.span) for w in near)}")
        heard = [w for w in spoken.transcript.words if w.span.overlaps(window)]
        lines.append(f"written  {_by_turns((w.text + w.punctuation, w.span) for w in heard)}")
        found = [f for f in detect(spoken.transcript, spoken.language) if f.span.overlaps(window)]
        lines += [f"found    {_place(f.span)} {f.kind} {f.rule} {f.confidence:.2f}" for f in found]
    return "\n".join(lines) + "\n"


def _windows(marked: Sequence[Span]) -> list[Span]:
    windows: list[Span] = []
    for span in sorted(marked):
        start, end = max(0, span.start_ms - _AROUND_MS), span.end_ms + _AROUND_MS // 2
        if windows and start <= windows[-1].end_ms:
            windows[-1] = Span(windows[-1].start_ms, max(end, windows[-1].end_ms))
        else:
            windows.append(Span(start, end))
    return windows


def _marked(word: Word, marked: Sequence[Span], truth: set[Span], audible: set[Span]) -> str:
    """⟦what went wrong⟧, [other bank words], <numbers that must stay>."""
    if any(span.overlaps(word.span) for span in marked):
        return f"⟦{word.text}⟧" if word.span not in audible else f"⟦<{word.text}>⟧"
    if word.span in truth:
        return f"[{word.text}]"
    return f"<{word.text}>" if word.span in audible else word.text


def _by_turns(texts: Iterable[tuple[str, Span]]) -> str:
    parts, speaker = [], None
    for text, span in texts:
        if span.channel != speaker:
            parts.append(f"{span.start_ms / 1000:.1f} {'CA'[span.channel or 0]}:")
            speaker = span.channel
        parts.append(text)
    return " ".join(parts)


def _place(span: Span) -> str:
    who = "both" if span.channel is None else ("customer", "agent")[span.channel]
    return f"{span.start_ms / 1000:.1f}–{span.end_ms / 1000:.1f} s {who}"


def dump_calls(calls: Iterable[Spoken], folder: Path) -> int:
    """Write each call as Amazon Transcribe JSON and its truth beside it; how many were written."""
    folder.mkdir(parents=True, exist_ok=True)
    count = 0
    for spoken in calls:
        name = f"{spoken.language}-{spoken.kind}-{spoken.surface}-{spoken.noise}-{spoken.seed}"
        truth = {
            "language": spoken.language, "kind": spoken.kind, "surface": spoken.surface, "noise": spoken.noise,
            "duration_ms": spoken.duration_ms,
            "sensitive": [_row(span) | {"kind": kind} for span, kind in spoken.truth],
            "audible": [_row(span) for span in spoken.audible],
            "spoken": [_row(w.span) | {"text": w.text} for w in spoken.verbatim],
        }  # fmt: skip
        _write(folder / f"{name}.json", dump(spoken.transcript, name))
        _write(folder / f"{name}.truth.json", truth)
        count += 1
    return count


def _row(span: Span) -> dict[str, object]:
    return {"start_ms": span.start_ms, "end_ms": span.end_ms, "channel": span.channel}


def _write(path: Path, document: object) -> None:
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1), "utf-8")
