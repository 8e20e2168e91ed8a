"""People with calls, and what their packages hold."""

from __future__ import annotations

import io
import json
import wave
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from zipfile import ZipFile

from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Recording, Transcript
from chalicelib.services import places
from chalicelib.services.find import Found, find
from chalicelib.services.package import Packed, pack
from chalicelib.services.ports import Bucket, Place
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from tests.machines import CALL, CARD, NOW, Twins

CALLER, AGENT = "person-1", "agent-1"
ACCESS = Request("rq1", Right.ACCESS, Status.ACCEPTED, date(2026, 11, 24), persons=(CALLER,))
OF_AGENT = replace(ACCESS, id="rq2", persons=(), agent_refs=(AGENT,))
PORTABILITY = replace(ACCESS, id="rq3", right=Right.PORTABILITY)


@dataclass
class House(Twins):
    """Twins, and calls of one caller with one agent on them."""

    def call(
        self, number: int = 1, body: bytes | None = None, transcript: Transcript = CARD, **changes: Any
    ) -> Recording:
        """An available recording of a call of theirs; by default the agent is on the right channel."""
        recording = self.received(body, f"{number}.wav", CALL | {"call-id": f"call-{number}"})
        transcribe(self.machine, recording.id, NOW)
        self.heard(recording, transcript)
        recording = redact(self.machine, recording.id, NOW)
        return self.theirs(self.changed(recording, **{"agent_channel": 1, "agent_ref": AGENT} | changes))

    def changed(self, recording: Recording, **changes: Any) -> Recording:
        """The row with something else in it."""
        return self.machine.note(replace(recording, **changes), "changed", NOW)

    def theirs(self, recording: Recording) -> Recording:
        for ref in (CALLER, AGENT):
            self.people.link(ref, recording.call_ref, date(2027, 5, 24))
        return recording

    def found(self, request: Request = ACCESS) -> Found:
        return find(self.machine, request)

    def packed(self, request: Request = ACCESS, masked: bool | None = None) -> Packed:
        return pack(self.machine, request, self.found(request), NOW, "eu-west-3", masked)

    def files(self, request: Request = ACCESS) -> dict[str, bytes]:
        """What lies in its package, by name."""
        with ZipFile(io.BytesIO(self.objects.get(self.latest(request)))) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}

    def latest(self, request: Request = ACCESS) -> Place:
        """Where the package that was made last lies."""
        below = places.exports(request.id).key
        keys = [key for bucket, key in self.objects.lying() if bucket == Bucket.EXPORTS and key.startswith(below)]
        return Place(Bucket.EXPORTS, max(keys, key=[key for _, key in self.objects._kept].index))

    def data(self, request: Request = ACCESS) -> Any:
        return json.loads(self.files(request)["data.json"])

    def grounds(self, recording: Recording) -> list[str]:
        return [line.ground for line in self.recordings.ledger(recording.id)]


def channels(body: bytes) -> list[bytes]:
    """The samples of each channel of a 16-bit stereo WAV."""
    with wave.open(io.BytesIO(body)) as sound:
        frames = sound.readframes(sound.getnframes())
    return [b"".join(frames[at : at + 2] for at in range(2 * n, len(frames), 4)) for n in (0, 1)]
