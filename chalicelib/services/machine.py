"""What every use case is given: the ports, the policy and the settings, and the few acts that several of them share."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from chalicelib.errors import ObjectMissing, UnknownRecording
from chalicelib.law.policy import Policy
from chalicelib.law.retention import lifecycle_days
from chalicelib.model import ENDS, IN_WORK, NEVER, NEXT, Recording, State
from chalicelib.services import places
from chalicelib.services.ports import (
    Acknowledgements,
    Bucket,
    CallControl,
    Calls,
    Ceilings,
    Codes,
    Identities,
    Messenger,
    Objects,
    People,
    Place,
    Printer,
    ProviderSecrets,
    Pseudonyms,
    Recordings,
    Requests,
    Steps,
    Switches,
    Transcriber,
    Web,
)
from chalicelib.settings import Settings

_FOUND_AFTER = timedelta(days=35)
"""A request may come on the last day, and is answered in a month."""

DAYS_TAG = "retention-days"
"""The tag that the lifecycle rules of the vault and of the quarantine go by (`infra/assemble.py`)."""


@dataclass(frozen=True, slots=True)
class Machine:
    """The ports, the policy and the settings of one deployment."""

    objects: Objects
    recordings: Recordings
    transcriber: Transcriber
    steps: Steps
    pseudonyms: Pseudonyms
    ceilings: Ceilings
    calls: Calls
    switches: Switches
    control: CallControl
    web: Web
    secrets: ProviderSecrets
    identities: Identities
    people: People
    requests: Requests
    codes: Codes
    messenger: Messenger
    printer: Printer
    acknowledgements: Acknowledgements
    policy: Policy
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
        return now.astimezone(self.policy.zone).date() + timedelta(days=later)

    def move(self, recording: Recording, state: State, ground: str, now: datetime, by: str = "machine") -> Recording:
        """Advance a recording to `state`, with the day on which the sweep must end it there."""
        due_on = self._due_on(recording, state, now)
        version = self.policy.version
        moved = replace(recording, state=state, ground=ground, due_on=due_on, by=by, policy=version, settled=False)
        if state in (State.AVAILABLE, State.HELD):
            self.link_until(moved.call_ref, due_on)
        return self.recordings.advance(moved, now)

    def link_until(self, call_ref: str, day: date) -> None:
        """Who is on a call finds it for as long as something of it lies there, and a while after."""
        until = min(day, date(9998, 1, 1)) + _FOUND_AFTER
        for person in self.people.persons(call_ref):
            self.people.link(person, call_ref, until)

    def note(self, recording: Recording, ground: str, now: datetime, by: str = "machine") -> Recording:
        """Write a line of the ledger, and the recording's other fields, without a change of state."""
        return self.recordings.note(replace(recording, by=by, policy=self.policy.version), ground, now)

    def _due_on(self, recording: Recording, state: State, now: datetime) -> date:
        term = recording.last_day or NEVER
        if state is State.HELD and recording.hold is not None:
            return recording.hold.until
        if state is State.AVAILABLE:
            return term
        if state is State.JUDGED:
            return min(self.day(now, self.settings.raw_days + 1), term)
        if state is State.QUARANTINED:
            return min(self.policy.keeping.quarantine.after(self.day(now)), term)
        return self.day(now) if state in ENDS else recording.due_on

    def end(self, recording: Recording, state: State, ground: str, now: datetime, by: str = "machine") -> Recording:
        """Write down that a recording is at its end, then delete every copy of it.

        The row first, so that whoever works on it or holds it meanwhile loses; it stays due until it is settled, so
        that a crash in between heals.
        """
        return self.settle(self.move(recording, state, ground, now, by), now)

    def settle(self, recording: Recording, now: datetime) -> Recording:
        """Delete what is left of a recording at its end, forget whose it was, and write down that nothing is left.

        Row and ledger lines are the log of who listened: they end as long after it (CNIL, délib. 2021-122; FACTS 1.5).
        """
        self.tidy(recording)
        self.transcriber.delete(recording.id)
        due_on = recording.due_on if recording.settled else self.policy.keeping.access_log.after(self.day(now))
        forgotten = replace(recording, due_on=due_on, settled=True, agent_ref="", muted=(), cuts=(), hold=None)
        if recording.state is State.ERASED:  # nor when it was, and in which queue
            forgotten = replace(forgotten, started_at=None, last_day=None, queue="", language="", duration_ms=0)
        else:
            self.link_until(recording.call_ref, due_on)  # who listened may be asked for until then
        return self.note(forgotten, "copies-deleted", now, recording.by)

    def quarantine(self, recording: Recording, source: Place, ground: str, now: datetime) -> Recording:
        """Set a sound aside under the DPO's key, write it down, then delete the other copies.

        What is set aside already stays no longer for it, and less long where its last day has become known.
        """
        if recording.last_day and lifecycle_days(recording.last_day, now, self.policy.zone) < 1:
            return self.end(recording, State.DISCARDED, "past-retention", now)
        due_on = self._due_on(recording, State.QUARANTINED, now)
        again = recording.state is State.QUARANTINED
        due_on = min(due_on, recording.due_on) if again else due_on
        days = max(1, lifecycle_days(due_on, now, self.policy.zone))
        self.objects.copy(source, places.quarantined(recording.id), {DAYS_TAG: str(days)})
        if again:
            return self.note(replace(recording, due_on=due_on), ground, now)
        recording = self.move(recording, State.QUARANTINED, ground, now)
        if self.recordings.is_erased(recording.call_ref):  # whoever erased the call did not see its row
            return self.end(recording, State.ERASED, "call-erased", now)
        self.tidy(recording)
        return recording

    def tidy(self, recording: Recording, shelves: bool = True) -> None:
        """Delete the copies that a recording in its state must not have. Idempotent.

        Called again by every late delivery, so that a crash between a decision and its deletions heals. Before each
        deletion the row is asked anew: whoever moved it meanwhile (a release is followed by another hold) needs
        elsewhere what was superfluous here. And no copy goes from the vault before the shelf where it belongs is whole;
        none at all where not `shelves`, for whoever may not look there.
        """
        whole = self.is_whole(recording) if shelves else places.shelf_of(recording) is None
        for place in places.superfluous(recording):
            if not whole and place.bucket is Bucket.VAULT:
                continue
            if not NEXT[recording.state] or place in places.superfluous(self.recording(recording.id)):
                self.objects.delete(place)

    def is_whole(self, recording: Recording) -> bool:
        """Whether sound and words lie on the shelf where they belong, if they belong on one."""
        shelf = places.shelf_of(recording)
        return shelf is None or all(self.exists(place) for place in places.verified(recording.id, shelf))

    def tidy_late(self, recording: Recording, shelves: bool = True) -> None:
        """The same after a late delivery of transcribe or redact, and the recogniser's record of what has ended."""
        self.tidy(recording, shelves)
        if recording.state not in IN_WORK:
            self.transcriber.delete(recording.id)

    def forget_raw(self, recording: Recording) -> None:
        """Delete the unredacted copies in every version, and the recogniser's record of them."""
        for place in places.unredacted(recording.id):
            self.objects.delete(place)
        self.transcriber.delete(recording.id)
