"""The announcement of a language, and its sound: the controller's own file, or a voice that says the text."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from chalicelib.audio import sniff
from chalicelib.errors import AnnouncementSilent, ScreenRecording, UnknownAnnouncement, UnreadableRecording
from chalicelib.law.parts import Announcement
from chalicelib.law.policy import Policy
from chalicelib.services.ports import Voice

MOST_BYTES = 4 << 20
"""What still fits into a Lambda's answer (6 MB, of which base64 takes a quarter): more than eight minutes of G.711."""

_MEDIA = {sniff.WAV: "audio/wav", sniff.MP3: "audio/mpeg", sniff.OGG: "audio/ogg", sniff.MP4: "audio/mp4"}


@dataclass(frozen=True, slots=True)
class Sound:
    """An announcement's sound and what it is."""

    body: bytes
    media_type: str


def announcement(policy: Policy, language: str) -> tuple[str, Announcement]:
    """The policy's announcement in `language` (`fr-FR`, in any case) and that language as the policy writes it.

    Raises UnknownAnnouncement.
    """
    for known, found in policy.announcement.items():
        if known.lower() == language.lower():
            return known, found
    raise UnknownAnnouncement(f"there is one in {', '.join(policy.announcement)}")


def sound(policy: Policy, language: str, folder: Path, voice: Voice) -> Sound:
    """The sound of an announcement; a file that the policy names lies in `folder`, beside the policy.

    Raises UnknownAnnouncement, AnnouncementSilent, VoiceUnavailable.
    """
    known, found = announcement(policy, language)
    if found.audio is None:
        return Sound(voice.say(found.text, known), "audio/wav")
    return _file(folder, found.audio, known)


def _file(folder: Path, name: str, language: str) -> Sound:
    path = folder / name
    if Path(name).name != name or not path.is_file():
        raise AnnouncementSilent(f"the policy's sound file for {language} is not beside the policy: deploy it there")
    body = path.read_bytes()
    if len(body) > MOST_BYTES:
        raise AnnouncementSilent(f"the sound file for {language} is larger than {MOST_BYTES >> 20} MiB: shorten it")
    try:
        return Sound(body, _MEDIA[sniff.kind(body[: sniff.HEAD_BYTES])])
    except (KeyError, UnreadableRecording, ScreenRecording) as error:
        raise AnnouncementSilent(f"the sound file for {language} is no WAV, MP3, Ogg or MP4: convert it") from error
