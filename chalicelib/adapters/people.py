"""The People port: one DynamoDB table by reference, and its in-memory twin.

A link is written twice, under the person and under the call, so that either leads to the other. Both expire together.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from chalicelib.services.ports import Mark

_CALL, _PERSON, _OBJECTS = "call#", "person#", "objects"
_SPARE = timedelta(days=2)
"""DynamoDB deletes what has expired within some days; never before."""


class DynamoPeople:
    """`resource` is boto3's DynamoDB resource; the table's keys are `ref` and `what`, and it expires by `expires`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def link(self, person: str, call_ref: str, until: date) -> None:
        self._keep(_CALL + call_ref, _PERSON + person, until)  # first the call's, by which it is forgotten
        self._keep(person, _CALL + call_ref, until)

    def calls(self, person: str) -> list[str]:
        return list(self._names(person, _CALL))

    def persons(self, call_ref: str) -> list[str]:
        return list(self._names(_CALL + call_ref, _PERSON))

    def mark(self, call_ref: str, mark: Mark, request_id: str, until: date) -> None:
        self._keep(_CALL + call_ref, f"{mark}#{request_id}", until)

    def marks(self, call_ref: str, mark: Mark) -> list[str]:
        return list(self._names(_CALL + call_ref, f"{mark}#"))

    def unmark(self, call_ref: str, mark: Mark, request_id: str) -> None:
        self._delete(_CALL + call_ref, f"{mark}#{request_id}")

    def forget(self, call_ref: str) -> int:
        persons = self.persons(call_ref)
        for person in persons:
            self._delete(person, _CALL + call_ref)
        for what in [item["what"] for item in self._items(_CALL + call_ref, "")]:
            self._delete(_CALL + call_ref, what)
        return len(persons)

    def object(self, person: str, at: datetime, by: str) -> None:
        self._client.update_item(
            TableName=self._table,
            Key={"ref": person, "what": _OBJECTS},
            UpdateExpression="SET since = if_not_exists(since, :at), said_by = if_not_exists(said_by, :by)",
            ExpressionAttributeValues={":at": _text(at), ":by": by},
        )

    def withdraw(self, person: str, by: str | None = None) -> None:
        theirs = {"ConditionExpression": "said_by = :by", "ExpressionAttributeValues": {":by": by}} if by else {}
        try:
            self._client.delete_item(TableName=self._table, Key={"ref": person, "what": _OBJECTS}, **theirs)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise

    def objected(self, persons: Iterable[str]) -> datetime | None:
        keys = [{"ref": person, "what": _OBJECTS} for person in persons]
        found = [self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item") for key in keys]
        return min((datetime.fromisoformat(item["since"]) for item in found if item), default=None)

    def _keep(self, ref: str, what: str, until: date) -> None:
        """For the latest of the ends that are said."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"ref": ref, "what": what},
                UpdateExpression="SET expires = :end",
                ConditionExpression="attribute_not_exists(expires) OR expires < :end",
                ExpressionAttributeValues={":end": _end_of(until)},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise

    def _names(self, ref: str, prefix: str) -> Iterator[str]:
        return (item["what"].removeprefix(prefix) for item in self._items(ref, prefix))

    def _items(self, ref: str, prefix: str) -> Iterator[dict[str, Any]]:
        own = Key("ref").eq(ref) & Key("what").begins_with(prefix) if prefix else Key("ref").eq(ref)
        query: dict[str, Any] = {"TableName": self._table, "KeyConditionExpression": own, "ConsistentRead": True}
        for page in self._client.get_paginator("query").paginate(**query):
            yield from page["Items"]

    def _delete(self, ref: str, what: str) -> None:
        self._client.delete_item(TableName=self._table, Key={"ref": ref, "what": what})


def _end_of(day: date) -> int:
    return int(datetime.combine(min(day, date(9998, 12, 30)) + _SPARE, time(), UTC).timestamp())


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(slots=True)
class MemoryPeople:
    """The same in dictionaries; nothing expires."""

    links: set[tuple[str, str]] = field(default_factory=set)
    marked: dict[str, set[tuple[Mark, str]]] = field(default_factory=lambda: defaultdict(set))
    objecting: dict[str, tuple[datetime, str]] = field(default_factory=dict)

    def link(self, person: str, call_ref: str, until: date) -> None:
        self.links.add((person, call_ref))

    def calls(self, person: str) -> list[str]:
        return sorted(call for each, call in self.links if each == person)

    def persons(self, call_ref: str) -> list[str]:
        return sorted(person for person, call in self.links if call == call_ref)

    def mark(self, call_ref: str, mark: Mark, request_id: str, until: date) -> None:
        self.marked[call_ref].add((mark, request_id))

    def marks(self, call_ref: str, mark: Mark) -> list[str]:
        return sorted(request for each, request in self.marked[call_ref] if each is mark)

    def unmark(self, call_ref: str, mark: Mark, request_id: str) -> None:
        self.marked[call_ref].discard((mark, request_id))

    def forget(self, call_ref: str) -> int:
        persons = self.persons(call_ref)
        self.links -= {(person, call_ref) for person in persons}
        self.marked.pop(call_ref, None)
        return len(persons)

    def object(self, person: str, at: datetime, by: str) -> None:
        self.objecting.setdefault(person, (at, by))

    def withdraw(self, person: str, by: str | None = None) -> None:
        if by in (None, self.objecting.get(person, (None, ""))[1]):
            self.objecting.pop(person, None)

    def objected(self, persons: Iterable[str]) -> datetime | None:
        return min((self.objecting[person][0] for person in persons if person in self.objecting), default=None)
