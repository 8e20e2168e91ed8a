"""What every use case is given: the ports and the settings, and the few acts that several of them share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.errors import UnknownRecording
from chalicelib.model import IN_WORK, LIVE, Recording, State
from chalicelib.services import places
from chalicelib.services.ports import Objects, Place, Pseudonyms, Recordings, Steps, Transcriber
from chalicelib.settings import Settings


@dataclass(frozen=True, slots=True)
class Machine:
    """The ports and settings of one deployment."""

    objects: Objects
    recordings: Recordings
    transcriber: Transcriber
    steps: Steps
    pseudonyms: Pseudonyms
    settings: Settings

    def recording(self, recording_id: str) -> Recording:
        """The row of that id. Raises UnknownRecording."""
        recording = self.recordings.get(recording_id)
        if recording is None:
            raise UnknownRecording("the message names a recording that has no row")
        return recording

    def day(self, now: datetime, later: int = 0) -> date:
        """The day of `now` in the controller's zone, or the one that many days later."""
        return now.astimezone(self.settings.zone).date() + timedelta(days=later)

    def move(self, recording: Recording, state: State, ground: str, now: datetime) -> Recording:
        """Advance a recording to `state`, with the day after which the sweep must end it there."""
        due_on = recording.due_on
        if state is State.QUARANTINED:
            due_on = min(self.day(now, self.settings.quarantine_days), recording.last_day or date.max)
        elif state is State.AVAILABLE and recording.last_day is not None:
            due_on = recording.last_day
        return self.recordings.advance(replace(recording, state=state, ground=ground, due_on=due_on), now)

    def quarantine(self, recording: Recording, ground: str, now: datetime) -> Recording:
        """Set the raw sound aside under the DPO's key, write it down, then delete the working copies."""
        self.objects.copy(places.raw(recording.id), places.quarantined(recording.id))
        recording = self.move(recording, State.QUARANTINED, ground, now)
        self.tidy(recording)
        return recording

    def tidy(self, recording: Recording) -> None:
        """Delete the copies that a recording in its state must not have any more. Idempotent.

        Called again by every late delivery, so that a crash between a decision and its deletions heals.
        """
        if recording.state in IN_WORK:
            return
        gone = places.unredacted(recording.id) if recording.state in LIVE else places.every(recording.id)
        self.delete(recording, gone)

    def delete(self, recording: Recording, gone: tuple[Place, ...]) -> None:
        """Delete those copies in every version, and the recogniser's record of the recording."""
        for place in gone:
            self.objects.delete(place)
        self.transcriber.delete(recording.id)
