"""All that an account keeps: every item of every table, every version in every bucket; and a person's part of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import boto3

from chalicelib.adapters.opaque import opaque_id
from tests.e2e.there import STACK


@dataclass(frozen=True)
class Kept:
    """One item or version: its table or bucket, its key, and all that it says, as text."""

    place: str
    key: str
    said: bytes


def kept(outputs: dict[str, str]) -> list[Kept]:
    """Tables and buckets are the account's, not those that the stack says it has; they are called as its outputs are.

    The packages of code alone are left out.
    """
    names = {physical: logical for logical, physical in outputs.items()}
    return [*_items(names), *_versions(names)]


def where(outputs: dict[str, str], *names: str) -> set[str]:
    """In which tables and buckets one of the names stands, in a key or in what is said there."""
    wanted = [name.encode() for name in names]
    found = kept(outputs)
    return {each.place for each in found if any(name in each.key.encode() + each.said for name in wanted)}


def rows(outputs: dict[str, str]) -> list[dict[str, Any]]:
    """Every recording's, the earliest call first; those that have ended last."""
    found = boto3.resource("dynamodb").Table(outputs["Recordings"]).scan(ConsistentRead=True)["Items"]
    return sorted(found, key=lambda row: str(row["started_at"]))


def rows_of(outputs: dict[str, str], number: str) -> list[dict[str, Any]]:
    """A caller's, by the index."""
    links = boto3.resource("dynamodb").Table(outputs["People"]).scan(ConsistentRead=True)["Items"]
    own = {link["what"] for link in links if link["ref"] == _person(number)}
    return [row for row in rows(outputs) if f"call#{row['call_ref']}" in own]


def grounds(outputs: dict[str, str], row: dict[str, Any]) -> list[str]:
    """What the ledger says of a recording, line by line."""
    lines = boto3.resource("dynamodb").Table(outputs["Ledger"]).scan(ConsistentRead=True)["Items"]
    own = [line for line in lines if line["id"] == row["id"]]
    return [str(line["ground"]) for line in sorted(own, key=lambda line: int(line["revision"]))]


def sound(outputs: dict[str, str], row: dict[str, Any]) -> bytes:
    """What of an available recording lies in the vault."""
    key = f"calls/{row['id']}/audio"
    return bytes(boto3.client("s3").get_object(Bucket=outputs["Vault"], Key=key)["Body"].read())


def _person(number: str) -> str:
    """The reference under which a number is kept."""
    found = boto3.client("cloudformation").describe_stack_resources(StackName=STACK)["StackResources"]
    secret = next(each["PhysicalResourceId"] for each in found if each["LogicalResourceId"] == "NumberSecret")
    said = boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return opaque_id(said.encode(), "person", f"tel:{number}")


def _items(names: dict[str, str]) -> Iterator[Kept]:
    client = boto3.client("dynamodb")
    for table in client.list_tables()["TableNames"]:
        for page in client.get_paginator("scan").paginate(TableName=table, ConsistentRead=True):
            for item in page["Items"]:
                yield Kept(names.get(table, table), "", json.dumps(item, default=str, ensure_ascii=False).encode())


def _versions(names: dict[str, str]) -> Iterator[Kept]:
    s3 = boto3.client("s3")
    for bucket in (each["Name"] for each in s3.list_buckets()["Buckets"]):
        if "-artifacts-" in bucket:
            continue
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            for each in page.get("Versions", []):
                yield Kept(names.get(bucket, bucket), each["Key"], _said(s3, bucket, each))
            for each in page.get("DeleteMarkers", []):
                yield Kept(names.get(bucket, bucket), each["Key"], b"")


def _said(s3: Any, bucket: str, version: dict[str, Any]) -> bytes:
    which = {"Bucket": bucket, "Key": version["Key"], "VersionId": version["VersionId"]}
    answer = s3.get_object(**which)
    beside = {"metadata": answer["Metadata"], "tags": s3.get_object_tagging(**which)["TagSet"]}
    return json.dumps(beside).encode() + bytes(answer["Body"].read())


def logged() -> str:
    """Whatever every function wrote, without Lambda's own lines."""
    logs = boto3.client("logs")
    lines = [
        event["message"]
        for group in logs.describe_log_groups()["logGroups"]
        for event in logs.filter_log_events(logGroupName=group["logGroupName"])["events"]
    ]
    return "\n".join(line for line in lines if not line.startswith(("START", "END", "REPORT")))
