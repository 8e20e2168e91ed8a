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

_CALLS: dict[str, Any] = {
    "Properties": {
        "BillingMode": "PAY_PER_REQUEST",
        "AttributeDefinitions": [
            {"AttributeName": "call", "AttributeType": "S"},
            {"AttributeName": "what", "AttributeType": "S"},
        ],
        "KeySchema": [{"AttributeName": "call", "KeyType": "HASH"}, {"AttributeName": "what", "KeyType": "RANGE"}],
    }
}
"""Until the template has it."""


@dataclass(frozen=True)
class Account:
    """Clients of a fresh account, its bucket names and its table names."""

    buckets: dict[Bucket, str]
    recordings: str
    ledger: str
    agents: str
    calls: str

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
        for table in ("RecordingsTable", "LedgerTable", "AgentsTable", "CallsTable"):
            properties = dict(template.get(table, _CALLS)["Properties"])
            for unmade in ("PointInTimeRecoverySpecification", "SSESpecification", "TimeToLiveSpecification"):
                properties.pop(unmade, None)
            dynamodb.create_table(TableName=table, **properties)
        yield Account(names, "RecordingsTable", "LedgerTable", "AgentsTable", "CallsTable")
