"""The ledger's chain, without a table."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from chalicelib.model import LedgerLine, Recording, State
from chalicelib.services.chain import breaks, line_hash, next_line
from chalicelib.services.ledger import verify
from chalicelib.services.ports import History
from tests.machines import Twins
from tests.plain import plain

AT = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
STATES = (State.RECEIVED, State.JUDGED, State.TRANSCRIBING, State.QUARANTINED, State.QUARANTINED)


def written(count: int = 5) -> History:
    """A recording of so many lines."""
    row, lines = Recording("abc", "call", State.RECEIVED, date(2026, 11, 26), policy="p1"), []
    for revision, state in enumerate(STATES[:count]):
        row = replace(row, revision=revision, state=state)
        lines.append(next_line(row.chain, row, f"ground-{revision}", AT + timedelta(minutes=revision)))
        row = replace(row, chain=lines[-1].hash)
    return History("abc", row, tuple(lines))


def with_lines(history: History, *lines: LedgerLine) -> History:
    return replace(history, lines=lines)


def found(history: History) -> list[str]:
    return [what.removeprefix("recording abc: ") for what in breaks(history)]


def hashed(**other: Any) -> str:
    said = {"id": "abc", "revision": 1, "state": State.JUDGED, "ground": "g", "policy": "p", "by": "dpo", "at": AT}
    return line_hash(**{"previous": "", **said, **other})


TEXTS = st.text(max_size=8)
OTHER: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(("recording_id", "ground", "policy", "by", "previous", "hash"), TEXTS),
    "revision": st.integers(-3, 9),
    "state": st.sampled_from(State),
    "at": st.datetimes(timezones=st.just(UTC)),
}


def test_every_field_of_a_line_is_covered_by_the_property_below() -> None:
    assert set(OTHER) == {field.name for field in fields(LedgerLine)}


@given(st.data(), st.integers(1, 5), st.sampled_from(sorted(OTHER)))
def test_any_other_value_of_any_field_of_any_line_is_found(data: st.DataObject, count: int, name: str) -> None:
    history = written(count)
    index = data.draw(st.integers(0, count - 1))
    value = data.draw(OTHER[name])
    assume(value != getattr(history.lines[index], name))
    changed = replace(history.lines[index], **{name: value})
    assert breaks(with_lines(history, *history.lines[:index], changed, *history.lines[index + 1 :]))


@given(st.permutations(range(5)), st.integers(0, 5))
def test_lines_taken_out_or_put_elsewhere_are_found(order: Sequence[int], count: int) -> None:
    history, kept = written(), list(order)[:count]
    assume(kept != list(range(5)))
    assert breaks(with_lines(history, *(history.lines[index] for index in kept)))


@pytest.mark.parametrize(
    ("name", "value"),
    [("revision", 3), ("revision", 5), ("state", State.ERASED), ("policy", "p2"), ("by", "dpo"), ("chain", "0" * 64)],
)
def test_a_row_that_says_something_else_than_its_last_line_is_found(name: str, value: Any) -> None:
    history = written()
    assert history.row is not None
    assert len(breaks(replace(history, row=replace(history.row, **{name: value})))) == 1


def test_nothing_is_found_where_nothing_was_touched() -> None:
    for count in range(1, 6):
        assert breaks(written(count)) == []
    assert breaks(History("abc", None, ())) == []


def test_what_is_found_is_one_sentence_with_the_id_and_the_revision() -> None:
    history = written()
    zero, one, two, three, four = history.lines
    assert breaks(with_lines(history, zero, replace(one, ground="other"), two, three, four)) == [
        "recording abc: the line of revision 1 was changed after it was written"
    ]
    assert found(with_lines(history, zero, two, three, four)) == ["the line of revision 1 is missing"]
    assert found(with_lines(history, three, four)) == ["lines between revisions 0 and 2 are missing"]
    assert found(with_lines(history, *history.lines[:4])) == [
        "its row is at revision 4 and its lines end at revision 3"
    ]
    assert found(with_lines(history)) == ["its row is at revision 4 and it has no line"]
    assert found(replace(history, row=None)) == ["it has lines up to revision 4 and no row"]
    assert found(replace(history, row=written(4).row)) == ["its row is at revision 3 and its lines go on to revision 4"]


def test_a_line_forged_with_a_hash_of_its_own_is_not_followed_by_the_next_nor_by_the_row() -> None:
    history = written()
    assert history.row is not None
    for index, sentence in ((1, "the line of revision 2 does not follow"), (4, "its row's chain is not that of")):
        line = history.lines[index]
        state = replace(history.row, revision=index, state=line.state)
        forged = next_line(line.previous, state, "forged", line.at)
        (what,) = found(with_lines(history, *history.lines[:index], forged, *history.lines[index + 1 :]))
        assert what.startswith(sentence)


def test_lines_older_than_the_chain_are_reported_in_one_sentence() -> None:
    history = written()
    assert history.row is not None
    old = [replace(line, policy="", by="", previous="", hash="") for line in history.lines]
    sentence = "its chain starts only after revision {}: its lines up to there carry no hash"
    assert found(replace(with_lines(history, *old), row=replace(history.row, chain=""))) == [sentence.format(4)]
    first = next_line("", history.row, "chained", AT)
    row = replace(history.row, chain=first.hash)
    assert found(replace(with_lines(history, *old[:4], first), row=row)) == [sentence.format(3)]
    bare = "the line of revision 2 carries no hash"
    assert bare in found(with_lines(history, *history.lines[:2], old[2], *history.lines[3:]))


def test_what_cannot_be_read_is_said_and_not_said_to_be_missing() -> None:
    history = written()
    kept = (*history.lines[:2], *history.lines[3:])
    assert found(replace(with_lines(history, *kept), unreadable=frozenset({2}))) == [
        "the line of revision 2 cannot be read"
    ]
    assert found(replace(history, row=None, row_unreadable=True)) == ["its row cannot be read"]
    assert found(replace(history, unreadable=frozenset({99})))[0] == "the line of revision 99 cannot be read"


def test_a_hash_is_of_the_instant_and_not_of_how_it_is_written() -> None:
    assert hashed(at=AT.astimezone(timezone(timedelta(hours=5)))) == hashed()
    assert hashed(at=AT + timedelta(microseconds=1)) != hashed()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"ground": "ab", "policy": "c"}, {"ground": "a", "policy": "bc"}),
        ({"ground": '","policy":"x'}, {"ground": "", "policy": "x"}),
        ({"id": "a", "previous": "b"}, {"id": "b", "previous": "a"}),
    ],
)
def test_no_two_different_lines_are_hashed_from_the_same_text(one: dict[str, str], other: dict[str, str]) -> None:
    assert hashed(**one) != hashed(**other)


def test_a_hash_stays_what_it_was_when_the_program_changes() -> None:
    assert hashed() == "069a12dbe6d1f0d7cfad841d383a729a4ce35ce30e8c1b02bd7baf96d02afe33"


def test_a_recording_that_is_written_to_while_it_is_read_is_read_again() -> None:
    twins = Twins()
    recording = twins.received()
    whole = twins.recordings.history(recording.id)

    class Behind:
        """Its scan saw the row before the last write, and the lines after it."""

        def histories(self) -> list[History]:
            return [replace(whole, lines=whole.lines[:-1])]

        def history(self, recording_id: str) -> History:
            return twins.recordings.history(recording_id)

    assert list(verify(Behind())) == [(whole, [])]  # type: ignore[arg-type]


def test_the_ledger_of_a_recordings_whole_way_is_chained_and_holds_codes_and_opaque_ids_alone() -> None:
    twins = Twins()
    recording = twins.available()
    twins.received(key="monitor/out-0821555366-3201.wav")
    ((history, broken),) = [pair for pair in verify(twins.recordings) if pair[0].id == recording.id]
    assert broken == []
    for line in history.lines:
        assert re.fullmatch(r"[a-z2-7]+", line.recording_id)
        assert re.fullmatch(r"[a-z-]+", line.ground)
        assert (line.policy, line.by) == ("test-1", "machine")
        assert re.fullmatch(r"[0-9a-f]{64}", line.hash)
    for name in ("0821555366", "3201", "call-1", "4111"):
        assert name not in plain(repr(history.lines))
