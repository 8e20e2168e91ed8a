"""One file redacted: detect, mute, verify. What the machine and the command line share."""

from __future__ import annotations

from pathlib import Path

from chalicelib.audio.mute import mute
from chalicelib.audio.sniff import HEAD_BYTES
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import NothingHeard
from chalicelib.model import Finding, Sound, Span, Transcript
from chalicelib.spans import clip, merge, pad
from chalicelib.speech.detect import detect


def examine(path: Path) -> Sound:
    """What the file at `path` is. Raises UnreadableRecording or ScreenRecording."""
    with path.open("rb") as stream:
        return probe(stream.read(HEAD_BYTES), path.stat().st_size)


def redact_file(source: Path, target: Path, transcript: Transcript, language: str, padding_ms: int) -> list[Finding]:
    """Mute in `target` the bank data that `transcript` shows in `source`; return the findings as muted.

    Raises NothingHeard, or what reading, detecting, muting and verifying raise; then `target` must not be used.
    """
    if not transcript.words:
        raise NothingHeard("the recogniser heard no word, so what it missed cannot be muted")
    sound = examine(source)
    findings = widen(detect(transcript, language), padding_ms, sound.duration_ms)
    mute_file(source, target, sound, [finding.span for finding in findings])
    return findings


def mute_file(source: Path, target: Path, sound: Sound, spans: list[Span]) -> None:
    """Write `source` to `target` with `spans` silenced, then verify it from a fresh reading of both."""
    with source.open("rb") as original, target.open("w+b") as redacted:
        mute(original, redacted, sound, spans)
        verify(original, redacted, spans)


def widen(findings: list[Finding], padding_ms: int, duration_ms: int) -> list[Finding]:
    """Findings padded for the recogniser's timing, clipped to the recording, merged per channel and kind."""
    widened: list[Finding] = []
    for kind in sorted({finding.kind for finding in findings}):
        same = [finding for finding in findings if finding.kind == kind]
        for span in merge(clip((pad(finding.span, padding_ms) for finding in same), duration_ms)):
            inside = [finding for finding in same if finding.span.overlaps(span)]
            least = min((f.confidence for f in inside), default=0.0)
            widened.append(Finding(span, kind, least, same[0].rule))
    return sorted(widened, key=lambda finding: finding.span.start_ms)
