"""The API over an account on moto: the real adapters of every table and bucket, twins of what lies outside."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib import wiring
from chalicelib.adapters.acknowledgements import DynamoAcknowledgements
from chalicelib.adapters.agents import DynamoCeilings
from chalicelib.adapters.calls import DynamoCalls
from chalicelib.adapters.codes import DynamoCodes
from chalicelib.adapters.dynamodb import DynamoRecordings
from chalicelib.adapters.opaque import SecretIdentities, SecretPseudonyms
from chalicelib.adapters.people import DynamoPeople
from chalicelib.adapters.polly import MemoryVoice
from chalicelib.adapters.printer import DocumentPrinter
from chalicelib.adapters.requests import DynamoRequests
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.switches import DynamoSwitches
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.model import Hold, HoldKind, Recording, State
from chalicelib.services import places
from chalicelib.services.evaluate import evaluate
from chalicelib.services.hold import hold
from chalicelib.services.listen import Listener
from chalicelib.services.machine import Machine
from chalicelib.services.refs import agent_named, call_named, team_ref
from chalicelib.services.shelves import redacted_tags
from chalicelib.settings import Settings
from chalicelib.speech import amazon
from tests.api.asking import DPO_ROLE
from tests.api.gateway import PUBLIC
from tests.api.proofs import AGENT, SECRETS, TEAM, Issuer
from tests.contract.accounts import REGION, Account, account
from tests.machines import CARD, Twins

KEY = b"a key of thirty-two bytes or more"
AVAILABLE, UNSIGNED = "abcdefghijklmnopqrstuvwxyz", "234567abcdefghijklmnopqrst"
"""The recording that the description's examples name; and one of a call that waits for a signature."""

ASKED, CODE = "0123456789abcdef0123456789", "123456"
LINK = "rrE9pxdy3LrQ5rNfy9uHKdBBKkYZ0lBNcl8Ha7C4a5c"
"""The request that they name, the code that it waits for, and the token of its link."""

_WORDS = json.dumps(amazon.dump(CARD, "call")).encode()
_EACH_HOUR = 10**6
"""Limits that no test meets but the one that is about them."""


@contextmanager
def standing() -> Iterator[Machine]:
    """The API answers out of this machine while the context lasts."""
    with account() as made, pytest.MonkeyPatch.context() as patch:
        machine = _machine(made)
        _lay(machine, datetime.now(UTC))
        for name, value in _wired(machine).items():
            patch.setattr(wiring, name, lambda value=value: value)
        yield machine


def _machine(made: Account) -> Machine:
    dynamodb = boto3.resource("dynamodb", region_name=REGION)
    unlimited = dict.fromkeys(("codes_an_hour", "requests_an_hour", "messages_a_day"), _EACH_HOUR)
    twins = Twins(printer=DocumentPrinter(), settings=Settings(**unlimited))
    twins.secrets.signed_with = dict(SECRETS)
    return replace(
        twins.machine,
        objects=S3Objects(made.client("s3"), made.buckets),
        recordings=DynamoRecordings(dynamodb, made.recordings, made.ledger, made.tombstones),
        pseudonyms=SecretPseudonyms(lambda: KEY),
        identities=SecretIdentities(lambda: KEY),
        ceilings=DynamoCeilings(dynamodb, made.agents),
        calls=DynamoCalls(dynamodb, made.calls),
        switches=DynamoSwitches(dynamodb, made.agents),
        people=DynamoPeople(dynamodb, made.people),
        requests=DynamoRequests(dynamodb, made.requests),
        codes=DynamoCodes(dynamodb, made.requests),
        acknowledgements=DynamoAcknowledgements(dynamodb, made.agents),
    )


def anew(machine: Machine, turn: int) -> None:
    """What grows with every question is emptied, and a request is laid, in another of its states each time."""
    _empty({"Calls": ("call", "what"), "Agents": ("agent", "what"), "Requests": ("id", "what")})
    now, agent = datetime.now(UTC), agent_named(machine, AGENT)
    machine.switches.place(agent, {team_ref(machine, TEAM)})
    _lay_request(machine, (Status.UNPROVEN, Status.OPEN, Status.ANSWERED)[turn % 3], agent, now)


def untouched(machine: Machine, turn: int) -> None:
    """The recordings too, as they were laid first; evaluated, and held every second time."""
    anew(machine, turn)
    _empty({"Recordings": ("id",), "Ledger": ("id", "revision")})
    now, until = datetime.now(UTC), machine.day(datetime.now(UTC)) + timedelta(days=7)
    _lay(machine, now)
    supervisor = Listener(frozenset({"supervisor"}), AVAILABLE, teams=frozenset({team_ref(machine, TEAM)}))
    evaluate(machine, AVAILABLE, {"note": 1}, supervisor, now)
    if turn % 2:
        hold(machine, AVAILABLE, Hold(HoldKind.LEGAL_CLAIM, "2026/17", f"dpo:{AVAILABLE}", until), now)


def _empty(tables: dict[str, tuple[str, ...]]) -> None:
    client = boto3.client("dynamodb", region_name=REGION)
    for table, keys in tables.items():
        for item in client.scan(TableName=f"{table}Table")["Items"]:
            client.delete_item(TableName=f"{table}Table", Key={name: item[name] for name in keys})


def _lay_request(machine: Machine, state: Status, agent: str, now: datetime) -> None:
    today = machine.day(now)
    answered = {"answered_on": today, "told": (Told("recordings-erased", 3),)} if state is Status.ANSWERED else {}
    proven = None if state is Status.UNPROVEN else today
    request = Request(
        ASKED, Right.ERASURE, state, today, agent_refs=(agent,), contact="mailto:claire@exemple.example",
        asked_on=today, proven_on=proven, **answered,
    )  # fmt: skip
    machine.requests.add(request, now)
    until, link = now + timedelta(minutes=10), machine.pseudonyms.of("link", ASKED, LINK)
    machine.codes.set(ASKED, machine.pseudonyms.of("code", ASKED, CODE), until, 5)
    for what in ("link", "arrival"):
        machine.codes.set(f"{ASKED}/{what}", link, until, 5)
    machine.objects.put(places.export(ASKED), b"PK", "application/zip", {})


def _lay(machine: Machine, now: datetime) -> None:
    """Recordings in the vault."""
    last_day = machine.day(now) + timedelta(days=30)
    for recording_id, call_id, queue in ((AVAILABLE, "0", "service-client"), (UNSIGNED, "1", "assurance")):
        recording = Recording(
            recording_id, call_named(machine, "drop", call_id), State.AVAILABLE, last_day, queue=queue,
            agent_ref=agent_named(machine, AGENT), started_at=now - timedelta(days=1), last_day=last_day,
            language="fr-FR", channels=2, duration_ms=1_000,
        )  # fmt: skip
        machine.recordings.add(recording, now)
        for place in places.verified(recording_id, recording.shelf):
            machine.objects.put(place, _WORDS, "application/json", redacted_tags(machine, last_day, now))


def _wired(machine: Machine) -> dict[str, Any]:
    return {
        "machine": machine, "policy": machine.policy, "acknowledgements": machine.acknowledgements,
        "pseudonyms": machine.pseudonyms, "voice": MemoryVoice(), "tokens": Issuer(), "dpo_role": DPO_ROLE,
        "public_url": PUBLIC, "twilio_next_url": "https://phones.exemple.example/next?step=2",
    }  # fmt: skip
