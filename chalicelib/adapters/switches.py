"""The Switches port: items of the agents' table, and its in-memory twin.

An off that goes on lies in the switch's own item, which never expires; one that has ended has an item of its own, which
does. So no expiry can turn a switch on.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from boto3.dynamodb.conditions import Key
from botocore.exceptions import ClientError

from chalicelib.errors import StaleSwitch
from chalicelib.model import Off, Reason, Stretch, Switch

_SWITCH, _OFF, _ON_CALL, _NAME, _ALSO, _TEAMS = "switch", "off#", "on-call#", "name", "also#", "teams"

Item = dict[str, Any]


class DynamoSwitches:
    """`resource` is boto3's DynamoDB resource; the table's keys are `agent` and `what`, and it expires by `expires`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def current(self, agent_ref: str) -> Switch | None:
        key = {"agent": agent_ref, "what": _SWITCH}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return _switch(item) if item else None

    def turn(self, agent_ref: str, switch: Switch, ended: Off | None, until: datetime) -> Switch:
        turned = replace(switch, revision=switch.revision + 1)
        put = {"TableName": self._table, "Item": {"agent": agent_ref, "what": _SWITCH, **_plain(turned)}}
        read: Item = {"ConditionExpression": "attribute_not_exists(revision)"}  # boto3's Attr cannot be nested so deep
        if switch.revision:
            read = {"ConditionExpression": "revision = :read", "ExpressionAttributeValues": {":read": switch.revision}}
        writes: list[Item] = [{"Put": {**put, **read}}]
        if ended:
            writes.append({"Put": {"TableName": self._table, "Item": _ended(agent_ref, ended, until)}})
        try:
            self._client.transact_write_items(TransactItems=writes)
        except ClientError as error:
            reasons = [reason.get("Code") for reason in error.response.get("CancellationReasons", [])]
            if not {"ConditionalCheckFailed", "TransactionConflict"} & set(reasons):
                raise
            raise StaleSwitch("the switch was turned meanwhile: look at it again") from error
        return turned

    def offs(self, agent_ref: str, since: datetime) -> list[Off]:
        later = Key("what").between(_OFF + _text(since), _OFF + "~")
        return [_off(item) for item in self._query(agent_ref, later) if item["until"] > _text(since)]

    def know_as(self, other_ref: str, agent_ref: str) -> None:
        also = {"agent": agent_ref, "what": _ALSO + other_ref}
        self._client.put_item(TableName=self._table, Item=also)  # first, so that whoever looks for all finds it
        item = {"agent": other_ref, "what": _NAME, "of": agent_ref}
        self._client.put_item(TableName=self._table, Item=item)

    def names(self, agent_ref: str) -> tuple[str, ...]:
        found = self._query(agent_ref, Key("what").begins_with(_ALSO))
        return agent_ref, *(item["what"].removeprefix(_ALSO) for item in found)

    def place(self, agent_ref: str, teams: Iterable[str]) -> None:
        item = {"agent": agent_ref, "what": _TEAMS, "teams": sorted(set(teams))}
        self._client.put_item(TableName=self._table, Item=item)

    def teams(self, agent_ref: str) -> frozenset[str]:
        key = {"agent": agent_ref, "what": _TEAMS}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return frozenset(item["teams"]) if item else frozenset()

    def known_as(self, ref: str) -> str:
        key = {"agent": ref, "what": _NAME}
        item = self._client.get_item(TableName=self._table, Key=key, ConsistentRead=True).get("Item")
        return str(item["of"]) if item else ref

    def sit(self, agent_ref: str, call_ref: str, until: datetime) -> None:
        item = {"agent": agent_ref, "what": _ON_CALL + call_ref, "expires": int(until.timestamp())}
        self._client.put_item(TableName=self._table, Item=item)

    def leave(self, agent_ref: str, call_ref: str) -> None:
        self._client.delete_item(TableName=self._table, Key={"agent": agent_ref, "what": _ON_CALL + call_ref})

    def calls(self, agent_ref: str, now: datetime) -> list[str]:
        found = self._query(agent_ref, Key("what").begins_with(_ON_CALL))
        return [item["what"].removeprefix(_ON_CALL) for item in found if item["expires"] > now.timestamp()]

    def _query(self, agent_ref: str, what: Any) -> Iterator[Item]:
        asked = Key("agent").eq(agent_ref) & what
        pages = self._client.get_paginator("query").paginate(
            TableName=self._table, KeyConditionExpression=asked, ConsistentRead=True
        )
        for page in pages:
            yield from page["Items"]


def _plain(switch: Switch) -> Item:
    said = {
        "since": _text(switch.since),
        "by": switch.by,
        "reason": switch.reason and switch.reason.value,
        "until": switch.until and _text(switch.until),
        "revision": switch.revision,
    }
    return {name: value for name, value in said.items() if value is not None}


def _switch(item: Item) -> Switch:
    return Switch(
        since=datetime.fromisoformat(item["since"]),
        by=item["by"],
        reason=Reason(item["reason"]) if item.get("reason") else None,
        until=datetime.fromisoformat(item["until"]) if item.get("until") else None,
        revision=int(item["revision"]),
    )


def _ended(agent_ref: str, off: Off, until: datetime) -> Item:
    """By its end, so that those after some moment are found without reading the others."""
    since, ended = off.stretch.since, off.stretch.until
    assert since is not None
    assert ended is not None
    what = f"{_OFF}{_text(ended)}#{_text(since)}"
    said = {"since": _text(since), "until": _text(ended), "reason": off.reason.value}
    return {"agent": agent_ref, "what": what, "expires": int(until.timestamp()), **said}


def _off(item: Item) -> Off:
    stretch = Stretch(datetime.fromisoformat(item["since"]), datetime.fromisoformat(item["until"]))
    return Off(Reason(item["reason"]), stretch)


def _text(moment: datetime) -> str:
    """Sorts as moments do."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


@dataclass(slots=True)
class MemorySwitches:
    """The same in dictionaries; nothing expires but what an agent is on."""

    switches: dict[str, Switch] = field(default_factory=dict)
    ended: dict[str, list[Off]] = field(default_factory=lambda: defaultdict(list))
    seats: dict[str, dict[str, datetime]] = field(default_factory=lambda: defaultdict(dict))
    names_of: dict[str, str] = field(default_factory=dict)
    placed: dict[str, frozenset[str]] = field(default_factory=dict)

    def current(self, agent_ref: str) -> Switch | None:
        return self.switches.get(agent_ref)

    def turn(self, agent_ref: str, switch: Switch, ended: Off | None, until: datetime) -> Switch:
        current = self.switches.get(agent_ref)
        if switch.revision != (current.revision if current else 0):
            raise StaleSwitch("the switch was turned meanwhile: look at it again")
        self.switches[agent_ref] = replace(switch, revision=switch.revision + 1)
        if ended:
            self.ended[agent_ref].append(ended)
        return self.switches[agent_ref]

    def offs(self, agent_ref: str, since: datetime) -> list[Off]:
        later = [off for off in self.ended[agent_ref] if off.stretch.until is not None and off.stretch.until > since]
        return sorted(later, key=lambda off: (off.stretch.until or since, off.stretch.since or since))

    def know_as(self, other_ref: str, agent_ref: str) -> None:
        self.names_of[other_ref] = agent_ref

    def known_as(self, ref: str) -> str:
        return self.names_of.get(ref, ref)

    def names(self, agent_ref: str) -> tuple[str, ...]:
        return agent_ref, *sorted(other for other, own in self.names_of.items() if own == agent_ref)

    def place(self, agent_ref: str, teams: Iterable[str]) -> None:
        self.placed[agent_ref] = frozenset(teams)

    def teams(self, agent_ref: str) -> frozenset[str]:
        return self.placed.get(agent_ref, frozenset())

    def sit(self, agent_ref: str, call_ref: str, until: datetime) -> None:
        self.seats[agent_ref][call_ref] = until

    def leave(self, agent_ref: str, call_ref: str) -> None:
        self.seats[agent_ref].pop(call_ref, None)

    def calls(self, agent_ref: str, now: datetime) -> list[str]:
        return [call for call, until in self.seats[agent_ref].items() if until > now]
