"""Lot and ceiling, before capture and at arrival: one call, one answer, counted once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import ClassVar

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.law.lot import is_drawn
from chalicelib.model import Call, Decision, Fate, Off, Reason, State, Stretch
from chalicelib.services import places
from chalicelib.services.judge import agent_ref, judge, may_record
from chalicelib.services.ports import Place
from chalicelib.services.receive import receive
from chalicelib.telephony.drops import read_drop
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.sounds import wav

WEEK = timedelta(days=7)
KEEP = (Fate.KEEP, ("lawful",))
REACHED = (Fate.DISCARD, ("ceiling-reached",))
NOT_DRAWN = (Fate.DISCARD, ("not-drawn",))


def drawn_ids(twins: Twins, count: int, wanted: bool = True, source: str = "drop") -> list[str]:
    """Ids of calls on which the lot falls, or does not."""
    queue = twins.policy.queue("service-client")
    assert queue is not None and queue.share_percent is not None
    found: list[str] = []
    number = 0
    while len(found) < count:
        token = twins.machine.pseudonyms.of("lot", source, f"call-{number}")
        if is_drawn(token, queue.share_percent) is wanted:
            found.append(f"call-{number}")
        number += 1
    return found


def call(call_id: str, agent: str | None = "3201", started: datetime = NOW - timedelta(minutes=30)) -> Call:
    return Call("drop", call_id, started, "fr-FR", queue="service-client", agent=agent, announced=True)


def said(decision: Decision) -> tuple[Fate, tuple[str, ...]]:
    return decision.fate, decision.grounds


def metadata(call_id: str, agent: str = "3201", started: datetime = NOW - timedelta(minutes=30)) -> dict[str, str]:
    return {
        "call-id": call_id, "started-at": started.isoformat(), "language": "fr-FR", "announced": "true",
        "queue": "service-client", "agent": agent,
    }  # fmt: skip


def test_of_one_agent_two_calls_a_week_are_recorded_and_the_third_is_not() -> None:
    twins = Twins()
    one, two, three = drawn_ids(twins, 3)
    assert said(may_record(twins.machine, call(one), NOW)) == KEEP
    assert said(may_record(twins.machine, call(two), NOW)) == KEEP
    assert said(may_record(twins.machine, call(three), NOW)) == REACHED
    assert said(judge(twins.machine, call(three), NOW, 2000)) == REACHED


def test_a_call_counts_once_before_capture_and_at_arrival_together_however_often_it_is_asked() -> None:
    twins = Twins()
    one, two, three = drawn_ids(twins, 3)
    for _ in range(3):
        assert said(may_record(twins.machine, call(one), NOW)) == KEEP
        assert said(judge(twins.machine, call(one), NOW, 2000)) == KEEP
    assert said(judge(twins.machine, call(two), NOW, 2000)) == KEEP
    assert said(may_record(twins.machine, call(three), NOW)) == REACHED
    for again in (one, two):
        assert said(judge(twins.machine, call(again), NOW, None)) == KEEP


def test_another_agent_has_places_of_their_own() -> None:
    twins = Twins()
    ids = drawn_ids(twins, 6)
    answers = [may_record(twins.machine, call(each, f"320{n % 2}"), NOW) for n, each in enumerate(ids)]
    assert [said(answer) for answer in answers] == [KEEP] * 4 + [REACHED] * 2


def test_agents_whom_no_source_names_share_one_ceiling_which_counts_on_arrival_alone() -> None:
    twins = Twins()
    one, two, three = drawn_ids(twins, 3)
    assert all(said(may_record(twins.machine, call(each, None), NOW)) == KEEP for each in (one, two, three))
    arrived = [replace(call(each, agent), announced=True) for each, agent in ((one, None), (two, ""), (three, None))]
    assert [said(judge(twins.machine, each, NOW)) for each in arrived] == [KEEP, KEEP, REACHED]
    assert agent_ref(twins.machine, call(one, None)) == agent_ref(twins.machine, call(two, ""))


def test_in_another_week_there_is_room_again_and_a_late_delivery_counts_in_its_own() -> None:
    twins = Twins()
    ids = drawn_ids(twins, 6)
    for each in ids[:2]:
        assert said(judge(twins.machine, call(each), NOW, 2000)) == KEEP
    monday = datetime(2026, 11, 29, 23, 0, tzinfo=UTC)
    assert said(judge(twins.machine, call(ids[2], started=monday), monday, 2000)) == KEEP
    sunday = monday - timedelta(seconds=1)
    assert said(judge(twins.machine, call(ids[3], started=sunday), monday + WEEK, 2000)) == REACHED
    assert said(judge(twins.machine, call(ids[4], started=NOW - WEEK), NOW, 2000)) == KEEP


def test_a_ceiling_by_day_and_by_month_is_counted_in_them() -> None:
    for each, inside, outside in (("day", timedelta(hours=1), timedelta(days=1)), ("month", WEEK, timedelta(days=31))):
        twins = Twins(policy=policy(('each = "week"', f'each = "{each}"')))
        one, two, three, four = drawn_ids(twins, 4)
        first = datetime(2026, 11, 10, 9, tzinfo=UTC)
        assert said(judge(twins.machine, call(one, started=first), NOW, 2000)) == KEEP
        assert said(judge(twins.machine, call(two, started=first + inside), NOW, 2000)) == KEEP
        assert said(judge(twins.machine, call(three, started=first + inside), NOW, 2000)) == REACHED
        assert said(judge(twins.machine, call(four, started=first - outside), NOW, 2000)) == KEEP


def test_what_is_refused_for_another_reason_takes_no_place() -> None:
    twins = Twins()
    ids = drawn_ids(twins, 4)
    refused = call(ids[0])
    assert judge(twins.machine, Call(**{**_fields(refused), "objected": True}), NOW, 2000).ground == "objected"
    assert judge(twins.machine, Call(**{**_fields(refused), "announced": False}), NOW, 2000).ground == "not-announced"
    (not_drawn,) = drawn_ids(twins, 1, wanted=False)
    assert said(judge(twins.machine, call(not_drawn), NOW, 2000)) == NOT_DRAWN
    assert twins.ceilings.counted == {}
    assert [said(judge(twins.machine, call(each), NOW, 2000)) for each in ids[1:]] == [KEEP, KEEP, REACHED]


def _fields(of: Call) -> dict[str, object]:
    return {name: getattr(of, name) for name in of.__slots__}


def test_under_a_duty_and_as_proof_nothing_is_drawn_nor_counted() -> None:
    twins = Twins()
    for queue in ("urgences", "assurance", "souscription"):
        for number in range(9):
            asked = replace(call(f"c{number}"), queue=queue, useful=Stretch(None, None))
            assert judge(twins.machine, asked, NOW, 2000).fate is Fate.KEEP
    assert twins.ceilings.counted == {}


def test_before_capture_and_at_arrival_the_lot_says_the_same_of_every_call() -> None:
    twins = Twins(policy=policy(("calls = 2", "calls = 1000")))
    answers = []
    for number in range(300):
        asked = call(f"call-{number}", f"agent-{number}")
        before, after = may_record(twins.machine, asked, NOW), judge(twins.machine, asked, NOW, 2000)
        assert said(before) == said(after)
        answers.append(before.fate is Fate.KEEP)
    assert 110 < sum(answers) < 190


def test_what_nobody_counts_of_an_agent_names_nobody() -> None:
    twins = Twins()
    (one,) = drawn_ids(twins, 1)
    judge(twins.machine, call(one, "Jeanne Exemple"), NOW, 2000)
    assert "Jeanne" not in repr(twins.ceilings.counted) and one not in repr(twins.ceilings.counted)


class Unheard(MemoryObjects):
    """Objects that say who read them whole."""

    read: ClassVar[list[str]] = []

    def download(self, place: Place, path: Path) -> None:
        self.read.append(place.key)
        super().download(place, path)

    def get(self, place: Place) -> bytes:
        self.read.append(place.key)
        return super().get(place)

    def copy(self, source: Place, target: Place, tags: Mapping[str, str], content_type: str | None = None) -> None:
        self.read.append(source.key)
        super().copy(source, target, tags, content_type)


@pytest.mark.parametrize("ground", ["not-drawn", "ceiling-reached"])
def test_what_should_not_have_been_recorded_is_deleted_unheard_untranscribed_and_written_down(ground: str) -> None:
    Unheard.read = []
    twins = Twins(objects=Unheard())
    if ground == "not-drawn":
        (refused,) = drawn_ids(twins, 1, wanted=False)
    else:
        one, two, refused = drawn_ids(twins, 3)
        for taken in (one, two):
            may_record(twins.machine, call(taken), NOW)
    recording = twins.received(metadata=metadata(refused))
    assert (recording.state, recording.ground) == (State.DISCARDED, ground)
    assert twins.objects.lying() == set()
    assert Unheard.read == []
    assert (twins.steps.sent, twins.transcriber.started) == ([], [])
    lines = [(line.state, line.ground) for line in twins.recordings.ledger(recording.id)]
    assert lines == [
        (State.RECEIVED, "arrived"), (State.DISCARDED, ground), (State.DISCARDED, "copies-deleted")
    ]  # fmt: skip


def test_the_same_file_dropped_again_does_not_try_its_luck_anew() -> None:
    twins = Twins()
    (refused,) = drawn_ids(twins, 1, wanted=False)
    first = twins.received(metadata=metadata(refused))
    again = twins.received(metadata=metadata(refused), key="again.wav")
    assert (again.id, again.state) == (first.id, State.DISCARDED)
    assert twins.objects.lying() == set()


def test_a_refused_file_that_could_not_be_set_aside_any_more_stays_deleted() -> None:
    twins = Twins()
    (one,) = drawn_ids(twins, 1)
    untold = {name: text for name, text in metadata(one).items() if name != "announced"}
    assert twins.received(metadata=untold).ground == "not-announced"
    again = twins.received(metadata=metadata(one) | {"language": "de-DE"})
    assert (again.state, again.ground) == (State.DISCARDED, "not-announced")
    assert twins.objects.lying() == set()
    assert twins.received(metadata=metadata(one)).state is State.JUDGED


def test_a_quarantine_ends_with_the_call_once_its_start_is_known() -> None:
    twins = Twins()
    said_later = {"queue": "urgences", "call-id": "x", "language": "de-DE"}
    first = twins.received(metadata=said_later)
    assert (first.ground, first.due_on.isoformat()) == ("start-unknown", "2026-12-24")
    old = datetime(2026, 6, 4, 10, tzinfo=UTC)
    again = twins.received(metadata=said_later | {"started-at": old.isoformat()})
    assert (again.state, again.due_on.isoformat()) == (State.QUARANTINED, "2026-12-04")
    assert [line.ground for line in twins.recordings.ledger(first.id)][-1] == "unsupported-language"
    assert twins.objects.tags(places.quarantined(first.id)) == {"retention-days": "9"}
    later = receive(twins.machine, "late.wav", twins.drop(metadata=said_later | {"started-at": old.isoformat()},
                                                          key="late.wav"), NOW + timedelta(days=3))  # fmt: skip
    assert later.due_on == again.due_on


@pytest.mark.parametrize("started", ["9999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
@pytest.mark.parametrize(
    "more", [{}, {"off": "0001-01-01T00:00:00Z/9999-12-31T23:59:59Z"}, {"signed-on": "9999-12-31"}]
)
def test_an_impossible_clock_sets_a_call_aside_and_breaks_nothing(started: str, more: dict[str, str]) -> None:
    twins = Twins()
    for queue in ("urgences", "assurance"):
        told = {"call-id": queue, "language": "fr-FR", "announced": "true", "queue": queue, "started-at": started}
        recording = twins.received(metadata=told | more)
        assert recording.state is State.QUARANTINED and recording.ground.startswith("start-")


def test_a_call_that_is_set_aside_on_its_last_days_is_deleted_instead_for_nothing_could_end_it_in_time() -> None:
    twins = Twins()
    recording = twins.received(metadata=metadata(*drawn_ids(twins, 1)) | {"queue": "urgences"})
    late = NOW + timedelta(days=180)
    ended = twins.machine.quarantine(recording, places.raw(recording.id), "damaged", late)
    assert (ended.state, ended.ground) == (State.DISCARDED, "past-retention")
    assert twins.objects.lying() == set()


def test_a_recording_that_came_without_sound_enough_is_judged_by_what_is_said_of_it() -> None:
    twins = Twins()
    asked = Call(
        "drop",
        "x",
        NOW - timedelta(hours=1),
        "fr-FR",
        queue="urgences",
        offs=(Off(Reason.MANDATE, Stretch(NOW, None)),),
    )
    assert judge(twins.machine, asked, NOW, None).ground == "mandate"
    assert judge(twins.machine, asked, NOW, 60_000).ground == "lawful"


def test_a_drop_is_judged_as_its_metadata_says() -> None:
    twins = Twins()
    (one,) = drawn_ids(twins, 1)
    read = read_drop("call.wav", metadata(one))
    assert said(judge(twins.machine, read, NOW, 2000)) == KEEP
    assert twins.received(wav(), metadata=metadata(one)).state is State.JUDGED
