"""The Calls port: one DynamoDB table by the call's reference, and its in-memory twin.

Facts and ids are items of their own, so that nobody who writes one can lose another's.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from boto3.dynamodb.conditions import Attr, Key
from botocore.exceptions import ClientError

from chalicelib.law.live import Course
from chalicelib.services.ports import CallFile, Copied, Reach, Steered
from chalicelib.telephony.facts import Fact, fact_from, plain
from chalicelib.telephony.providers import CONTROLLED

Item = dict[str, Any]


class DynamoCalls:
    """`resource` is boto3's DynamoDB resource; the table's keys are `call` and `what`, and it expires by `expires`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def tell(self, call_ref: str, fact: Fact, until: datetime) -> None:
        said = plain(fact)
        self._put(call_ref, f"fact#{fact.kind}#{_digest(said)}", said, until)

    def reach(self, call_ref: str, reach: Reach, until: datetime) -> None:
        said = {"provider": reach.provider, "call_id": reach.call_id, "ids": dict(reach.ids)}
        self._put(call_ref, f"reach#{_digest(said)}", said, until)

    def steer(self, call_ref: str, steered: Steered, until: datetime) -> bool:
        item = {"course": steered.course.value, "revision": steered.revision + 1, "recording": steered.recording}
        read = Attr("revision").eq(steered.revision) if steered.revision else Attr("revision").not_exists()
        try:
            self._put(call_ref, "steered", item, until, ConditionExpression=read)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def file(self, call_ref: str) -> CallFile:
        query = {"TableName": self._table, "KeyConditionExpression": Key("call").eq(call_ref), "ConsistentRead": True}
        pages = self._client.get_paginator("query").paginate(**query)
        return _file([item for page in pages for item in page["Items"]])

    def copied(self, call_ref: str, copy: Copied, until: datetime) -> None:
        said = {"provider": copy.provider, "source": copy.source, "media": dict(copy.media)}
        self._put(call_ref, f"copy#{_digest(said)}", said, until)

    def forget(self, call_ref: str) -> int:
        query = {"TableName": self._table, "KeyConditionExpression": Key("call").eq(call_ref), "ConsistentRead": True}
        pages = self._client.get_paginator("query").paginate(**query, ProjectionExpression="what")
        found = [item["what"] for page in pages for item in page["Items"]]
        for what in found:
            self._client.delete_item(TableName=self._table, Key={"call": call_ref, "what": what})
        return len(found)

    def _put(self, call_ref: str, what: str, said: Item, until: datetime, **condition: Any) -> None:
        item = {"call": call_ref, "what": what, "expires": int(until.timestamp()), **said}
        self._client.put_item(TableName=self._table, Item=item, **condition)


@dataclass(slots=True)
class MemoryCalls:
    """The same in dictionaries; nothing expires."""

    files: dict[str, CallFile] = field(default_factory=dict)

    def tell(self, call_ref: str, fact: Fact, until: datetime) -> None:
        kept = self.file(call_ref)
        self.files[call_ref] = replace(kept, facts=tuple(dict.fromkeys((*kept.facts, fact))))

    def reach(self, call_ref: str, reach: Reach, until: datetime) -> None:
        kept = self.file(call_ref)
        known = [kept.reach, reach] if kept.reach else [reach]
        self.files[call_ref] = replace(kept, reach=_joined(known))

    def steer(self, call_ref: str, steered: Steered, until: datetime) -> bool:
        kept = self.file(call_ref)
        if steered.revision != (kept.steered.revision if kept.steered else 0):
            return False
        self.files[call_ref] = replace(kept, steered=replace(steered, revision=steered.revision + 1))
        return True

    def file(self, call_ref: str) -> CallFile:
        return self.files.get(call_ref, CallFile())

    def copied(self, call_ref: str, copy: Copied, until: datetime) -> None:
        kept = self.file(call_ref)
        known = [each for each in kept.copies if each != copy]
        self.files[call_ref] = replace(kept, copies=(*known, copy))

    def forget(self, call_ref: str) -> int:
        kept = self.files.pop(call_ref, CallFile())
        return len(kept.facts) + len(kept.copies) + sum(each is not None for each in (kept.reach, kept.steered))


def _file(items: list[Item]) -> CallFile:
    facts = tuple(fact_from(item) for item in items if item["what"].startswith("fact#"))
    items = sorted(items, key=lambda item: int(item["expires"]))  # what was told last counts
    reached = [Reach(i["provider"], i["call_id"], i["ids"]) for i in items if i["what"].startswith("reach#")]
    steered = [
        Steered(Course(i["course"]), int(i["revision"]), i.get("recording", ""))
        for i in items
        if i["what"] == "steered"
    ]
    copies = tuple(Copied(i["provider"], i["source"], i["media"]) for i in items if i["what"].startswith("copy#"))
    return CallFile(facts, _joined(reached), steered[0] if steered else None, copies)


def _joined(known: Iterable[Reach]) -> Reach | None:
    """One reach with the ids of all that one provider said; who can be told to pause goes before who cannot."""
    known = list(known)
    able = [reach for reach in known if reach.provider in CONTROLLED] or known
    of_it = [reach for reach in able if reach.provider == able[-1].provider]
    return (
        replace(of_it[-1], ids={name: each for reach in of_it for name, each in reach.ids.items()}) if of_it else None
    )


def _digest(said: Item) -> str:
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]
