"""From a script and a folder of prompts to stereo samples and their truth; writes nothing."""

import audioop
import wave
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tests.corpus.script import AGENT, CUSTOMER, Script, Turn, number_words, spell

RATE = 8000
WIDTH = 2
BYTES_PER_MS = RATE * WIDTH // 1000
FRAME_MS = 10
AUDIBLE = 0.02  # of the loudest frame of the prompt
EDGE_MS = 300  # silence before the first word and after the last
NUMBER_GAP_MS = 140  # the words of one number touch
PAUSES_MS = {",": 400, "...": 1600}
FOLDERS = {"fr-FR": "fr_CA_f_June", "en-US": "en_US_f_Allison"}
# One recorded voice per language: played faster it is the customer, slower the agent.
PITCH_PERCENT = {CUSTOMER: 106, AGENT: 90}


class MissingPrompt(Exception):
    """A prompt file that the script needs does not exist."""


@dataclass(frozen=True)
class Sound:
    """A word or phrase laid on the call's time line; `samples` are PCM16 mono."""

    text: str
    start_ms: int
    samples: bytes
    channel: int
    sensitive: bool

    @property
    def end_ms(self) -> int:
        return self.start_ms + len(self.samples) // BYTES_PER_MS


@dataclass(frozen=True)
class Composed:
    """A finished call: PCM16 stereo samples (customer left, agent right) and its truth, ready for JSON."""

    samples: bytes
    truth: dict[str, Any]


def compose(script: Script, prompts: Path) -> Composed:
    """Lay the script's words one after another and mix them.

    `prompts` holds one folder of 8 kHz mono PCM16 WAV files per voice (see FOLDERS).
    """
    sounds = lay_out(script, prompts / FOLDERS[script.language])
    duration_ms = max(sound.end_ms for sound in sounds) + EDGE_MS
    left, right = (_track(sounds, channel, duration_ms) for channel in (CUSTOMER, AGENT))
    samples = audioop.add(audioop.tostereo(left, WIDTH, 1, 0), audioop.tostereo(right, WIDTH, 0, 1), WIDTH)
    return Composed(samples, _truth(script, sounds, duration_ms))


def lay_out(script: Script, voice: Path) -> list[Sound]:
    """Every sound of the call at its place, in the order of the turns; a speaker never talks over itself."""
    sounds: list[Sound] = []
    for turn in script.turns:
        free_ms = max((sound.end_ms for sound in sounds if sound.channel == turn.channel), default=EDGE_MS)
        at_ms = max(sounds[-1].end_ms + turn.gap_ms, free_ms) if sounds else EDGE_MS
        for name, text, gap_ms in _spoken(script, turn):
            samples = load_prompt(voice / f"{name}.wav", PITCH_PERCENT[turn.channel])
            sounds.append(Sound(text, at_ms + gap_ms, samples, turn.channel, bool(turn.secret)))
            at_ms = sounds[-1].end_ms
    return sounds


def _spoken(script: Script, turn: Turn) -> Iterator[tuple[str, str, int]]:
    """Yield (prompt name, its words, silence before it in ms) for each prompt of the turn."""
    words = number_words(script.language)
    gap_ms = 0
    for token in turn.says.split():
        if token in PAUSES_MS:
            gap_ms = PAUSES_MS[token]
        elif token in script.phrases:
            yield token, script.phrases[token], gap_ms
            gap_ms = NUMBER_GAP_MS
        else:
            for name in spell(script.language, int(token)) if token.isdecimal() else [token]:
                yield f"digits/{name}", words[name], gap_ms
                gap_ms = 0
            gap_ms = NUMBER_GAP_MS


@cache
def load_prompt(path: Path, pitch_percent: int) -> bytes:
    """The prompt's sound without the silence around it, played at `pitch_percent` of its speed."""
    try:
        with wave.open(str(path)) as recording:
            samples = recording.readframes(recording.getnframes())
    except FileNotFoundError as error:
        raise MissingPrompt(f"no prompt {path}") from error
    slowed, _ = audioop.ratecv(samples, WIDTH, 1, pitch_percent, 100, None)
    return trim(slowed)


def trim(samples: bytes) -> bytes:
    """Keep from the first to the last audible frame of 10 ms: the result lasts a whole number of frames."""
    size = FRAME_MS * BYTES_PER_MS
    levels = [audioop.rms(samples[at : at + size], WIDTH) for at in range(0, len(samples) - size + 1, size)]
    threshold = max(levels, default=0) * AUDIBLE
    audible = [index for index, level in enumerate(levels) if level > threshold]
    if not audible:
        raise ValueError("a silent prompt")
    return samples[audible[0] * size : (audible[-1] + 1) * size]


def _track(sounds: list[Sound], channel: int, duration_ms: int) -> bytes:
    track = bytearray(duration_ms * BYTES_PER_MS)
    for sound in sounds:
        if sound.channel == channel:
            at = sound.start_ms * BYTES_PER_MS
            track[at : at + len(sound.samples)] = sound.samples
    return bytes(track)


def _truth(script: Script, sounds: list[Sound], duration_ms: int) -> dict[str, Any]:
    words = [
        {"text": sound.text, "start_ms": sound.start_ms, "end_ms": sound.end_ms, "channel": sound.channel,
         "sensitive": sound.sensitive}
        for sound in sorted(sounds, key=lambda sound: (sound.start_ms, sound.channel))
    ]  # fmt: skip
    return {
        "language": script.language,
        "call_id": script.call_id,
        "started_at": script.started_at.isoformat(),
        "duration_ms": duration_ms,
        "words": words,
    }
