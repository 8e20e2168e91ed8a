"""One recording's files in a package: its sound in the format received, its words to read and as data, its vCon."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.audio.sniff import HEAD_BYTES, kind
from chalicelib.errors import ObjectMissing, SourdineError
from chalicelib.law.request import Request
from chalicelib.law.summary import CallSaid, Copy
from chalicelib.model import Recording, Transcript
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.other_voice import other_channel, own_words, silenced
from chalicelib.services.ports import Place
from chalicelib.services.said import lies_at
from chalicelib.services.vcon import vcon
from chalicelib.services.zipped import Member, pieces_of
from chalicelib.speech import amazon

FOLDER = "recordings"


class LeftOut(Exception):
    """A recording that cannot go into the package as it was thought to: it is gone, or one voice cannot be silenced.

    Nobody outside of the making of a package ever sees it.
    """

    def __init__(self, recording: Recording, is_gone: bool) -> None:
        super().__init__("a recording is left out of a package")
        self.recording, self.is_gone = recording, is_gone


@dataclass(slots=True)
class _Sound:
    """What is known of a sound once it was read: its file's name, its media type and its SHA-512."""

    name: str
    media_type: str
    digest: Any


def enclosed(
    machine: Machine, request: Request, said: CallSaid, recording: Recording, now: datetime
) -> Iterator[Member]:
    """Its files, each asked for once the one before is read. Raises LeftOut."""
    place = lies_at(recording)
    if place is None:
        raise LeftOut(recording, True)
    stem = f"{FOLDER}/{said.name}"
    sound = None
    if said.copy is not Copy.OWN_WORDS:
        sound = _look(machine, recording, place, stem)
        yield Member(sound.name, _sound(machine, request, said, recording, place, sound.digest), dense=True)
    transcript = _words(machine, request, said, recording, place)
    words = amazon.dump(transcript, recording.id)
    yield Member(f"{stem}.txt", [amazon.plain_text(transcript).encode()])
    yield Member(f"{stem}.json", [_json(words)])
    if machine.policy.requests.vcon:
        heard = (sound.name.rpartition("/")[2], sound.media_type, sound.digest.digest()) if sound else None
        yield Member(f"{stem}.vcon.json", [_json(vcon(recording, words, heard, now))])


def _look(machine: Machine, recording: Recording, place: Place, stem: str) -> _Sound:
    """Its format, told from its first bytes."""
    with _there(recording), closing(machine.objects.open(place)) as stream:
        form = kind(stream.read(HEAD_BYTES))
        return _Sound(f"{stem}.{form}", machine.objects.info(place).content_type, hashlib.sha512())


def _sound(
    machine: Machine, request: Request, said: CallSaid, recording: Recording, place: Place, digest: Any
) -> Iterator[bytes]:
    with _there(recording):
        for piece in _pieces(machine, request, said, recording, place):
            digest.update(piece)
            yield piece


def _pieces(machine: Machine, request: Request, said: CallSaid, recording: Recording, place: Place) -> Iterator[bytes]:
    other = other_channel(request, recording)
    if said.copy is Copy.WHOLE:
        yield from pieces_of(machine.objects.open(place))
        return
    if other is None:
        raise LeftOut(recording, False)
    try:
        yield from silenced(machine, place, other)
    except ObjectMissing:
        raise
    except SourdineError as error:
        raise LeftOut(recording, False) from error


def _words(machine: Machine, request: Request, said: CallSaid, recording: Recording, place: Place) -> Transcript:
    """The transcript that lies beside the sound; where the other party is silent, without their words."""
    shelf = places.shelf_of(recording)
    assert shelf is not None, "it lies somewhere"
    with _there(recording):
        transcript = amazon.load(amazon.parse(machine.objects.get(places.transcript(recording.id, shelf))))
    other = other_channel(request, recording)
    if said.copy is Copy.WHOLE:
        return transcript
    return own_words(transcript, other) if other is not None else Transcript((), transcript.language, 1)


@contextmanager
def _there(recording: Recording) -> Iterator[None]:
    try:
        yield
    except ObjectMissing as error:
        raise LeftOut(recording, True) from error


def _json(body: Any) -> bytes:
    return json.dumps(body, ensure_ascii=False, indent=1).encode()
