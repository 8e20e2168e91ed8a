"""One file redacted: detect, widen, mute, verify. What the machine and the command line share."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from chalicelib.audio.dtmf import keys, sequences
from chalicelib.audio.level import is_audible, sounds
from chalicelib.audio.pauses import outward
from chalicelib.errors import NothingHeard, SpanOutsideRecording, VerificationFailed
from chalicelib.model import Finding, Sound, Span, Transcript
from chalicelib.services.media import Media, media
from chalicelib.services.muting import mute_media
from chalicelib.spans import clip, merge, pad
from chalicelib.speech.detect import detect
from chalicelib.speech.unheard import unheard

CUT = "cut"
"""The kind of a stretch in which nothing may be kept."""

_TOLERANCE_MS = 300
_OFF_MS, _LONG_MS = 400, 1_500


@dataclass(frozen=True, slots=True)
class Manner:
    """How a recording is redacted; times are milliseconds.

    `strict` mutes every run of nine digits or more; `menu_keys` leaves a key that is alone audible; `tone` puts a soft
    beep in place of silence, in the formats that can hold one (linear PCM and G.711).
    """

    padding_ms: int
    strict: bool = False
    menu_keys: bool = False
    tone: bool = False


def redact_file(
    source: Path, target: Path, transcript: Transcript, language: str, manner: Manner, cut: Iterable[Span] = ()
) -> list[Finding]:
    """Mute in `target` what was keyed in `source` and the bank data that `transcript` shows; return what was muted.

    `cut` are stretches in which nothing may be kept (an agent's switch was off, a caller objected): muted as they are,
    whatever was said. Raises NothingHeard, or what reading, detecting, muting and verifying raise; then `target` must
    not be used.
    """
    with media(source) as original:
        with original.linear.open("rb") as stream:
            findings = find(stream, original.sound, transcript, language, manner, cut)
        spans = [finding.span for finding in findings]
        mute_media(original, target, spans, manner.tone, lambda written: _require_no_key(written, manner.menu_keys))
    return findings


def find(
    stream: BinaryIO,
    sound: Sound,
    transcript: Transcript,
    language: str,
    manner: Manner,
    cut: Iterable[Span] = (),
) -> list[Finding]:
    """What must be muted of a WAV, in order; `cut` as in `redact_file`. Raises NothingHeard or SpanOutsideRecording."""
    _require_heard(stream, sound, transcript)
    _require_same_call(sound, transcript)
    found = detect(transcript, language, manner.strict)
    padded = widen(found, manner.padding_ms, sound.duration_ms)
    findings = [replace(finding, span=outward(stream, sound, finding.span)) for finding in padded]
    findings += _unheard(stream, sound, unheard(transcript, language, found))
    findings = widen(findings, 0, sound.duration_ms) + _keyed(stream, sound, manner.menu_keys)
    findings += [Finding(span, CUT, 1.0, CUT) for span in clip(cut, sound.duration_ms)]
    return sorted(findings, key=lambda finding: finding.span.start_ms)


def _require_no_key(written: Media, menu_keys: bool) -> None:
    with written.linear.open("rb") as stream:
        require_no_key(stream, written.sound, menu_keys)


def require_no_key(stream: BinaryIO, sound: Sound, menu_keys: bool) -> None:
    """Return if no key is heard in a WAV that must not be. Raises VerificationFailed."""
    if _keyed(stream, sound, menu_keys):
        raise VerificationFailed("a keyed digit is still heard: nothing was released")


def _keyed(stream: BinaryIO, sound: Sound, menu_keys: bool) -> list[Finding]:
    found = keys(stream, sound)
    return sequences(found) if menu_keys else found


def _require_heard(stream: BinaryIO, sound: Sound, transcript: Transcript) -> None:
    """A voice that sounds and of which no word was heard may have read a card: nothing of it can be muted."""
    heard = {word.span.channel for word in transcript.words}
    if not heard:
        raise NothingHeard("the recogniser heard no word, so what it missed cannot be muted")
    if None not in heard:
        silent = [c for c in range(sound.channels) if c not in heard and is_audible(stream, sound, c)]
        if silent:
            raise NothingHeard(f"channel {silent[0]} sounds and no word of it was heard, so nothing of it can be muted")


def _require_same_call(sound: Sound, transcript: Transcript) -> None:
    """Words that begin after the recording's end belong to another file."""
    latest = max(word.span.start_ms for word in transcript.words)
    if latest > sound.duration_ms + _TOLERANCE_MS:
        raise SpanOutsideRecording("the transcript goes on after the recording's end: it is another call's")


def _unheard(stream: BinaryIO, sound: Sound, silent: list[Finding]) -> list[Finding]:
    """Of the stretches in which no word was heard, those that sound; not only where a word beside one reaches over."""
    return [finding for finding in silent if sounds(stream, sound, _inside(finding.span))]


def _inside(span: Span) -> Span:
    """A long stretch without its edges, where words may be as far off as that."""
    long = span.end_ms - span.start_ms >= _LONG_MS
    return Span(span.start_ms + _OFF_MS, span.end_ms - _OFF_MS, span.channel) if long else span


def widen(findings: list[Finding], padding_ms: int, duration_ms: int) -> list[Finding]:
    """Findings padded for the recogniser's timing, clipped to the recording, merged per channel and kind."""
    widened: list[Finding] = []
    for kind in sorted({finding.kind for finding in findings}):
        same = [finding for finding in findings if finding.kind == kind]
        for span in merge(clip((pad(finding.span, padding_ms) for finding in same), duration_ms)):
            inside = [finding for finding in same if pad(finding.span, padding_ms).overlaps(span)]
            widened.append(Finding(span, kind, min(f.confidence for f in inside), inside[0].rule))
    return sorted(widened, key=lambda finding: finding.span.start_ms)
