"""A row deleted together with the lines of its chain, on DynamoDB."""

from __future__ import annotations

from typing import Any

_WITH_ROW = 99
"""A transaction takes a hundred items."""


def forget(client: Any, row: dict[str, Any], lines: list[dict[str, Any]]) -> None:
    """Delete both, each as the parameters of one deletion; `lines` in the order of their revisions.

    All at once, so that whoever verifies the chain finds all of it or nothing. Of a chain too long for that the oldest
    lines go first, and the row with the latest: a crash in between leaves a row, by which the rest is found again.
    Raises ClientError, TransactionCanceledException where the row does not meet its condition.
    """
    for line in lines[:-_WITH_ROW]:
        client.delete_item(**line)
    client.transact_write_items(TransactItems=[{"Delete": each} for each in (row, *lines[-_WITH_ROW:])])
