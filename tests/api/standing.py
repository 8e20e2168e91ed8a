"""The API over an account on moto: the real adapters of every table and bucket, twins of what lies outside."""

from __future__ import annotations

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
from chalicelib.adapters.requests import DynamoRequests
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.switches import DynamoSwitches
from chalicelib.model import Recording, State
from chalicelib.services import places
from chalicelib.services.machine import Machine
from chalicelib.services.refs import call_named
from chalicelib.services.shelves import redacted_tags
from tests.api.asking import DPO_ROLE
from tests.api.gateway import PUBLIC
from tests.api.proofs import SECRETS, Issuer
from tests.contract.accounts import REGION, Account, account
from tests.machines import Twins

KEY = b"a key of thirty-two bytes or more"
AVAILABLE, UNSIGNED = "abcdefghijklmnopqrstuvwxyz", "234567abcdefghijklmnopqrst"
"""The recording that the description's examples name; and one of a call that waits for a signature."""

_KEYS = {"TombstonesTable": ["call"], "PeopleTable": ["ref", "what"], "RequestsTable": ["id", "what"]}
"""Until the template has them."""


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
    dynamodb, twins = boto3.resource("dynamodb", region_name=REGION), Twins()
    _make_missing(made.client("dynamodb"))
    twins.secrets.signed_with = dict(SECRETS)
    return replace(
        twins.machine,
        objects=S3Objects(made.client("s3"), made.buckets),
        recordings=DynamoRecordings(dynamodb, made.recordings, made.ledger, "TombstonesTable"),
        pseudonyms=SecretPseudonyms(lambda: KEY),
        identities=SecretIdentities(lambda: KEY),
        ceilings=DynamoCeilings(dynamodb, made.agents),
        calls=DynamoCalls(dynamodb, made.calls),
        switches=DynamoSwitches(dynamodb, made.agents),
        people=DynamoPeople(dynamodb, "PeopleTable"),
        requests=DynamoRequests(dynamodb, "RequestsTable"),
        codes=DynamoCodes(dynamodb, "RequestsTable"),
        acknowledgements=DynamoAcknowledgements(dynamodb, made.agents),
    )


def forget_calls() -> None:
    """Nobody asks about one call so often that its file grows by thousands, which alone is slow here."""
    client = boto3.client("dynamodb", region_name=REGION)
    for table, keys in {"CallsTable": ("call", "what"), "AgentsTable": ("agent", "what")}.items():
        for item in client.scan(TableName=table)["Items"]:
            client.delete_item(TableName=table, Key={name: item[name] for name in keys})


def _make_missing(client: Any) -> None:
    for table in _KEYS.keys() - set(client.list_tables()["TableNames"]):
        keys = list(zip(_KEYS[table], ("HASH", "RANGE"), strict=False))
        client.create_table(
            TableName=table,
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": name, "AttributeType": "S"} for name, _ in keys],
            KeySchema=[{"AttributeName": name, "KeyType": kind} for name, kind in keys],
        )


def _lay(machine: Machine, now: datetime) -> None:
    """Recordings in the vault."""
    last_day = machine.day(now) + timedelta(days=30)
    for recording_id, call_id, queue in ((AVAILABLE, "0", "service-client"), (UNSIGNED, "1", "assurance")):
        recording = Recording(
            recording_id, call_named(machine, "drop", call_id), State.AVAILABLE, last_day, queue=queue,
            started_at=now - timedelta(days=1), last_day=last_day, language="fr-FR", channels=2, duration_ms=1_000,
        )  # fmt: skip
        machine.recordings.add(recording, now)
        for place in places.verified(recording_id, recording.shelf):
            machine.objects.put(place, b"{}", "application/json", redacted_tags(machine, last_day, now))


def _wired(machine: Machine) -> dict[str, Any]:
    return {
        "machine": machine, "policy": machine.policy, "acknowledgements": machine.acknowledgements,
        "pseudonyms": machine.pseudonyms, "voice": MemoryVoice(), "tokens": Issuer(), "dpo_role": DPO_ROLE,
        "public_url": PUBLIC, "twilio_next_url": "https://phones.exemple.example/next?step=2",
    }  # fmt: skip
