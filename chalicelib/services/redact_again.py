"""Redacting again what is in the vault: a card number that was missed, and that somebody reports.

Every act can be repeated: the sound first, then the row, then the words. So that what is muted never creeps, nothing is
widened twice: what was muted stays as it is, and the words are searched once more, strictly, only if that was not done
since they were last corrected.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import datetime
from filecmp import cmp
from functools import partial
from pathlib import Path

from chalicelib.errors import (
    CannotBeMuted,
    ObjectMissing,
    SourdineError,
    SpanOutsideRecording,
    StaleRecording,
    UnknownRecording,
)
from chalicelib.model import Finding, Hold, HoldKind, Recording, Shelf, Sound, Span, State
from chalicelib.services import places
from chalicelib.services.annotate import WORDS_RECTIFIED
from chalicelib.services.hold import FAILED, hold
from chalicelib.services.insist import insisted
from chalicelib.services.machine import Machine
from chalicelib.services.media import Media, content_type, media
from chalicelib.services.muting import mute_media
from chalicelib.services.redaction import CUT, Manner, find, require_no_key
from chalicelib.services.scratch import scratch
from chalicelib.services.shelves import undone
from chalicelib.services.vault import keep_transcript, rewritten, tags_of, transcript
from chalicelib.spans import clip
from chalicelib.speech import amazon

MUTED_AGAIN = "muted-again"

_REPORTED = "reported"
_PASSING = (ObjectMissing, StaleRecording, UnknownRecording, CannotBeMuted, SpanOutsideRecording)
"""Failures that say nothing of whether the recording can be muted."""


def redact_again(machine: Machine, recording_id: str, spans: Iterable[Span], now: datetime, by: str) -> Recording:
    """Mute those spans, as they are, and what a strict search of the words finds, in sound and transcript.

    Where it cannot be done and verified, what lies in the vault stays as it was, and is held until its last day: nobody
    but the DPO may hear a number that somebody says is in there, and nothing is lost that they may need to decide on.
    Then raises what muting raises. Raises CannotBeMuted where nothing of it is in the vault, SpanOutsideRecording, and
    UnknownRecording, ObjectMissing or StaleRecording.
    """
    try:
        return insisted(partial(_muted, machine, recording_id, tuple(spans), now, by))
    except _PASSING:
        raise
    except SourdineError:
        insisted(lambda: machine.note(machine.recording(recording_id), FAILED, now, by))
        insisted(lambda: _withheld(machine, recording_id, now, by))
        raise


def vault_shelf(recording: Recording) -> Shelf:
    """Where in the vault it lies. Raises CannotBeMuted."""
    shelf = places.shelf_of(recording)
    if shelf is None:
        raise CannotBeMuted(f"only what is in the vault can be muted again, and this recording is {recording.state}")
    return shelf


def _muted(machine: Machine, recording_id: str, asked: tuple[Span, ...], now: datetime, by: str) -> Recording:
    recording = machine.recording(recording_id)
    shelf, tags = vault_shelf(recording), tags_of(machine, recording, now)
    if not tags:
        raise CannotBeMuted("the recording is at its end: the next sweep deletes it")
    recording = _sound(machine, recording, shelf, tags, asked, now, by)
    document, lying = transcript(machine, recording, shelf)
    masked = rewritten(document, recording, amazon.load(document, recording.language))
    if masked != document:
        keep_transcript(machine, recording, shelf, masked, tags, lying)
    current = machine.recording(recording_id)
    if places.shelf_of(current) is not shelf:
        machine.tidy(current)
        raise StaleRecording("the recording was moved meanwhile: its words are masked where they are now")
    return recording


def _sound(
    machine: Machine,
    recording: Recording,
    shelf: Shelf,
    tags: dict[str, str],
    asked: tuple[Span, ...],
    now: datetime,
    by: str,
) -> Recording:
    """The sound muted and verified, and the row that says what is; each only where it changes."""
    audio, searched = places.audio(recording.id, shelf), _is_searched(machine, recording)
    with scratch() as folder:
        source, target = Path(folder, "kept"), Path(folder, "muted")
        machine.objects.download(audio, source)
        with media(source) as original:
            new = _reported(original.sound, asked)
            new += [] if searched else _searched(machine, recording, shelf, original)
            muted = _grown(recording.muted, new)
            sounds_new = _mute(machine, original, target, muted)
        with undone(machine, recording.id, now):
            if sounds_new:
                machine.objects.upload(target, audio, content_type(target), tags)
            if searched and muted == recording.muted:
                return recording
            return machine.note(replace(recording, muted=muted), MUTED_AGAIN, now, by)


def _is_searched(machine: Machine, recording: Recording) -> bool:
    """Whether the words as they are were searched strictly already: what stands for muted ones must not be found."""
    for line in reversed(machine.recordings.ledger(recording.id)):
        if line.ground in (MUTED_AGAIN, WORDS_RECTIFIED):
            return line.ground == MUTED_AGAIN
    return False


def _searched(machine: Machine, recording: Recording, shelf: Shelf, original: Media) -> list[Finding]:
    words = amazon.load(transcript(machine, recording, shelf)[0], recording.language)
    with original.linear.open("rb") as stream:
        return find(stream, original.sound, words, recording.language, _manner(machine))


def _reported(sound: Sound, asked: tuple[Span, ...]) -> list[Finding]:
    for span in asked:
        require_inside(span, sound.duration_ms, sound.channels)
    return [Finding(span, CUT, 1.0, _REPORTED) for span in clip(asked, sound.duration_ms)]


def require_inside(span: Span, duration_ms: int, channels: int) -> None:
    """Return if a span begins in a recording of that length. Raises SpanOutsideRecording."""
    if span.start_ms >= duration_ms or (span.channel or 0) >= channels:
        raise SpanOutsideRecording("a span begins after the recording's end, or is on a channel that it does not have")


def _grown(known: tuple[Finding, ...], new: Iterable[Finding]) -> tuple[Finding, ...]:
    """What was muted, and of the new what is not muted already."""
    muted = list(known)
    for finding in new:
        if not any(_covers(each.span, finding.span) for each in muted):
            muted.append(finding)
    return tuple(sorted(muted, key=lambda finding: finding.span.start_ms))


def _covers(one: Span, other: Span) -> bool:
    return one.channel in (None, other.channel) and one.start_ms <= other.start_ms and other.end_ms <= one.end_ms


def _mute(machine: Machine, original: Media, target: Path, muted: tuple[Finding, ...]) -> bool:
    """Whether `target` sounds otherwise than what lies there: some containers are never written twice the same."""
    manner, differs = _manner(machine), []

    def require(written: Media) -> None:
        differs.append(not cmp(original.linear, written.linear, shallow=False))
        with written.linear.open("rb") as stream:
            require_no_key(stream, written.sound, manner.menu_keys)

    mute_media(original, target, [finding.span for finding in muted], manner.tone, require)
    return any(differs)


def _manner(machine: Machine) -> Manner:
    settings = machine.settings
    return Manner(settings.padding_ms, True, settings.menu_keys, settings.tone)


def _withheld(machine: Machine, recording_id: str, now: datetime, by: str) -> None:
    recording = machine.recording(recording_id)
    today = machine.day(now)
    until = min(recording.last_day or today, machine.policy.keeping.hold.after(today))
    frozen = recording.hold is not None and recording.hold.kind is HoldKind.REQUEST  # which ends with an answer
    if (recording.state is State.AVAILABLE or frozen) and until > today:
        with suppress(ObjectMissing):
            hold(machine, recording.id, Hold(HoldKind.RESTRICTION, FAILED, by, until), now)
