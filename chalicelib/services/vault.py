"""What lies in the vault of a recording that is available or held: its end, and its transcript, to be written again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from chalicelib.errors import StaleRecording
from chalicelib.model import Recording, Shelf, State, Transcript
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.shelves import held_tags, redacted_tags
from chalicelib.speech import amazon

ANNOTATIONS = "annotations"
"""The key of what people stated about a recording, beside its words: it lives, moves and ends with them."""

Document = dict[str, Any]


def tags_of(machine: Machine, recording: Recording, now: datetime) -> dict[str, str]:
    """The tags of an object of the recording that is written now; empty where it is past its end."""
    if recording.state is State.HELD and recording.hold is not None:
        return held_tags(machine, recording, recording.hold.until, now)
    return redacted_tags(machine, recording.last_day, now)


def transcript(machine: Machine, recording: Recording, shelf: Shelf) -> tuple[Document, bytes]:
    """The transcript as it is stored, annotations included, and its bytes, to be written over.

    Raises ObjectMissing and UnreadableTranscript.
    """
    body = machine.objects.get(places.transcript(recording.id, shelf))
    found = amazon.parse(body)
    amazon.load(found, recording.language)
    return dict(found), body


def rewritten(document: Document, recording: Recording, words: Transcript) -> Document:
    """The same document with other words, masked wherever the recording is muted."""
    kept = {ANNOTATIONS: document[ANNOTATIONS]} if ANNOTATIONS in document else {}
    return amazon.dump(amazon.mask(words, recording.muted), recording.id) | kept


def keep_transcript(
    machine: Machine, recording: Recording, shelf: Shelf, document: Document, tags: dict[str, str], over: bytes
) -> None:
    """Write it over the one of these bytes.

    Raises StaleRecording where the row has moved on since `recording` was read: then so may have the words; and
    ObjectMissing where somebody else wrote them, or they are gone.
    """
    if machine.recording(recording.id).revision != recording.revision:
        raise StaleRecording("the row changed since it was read, and its words may have too")
    body = json.dumps(document, ensure_ascii=False).encode()
    machine.objects.put(places.transcript(recording.id, shelf), body, "application/json", tags, over)
