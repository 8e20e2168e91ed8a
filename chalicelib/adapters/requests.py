"""The Requests port: one DynamoDB table of rows and log lines, and its in-memory twin.

A row and its line are written in one transaction, over the revision that was read, as a recording's are.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from itertools import groupby
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from chalicelib.adapters import items
from chalicelib.adapters.forget import forget
from chalicelib.errors import StaleRequest
from chalicelib.law.request import Channel, Request, Right, Status, Told
from chalicelib.model import LedgerLine
from chalicelib.services.chain import next_line
from chalicelib.services.ports import History

BY_STATE, BY_MONTH = "by-state", "by-month"
_ROW, _LINE = "row", "line#"

Item = dict[str, Any]


class DynamoRequests:
    """`resource` is boto3's DynamoDB resource; the table's keys are `id` and `what`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def add(self, request: Request, at: datetime) -> bool:
        try:
            self._write(replace(request, changed_at=at), at, None)
        except StaleRequest:
            return False
        return True

    def get(self, request_id: str) -> Request | None:
        key = {"id": request_id, "what": _ROW}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _request(item) if item else None

    def write(self, request: Request, ground: str, at: datetime) -> Request:
        current = self.get(request.id)
        if current is None or current.revision != request.revision:
            raise StaleRequest("the request changed since it was read: look at it again")
        moved = replace(request, revision=request.revision + 1, changed_at=at, ground=ground)
        return self._write(moved, at, current)

    def forget(self, request_id: str) -> None:
        whats = (_ROW, *(item["what"] for item in self._lines(request_id)))
        row, *lines = ({"TableName": self._table, "Key": {"id": request_id, "what": what}} for what in whats)
        forget(self._client, row, lines)

    def of(self, state: Status) -> Iterator[Request]:
        yield from self._indexed(BY_STATE, Key("state").eq(state.value))

    def received(self, month: str) -> Iterator[Request]:
        yield from self._indexed(BY_MONTH, Key("month").eq(month))

    def log(self, request_id: str) -> list[LedgerLine]:
        return [items.line(item, Status) for item in self._lines(request_id)]

    def history(self, request_id: str) -> History:
        key = {"id": request_id, "what": _ROW}
        row = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return items.history(request_id, row, list(self._lines(request_id)), _request, Status)

    def histories(self) -> Iterator[History]:
        scan = {"TableName": self._table, "ConsistentRead": True}
        pages = self._client.get_paginator("scan").paginate(**scan)
        every = (item for page in pages for item in page["Items"])
        for key, group in groupby(every, key=lambda item: str(item["id"])):  # items of one id lie together
            own = list(group)
            row = next((item for item in own if item["what"] == _ROW), None)
            lines = [item for item in own if str(item["what"]).startswith(_LINE)]
            if row or lines:
                yield items.history(key, row, lines, _request, Status)

    def _indexed(self, index: str, key: Any) -> Iterator[Request]:
        """As the index knows them: read each again before it is changed."""
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table, IndexName=index, KeyConditionExpression=key
        )
        yield from (_request(item) for page in pages for item in page["Items"])

    def _lines(self, request_id: str) -> Iterator[Item]:
        own = Key("id").eq(request_id) & Key("what").begins_with(_LINE)
        query = {"TableName": self._table, "KeyConditionExpression": own, "ConsistentRead": True}
        for page in self._client.get_paginator("query").paginate(**query):
            yield from page["Items"]

    def _write(self, request: Request, at: datetime, over: Request | None) -> Request:
        line = next_line(over.chain if over else "", request, request.ground, at)
        request = replace(request, chain=line.hash)
        row: Item = {"Item": _item(request), "ConditionExpression": "attribute_not_exists(id)"}
        if over is not None:
            row |= {"ConditionExpression": "revision = :over", "ExpressionAttributeValues": {":over": over.revision}}
        written = items.of_line(line) | {"what": f"{_LINE}{line.revision:06d}"}
        puts = [row, {"Item": written, "ConditionExpression": "attribute_not_exists(id)"}]
        try:
            self._client.transact_write_items(
                TransactItems=[{"Put": {"TableName": self._table, **put}} for put in puts]
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "TransactionCanceledException":
                raise StaleRequest("the request changed since it was read: look at it again") from None
            raise
        return request


_DAYS = ("asked_on", "proven_on", "answered_on")


def _item(request: Request) -> Item:
    said = {
        name: getattr(request, name)
        for name in Request.__slots__
        if name not in (*_DAYS, "told", "calls", "persons", "agent_refs", "received_on", "changed_at")
    }
    told = [
        {"code": each.code, "count": each.count, "recording": each.recording, "source": each.source}
        for each in request.told
    ]
    return {
        **said,
        "what": _ROW,
        "month": f"{request.received_on:%Y-%m}",
        "received_on": request.received_on.isoformat(),
        "changed_at": request.changed_at and request.changed_at.isoformat(),
        "persons": list(request.persons),
        "calls": list(request.calls),
        "agent_refs": list(request.agent_refs),
        "told": told,
        **{name: value and value.isoformat() for name in _DAYS for value in (getattr(request, name),)},
    }


def _request(item: Item) -> Request:
    days = {name: date.fromisoformat(item[name]) if item.get(name) else None for name in _DAYS}
    said = {name: item[name] for name in Request.__slots__ if name in item}
    return Request(
        **said
        | days
        | {
            "right": Right(item["right"]),
            "state": Status(item["state"]),
            "channel": Channel(item["channel"]),
            "received_on": date.fromisoformat(item["received_on"]),
            "changed_at": datetime.fromisoformat(item["changed_at"]) if item.get("changed_at") else None,
            "persons": tuple(item.get("persons", ())),
            "calls": tuple(item.get("calls", ())),
            "agent_refs": tuple(item.get("agent_refs", ())),
            "told": tuple(
                Told(told["code"], int(told["count"]), told["recording"], told["source"]) for told in item["told"]
            ),
            "revision": int(item["revision"]),
        }
    )


@dataclass(slots=True)
class MemoryRequests:
    """The same in dictionaries."""

    rows: dict[str, Request] = field(default_factory=dict)
    lines: dict[str, list[LedgerLine]] = field(default_factory=lambda: defaultdict(list))

    def add(self, request: Request, at: datetime) -> bool:
        if request.id in self.rows:
            return False
        self._write(replace(request, changed_at=at), at, "")
        return True

    def get(self, request_id: str) -> Request | None:
        return self.rows.get(request_id)

    def write(self, request: Request, ground: str, at: datetime) -> Request:
        current = self.rows.get(request.id)
        if current is None or current.revision != request.revision:
            raise StaleRequest("the request changed since it was read: look at it again")
        moved = replace(request, revision=request.revision + 1, changed_at=at, ground=ground)
        return self._write(moved, at, current.chain)

    def forget(self, request_id: str) -> None:
        self.rows.pop(request_id, None)
        self.lines.pop(request_id, None)

    def of(self, state: Status) -> Iterator[Request]:
        found = [each for each in self.rows.values() if each.state is state]
        yield from sorted(found, key=lambda each: (each.received_on, each.id))

    def received(self, month: str) -> Iterator[Request]:
        found = [each for each in self.rows.values() if f"{each.received_on:%Y-%m}" == month]
        yield from sorted(found, key=lambda each: (each.received_on, each.id))

    def log(self, request_id: str) -> list[LedgerLine]:
        return list(self.lines.get(request_id, []))

    def history(self, request_id: str) -> History:
        return History(request_id, self.rows.get(request_id), tuple(self.log(request_id)))

    def histories(self) -> Iterator[History]:
        yield from [self.history(key) for key in self.rows.keys() | self.lines.keys()]

    def _write(self, request: Request, at: datetime, chain: str) -> Request:
        line = next_line(chain, request, request.ground, at)
        self.rows[request.id] = replace(request, chain=line.hash)
        self.lines[request.id].append(line)
        return self.rows[request.id]
