"""A worker that dies before any AWS call of an erasure, in turn: the next delivery goes on and ends complete."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import boto3
import pytest

from chalicelib.adapters.acknowledgements import DynamoAcknowledgements
from chalicelib.adapters.calls import DynamoCalls
from chalicelib.adapters.dynamodb import DynamoRecordings
from chalicelib.adapters.people import DynamoPeople
from chalicelib.adapters.requests import DynamoRequests
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.switches import DynamoSwitches
from chalicelib.law.request import Request, Right, Status
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.erase import everywhere
from chalicelib.services.exercise import exercise
from chalicelib.services.machine import Machine
from chalicelib.services.ports import CallFile, Copied, Place, Step
from chalicelib.telephony.facts import ALWAYS, Fact, Kind
from tests.contract.accounts import REGION, account
from tests.e2e.faults import Died, dying
from tests.machines import NOW, Twins

SAID = {"recordings-erased": 1, "links-erased": 2, "provider-asked": 1, "tombstone": 1}


@dataclass
class World:
    """A machine whose tables and buckets are moto's, and the twins of all the rest."""

    machine: Machine
    twins: Twins
    clients: tuple[Any, ...]

    def recorded(self, name: str) -> Recording:
        """A call of that person with one recording in the vault, as it lies there after months."""
        machine, person = self.machine, f"person-{name}"
        fresh = Recording(
            name, f"call-{name}", State.RECEIVED, NOW.date(), ground="arrived", queue="service-client",
            started_at=NOW, last_day=NOW.date().replace(year=2027), agent_ref=f"agent-{name}", duration_ms=2_000,
        )  # fmt: skip
        machine.recordings.add(fresh, NOW)
        for each in (person, fresh.agent_ref):
            machine.people.link(each, fresh.call_ref, NOW.date())
        machine.calls.tell(fresh.call_ref, Fact(Kind.WITH, ALWAYS, about=person), NOW)
        machine.calls.copied(fresh.call_ref, Copied("twilio", "twilio", {"id": "RE1"}), NOW)
        for place in (places.audio(name), places.transcript(name), places.evaluation(name)):
            machine.objects.put(place, b"of the call", "text/plain", {})
        row = fresh
        for state in (State.JUDGED, State.TRANSCRIBING, State.REDACTING, State.AVAILABLE):
            row = machine.move(row, state, "on-its-way", NOW)
        return row

    def asked(self, name: str) -> None:
        fresh = Request(
            f"request-{name}", Right.ERASURE, Status.ACCEPTED, NOW.date(), persons=(f"person-{name}",),
            contact="tel:+33639981234", ground="released", policy="test",
        )  # fmt: skip
        self.machine.requests.add(fresh, NOW)


@pytest.fixture
def world() -> Iterator[World]:
    with account() as aws:
        twins, resource, s3 = Twins(), boto3.resource("dynamodb", region_name=REGION), aws.client("s3")
        machine = replace(
            twins.machine,
            objects=S3Objects(s3, aws.buckets),
            recordings=DynamoRecordings(resource, aws.recordings, aws.ledger, aws.tombstones),
            calls=DynamoCalls(resource, aws.calls),
            people=DynamoPeople(resource, aws.people),
            requests=DynamoRequests(resource, aws.requests),
            switches=DynamoSwitches(resource, aws.agents),
            acknowledgements=DynamoAcknowledgements(resource, aws.agents),
        )
        yield World(machine, twins, (s3, resource.meta.client))


def left(machine: Machine, row: Recording) -> list[Place]:
    return [place for place in everywhere(row.id) if machine.objects.versions(place)]


def test_a_worker_that_dies_at_any_call_resumes_and_ends_complete(world: World) -> None:
    machine, number, died = world.machine, 0, True
    while died:
        row = world.recorded(f"n{number}")
        world.asked(f"n{number}")
        with dying(number, *world.clients) as fate:
            try:
                exercise(machine, f"request-n{number}", NOW)
            except Died:
                pass
        died = fate.died
        answered = exercise(machine, f"request-n{number}", NOW)
        assert answered is not None
        after = machine.recording(row.id)
        assert (number, answered.state, after.state, after.settled) == (number, Status.ANSWERED, State.ERASED, True)
        said = {told.code: told.count for told in answered.told}
        assert (number, said | SAID) == (number, said), "half a hold leaves a copy more, and no receipt counts twice"
        assert (number, said["objects-erased"] in range(3, 6)) == (number, True)
        assert (number, left(machine, row), machine.calls.file(row.call_ref)) == (number, [], CallFile())
        linked = machine.people.calls(f"person-n{number}"), machine.people.persons(row.call_ref)
        assert (number, linked) == (number, ([], []))
        assert machine.recordings.is_erased(row.call_ref)
        assert [message for step, message, _ in world.twins.steps.posted if step is Step.FETCH][-1]["delete"] is True
        number += 1
    assert len(world.twins.messenger.sent) >= number
    assert number > 60
