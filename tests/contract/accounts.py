"""An account on moto, shaped by the stack's own templates where the shape matters to a port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import boto3
from moto import mock_aws

from chalicelib.services.ports import Bucket
from infra.assemble import assemble, read

REGION = "eu-west-3"

TABLES = ("Recordings", "Ledger", "Agents", "Calls", "Tombstones", "People", "Requests")


@dataclass(frozen=True)
class Account:
    """Clients of a fresh account, its bucket names and its table names."""

    buckets: dict[Bucket, str]
    recordings: str = "RecordingsTable"
    ledger: str = "LedgerTable"
    tombstones: str = "TombstonesTable"
    agents: str = "AgentsTable"
    calls: str = "CallsTable"
    people: str = "PeopleTable"
    requests: str = "RequestsTable"

    def client(self, service: str) -> Any:
        return boto3.client(service, region_name=REGION)


@contextmanager
def account() -> Iterator[Account]:
    """A fresh moto account with the template's buckets (versioned or not) and tables."""
    template = assemble(read())["Resources"]
    with mock_aws():
        s3 = boto3.client("s3", region_name=REGION)
        names = {bucket: f"test-{bucket}" for bucket in Bucket}
        for bucket, name in names.items():
            s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
            wanted = template[f"{bucket.capitalize()}Bucket"]["Properties"].get("VersioningConfiguration")
            if wanted:
                s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=wanted)
        dynamodb = boto3.client("dynamodb", region_name=REGION)
        for table in (f"{name}Table" for name in TABLES):
            properties = dict(template[table]["Properties"])
            for unmade in ("PointInTimeRecoverySpecification", "SSESpecification", "TimeToLiveSpecification"):
                properties.pop(unmade, None)
            dynamodb.create_table(TableName=table, **properties)
        yield Account(names)
