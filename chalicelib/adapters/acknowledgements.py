"""The Acknowledgements port: on DynamoDB, and its in-memory twin."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from chalicelib.services.ports import Acknowledgement

_KIND = "acknowledged#"


class DynamoAcknowledgements:
    """`resource` is boto3's DynamoDB resource; the table's keys are `agent` and `what`, and it expires by `expires`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client = resource.meta.client
        self._table = table

    def add(self, agent: str, version: str, at: datetime, until: date) -> Acknowledgement:
        key = {"agent": agent, "what": _KIND + version}
        item = key | {"at": at.astimezone(UTC).isoformat(), "expires": _end_of(until)}
        try:
            self._client.put_item(TableName=self._table, Item=item, ConditionExpression=Attr("agent").not_exists())
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
            item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item", item)
        return _read(item)

    def of(self, agent: str) -> list[Acknowledgement]:
        own = Key("agent").eq(agent) & Key("what").begins_with(_KIND)
        query: dict[str, Any] = {"TableName": self._table, "KeyConditionExpression": own, "ConsistentRead": True}
        pages = self._client.get_paginator("query").paginate(**query)
        return sorted((_read(item) for page in pages for item in page["Items"]), key=lambda found: found.at)


def _read(item: dict[str, Any]) -> Acknowledgement:
    return Acknowledgement(item["what"].removeprefix(_KIND), datetime.fromisoformat(item["at"]))


def _end_of(day: date) -> int:
    """DynamoDB's time to live, in seconds: it deletes within some days after."""
    return int(datetime.combine(day, time.max, UTC).timestamp())


@dataclass(slots=True)
class MemoryAcknowledgements:
    """The same in a dictionary; nothing expires."""

    _kept: dict[str, dict[str, Acknowledgement]] = field(default_factory=dict)

    def add(self, agent: str, version: str, at: datetime, until: date) -> Acknowledgement:
        own = self._kept.setdefault(agent, {})
        return own.setdefault(version, Acknowledgement(version, at.astimezone(UTC)))

    def of(self, agent: str) -> list[Acknowledgement]:
        return sorted(self._kept.get(agent, {}).values(), key=lambda found: found.at)
