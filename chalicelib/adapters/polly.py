"""The Voice port on Amazon Polly, and its in-memory twin.

`pcm` of Polly is signed 16-bit, little-endian, mono, without a header.
"""

from __future__ import annotations

import math
import wave
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chalicelib.errors import AnnouncementSilent, VoiceUnavailable

HERTZ = 8000
VOICES = {
    "ca-ES": "Arlet",
    "cs-CZ": "Jitka",
    "da-DK": "Sofie",
    "de-AT": "Hannah",
    "de-CH": "Sabrina",
    "de-DE": "Vicki",
    "en-AU": "Olivia",
    "en-GB": "Amy",
    "en-IE": "Niamh",
    "en-US": "Joanna",
    "es-ES": "Lucia",
    "es-US": "Lupe",
    "fi-FI": "Suvi",
    "fr-BE": "Isabelle",
    "fr-CA": "Gabrielle",
    "fr-FR": "Lea",
    "it-IT": "Bianca",
    "nb-NO": "Ida",
    "nl-BE": "Lisa",
    "nl-NL": "Laura",
    "pl-PL": "Ola",
    "pt-BR": "Camila",
    "pt-PT": "Ines",
    "sv-SE": "Elin",
}
"""A neural voice of each language that is called in; a controller who wants another one gives a file of its own."""


class PollyVoice:
    """`client` is boto3's Polly client."""

    def __init__(self, client: Any, voices: Mapping[str, str] = VOICES) -> None:
        self._polly = client
        self._voices = voices

    def say(self, text: str, language: str) -> bytes:
        asked = {"OutputFormat": "pcm", "SampleRate": str(HERTZ), "Engine": "neural", "TextType": "text"}
        voice = {"VoiceId": voice_of(self._voices, language), "LanguageCode": language}
        try:
            samples = self._polly.synthesize_speech(Text=text, **asked, **voice)["AudioStream"].read()
        except (BotoCoreError, ClientError) as error:
            raise VoiceUnavailable("the voice does not answer: ask again later") from error
        return as_wav(samples)


def voice_of(voices: Mapping[str, str], language: str) -> str:
    """The voice of a language. Raises AnnouncementSilent."""
    if language not in voices:
        raise AnnouncementSilent(f"no voice says {language}: name a sound file as `audio` in the policy")
    return voices[language]


def as_wav(samples: bytes) -> bytes:
    """Samples as a WAV. Raises VoiceUnavailable where they are none, or not whole ones."""
    if not samples or len(samples) % 2:
        raise VoiceUnavailable("the voice broke off: ask again later")
    written = BytesIO()
    with wave.open(written, "wb") as file:
        file.setparams((1, 2, HERTZ, 0, "NONE", ""))
        file.writeframes(samples)
    return written.getvalue()


@dataclass(frozen=True, slots=True)
class MemoryVoice:
    """A tone, as long as saying the text would take: fifteen characters a second."""

    voices: tuple[str, ...] = tuple(VOICES)

    def say(self, text: str, language: str) -> bytes:
        voice_of(dict.fromkeys(self.voices, "a tone"), language)
        count = HERTZ * len(text) // 15
        return as_wav(array("h", (int(8000 * math.sin(n * 0.35)) for n in range(count))).tobytes())
