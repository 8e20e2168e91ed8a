"""In which order a row and its lines are deleted."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.adapters.forget import forget

ROW = {"TableName": "rows", "Key": {"id": "abc"}}


class Asked:
    """A client that notes what it was asked to delete, each act by itself."""

    def __init__(self) -> None:
        self.acts: list[list[Any]] = []

    def delete_item(self, **item: Any) -> None:
        self.acts.append([item["Key"]])

    def transact_write_items(self, TransactItems: list[dict[str, Any]]) -> None:
        self.acts.append([each["Delete"]["Key"] for each in TransactItems])


def keys(count: int) -> list[dict[str, Any]]:
    return [{"id": "abc", "revision": number} for number in range(count)]


@pytest.mark.parametrize("count", [0, 1, 99])
def test_all_goes_at_once_where_one_transaction_takes_it(count: int) -> None:
    client = Asked()
    forget(client, ROW, [{"TableName": "lines", "Key": key} for key in keys(count)])
    assert client.acts == [[ROW["Key"], *keys(count)]]


def test_of_a_longer_chain_the_oldest_lines_go_before_and_the_row_with_the_latest() -> None:
    client = Asked()
    forget(client, ROW, [{"TableName": "lines", "Key": key} for key in keys(101)])
    assert client.acts == [[keys(1)[0]], [keys(2)[1]], [ROW["Key"], *keys(101)[2:]]]
