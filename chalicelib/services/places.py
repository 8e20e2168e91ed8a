"""Where the copies of one recording lie. Every key is made of its opaque id alone."""

from __future__ import annotations

from chalicelib.law.rules import FINAL_GROUNDS
from chalicelib.model import IN_WORK, Recording, Shelf, State
from chalicelib.services.ports import Bucket, Place


def raw(recording_id: str) -> Place:
    """The sound as it came, under an opaque key, until it is redacted."""
    return Place(Bucket.WORK, f"raw/{recording_id}")


def listened(recording_id: str) -> Place:
    """The raw sound as linear WAV, where the recogniser may not read what came, until it is redacted."""
    return Place(Bucket.WORK, f"listened/{recording_id}")


def raw_transcript(recording_id: str) -> Place:
    """The recogniser's words, bank data included, until they are masked."""
    return Place(Bucket.WORK, f"transcripts/{recording_id}.json")


def redacted(recording_id: str) -> Place:
    """The redacted sound until it is verified: nobody but the machine may hear it."""
    return Place(Bucket.WORK, f"redacted/{recording_id}")


def quarantined(recording_id: str) -> Place:
    """The sound that could not be made lawful, under the DPO's key."""
    return Place(Bucket.QUARANTINE, f"raw/{recording_id}")


def audio(recording_id: str, shelf: Shelf = Shelf.CALLS) -> Place:
    """The redacted, verified sound."""
    return Place(Bucket.VAULT, f"{shelf}/{recording_id}/audio")


def transcript(recording_id: str, shelf: Shelf = Shelf.CALLS) -> Place:
    """The masked transcript."""
    return Place(Bucket.VAULT, f"{shelf}/{recording_id}/transcript.json")


def evaluation(recording_id: str) -> Place:
    """What somebody wrote about an agent's work in that call; it has an end of its own."""
    return Place(Bucket.VAULT, f"analyses/{recording_id}.json")


def export(request_id: str, attempt: str = "") -> Place:
    """The package that answers a request; of several attempts to make it, the one that its row names is had."""
    return Place(Bucket.EXPORTS, f"{exports(request_id).key}{attempt}.zip")


def exports(request_id: str) -> Place:
    """What the keys of all its packages begin with."""
    return Place(Bucket.EXPORTS, f"{request_id}/")


def verified(recording_id: str, shelf: Shelf) -> tuple[Place, Place]:
    """What of a recording lies on a shelf of the vault."""
    return audio(recording_id, shelf), transcript(recording_id, shelf)


def unredacted(recording_id: str) -> tuple[Place, ...]:
    """The working copies, which must not outlive the redaction."""
    return raw(recording_id), listened(recording_id), raw_transcript(recording_id), redacted(recording_id)


def shelf_of(recording: Recording) -> Shelf | None:
    """The shelf of the vault on which a recording in its state belongs."""
    return {State.AVAILABLE: recording.shelf, State.HELD: Shelf.HELD}.get(recording.state)


def superfluous(recording: Recording) -> tuple[Place, ...]:
    """The copies that a recording in its state must not have: all of them at its end, none while it is in work.

    An evaluation outlives the sound that has come to its day. Where the call should not be known any more, or was
    refused after it had been kept, it goes too.
    """
    if recording.state in IN_WORK:
        return ()
    shelf = shelf_of(recording)
    others = [place for other in Shelf if other is not shelf for place in verified(recording.id, other)]
    aside = () if recording.state is State.QUARANTINED else (quarantined(recording.id),)
    refused = recording.state is State.EXPIRED and recording.ground in FINAL_GROUNDS
    unknown = refused or recording.state in (State.DISCARDED, State.ERASED)
    written = (evaluation(recording.id),) if unknown else ()
    return *unredacted(recording.id), *aside, *others, *written
