"""A machine of in-memory twins, and what telephony and a scripted recogniser do to it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.adapters.acknowledgements import MemoryAcknowledgements
from chalicelib.adapters.calls import MemoryCalls
from chalicelib.adapters.memory import (
    MemoryCeilings,
    MemoryCodes,
    MemoryControl,
    MemoryIdentities,
    MemoryMessenger,
    MemoryObjects,
    MemoryPrinter,
    MemoryPseudonyms,
    MemoryRecordings,
    MemorySecrets,
    MemorySteps,
    MemoryTranscriber,
)
from chalicelib.adapters.memory_web import MemoryWeb
from chalicelib.adapters.people import MemoryPeople
from chalicelib.adapters.requests import MemoryRequests
from chalicelib.adapters.switches import MemorySwitches
from chalicelib.law.policy import Policy
from chalicelib.model import Recording, Span, Transcript, Word
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, JobState, Place, Printer
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from chalicelib.settings import Settings
from chalicelib.speech import amazon
from tests.policies import policy
from tests.sounds import wav

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
STARTED = "2026-11-24T09:30:00+01:00"
CALL = {"call-id": "call-1", "started-at": STARTED, "language": "fr-FR", "announced": "true", "queue": "urgences"}
"""A call under a duty: no lot is drawn for it."""
CARD = Transcript(
    (
        *(Word(text, Span(500 + 100 * n, 590 + 100 * n, 0)) for n, text in enumerate(["4111", "1111", "1111", "1111"])),
        Word("bien", Span(600, 1450, 1)),
        Word("merci", Span(1500, 1950, 1)),
    ),
    "fr-FR",
    2,
)


@dataclass
class Twins:
    """The twins by their own types, and the machine that they make."""

    objects: MemoryObjects = field(default_factory=MemoryObjects)
    recordings: MemoryRecordings = field(default_factory=MemoryRecordings)
    transcriber: MemoryTranscriber = field(default_factory=MemoryTranscriber)
    steps: MemorySteps = field(default_factory=MemorySteps)
    ceilings: MemoryCeilings = field(default_factory=MemoryCeilings)
    calls: MemoryCalls = field(default_factory=MemoryCalls)
    switches: MemorySwitches = field(default_factory=MemorySwitches)
    control: MemoryControl = field(default_factory=MemoryControl)
    web: MemoryWeb = field(default_factory=MemoryWeb)
    secrets: MemorySecrets = field(default_factory=MemorySecrets)
    identities: MemoryIdentities = field(default_factory=MemoryIdentities)
    people: MemoryPeople = field(default_factory=MemoryPeople)
    requests: MemoryRequests = field(default_factory=MemoryRequests)
    codes: MemoryCodes = field(default_factory=MemoryCodes)
    messenger: MemoryMessenger = field(default_factory=MemoryMessenger)
    acknowledgements: MemoryAcknowledgements = field(default_factory=MemoryAcknowledgements)
    printer: Printer = field(default_factory=MemoryPrinter)
    policy: Policy = field(default_factory=policy)
    settings: Settings = field(default_factory=lambda: Settings(padding_ms=100))

    @property
    def machine(self) -> Machine:
        return Machine(
            self.objects, self.recordings, self.transcriber, self.steps, MemoryPseudonyms(), self.ceilings, self.calls,
            self.switches, self.control, self.web, self.secrets, self.identities, self.people, self.requests,
            self.codes, self.messenger, self.printer, self.acknowledgements, self.policy, self.settings,
        )  # fmt: skip

    def events(self, key: str = "call.wav") -> Recording:
        """The event of the key's newest version, delivered."""
        return receive(self.machine, key, None, NOW)

    def drop(self, body: bytes | None = None, key: str = "call.wav", metadata: Mapping[str, str] = CALL) -> str:
        """Drop an object into the inbox; returns its version."""
        return self.objects.drop(Place(Bucket.INBOX, key), wav() if body is None else body, metadata)

    def received(
        self, body: bytes | None = None, key: str = "call.wav", metadata: Mapping[str, str] = CALL
    ) -> Recording:
        return receive(self.machine, key, self.drop(body, key, metadata), NOW)

    def transcribing(self, body: bytes | None = None) -> Recording:
        return transcribe(self.machine, self.received(body).id, NOW)

    def heard(self, recording: Recording, transcript: Transcript = CARD) -> None:
        """The recogniser is done."""
        body = json.dumps(amazon.dump(transcript, recording.id)).encode()
        self.objects.put(places.raw_transcript(recording.id), body, "application/json", {})
        self.transcriber.jobs[recording.id] = JobState.COMPLETED

    def available(self) -> Recording:
        recording = self.transcribing()
        self.heard(recording)
        return redact(self.machine, recording.id, NOW)

    def buckets(self) -> set[str]:
        """Where anything still lies."""
        return {bucket for bucket, _ in self.objects.lying()}
