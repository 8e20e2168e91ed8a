"""The Recordings port on DynamoDB: a table of rows, one of ledger lines, and one of tombstones.

Tombstones have a table of their own, so that rows that are restored from a backup do not bring back older ones.

Every write names the revision that it read and puts its ledger line in the same transaction: a row that moved
without a line, or a line without a row, cannot be. The ledger is appended to, until a row that has come to its end is
forgotten with all its lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime
from itertools import groupby, islice
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from chalicelib.adapters import items
from chalicelib.adapters.forget import forget
from chalicelib.errors import StaleRecording
from chalicelib.model import LedgerLine, Recording, State
from chalicelib.services.chain import next_line
from chalicelib.services.ports import History
from chalicelib.services.transitions import require_allowed

BY_STATE, BY_CALL = "by-state", "by-call"
_AT_ONCE = 100
"""Rows that one BatchGetItem takes."""


class DynamoRecordings:
    """`resource` is boto3's DynamoDB resource; the tables' keys are `id`, (`id`, `revision`) and `call`.

    Only its client is kept, which takes and gives plain Python values as the resource does, and which, unlike the
    resource, threads may share (the sweep does).
    """

    def __init__(self, resource: Any, recordings: str, ledger: str, tombstones: str = "") -> None:
        self._client = resource.meta.client
        self._rows, self._lines, self._tombstones = recordings, ledger, tombstones

    def add(self, recording: Recording, at: datetime) -> bool:
        try:
            self._write(replace(recording, changed_at=at), recording.ground, at, None)
        except StaleRecording:
            return False
        return True

    def get(self, recording_id: str) -> Recording | None:
        item = self._row(recording_id)
        return items.recording(item) if item else None

    def advance(self, recording: Recording, at: datetime) -> Recording:
        current = self._current(recording)
        require_allowed(current.state, recording.state)
        moved = replace(recording, revision=recording.revision + 1, changed_at=at)
        return self._write(moved, moved.ground, at, current)

    def note(self, recording: Recording, ground: str, at: datetime) -> Recording:
        current = self._current(recording)
        noted = replace(recording, state=current.state, ground=current.ground, revision=current.revision + 1)
        return self._write(noted, ground, at, current)

    def forget(self, recording: Recording) -> None:
        self._current(recording)
        keys = [{"id": item["id"], "revision": item["revision"]} for item in self._lines_of(recording.id)]
        row = {
            "TableName": self._rows,
            "Key": {"id": recording.id},
            "ConditionExpression": "revision = :over",
            "ExpressionAttributeValues": {":over": recording.revision},
        }
        with _stale():
            forget(self._client, row, [{"TableName": self._lines, "Key": key} for key in keys])

    def due(self, state: State, before: date) -> Iterator[Recording]:
        wanted = Key("state").eq(state) & Key("due_on").lt(before.isoformat())
        query = {"TableName": self._rows, "IndexName": BY_STATE, "KeyConditionExpression": wanted}
        yield from map(items.recording, _pages(self._client.query, query))

    def of_call(self, call_ref: str) -> Iterator[Recording]:
        query = {
            "TableName": self._rows,
            "IndexName": BY_CALL,
            "KeyConditionExpression": Key("call_ref").eq(call_ref),
        }
        yield from map(items.recording, _pages(self._client.query, query))

    def is_erased(self, call_ref: str) -> bool:
        key = {"call": call_ref}
        return "Item" in self._client.get_item(TableName=self._tombstones, Key=key, ConsistentRead=True)

    def bury(self, call_ref: str) -> None:
        self._client.put_item(TableName=self._tombstones, Item={"call": call_ref})

    def buried(self) -> Iterator[str]:
        scan = {"TableName": self._tombstones, "ConsistentRead": True}
        yield from (str(item["call"]) for item in _pages(self._client.scan, scan))

    def ledger(self, recording_id: str) -> list[LedgerLine]:
        return [items.line(item) for item in self._lines_of(recording_id)]

    def history(self, recording_id: str) -> History:
        row = None if "#" in recording_id else self._row(recording_id)
        return items.history(recording_id, row, list(self._lines_of(recording_id)))

    def histories(self) -> Iterator[History]:
        """Reads each table once, in constant memory but for the ids: the lines of one id lie together."""
        seen: set[str] = set()
        scan = {"TableName": self._lines, "ConsistentRead": True}
        groups = groupby(_pages(self._client.scan, scan), key=lambda item: str(item["id"]))
        ledgers = ((key, list(lines)) for key, lines in groups if key not in seen)
        while batch := dict(islice(ledgers, _AT_ONCE)):
            rows = self._rows_of([key for key in batch if "#" not in key])
            yield from (items.history(key, rows.get(key), lines) for key, lines in batch.items())
            seen |= batch.keys()
        scan = {"TableName": self._rows, "ConsistentRead": True, "ProjectionExpression": "id"}
        alone = (item["id"] for item in _pages(self._client.scan, scan) if "#" not in item["id"])
        yield from (self.history(key) for key in alone if key not in seen)

    def _row(self, key: str) -> items.Item | None:
        found = self._client.get_item(TableName=self._rows, Key={"id": key}, ConsistentRead=True)
        return found.get("Item")  # type: ignore[no-any-return]

    def _rows_of(self, keys: list[str]) -> dict[str, items.Item]:
        found: dict[str, items.Item] = {}
        asked = {self._rows: {"Keys": [{"id": key} for key in keys], "ConsistentRead": True}} if keys else {}
        while asked:
            page = self._client.batch_get_item(RequestItems=asked)
            found |= {item["id"]: item for item in page["Responses"].get(self._rows, [])}
            asked = page.get("UnprocessedKeys", {})
        return found

    def _lines_of(self, recording_id: str) -> Iterator[items.Item]:
        own = Key("id").eq(recording_id)
        query = {"TableName": self._lines, "KeyConditionExpression": own, "ConsistentRead": True}
        yield from _pages(self._client.query, query)

    def _current(self, recording: Recording) -> Recording:
        current = self.get(recording.id)
        if current is None or current.revision != recording.revision:
            raise StaleRecording("the row changed since it was read")
        return current

    def _write(self, recording: Recording, ground: str, at: datetime, over: Recording | None) -> Recording:
        """Row, line and, for an erasure, tombstone: all or none. `over` is the row replaced, None for none."""
        line = next_line(over.chain if over else "", recording, ground, at)
        recording = replace(recording, chain=line.hash)
        row: dict[str, Any] = {"Item": items.of_recording(recording), "ConditionExpression": "attribute_not_exists(id)"}
        if over is not None:
            row |= {"ConditionExpression": "revision = :over", "ExpressionAttributeValues": {":over": over.revision}}
        puts = [
            {"TableName": self._rows, **row},
            {
                "TableName": self._lines,
                "Item": items.of_line(line),
                "ConditionExpression": "attribute_not_exists(id)",
            },
        ]
        if recording.state is State.ERASED:
            puts.append({"TableName": self._tombstones, "Item": {"call": recording.call_ref}})
        with _stale():
            self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        return recording


@contextmanager
def _stale() -> Iterator[None]:
    """What a transaction says whose conditions do not hold, as ours."""
    try:
        yield
    except ClientError as error:
        if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
            raise StaleRecording("the row changed since it was read") from None
        raise


def _pages(ask: Callable[..., Any], query: dict[str, Any]) -> Iterator[items.Item]:
    """The items of a query or a scan, page after page."""
    while True:
        page = ask(**query)
        yield from page["Items"]
        if "LastEvaluatedKey" not in page:
            return
        query = {**query, "ExclusiveStartKey": page["LastEvaluatedKey"]}
