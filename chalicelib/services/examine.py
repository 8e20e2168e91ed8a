"""What lies in the inbox, as far as can be told without hearing it: its format and its length."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass

from chalicelib.audio.sketch import Sketch
from chalicelib.errors import RecordingTooLong, ScreenRecording, UnreadableRecording
from chalicelib.model import Decision, Fate, Sound
from chalicelib.services.machine import Machine
from chalicelib.services.media import look
from chalicelib.services.ports import Place


@dataclass(frozen=True, slots=True)
class Examined:
    """What the bytes are, if they are a recording, or what becomes of them."""

    sound: Sound | Sketch | None = None
    doubt: Decision | None = None

    @property
    def duration_ms(self) -> int | None:
        """The length, where it is no estimate out of a header or of the first frames."""
        return self.sound.duration_ms if isinstance(self.sound, Sound) else None


def examine(machine: Machine, drop: Place) -> Examined:
    """Read as much of a drop as says what it is. Moving pictures are deleted, what cannot be worked on is set aside."""
    try:
        with closing(machine.objects.open(drop)) as stream:
            sound = look(stream)
        _require_short(sound.duration_ms, machine.settings.max_duration_ms)
        return Examined(sound)
    except ScreenRecording as error:
        return Examined(doubt=Decision(Fate.DISCARD, (error.code,)))
    except UnreadableRecording as error:
        return Examined(doubt=Decision(Fate.QUARANTINE, (error.code,)))


def _require_short(duration_ms: int, max_duration_ms: int) -> None:
    if duration_ms > max_duration_ms:
        raise RecordingTooLong("the recogniser takes four hours at most: have the telephony split the recording")
