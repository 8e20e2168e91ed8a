"""What every use case is given: the ports and the settings, and the few acts that several of them share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.errors import ObjectMissing, UnknownRecording
from chalicelib.law.retention import lifecycle_days
from chalicelib.model import IN_WORK, Recording, State
from chalicelib.services import places
from chalicelib.services.ports import Objects, Place, Pseudonyms, Recordings, Steps, Transcriber
from chalicelib.settings import Settings

DAYS_TAG = "retention-days"
"""The tag that the lifecycle rules of the vault and of the quarantine go by (`infra/assemble.py`)."""


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

    def exists(self, place: Place) -> bool:
        """Whether an object lies there."""
        try:
            self.objects.info(place)
        except ObjectMissing:
            return False
        return True

    def day(self, now: datetime, later: int = 0) -> date:
        """The day of `now` in the controller's zone, or the one that many days later."""
        return now.astimezone(self.settings.zone).date() + timedelta(days=later)

    def move(self, recording: Recording, state: State, ground: str, now: datetime) -> Recording:
        """Advance a recording to `state`, with the day after which the sweep must end it there."""
        due_on = recording.due_on
        if state is State.JUDGED:
            due_on = self.due(recording, now, self.settings.raw_days)
        elif state is State.QUARANTINED:
            due_on = self.due(recording, now, self.settings.quarantine_days)
        elif state is State.AVAILABLE and recording.last_day is not None:
            due_on = recording.last_day
        return self.recordings.advance(replace(recording, state=state, ground=ground, due_on=due_on), now)

    def due(self, recording: Recording, now: datetime, days: int) -> date:
        """So many days from now, and never past the call's own last day."""
        return min(self.day(now, days), recording.last_day or date.max)

    def quarantine(self, recording: Recording, source: Place, ground: str, now: datetime) -> Recording:
        """Set a sound aside under the DPO's key, write it down, then delete the other copies."""
        self.objects.copy(source, places.quarantined(recording.id), self._short_life(recording, now))
        recording = self.move(recording, State.QUARANTINED, ground, now)
        self.tidy(recording)
        return recording

    def _short_life(self, recording: Recording, now: datetime) -> dict[str, str]:
        """The quarantine's days, fewer when the call itself has fewer left."""
        days = self.settings.quarantine_days
        if recording.started_at is not None:
            days = min(days, lifecycle_days(recording.started_at, now, self.settings.retention_days))
        return {DAYS_TAG: str(max(1, days))}

    def tidy(self, recording: Recording) -> None:
        """Delete the copies that a recording in its state must not have. Idempotent.

        Called again by every late delivery, so that a crash between a decision and its deletions heals.
        """
        for place in places.superfluous(recording.id, recording.state):
            self.objects.delete(place)

    def tidy_late(self, recording: Recording) -> None:
        """The same after a late delivery of transcribe or redact, and the recogniser's record of what has ended."""
        self.tidy(recording)
        if recording.state not in IN_WORK:
            self.transcriber.delete(recording.id)

    def forget_raw(self, recording: Recording) -> None:
        """Delete the unredacted copies in every version, and the recogniser's record of them."""
        for place in places.unredacted(recording.id):
            self.objects.delete(place)
        self.transcriber.delete(recording.id)
