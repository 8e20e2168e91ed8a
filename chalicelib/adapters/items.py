"""What DynamoDB's items say, as the model's values and back.

Items written before a field existed lack it and are read with its default.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import StrEnum
from functools import partial
from typing import Any, TypeVar

from chalicelib.model import Finding, Hold, HoldKind, LedgerLine, Recording, Shelf, Span, State
from chalicelib.services.ports import Chained, History

Item = dict[str, Any]
_Read = TypeVar("_Read")


def of_recording(recording: Recording) -> Item:
    """A row's item."""
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
        "policy": recording.policy,
        "by": recording.by,
        "chain": recording.chain,
        "muted": [_finding_item(finding) for finding in recording.muted],
        "queue": recording.queue,
        "agent_ref": recording.agent_ref,
        "agent_channel": recording.agent_channel,
        "shelf": recording.shelf.value,
        "cuts": [[cut.start_ms, cut.end_ms] for cut in recording.cuts],
        "hold": recording.hold and _hold_item(recording.hold),
        "precision_ms": recording.precision_ms,
        "length_known": recording.length_known,
        "settled": recording.settled,
    }


def recording(item: Item) -> Recording:
    """The row that an item holds."""
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
        policy=item.get("policy", ""),
        by=item.get("by", "machine"),
        chain=item.get("chain", ""),
        queue=item.get("queue", ""),
        agent_ref=item.get("agent_ref", ""),
        agent_channel=None if item.get("agent_channel") is None else int(item["agent_channel"]),
        shelf=Shelf(item.get("shelf", Shelf.CALLS)),
        cuts=tuple(Span(int(start_ms), int(end_ms)) for start_ms, end_ms in item.get("cuts", ())),
        hold=_hold(item["hold"]) if item.get("hold") else None,
        length_known=bool(item.get("length_known", False)),
        settled=bool(item.get("settled", False)),
        precision_ms=int(item.get("precision_ms", 60_000)),  # at worst, when it was not written down
    )


def _finding_item(finding: Finding) -> Item:
    return {
        "start_ms": finding.span.start_ms,
        "end_ms": finding.span.end_ms,
        "channel": finding.span.channel,
        "kind": finding.kind,
        "confidence": Decimal(str(finding.confidence)),
        "rule": finding.rule,
    }


def _finding(item: Item) -> Finding:
    channel = None if item["channel"] is None else int(item["channel"])
    span = Span(int(item["start_ms"]), int(item["end_ms"]), channel)
    return Finding(span, item["kind"], float(item["confidence"]), item["rule"])


def _hold_item(hold: Hold) -> Item:
    return {"kind": hold.kind.value, "reference": hold.reference, "by": hold.by, "until": hold.until.isoformat()}


def _hold(item: Item) -> Hold:
    return Hold(HoldKind(item["kind"]), item["reference"], item["by"], date.fromisoformat(item["until"]))


def of_line(line: LedgerLine) -> Item:
    """A ledger line's item."""
    return {
        "id": line.recording_id,
        "revision": line.revision,
        "state": line.state.value,
        "ground": line.ground,
        "at": line.at.astimezone(UTC).isoformat(),
        "policy": line.policy,
        "by": line.by,
        "previous": line.previous,
        "hash": line.hash,
    }


def line(item: Item, states: type[StrEnum] = State) -> LedgerLine:
    """The ledger line that an item holds. Raises KeyError, TypeError or ValueError where it holds something else."""
    texts = [item["ground"], *(item.get(name, "") for name in ("policy", "by", "previous", "hash"))]
    at, revision = datetime.fromisoformat(item["at"]), int(item["revision"])
    if not all(isinstance(text, str) for text in texts) or at.tzinfo is None or revision != item["revision"]:
        raise TypeError("a ledger line holds texts, an instant and a whole number")
    return LedgerLine(item["id"], revision, states(item["state"]), texts[0], at, *texts[1:])


def history(
    recording_id: str,
    row: Item | None,
    lines: list[Item],
    read_row_item: Callable[[Item], Chained] | None = None,
    states: type[StrEnum] = State,
) -> History:
    """A recording's history out of its items, whatever somebody wrote over them; a request's by its own reader."""
    read_row = _read(read_row_item or recording, row) if row else None
    read = {int(item.get("revision", -1)): _read(partial(line, states=states), item) for item in lines}
    return History(
        recording_id,
        read_row,
        tuple(found for _, found in sorted(read.items()) if found is not None),
        frozenset(revision for revision, found in read.items() if found is None),
        row_unreadable=row is not None and read_row is None,
    )


def _read(reader: Callable[[Item], _Read], item: Item) -> _Read | None:
    with suppress(Exception):  # of what is not ours, anything may be wrong
        return reader(item)
    return None
