"""The Recordings port: one suite, on the in-memory twin and on DynamoDB as moto plays it."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3
import pytest

from chalicelib.adapters.dynamodb import DynamoRecordings
from chalicelib.adapters.memory import MemoryRecordings
from chalicelib.errors import ForbiddenTransition, StaleRecording, UnfitForLedger
from chalicelib.model import Finding, Recording, Span, State
from chalicelib.services.chain import breaks, next_line
from chalicelib.services.ports import History, Recordings
from tests.contract.accounts import REGION, account

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
NEW = Recording("abc", "call", State.RECEIVED, date(2026, 11, 26), ground="arrived", started_at=AT)


@pytest.fixture(params=["memory", "dynamodb"])
def rows(request: pytest.FixtureRequest) -> Iterator[Recordings]:
    if request.param == "memory":
        yield MemoryRecordings()
        return
    with account() as aws:
        resource = boto3.resource("dynamodb", region_name=REGION)
        yield DynamoRecordings(resource, aws.recordings, aws.ledger, aws.tombstones)


def test_a_row_is_added_once_with_its_first_line(rows: Recordings) -> None:
    assert rows.add(NEW, AT)
    assert not rows.add(replace(NEW, ground="again"), AT)
    line = next_line("", NEW, "arrived", AT)
    assert rows.get("abc") == replace(NEW, changed_at=AT, chain=line.hash)
    assert rows.ledger("abc") == [line]
    assert rows.get("nobody") is None


def test_every_field_of_a_row_comes_back_as_it_was(rows: Recordings) -> None:
    findings = (
        Finding(Span(100, 200, 1), "digits", 0.87, "digit-run"),
        Finding(Span(5, 9), "digits", 1.0, "digit-run"),
    )
    full = replace(
        NEW, last_day=date(2027, 5, 23), language="fr-FR", channels=2, duration_ms=61_001, muted=findings,
        policy="2026-11", by="dpo", settled=True,
    )  # fmt: skip
    rows.add(full, AT)
    assert rows.get("abc") == replace(full, changed_at=AT, chain=rows.ledger("abc")[-1].hash)


def test_a_state_advances_with_its_line_and_a_new_revision(rows: Recordings) -> None:
    rows.add(NEW, AT)
    judged = rows.advance(replace(NEW, state=State.JUDGED, ground="lawful"), AT + timedelta(seconds=1))
    assert rows.get("abc") == judged
    assert (judged.revision, judged.ground, judged.changed_at) == (1, "lawful", AT + timedelta(seconds=1))
    assert [(line.revision, line.state) for line in rows.ledger("abc")] == [(0, State.RECEIVED), (1, State.JUDGED)]


def test_of_two_who_read_the_same_revision_one_alone_writes(rows: Recordings) -> None:
    rows.add(NEW, AT)
    rows.advance(replace(NEW, state=State.JUDGED, ground="lawful"), AT)
    with pytest.raises(StaleRecording):
        rows.advance(replace(NEW, state=State.DISCARDED, ground="late"), AT)
    assert len(rows.ledger("abc")) == 2


def test_nothing_is_written_over_a_row_that_is_not_there(rows: Recordings) -> None:
    with pytest.raises(StaleRecording):
        rows.advance(replace(NEW, state=State.JUDGED), AT)
    assert rows.get("abc") is None
    assert rows.ledger("abc") == []


def test_a_state_cannot_go_back(rows: Recordings) -> None:
    rows.add(replace(NEW, state=State.EXPIRED), AT)
    with pytest.raises(ForbiddenTransition):
        rows.advance(replace(NEW, state=State.AVAILABLE), AT)


def test_a_note_adds_a_line_and_leaves_state_and_ground(rows: Recordings) -> None:
    rows.add(NEW, AT)
    noted = rows.note(NEW, "dropped-again", AT)
    assert (noted.state, noted.ground, noted.revision) == (State.RECEIVED, "arrived", 1)
    assert rows.get("abc") == noted
    assert [line.ground for line in rows.ledger("abc")] == ["arrived", "dropped-again"]


def test_due_are_the_rows_of_a_state_whose_day_is_past(rows: Recordings) -> None:
    for name, day in (("a", 25), ("b", 26), ("c", 27)):
        rows.add(replace(NEW, id=name, due_on=date(2026, 11, day)), AT)
    rows.add(replace(NEW, id="other", state=State.AVAILABLE, due_on=date(2026, 11, 1)), AT)
    assert {row.id for row in rows.due(State.RECEIVED, date(2026, 11, 27))} == {"a", "b"}
    assert {row.id for row in rows.due(State.RECEIVED, date.max)} == {"a", "b", "c"}


def test_the_recordings_of_a_call_are_found_by_its_opaque_id(rows: Recordings) -> None:
    for name, call in (("a", "call"), ("b", "call"), ("c", "another")):
        rows.add(replace(NEW, id=name, call_ref=call), AT)
    assert {row.id for row in rows.of_call("call")} == {"a", "b"}
    assert list(rows.of_call("nobody's")) == []


def test_an_erasure_leaves_a_tombstone_on_its_call_alone(rows: Recordings) -> None:
    rows.add(NEW, AT)
    assert not rows.is_erased("call")
    rows.advance(replace(NEW, state=State.ERASED, ground="art-17"), AT)
    assert rows.is_erased("call")
    assert not rows.is_erased("another")


def lived(rows: Recordings, name: str = "abc") -> Recording:
    """A recording with every kind of write, each by somebody else."""
    new = replace(NEW, id=name, policy="2026-11")
    rows.add(new, AT)
    judged = rows.advance(replace(new, state=State.JUDGED, ground="lawful"), AT + timedelta(seconds=1))
    noted = rows.note(replace(judged, by="dpo", language="fr-FR"), "heard-again", AT + timedelta(seconds=2))
    return rows.advance(replace(noted, state=State.ERASED, policy="2026-12"), AT + timedelta(microseconds=2_500_001))


def test_each_line_is_chained_to_the_one_before_and_the_row_to_the_last(rows: Recordings) -> None:
    erased = lived(rows)
    lines = rows.ledger("abc")
    assert [line.previous for line in lines] == ["", *(line.hash for line in lines[:-1])]
    assert (erased.chain, len({line.hash for line in lines})) == (lines[-1].hash, 4)
    assert rows.get("abc") == erased
    assert rows.history("abc") == History("abc", erased, tuple(lines))
    assert breaks(rows.history("abc")) == []


def test_a_line_says_under_which_policy_and_by_whom_also_a_note(rows: Recordings) -> None:
    erased = lived(rows)
    said = [(line.policy, line.by) for line in rows.ledger("abc")]
    assert said == [("2026-11", "machine"), ("2026-11", "machine"), ("2026-11", "dpo"), ("2026-12", "dpo")]
    assert (erased.policy, erased.by, erased.language) == ("2026-12", "dpo", "fr-FR")


def test_the_chain_goes_on_from_the_stored_row_whatever_chain_the_writer_brings(rows: Recordings) -> None:
    rows.add(NEW, AT)
    rows.advance(replace(NEW, state=State.JUDGED, chain="brought"), AT)
    assert breaks(rows.history("abc")) == []


@pytest.mark.parametrize("by", ["", "Jeanne Martin", "j.martin@example.org", "Zoé"])
def test_what_may_be_a_name_is_not_written(rows: Recordings, by: str) -> None:
    with pytest.raises(UnfitForLedger, match=r"by must be a short code"):
        rows.add(replace(NEW, by=by), AT)
    rows.add(NEW, AT)
    for write in (lambda made: rows.advance(made, AT), lambda made: rows.note(made, "heard-again", AT)):
        with pytest.raises(UnfitForLedger) as refused:
            write(replace(NEW, state=State.ERASED, by=by))
        assert not by or by not in str(refused.value)
    assert (len(rows.ledger("abc")), rows.is_erased("call")) == (1, False)


def test_histories_are_of_every_recording_once_and_of_no_tombstone(rows: Recordings) -> None:
    assert list(rows.histories()) == []
    names = {f"recording-{n}" for n in range(120)}
    for name in names - {"recording-7"}:
        rows.add(replace(NEW, id=name), AT)
    lived(rows, "recording-7")
    found = list(rows.histories())
    assert sorted(history.id for history in found) == sorted(names)
    assert all(history == rows.history(history.id) for history in found)
    assert [what for history in found for what in breaks(history)] == []
    assert rows.history("nobody") == History("nobody", None, ())


@pytest.mark.parametrize("lines", [0, 120])
def test_a_forgotten_recording_is_gone_with_its_lines_and_neither_others_nor_its_tombstone_are(
    rows: Recordings, lines: int
) -> None:
    rows.add(replace(NEW, id="other"), AT)
    erased = lived(rows)
    for _ in range(lines):
        erased = rows.note(erased, "heard-again", AT)
    rows.forget(erased)
    assert (rows.get("abc"), rows.ledger("abc")) == (None, [])
    assert list(rows.due(State.ERASED, date.max)) == []
    assert [history.id for history in rows.histories()] == ["other"]
    assert list(rows.buried()) == ["call"]


@pytest.mark.parametrize("lines", [0, 120])
def test_what_moved_on_or_is_gone_is_not_forgotten(rows: Recordings, lines: int) -> None:
    erased = lived(rows)
    for _ in range(lines):
        erased = rows.note(erased, "heard-again", AT)
    noted = rows.note(erased, "dropped-again", AT)
    with pytest.raises(StaleRecording):
        rows.forget(erased)
    assert (rows.get("abc"), breaks(rows.history("abc"))) == (noted, [])
    rows.forget(noted)
    with pytest.raises(StaleRecording):
        rows.forget(noted)


class _Overtaken(DynamoRecordings):
    """The row moves on after it was read to be forgotten."""

    def _lines_of(self, recording_id: str) -> Iterator[Any]:
        lines, row = list(super()._lines_of(recording_id)), self.get(recording_id)
        if row is not None and lines[-1]["ground"] != "dropped-again":
            self.note(row, "dropped-again", AT)
        yield from lines


def test_what_moves_on_while_it_is_forgotten_keeps_its_row_and_every_line() -> None:
    with account() as aws:
        rows = _Overtaken(boto3.resource("dynamodb", region_name=REGION), aws.recordings, aws.ledger, aws.tombstones)
        erased = lived(rows)
        with pytest.raises(StaleRecording):
            rows.forget(erased)
        assert [line.revision for line in rows.ledger("abc")] == [0, 1, 2, 3, 4]
        assert breaks(rows.history("abc")) == []


def test_what_was_forgotten_can_come_again_with_a_chain_of_its_own(rows: Recordings) -> None:
    rows.forget(lived(rows))
    assert rows.add(NEW, AT)
    assert [line.revision for line in rows.ledger("abc")] == [0]
    assert breaks(rows.history("abc")) == []


def test_a_call_without_recordings_can_have_a_tombstone(rows: Recordings) -> None:
    assert list(rows.buried()) == []
    for _ in range(2):
        rows.bury("another")
    assert rows.is_erased("another")
    assert list(rows.buried()) == ["another"]
