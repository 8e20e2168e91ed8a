"""What lies in the inbox, as far as can be told without hearing it: its format, its length, its language."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from chalicelib.audio.sketch import Sketch
from chalicelib.errors import (
    RecordingTooLong,
    ScreenRecording,
    SourdineError,
    UnknownLanguage,
    UnreadableRecording,
    UnsupportedLanguage,
)
from chalicelib.model import Call, Decision, Fate, Sound
from chalicelib.services.machine import Machine
from chalicelib.services.media import look
from chalicelib.services.ports import Place


@dataclass(frozen=True, slots=True)
class Examined:
    """What the bytes are, if they are a recording; what is in the way of working on it; in which language it is."""

    sound: Sound | Sketch | None = None
    doubt: Decision | None = None
    language: str = ""

    @property
    def duration_ms(self) -> int | None:
        """The length, where it is no estimate out of a header or of the first frames."""
        return self.sound.duration_ms if isinstance(self.sound, Sound) else None


def examine(machine: Machine, drop: Place, call: Call) -> Examined:
    """Read as much of a drop as says what it is. Moving pictures are deleted, what cannot be worked on is set aside."""
    try:
        with closing(machine.objects.open(drop)) as stream:
            sound = look(stream)
        _require_short(sound.duration_ms, machine.settings.max_duration_ms)
    except (ScreenRecording, UnreadableRecording) as error:
        return Examined(doubt=_doubt(error))
    try:
        return Examined(sound, language=_language(call, machine.policy.languages))
    except (UnknownLanguage, UnsupportedLanguage) as error:
        return Examined(sound, _doubt(error))


def _doubt(error: SourdineError) -> Decision:
    return Decision(Fate.DISCARD if isinstance(error, ScreenRecording) else Fate.QUARANTINE, (error.code,))


def _require_short(duration_ms: int, max_duration_ms: int) -> None:
    if duration_ms > max_duration_ms:
        raise RecordingTooLong("the recogniser takes four hours at most: have the telephony split the recording")


def _language(call: Call, languages: tuple[str, ...]) -> str:
    """The call's language as its source says it, or the policy's only one."""
    if call.language is None and len(languages) > 1:
        raise UnknownLanguage("set the drop's `language` metadata, or configure a single language")
    language = call.language or languages[0]
    if language not in languages:
        raise UnsupportedLanguage("the policy does not name this call's language")
    return language
