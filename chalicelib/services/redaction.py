"""One file redacted: detect, widen, mute, verify. What the machine and the command line share."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chalicelib.audio.dtmf import keys, sequences
from chalicelib.audio.level import is_audible, sounds
from chalicelib.audio.pauses import outward
from chalicelib.errors import NothingHeard, SpanOutsideRecording, VerificationFailed
from chalicelib.model import Finding, Sound, Span, Transcript
from chalicelib.services.media import Media, media, mute_media
from chalicelib.spans import clip, merge, pad
from chalicelib.speech.detect import detect
from chalicelib.speech.unheard import unheard

_TOLERANCE_MS = 300
_OFF_MS, _LONG_MS = 400, 1_500


def redact_file(
    source: Path,
    target: Path,
    transcript: Transcript,
    language: str,
    padding_ms: int,
    strict: bool = False,
    menu_keys: bool = False,
) -> list[Finding]:
    """Mute in `target` what was keyed in `source` and the bank data that `transcript` shows; return what was muted.

    `strict` mutes every run of nine digits or more; `menu_keys` leaves a key that is alone audible. Raises
    NothingHeard, or what reading, detecting, muting and verifying raise; then `target` must not be used.
    """
    with media(source) as original:
        _require_heard(original, transcript)
        _require_same_call(original.sound, transcript)
        found = detect(transcript, language, strict)
        findings = _to_pauses(original, widen(found, padding_ms, original.sound.duration_ms))
        findings += _unheard(original, unheard(transcript, language, found))
        findings = widen(findings, 0, original.sound.duration_ms) + _keyed(original, menu_keys)
        mute_media(original, target, [finding.span for finding in findings])
    with media(target) as redacted:
        if _keyed(redacted, menu_keys):
            raise VerificationFailed("a keyed digit is still heard: nothing was released")
    return sorted(findings, key=lambda finding: finding.span.start_ms)


def _keyed(heard: Media, menu_keys: bool) -> list[Finding]:
    with heard.linear.open("rb") as stream:
        found = keys(stream, heard.sound)
    return sequences(found) if menu_keys else found


def _require_heard(original: Media, transcript: Transcript) -> None:
    """A voice that sounds and of which no word was heard may have read a card: nothing of it can be muted."""
    heard = {word.span.channel for word in transcript.words}
    if not heard:
        raise NothingHeard("the recogniser heard no word, so what it missed cannot be muted")
    if None not in heard:
        sound = original.sound
        with original.linear.open("rb") as stream:
            silent = [c for c in range(sound.channels) if c not in heard and is_audible(stream, sound, c)]
        if silent:
            raise NothingHeard(f"channel {silent[0]} sounds and no word of it was heard, so nothing of it can be muted")


def _require_same_call(sound: Sound, transcript: Transcript) -> None:
    """Words that begin after the recording's end belong to another file."""
    latest = max(word.span.start_ms for word in transcript.words)
    if latest > sound.duration_ms + _TOLERANCE_MS:
        raise SpanOutsideRecording("the transcript goes on after the recording's end: it is another call's")


def _unheard(original: Media, silent: list[Finding]) -> list[Finding]:
    """Of the stretches in which no word was heard, those that sound; not only where a word beside one reaches over."""
    with original.linear.open("rb") as stream:
        return [finding for finding in silent if sounds(stream, original.sound, _inside(finding.span))]


def _inside(span: Span) -> Span:
    """A long stretch without its edges, where words may be as far off as that."""
    long = span.end_ms - span.start_ms >= _LONG_MS
    return Span(span.start_ms + _OFF_MS, span.end_ms - _OFF_MS, span.channel) if long else span


def _to_pauses(original: Media, findings: list[Finding]) -> list[Finding]:
    """Findings, their edges moved out to silence where the sound has one near."""
    sound = original.sound
    with original.linear.open("rb") as stream:
        moved = [replace(finding, span=outward(stream, sound, finding.span)) for finding in findings]
    return widen(moved, 0, sound.duration_ms)


def widen(findings: list[Finding], padding_ms: int, duration_ms: int) -> list[Finding]:
    """Findings padded for the recogniser's timing, clipped to the recording, merged per channel and kind."""
    widened: list[Finding] = []
    for kind in sorted({finding.kind for finding in findings}):
        same = [finding for finding in findings if finding.kind == kind]
        for span in merge(clip((pad(finding.span, padding_ms) for finding in same), duration_ms)):
            inside = [finding for finding in same if pad(finding.span, padding_ms).overlaps(span)]
            widened.append(Finding(span, kind, min(f.confidence for f in inside), inside[0].rule))
    return sorted(widened, key=lambda finding: finding.span.start_ms)
