"""Calls of several people, recorded, and what they ask for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.law.lot import is_drawn
from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Recording, State
from chalicelib.services.exercise import exercise
from chalicelib.services.ports import Bucket, Step
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.services.take_up import take_up
from chalicelib.services.transcribe import transcribe
from tests.machines import CALL, NOW, Twins
from tests.sounds import wav

ANNA, BRUNO = "+33639981234", "+33639985678"
QUALITY = CALL | {"queue": "service-client", "agent": "3201"}
DUTY = CALL | {"queue": "urgences"}
PSEUDONYMS = Twins().machine.pseudonyms


def drawn() -> Iterator[str]:
    """Ids of calls that the lot lets in."""
    ids = (f"call-{number}" for number in range(1_000))
    return (each for each in ids if is_drawn(PSEUDONYMS.of("lot", "drop", each), 50))  # type: ignore[arg-type]


IDS = [each for each, _ in zip(drawn(), range(12), strict=False)]


def arrived(twins: Twins, number: int, caller: str = ANNA, said: Mapping[str, str] = QUALITY) -> Recording:
    """A recording of the caller's `number`th call, judged and on its way."""
    metadata = {**said, "call-id": IDS[number], "caller": caller, "agent": said.get("agent", f"agent-{number}")}
    version = twins.drop(wav(milliseconds=2_000 + number), f"{number}.wav", metadata)
    return receive(twins.machine, f"{number}.wav", version, NOW)


def recorded(twins: Twins, number: int, caller: str = ANNA, said: Mapping[str, str] = QUALITY) -> Recording:
    """The same, in the vault."""
    recording = transcribe(twins.machine, arrived(twins, number, caller, {**said, "agent": f"agent-{number}"}).id, NOW)
    twins.heard(recording)
    recording = redact(twins.machine, recording.id, NOW)
    assert recording.state is State.AVAILABLE, (recording.state, recording.ground)
    return recording


def asks(twins: Twins, right: Right, who: str = ANNA, name: str = "r1", now: datetime = NOW, **more: Any) -> Request:
    """A request of somebody who has proved to be that number, taken up."""
    fresh = Request(
        name, right, Status.UNPROVEN, now.date(), persons=twins.identities.of(f"tel:{who}"), contact=f"tel:{who}",
        asked_on=now.date(), proven_on=now.date(), ground="asked", policy=twins.policy.version, **more,
    )  # fmt: skip
    twins.requests.add(fresh, now)
    return take_up(twins.machine, twins.requests.rows[name], now)


def worked(twins: Twins, now: datetime = NOW) -> None:
    """The worker delivers whatever waits for it, each message once."""
    while waiting := [each for each in twins.steps.posted if each[0] is Step.RIGHTS and not each[2]]:
        for each in waiting:
            twins.steps.posted.remove(each)
            if "request" in each[1]:
                exercise(twins.machine, each[1]["request"], now, each[1].get("once") is True)


def row(twins: Twins, recording: Recording) -> Recording:
    return twins.machine.recording(recording.id)


def vaulted(twins: Twins) -> set[str]:
    return {key for bucket, key in twins.objects.lying() if bucket == Bucket.VAULT}


TODAY = date(2026, 11, 24)


def lying(twins: Twins) -> set[tuple[str, str]]:
    """Whatever still lies anywhere but in the packages that answer requests."""
    return {(bucket, key) for bucket, key in twins.objects.lying() if bucket != Bucket.EXPORTS}
