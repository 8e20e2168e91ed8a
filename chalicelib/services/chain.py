"""The ledger's chain: each line's hash covers the line and the hash before it; the row holds the last one.

A line that is changed, taken out or put in afterwards breaks its recording's chain. No key is involved: whoever may
write to both tables can forge a whole chain, or remove a recording with all its lines. Against them stand the roles
(only the sweep's and the clock's allow the latter, by which old histories are forgotten whole) and the
tables' point-in-time recovery.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from enum import StrEnum
from itertools import takewhile

from chalicelib.errors import UnfitForLedger
from chalicelib.model import LedgerLine
from chalicelib.services.ports import Chained, History

_CODE = re.compile(r"[A-Za-z0-9._:/+-]{0,64}")
"""What ground, policy version and `by` look like: no space, no accent and no @, as names and addresses have."""


def line_hash(
    previous: str, id: str, revision: int, state: StrEnum, ground: str, policy: str, by: str, at: datetime
) -> str:
    """SHA-256 in hex of a line's fields and of the hash before it, "" for none. `at` is aware: its instant counts."""
    fields = {
        "previous": previous,
        "id": id,
        "revision": revision,
        "state": state.value,
        "ground": ground,
        "policy": policy,
        "by": by,
        "at": at.astimezone(UTC).isoformat(timespec="microseconds"),
    }
    return hashlib.sha256(json.dumps(fields, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def next_line(previous: str, row: Chained, ground: str, at: datetime) -> LedgerLine:
    """The line of `row`'s revision; `previous` is the chain of the row that it replaces, "" for a new one.

    Raises UnfitForLedger where ground, policy or `by` is no code, or nobody's.
    """
    for name, value in (("ground", ground), ("policy", row.policy), ("by", row.by)):
        if not _CODE.fullmatch(value) or (name == "by" and not value):
            raise UnfitForLedger(f"{name} must be a short code: a ledger line holds nothing that may name a person")
    line = LedgerLine(row.id, row.revision, row.state, ground, at, row.policy, row.by, previous)
    return replace(line, hash=_hash(line))


def _hash(line: LedgerLine) -> str:
    return line_hash(
        line.previous, line.recording_id, line.revision, line.state, line.ground, line.policy, line.by, line.at
    )


def breaks(history: History) -> list[str]:
    """What does not hold in a recording's chain, one English sentence each; empty when all does."""
    found = [*_unreadable(history), *_in_lines(history), *_at_row(history)]
    return [f"recording {history.id}: {what}" for what in found]


def _unreadable(history: History) -> Iterator[str]:
    if history.row_unreadable:
        yield "its row cannot be read"
    for revision in sorted(history.unreadable):
        yield f"the line of revision {revision} cannot be read"


def _in_lines(history: History) -> Iterator[str]:
    bare = [line.revision for line in takewhile(lambda line: not line.hash, history.lines)]
    if bare:
        yield f"its chain starts only after revision {bare[-1]}: its lines up to there carry no hash"
    before, chain = -1, ""
    for line in history.lines:
        yield from _between(before, line.revision, history.unreadable)
        if not line.hash:
            if line.revision not in bare:
                yield f"the line of revision {line.revision} carries no hash"
        elif line.hash != _hash(line):
            yield f"the line of revision {line.revision} was changed after it was written"
        elif line.revision == before + 1 and line.previous != chain:
            yield f"the line of revision {line.revision} does not follow what stands before it"
        before, chain = line.revision, line.hash


def _between(before: int, revision: int, unreadable: frozenset[int]) -> Iterator[str]:
    """What is wrong with the step from one line's revision to the next one's."""
    first, last = before + 1, revision - 1
    if revision <= before:
        yield f"the line of revision {revision} is out of order"
    elif last - first + 1 > sum(first <= known <= last for known in unreadable):
        yield (
            f"the line of revision {first} is missing"
            if first == last
            else (f"lines between revisions {first} and {last} are missing")
        )


def _at_row(history: History) -> Iterator[str]:
    row, known = history.row, [*(line.revision for line in history.lines), *history.unreadable]
    if row is None:
        if known and not history.row_unreadable:
            yield f"it has lines up to revision {max(known)} and no row"
    elif not known:
        yield f"its row is at revision {row.revision} and it has no line"
    elif row.revision > max(known):
        yield f"its row is at revision {row.revision} and its lines end at revision {max(known)}"
    elif row.revision < max(known):
        yield f"its row is at revision {row.revision} and its lines go on to revision {max(known)}"
    elif history.lines and history.lines[-1].revision == row.revision:
        yield from _unlike(row, history.lines[-1])


def _unlike(row: Chained, last: LedgerLine) -> Iterator[str]:
    """In what a row differs from its last line. Of a line older than the chain, the row's state alone is known."""
    pairs = {"state": (row.state, last.state), "chain": (row.chain, last.hash)}
    if last.hash:
        pairs |= {"policy": (row.policy, last.policy), "by": (row.by, last.by)}
    for name, (ours, theirs) in pairs.items():
        if ours != theirs:
            yield f"its row's {name} is not that of its last line, of revision {last.revision}"
