"""A copy in which the other party is silent (GDPR, art. 15(4)): of the sound, and of what is written of it.

Where nothing tells the voices apart, or the format silences both at once, there is no such copy of the sound.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace

from chalicelib.audio.sniff import FLAC, HEAD_BYTES, kind
from chalicelib.errors import UnreadableRecording
from chalicelib.law.request import Request
from chalicelib.model import Recording, Sound, Span, Transcript, Word
from chalicelib.services.machine import Machine
from chalicelib.services.media import is_exact, look, media
from chalicelib.services.muting import mute_media
from chalicelib.services.ports import Place
from chalicelib.services.scratch import scratch
from chalicelib.services.zipped import pieces_of

SILENT = "[…]"


def other_channel(request: Request, recording: Recording) -> int | None:
    """The channel of whoever else is on the call; None where that is not known, or both are on one."""
    agent = recording.agent_channel
    if recording.channels != 2 or agent not in (0, 1):
        return None
    return 1 - agent if request.agent_refs else agent


def can_silence_one(machine: Machine, place: Place) -> bool:
    """Whether one channel alone can be silenced in what lies there. Raises ObjectMissing."""
    with closing(machine.objects.open(place)) as stream:
        try:
            form, sound = kind(stream.read(HEAD_BYTES)), look(stream)
        except UnreadableRecording:
            return False
    return form == FLAC or (isinstance(sound, Sound) and sound.block_frames == 1)


def silenced(machine: Machine, place: Place, channel: int) -> Iterator[bytes]:
    """The sound with that channel silent, by way of scratch disk.

    Raises ObjectMissing, and what muting and verifying raise, before the first piece.
    """
    with scratch() as folder:
        source, target = folder / "redacted", folder / "copy"
        machine.objects.download(place, source)
        if not is_exact(source):
            raise UnreadableRecording("one voice alone cannot be silenced in this format")
        with media(source) as opened:
            mute_media(opened, target, [Span(0, opened.sound.duration_ms, channel)])
        yield from pieces_of(target.open("rb"))


def own_words(transcript: Transcript, channel: int) -> Transcript:
    """The transcript with whatever is said on that channel, or on none, left out: a mark stands for each such run."""
    words: list[Word] = []
    for word in transcript.words:
        if word.span.channel is not None and word.span.channel != channel:
            words.append(word)
        elif not words or words[-1].text != SILENT:
            words.append(Word(SILENT, replace(word.span, channel=channel)))
    return replace(transcript, words=tuple(words))
