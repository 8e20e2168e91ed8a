"""The Recordings port on DynamoDB: one table of rows and tombstones, one append-only table of ledger lines.

Every write names the revision that it read and puts its ledger line in the same transaction: a row that moved
without a line, or a line without a row, cannot be.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from chalicelib.errors import StaleRecording
from chalicelib.model import Finding, LedgerLine, Recording, Span, State
from chalicelib.services.transitions import require_allowed

BY_STATE = "by-state"
_TOMBSTONE = "erased-call#"


class DynamoRecordings:
    """`resource` is boto3's DynamoDB resource; the tables' keys are `id` and (`id`, `revision`).

    Only its client is kept, which takes and gives plain Python values as the resource does, and which, unlike the
    resource, threads may share (the sweep does).
    """

    def __init__(self, resource: Any, recordings: str, ledger: str) -> None:
        self._client = resource.meta.client
        self._rows, self._lines = recordings, ledger

    def add(self, recording: Recording, at: datetime) -> bool:
        try:
            self._write(replace(recording, changed_at=at), recording.ground, at, None)
        except StaleRecording:
            return False
        return True

    def get(self, recording_id: str) -> Recording | None:
        item = self._client.get_item(TableName=self._rows, Key={"id": recording_id}, ConsistentRead=True).get("Item")
        return _recording(item) if item else None

    def advance(self, recording: Recording, at: datetime) -> Recording:
        require_allowed(self._current(recording).state, recording.state)
        moved = replace(recording, revision=recording.revision + 1, changed_at=at)
        return self._write(moved, moved.ground, at, recording.revision)

    def note(self, recording: Recording, ground: str, at: datetime) -> Recording:
        current = self._current(recording)
        return self._write(replace(current, revision=current.revision + 1), ground, at, current.revision)

    def due(self, state: State, before: date) -> Iterator[Recording]:
        query: dict[str, Any] = {
            "TableName": self._rows,
            "IndexName": BY_STATE,
            "KeyConditionExpression": Key("state").eq(state) & Key("due_on").lt(before.isoformat()),
        }
        while True:
            page = self._client.query(**query)
            for item in page["Items"]:
                yield _recording(item)
            if "LastEvaluatedKey" not in page:
                return
            query["ExclusiveStartKey"] = page["LastEvaluatedKey"]

    def is_erased(self, call_ref: str) -> bool:
        key = {"id": _TOMBSTONE + call_ref}
        return "Item" in self._client.get_item(TableName=self._rows, Key=key, ConsistentRead=True)

    def ledger(self, recording_id: str) -> list[LedgerLine]:
        own = Key("id").eq(recording_id)
        page = self._client.query(TableName=self._lines, KeyConditionExpression=own, ConsistentRead=True)
        return [_line(item) for item in page["Items"]]

    def _current(self, recording: Recording) -> Recording:
        current = self.get(recording.id)
        if current is None or current.revision != recording.revision:
            raise StaleRecording("the row changed since it was read")
        return current

    def _write(self, recording: Recording, ground: str, at: datetime, over: int | None) -> Recording:
        """Row, line and, for an erasure, tombstone: all or none. `over` is the revision replaced, None for none."""
        row: dict[str, Any] = {"TableName": self._rows, "Item": _item(recording)}
        if over is None:
            row["ConditionExpression"] = "attribute_not_exists(id)"
        else:
            row |= {"ConditionExpression": "revision = :over", "ExpressionAttributeValues": {":over": over}}
        line = {"id": recording.id, "revision": recording.revision, "state": recording.state.value, "ground": ground}
        line |= {"at": at.astimezone(UTC).isoformat()}
        puts = [row, {"TableName": self._lines, "Item": line, "ConditionExpression": "attribute_not_exists(id)"}]
        if recording.state is State.ERASED:
            puts.append({"TableName": self._rows, "Item": {"id": _TOMBSTONE + recording.call_ref}})
        try:
            self._client.transact_write_items(TransactItems=[{"Put": put} for put in puts])
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
                raise StaleRecording("the row changed since it was read") from None
            raise
        return recording


def _item(recording: Recording) -> dict[str, Any]:
    return {
        "id": recording.id,
        "call_ref": recording.call_ref,
        "state": recording.state.value,
        "due_on": recording.due_on.isoformat(),
        "revision": recording.revision,
        "ground": recording.ground,
        "started_at": recording.started_at and recording.started_at.isoformat(),
        "last_day": recording.last_day and recording.last_day.isoformat(),
        "language": recording.language,
        "channels": recording.channels,
        "duration_ms": recording.duration_ms,
        "changed_at": recording.changed_at and recording.changed_at.isoformat(),
        "muted": [_finding_item(finding) for finding in recording.muted],
    }


def _recording(item: dict[str, Any]) -> Recording:
    return Recording(
        id=item["id"],
        call_ref=item["call_ref"],
        state=State(item["state"]),
        due_on=date.fromisoformat(item["due_on"]),
        revision=int(item["revision"]),
        ground=item["ground"],
        started_at=datetime.fromisoformat(item["started_at"]) if item["started_at"] else None,
        last_day=date.fromisoformat(item["last_day"]) if item["last_day"] else None,
        language=item["language"],
        channels=int(item["channels"]),
        duration_ms=int(item["duration_ms"]),
        muted=tuple(_finding(muted) for muted in item["muted"]),
        changed_at=datetime.fromisoformat(item["changed_at"]) if item["changed_at"] else None,
    )


def _finding_item(finding: Finding) -> dict[str, Any]:
    return {
        "start_ms": finding.span.start_ms,
        "end_ms": finding.span.end_ms,
        "channel": finding.span.channel,
        "kind": finding.kind,
        "confidence": Decimal(str(finding.confidence)),
        "rule": finding.rule,
    }


def _finding(item: dict[str, Any]) -> Finding:
    channel = None if item["channel"] is None else int(item["channel"])
    span = Span(int(item["start_ms"]), int(item["end_ms"]), channel)
    return Finding(span, item["kind"], float(item["confidence"]), item["rule"])


def _line(item: dict[str, Any]) -> LedgerLine:
    at = datetime.fromisoformat(item["at"])
    return LedgerLine(item["id"], int(item["revision"]), State(item["state"]), item["ground"], at)
