"""`ledger verify`, as whoever answers for a deployment meets it: on DynamoDB as moto plays it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws

from chalicelib.__main__ import main
from chalicelib.adapters.dynamodb import DynamoRecordings
from chalicelib.model import Recording, State
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
COMMAND = ["ledger", "verify", "--recordings", "RecordingsTable", "--ledger", "LedgerTable"]
Told = Callable[[], tuple[int, list[str]]]


@pytest.fixture
def aws() -> Iterator[Any]:
    """Two recordings: `whole`, erased, which leaves a tombstone, and `abc` with three lines."""
    with account():
        resource = boto3.resource("dynamodb", region_name=REGION)
        rows = DynamoRecordings(resource, "RecordingsTable", "LedgerTable", "TombstonesTable")
        for name, last in (("whole", State.ERASED), ("abc", State.QUARANTINED)):
            new = Recording(name, "call", State.RECEIVED, date(2026, 11, 26), ground="arrived")
            rows.add(new, AT)
            judged = rows.advance(replace(new, state=State.JUDGED, ground="lawful"), AT)
            rows.advance(replace(judged, state=last, ground="on-request"), AT)
        yield resource


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs the command; its exit status and its lines."""

    def run() -> tuple[int, list[str]]:
        status = main(COMMAND)
        return status, capsys.readouterr().out.splitlines()

    return run


def edit(table: Any, key: dict[str, Any], name: str, value: Any) -> None:
    table.update_item(
        Key=key,
        UpdateExpression="SET #name = :value",
        ExpressionAttributeNames={"#name": name},
        ExpressionAttributeValues={":value": value},
    )


def line(revision: int) -> dict[str, Any]:
    return {"id": "abc", "revision": revision}


def test_a_ledger_that_nobody_touched_is_all_chained(aws: Any, told: Told) -> None:
    assert told() == (0, ["2 recordings, 6 lines, all chained"])


CHANGED = "recording abc: the line of revision 1 was changed after it was written"
UNREADABLE = "recording abc: the line of revision 1 cannot be read"


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("ground", "lawfull", CHANGED),
        ("by", "dpo", CHANGED),
        ("policy", "2026-11", CHANGED),
        ("at", "2026-11-24T09:00:01+00:00", CHANGED),
        ("state", "available", CHANGED),
        ("state", "nowhere", UNREADABLE),
        ("at", "2026-11-24T09:00:00", UNREADABLE),
        ("at", "yesterday", UNREADABLE),
        ("ground", 3, UNREADABLE),
    ],
)
def test_a_line_that_was_edited_is_told(aws: Any, told: Told, name: str, value: Any, sentence: str) -> None:
    edit(aws.Table("LedgerTable"), line(1), name, value)
    status, lines = told()
    assert (status, lines[0]) == (1, sentence)
    assert lines[1].endswith("1 broken: see above")


@pytest.mark.parametrize(
    ("revision", "sentence"),
    [
        (0, "recording abc: the line of revision 0 is missing"),
        (1, "recording abc: the line of revision 1 is missing"),
        (2, "recording abc: its row is at revision 2 and its lines end at revision 1"),
    ],
)
def test_a_line_that_was_deleted_is_told(aws: Any, told: Told, revision: int, sentence: str) -> None:
    aws.Table("LedgerTable").delete_item(Key=line(revision))
    assert told() == (1, [sentence, "2 recordings, 5 lines, 1 broken: see above"])


@pytest.mark.parametrize("name", ["nobody", "erased-call#call"])
def test_a_line_for_no_row_is_told(aws: Any, told: Told, name: str) -> None:
    table = aws.Table("LedgerTable")
    table.put_item(Item=table.get_item(Key=line(0))["Item"] | {"id": name})
    status, lines = told()
    assert status == 1
    assert f"recording {name}: it has lines up to revision 0 and no row" in lines


def test_lines_whose_row_was_deleted_and_a_row_whose_lines_were_are_told(aws: Any, told: Told) -> None:
    aws.Table("RecordingsTable").delete_item(Key={"id": "whole"})
    for revision in range(3):
        aws.Table("LedgerTable").delete_item(Key=line(revision))
    status, lines = told()
    assert (status, set(lines)) == (
        1,
        {
            "recording whole: it has lines up to revision 2 and no row",
            "recording abc: its row is at revision 2 and it has no line",
            "2 recordings, 3 lines, 2 broken: see above",
        },
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("state", "judged", "its row's state is not that of its last line, of revision 2"),
        ("chain", "0" * 64, "its row's chain is not that of its last line, of revision 2"),
        ("revision", 1, "its row is at revision 1 and its lines go on to revision 2"),
        ("due_on", "never", "its row cannot be read"),
    ],
)
def test_a_row_that_was_edited_is_told(aws: Any, told: Told, name: str, value: Any, sentence: str) -> None:
    edit(aws.Table("RecordingsTable"), {"id": "abc"}, name, value)
    assert told() == (1, [f"recording abc: {sentence}", "2 recordings, 6 lines, 1 broken: see above"])


def test_rows_and_lines_older_than_the_chain_are_read_told_and_chained_from_then_on(aws: Any, told: Told) -> None:
    for table, keys, names in (
        ("LedgerTable", [line(n) for n in range(3)], ("policy", "by", "previous", "hash")),
        ("RecordingsTable", [{"id": "abc"}], ("policy", "by", "chain")),
    ):
        for key in keys:
            item = aws.Table(table).get_item(Key=key)["Item"]
            aws.Table(table).put_item(Item={name: value for name, value in item.items() if name not in names})
    sentence = "recording abc: its chain starts only after revision 2: its lines up to there carry no hash"
    assert told()[1][0] == sentence
    rows = DynamoRecordings(aws, "RecordingsTable", "LedgerTable", "TombstonesTable")
    old = rows.get("abc")
    assert old is not None
    assert (old.by, old.chain, rows.ledger("abc")[0].hash) == ("machine", "", "")
    rows.note(old, "dropped-again", AT)
    assert told() == (1, [sentence, "2 recordings, 7 lines, 1 broken: see above"])


def test_a_ledger_item_holds_these_attributes_and_no_other(aws: Any) -> None:
    for item in aws.Table("LedgerTable").scan()["Items"]:
        assert set(item) == {"id", "revision", "state", "ground", "at", "policy", "by", "previous", "hash"}


def test_tables_of_many_pages_are_read_to_their_end(aws: Any, told: Told, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = DynamoRecordings(aws, "RecordingsTable", "LedgerTable", "TombstonesTable")
    for n in range(12):
        rows.add(Recording(f"more-{n}", "call", State.RECEIVED, date(2026, 11, 26), ground="arrived"), AT)
    aws.Table("LedgerTable").delete_item(Key={"id": "more-9", "revision": 0})
    made, pages = boto3.resource, []

    def short_pages(*args: Any, **options: Any) -> Any:
        resource = made(*args, **options)
        client = resource.meta.client

        def short(ask: Any) -> Any:
            return lambda **query: pages.append(query["TableName"]) or ask(**query, Limit=2)

        client.scan, client.query = short(client.scan), short(client.query)
        return resource

    monkeypatch.setattr(boto3, "resource", short_pages)
    sentence = "recording more-9: its row is at revision 0 and it has no line"
    assert told() == (1, [sentence, "14 recordings, 17 lines, 1 broken: see above"])
    assert min(pages.count("LedgerTable"), pages.count("RecordingsTable")) >= 7


def test_tables_that_are_not_there_are_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    with mock_aws():
        assert main(COMMAND) == 1
    assert capsys.readouterr().err == "error: no table RecordingsTable or LedgerTable in this account and region\n"


def test_tables_taken_for_each_other_are_one_sentence(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["ledger", "verify", "--recordings", "LedgerTable", "--ledger", "RecordingsTable"]) == 1
    assert capsys.readouterr().err.startswith("error: DynamoDB refuses: ValidationException")


@pytest.mark.parametrize(
    ("missing", "sentence"),
    [
        (("AWS_DEFAULT_REGION",), "no AWS region"),
        (("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"), "no AWS credentials"),
    ],
)
def test_without_region_or_credentials_it_is_one_sentence(missing: tuple[str, ...], sentence: str) -> None:
    nowhere = {"PATH": os.environ["PATH"], "AWS_CONFIG_FILE": "/nowhere", "AWS_SHARED_CREDENTIALS_FILE": "/nowhere"}
    keys = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_DEFAULT_REGION": REGION}
    environment = {name: value for name, value in keys.items() if name not in missing}
    ended = subprocess.run(
        [sys.executable, "-m", "chalicelib", *COMMAND],
        env={**environment, **nowhere, "AWS_EC2_METADATA_DISABLED": "true"},
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"error: {sentence}")
    assert ended.stderr.count("\n") == 1


def test_a_command_that_needs_no_account_does_not_load_its_library() -> None:
    asked = "import sys, chalicelib.__main__; sys.exit('boto3' in sys.modules or 'botocore' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", asked], cwd=Path(__file__).parents[2], timeout=60).returncode == 0


def test_what_was_decided_on_one_recording_is_shown_line_by_line(aws: Any, capsys: pytest.CaptureFixture[str]) -> None:
    tables = COMMAND[2:]
    assert main(["ledger", "show", "abc", *tables]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[1:3] for line in lines] == [
        ["received", "arrived"],
        ["judged", "lawful"],
        ["quarantined", "on-request"],
    ]
    assert all("by machine, policy unknown" in line for line in lines)
    assert main(["ledger", "show", "nobody", *tables]) == 1
    assert "no line" in capsys.readouterr().err
