"""A hold: nothing is lost, nobody listens, it ends on its day, and the call's own clock never stopped."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryObjects, MemoryRecordings, MemoryTranscriber
from chalicelib.errors import (
    CannotBeHeld,
    ObjectMissing,
    SourdineError,
    StaleRecording,
    UnfitForLedger,
    UnknownRecording,
)
from chalicelib.model import ENDS, Hold, HoldKind, Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.contract import signed
from chalicelib.services.end import sweep
from chalicelib.services.hold import held, hold, release
from chalicelib.services.ports import Bucket, JobState
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from tests.law.test_retention import ZONES, expired_by_s3, swept
from tests.machines import CALL, NOW, Twins
from tests.policies import policy
from tests.services.test_contract import OF_SALE, SIGNED, sold

LAST_DAY = date(2027, 5, 24)
UNTIL = date(2027, 2, 1)
CLAIM = Hold(HoldKind.LEGAL_CLAIM, "2026-17", "dpo", UNTIL)
LONG = replace(CLAIM, until=date(2028, 11, 1))
STRICT = Hold(HoldKind.RESTRICTION, "2026-18", "dpo-deputy", date(2027, 3, 1))


def at(day: date, hour: int = 5) -> datetime:
    return datetime(day.year, day.month, day.day, hour, 5, tzinfo=UTC)


def shelves(twins: Twins, recording: Recording) -> set[Shelf]:
    """Where both its objects lie; one without the other is an error."""
    found = set()
    for shelf in Shelf:
        lying = [twins.machine.exists(place) for place in places.verified(recording.id, shelf)]
        assert lying in ([True, True], [False, False]), (shelf, lying)
        found |= {shelf} if all(lying) else set()
    return found


def tags(twins: Twins, recording: Recording, shelf: Shelf) -> dict[str, str]:
    """The same on both objects."""
    sound, text = (twins.objects.tags(place) for place in places.verified(recording.id, shelf))
    assert sound == text
    return sound


def lines(twins: Twins, recording: Recording) -> list[tuple[State, str, str]]:
    return [(line.state, line.ground, line.by) for line in twins.recordings.ledger(recording.id)]


def swept_on(twins: Twins, now: datetime) -> list[Any]:
    return list(sweep(twins.machine, now))


def test_a_held_recording_lies_on_a_shelf_of_its_own_and_the_ledger_says_who_and_why() -> None:
    twins = Twins()
    recording = twins.available()
    done = hold(twins.machine, recording.id, CLAIM, NOW)
    assert (done.state, done.hold, done.due_on, done.last_day) == (State.HELD, CLAIM, UNTIL, LAST_DAY)
    assert shelves(twins, done) == {Shelf.HELD}
    assert tags(twins, done, Shelf.HELD)["state"] == "held"
    assert tags(twins, done, Shelf.HELD)["last-day"] == "2027-02-01"
    assert lines(twins, done)[-1] == (State.HELD, "legal-claim", "dpo")
    assert twins.objects.info(places.audio(done.id, Shelf.HELD)).content_type == "audio/wav"
    assert list(held(twins.machine)) == [done]


def test_what_is_held_is_the_same_sound_and_the_same_words() -> None:
    twins = Twins()
    recording = twins.available()
    before = [twins.objects.get(place) for place in places.verified(recording.id, Shelf.CALLS)]
    hold(twins.machine, recording.id, CLAIM, NOW)
    assert [twins.objects.get(place) for place in places.verified(recording.id, Shelf.HELD)] == before
    release(twins.machine, recording.id, "claim-settled", NOW, "dpo")
    assert [twins.objects.get(place) for place in places.verified(recording.id, Shelf.CALLS)] == before


def test_the_same_hold_again_changes_nothing_and_another_end_or_reason_is_written_down() -> None:
    twins = Twins()
    recording = hold(twins.machine, twins.available().id, CLAIM, NOW)
    assert hold(twins.machine, recording.id, CLAIM, NOW + timedelta(days=3)) == recording
    longer = hold(twins.machine, recording.id, LONG, NOW)
    assert (longer.hold, longer.due_on) == (LONG, LONG.until)
    assert tags(twins, longer, Shelf.HELD)["last-day"] == "2028-11-01"
    other = hold(twins.machine, recording.id, STRICT, NOW)
    assert lines(twins, other)[-2:] == [(State.HELD, "legal-claim", "dpo"), (State.HELD, "restriction", "dpo-deputy")]
    assert shelves(twins, other) == {Shelf.HELD}
    assert list(held(twins.machine)) == [other]


def test_a_release_gives_it_back_to_the_days_that_it_would_have_had() -> None:
    twins, untouched = Twins(), Twins()
    recording, twin = twins.available(), untouched.available()
    hold(twins.machine, recording.id, CLAIM, NOW)
    later = NOW + timedelta(days=40)
    freed = release(twins.machine, recording.id, "claim-settled", later, "dpo")
    assert (freed.state, freed.hold, freed.due_on, freed.last_day) == (State.AVAILABLE, None, LAST_DAY, LAST_DAY)
    assert shelves(twins, freed) == {Shelf.CALLS}
    now, then = (int(tags(each, freed, Shelf.CALLS)["retention-days"]) for each in (twins, untouched))
    assert (twin.id, now) == (freed.id, then - 40)
    assert lines(twins, freed)[-1] == (State.AVAILABLE, "claim-settled", "dpo")
    assert list(held(twins.machine)) == []
    assert swept_on(twins, at(LAST_DAY - timedelta(days=1))) == []
    (ended,) = swept_on(twins, at(LAST_DAY))
    assert (ended.state, twins.objects.lying()) == (State.EXPIRED, set())


def test_a_longer_legal_term_is_given_back_to_its_own_shelf() -> None:
    twins = Twins(policy=policy(("retention = { months = 6 }\nannounced = false", "retention = { years = 5 }")))
    recording = twins.available()
    assert shelves(twins, recording) == {Shelf.KEPT}
    assert shelves(twins, hold(twins.machine, recording.id, CLAIM, NOW)) == {Shelf.HELD}
    freed = release(twins.machine, recording.id, "claim-settled", NOW)
    assert shelves(twins, freed) == {Shelf.KEPT} and freed.due_on == date(2031, 11, 24)


def test_a_hold_ends_by_itself_on_its_day_and_is_listed_until_then() -> None:
    twins = Twins()
    recording = hold(twins.machine, twins.available().id, CLAIM, NOW)
    assert swept_on(twins, at(UNTIL - timedelta(days=1))) == []
    assert [each.id for each in held(twins.machine)] == [recording.id]
    (freed,) = swept_on(twins, at(UNTIL))
    assert (freed.state, freed.ground, freed.by) == (State.AVAILABLE, "hold-ended", "machine")
    assert shelves(twins, freed) == {Shelf.CALLS}
    assert list(held(twins.machine)) == []


def test_the_sweep_leaves_a_held_call_past_its_own_end_and_its_release_is_then_its_end() -> None:
    for by_hand in (True, False):
        twins = Twins()
        recording = hold(twins.machine, twins.available().id, LONG, NOW)
        for day in (LAST_DAY, LAST_DAY + timedelta(days=1), LAST_DAY + timedelta(days=300)):
            assert swept_on(twins, at(day)) == []
        assert shelves(twins, recording) == {Shelf.HELD}
        if by_hand:
            ended = release(twins.machine, recording.id, "claim-settled", at(date(2027, 9, 1)), "dpo")
            assert lines(twins, ended)[-2:] == [
                (State.EXPIRED, "claim-settled", "dpo"), (State.EXPIRED, "copies-deleted", "dpo")
            ]  # fmt: skip
        else:
            (ended,) = swept_on(twins, at(LONG.until))
            assert ended.ground == "hold-ended"
        assert (ended.state, ended.hold, ended.settled) == (State.EXPIRED, None, True)
        assert twins.objects.lying() == set() and list(held(twins.machine)) == []


def put_aside(twins: Twins) -> Recording:
    return twins.received(b"")


def erased(twins: Twins) -> Recording:
    return twins.machine.end(twins.available(), State.ERASED, "art-17", NOW)


def redacting(twins: Twins) -> Recording:
    recording = twins.transcribing()
    twins.transcriber.jobs[recording.id] = JobState.COMPLETED
    with pytest.raises(ObjectMissing):
        redact(twins.machine, recording.id, NOW)
    return recording


@pytest.mark.parametrize("made", [put_aside, Twins.received, Twins.transcribing, redacting, erased])
def test_only_a_verified_recording_can_be_held_and_only_a_held_one_released(made: Callable[[Twins], Recording]) -> None:
    twins = Twins()
    recording = made(twins)
    before, lying = lines(twins, recording), twins.objects.lying()
    with pytest.raises(CannotBeHeld, match="only a verified"):
        hold(twins.machine, recording.id, CLAIM, NOW)
    with pytest.raises(CannotBeHeld, match="not held"):
        release(twins.machine, recording.id, "by-mistake", NOW)
    assert (lines(twins, recording), twins.objects.lying()) == (before, lying)


@pytest.mark.parametrize(
    ("until", "lawful"),
    [
        (date(1, 1, 1), False), (date(2026, 11, 23), False), (date(2026, 11, 24), False), (date(2026, 11, 25), True),
        (date(2026, 11, 26), True), (date(2028, 11, 24), True), (date(2028, 11, 25), False), (date.max, False),
    ],
)  # fmt: skip
def test_a_hold_has_an_end_that_the_policy_allows(until: date, lawful: bool) -> None:
    twins = Twins()
    recording = twins.available()
    asked = replace(CLAIM, until=until)
    if lawful:
        assert hold(twins.machine, recording.id, asked, NOW).due_on == until
    else:
        with pytest.raises(CannotBeHeld, match="after today and by 2028-11-24"):
            hold(twins.machine, recording.id, asked, NOW)
        assert shelves(twins, recording) == {Shelf.CALLS} and twins.machine.recording(recording.id) == recording


def test_nobody_holds_or_releases_what_is_not_there() -> None:
    twins = Twins()
    for act in (lambda: hold(twins.machine, "nobody", CLAIM, NOW), lambda: release(twins.machine, "nobody", "x", NOW)):
        with pytest.raises(UnknownRecording):
            act()
    recording = twins.available()
    with pytest.raises(CannotBeHeld, match="not held"):
        release(twins.machine, recording.id, "by-mistake", NOW)
    assert shelves(twins, recording) == {Shelf.CALLS}


def test_a_hold_by_a_name_instead_of_a_role_is_refused_and_leaves_no_copy() -> None:
    twins = Twins()
    recording = twins.available()
    named = replace(CLAIM, by="A. Person")
    with pytest.raises(UnfitForLedger):
        hold(twins.machine, recording.id, named, NOW)
    assert shelves(twins, recording) == {Shelf.CALLS}
    hold(twins.machine, recording.id, LONG, NOW)
    before = tags(twins, recording, Shelf.HELD)
    with pytest.raises(UnfitForLedger):
        hold(twins.machine, recording.id, named, NOW)
    assert (shelves(twins, recording), tags(twins, recording, Shelf.HELD)) == ({Shelf.HELD}, before)
    with pytest.raises(UnfitForLedger):
        release(twins.machine, recording.id, "claim-settled", NOW, "A. Person")
    assert (shelves(twins, recording), tags(twins, recording, Shelf.HELD)) == ({Shelf.HELD}, before)


@pytest.mark.parametrize("zone", [*ZONES, "Pacific/Noumea"])
@pytest.mark.parametrize("day", [date(2026, 11, 24), date(2027, 3, 27), date(2026, 10, 24), date(2028, 2, 28)])
def test_the_store_never_lets_go_of_what_is_held_before_the_sweep_that_releases_it(zone: str, day: date) -> None:
    twins = Twins(policy=policy(('zone = "Europe/Paris"', f'zone = "{zone}"')))
    for hour in range(24):
        now = datetime(day.year, day.month, day.day, hour, 30, tzinfo=UTC)
        today = twins.machine.day(now)
        for last_day in (today + timedelta(days=3), today + timedelta(days=150), today - timedelta(days=30)):
            for ahead in (1, 2, 3, 90, 183, 400, 730):
                until = today + timedelta(days=ahead)
                twins.recordings._rows["r"] = Recording("r", "c", State.AVAILABLE, last_day, last_day=last_day)
                for place in places.verified("r", Shelf.CALLS):
                    twins.objects.put(place, b"x", "audio/wav", {})
                hold(twins.machine, "r", replace(CLAIM, until=until), now)
                days = int(twins.objects.tags(places.audio("r", Shelf.HELD))["retention-days"])
                gone = expired_by_s3(now, days)
                released = swept(until, zone)
                assert gone > released, (now, until)
                late = gone - max(released, swept(last_day, zone))
                assert late < timedelta(days=9 if days > 184 else 3), (now, until, last_day)


# ------------------------------------------------------------------------------------------------ races and crashes

Act = Callable[[], Any]
POINTS = (
    "info", "get", "copy", "put", "delete", "tags", "recordings.get", "recordings.advance", "recordings.note",
    "transcriber.delete",
)  # fmt: skip


class Script:
    """Before the n-th call to the world, something else happens; `calls` counts them."""

    def __init__(self) -> None:
        self.calls, self.when, self.then = 0, -1, lambda: None
        self.after, self.last = False, ""

    def at(self, when: int, then: Act, after: bool = False) -> None:
        self.calls, self.when, self.then, self.after = 0, when, then, after

    def never(self) -> None:
        self.when = -1

    def run(self, real: Callable[..., Any], *arguments: Any) -> Any:
        """One call; a deletion and the reading of the row just before it count as one."""
        name, last = real.__name__, self.last
        self.last = name
        if (last, name) == ("get", "delete"):
            return real(*arguments)
        self.calls += 1
        now = self.calls - 1 == self.when
        if now:
            self.when = -1
            if not self.after:
                self.then()
        result = real(*arguments)
        if now and self.after:
            self.then()
        return result


def scripted(kind: type[Any], script: Script) -> Any:
    names = [name.rpartition(".")[2] for name in POINTS]

    def method(name: str) -> Callable[..., Any]:
        def call(self: Any, *arguments: Any) -> Any:
            return script.run(getattr(super(made, self), name), *arguments)

        return call

    made = type(f"Scripted{kind.__name__}", (kind,), {n: method(n) for n in set(names) if hasattr(kind, n)})
    return made()


def world(prepare: Callable[[Twins], Recording]) -> tuple[Twins, Recording, Script]:
    script = Script()
    twins = Twins(
        objects=scripted(MemoryObjects, script),
        recordings=scripted(MemoryRecordings, script),
        transcriber=scripted(MemoryTranscriber, script),
    )
    recording = prepare(twins)
    script.calls = 0
    return twins, recording, script


def counted(prepare: Callable[[Twins], Recording], act: Callable[[Twins, Recording], Any]) -> int:
    """How many calls to the world an act makes when nothing interferes."""
    twins, recording, script = world(prepare)
    act(twins, recording)
    return script.calls


def coherent(twins: Twins, recording: Recording) -> Recording:
    """The row and the store say the same: held and whole, available and whole, or ended and nothing left."""
    row = twins.machine.recording(recording.id)
    if row.state in ENDS:
        assert twins.objects.lying() == set()
        assert row.settled
        return row
    shelf = Shelf.HELD if row.state is State.HELD else row.shelf
    assert row.state in (State.HELD, State.AVAILABLE)
    assert shelves(twins, row) == {shelf}
    assert twins.buckets() == {Bucket.VAULT}
    until = row.hold.until if row.hold else row.last_day
    assert until is not None and tags(twins, row, shelf)["last-day"] == until.isoformat()
    assert tags(twins, row, shelf)["state"] == ("held" if row.hold else "redacted")
    return row


def quietly(act: Act) -> Any:
    try:
        return act()
    except SourdineError as error:
        return error


DUE = at(LAST_DAY)
"""The morning on which the call ends, or is held at the last moment."""
LATE = replace(CLAIM, until=LAST_DAY + timedelta(days=60))


def available(twins: Twins) -> Recording:
    return twins.available()


def held_long(twins: Twins) -> Recording:
    return hold(twins.machine, twins.available().id, replace(CLAIM, until=LAST_DAY), NOW)


def holds(twins: Twins, recording: Recording) -> Any:
    return hold(twins.machine, recording.id, LATE, DUE)


def sweeps(twins: Twins, recording: Recording) -> Any:
    return list(sweep(twins.machine, DUE))


def early(twins: Twins) -> Recording:
    """Held until long before the call's own end."""
    return hold(twins.machine, twins.available().id, CLAIM, NOW)


def extends(twins: Twins, recording: Recording) -> Any:
    return hold(twins.machine, recording.id, replace(CLAIM, until=date(2027, 4, 1)), at(UNTIL))


def extends_otherwise(twins: Twins, recording: Recording) -> Any:
    return hold(twins.machine, recording.id, replace(STRICT, until=date(2027, 6, 1)), at(UNTIL))


def releases(twins: Twins, recording: Recording) -> Any:
    return release(twins.machine, recording.id, "claim-settled", at(UNTIL), "dpo")


def sweeps_holds(twins: Twins, recording: Recording) -> Any:
    return list(sweep(twins.machine, at(UNTIL)))


def erases(twins: Twins, recording: Recording) -> Any:
    return twins.machine.end(twins.machine.recording(recording.id), State.ERASED, "art-17", DUE, "dpo")


def dropped_again(twins: Twins, recording: Recording) -> Any:
    """The same file once more; what somebody came between is delivered again."""
    version = twins.drop(key="again.wav")
    try:
        return receive(twins.machine, "again.wav", version, NOW)
    except StaleRecording:
        return receive(twins.machine, "again.wav", version, NOW)


def signs(twins: Twins, recording: Recording) -> Any:
    return signed(twins.machine, OF_SALE, SIGNED, NOW)


RACES = {
    "hold, and the sweep comes between": (available, holds, sweeps),
    "the sweep, and a hold comes between": (available, sweeps, holds),
    "two holds": (available, holds, lambda t, r: hold(t.machine, r.id, LONG, DUE)),
    "two holds, the other way": (available, lambda t, r: hold(t.machine, r.id, LONG, DUE), holds),
    "an extension, and the sweep releases": (early, extends, sweeps_holds),
    "the sweep releases, and an extension": (early, sweeps_holds, extends),
    "the sweep releases, and a release": (early, sweeps_holds, releases),
    "a release, and the sweep releases": (early, releases, sweeps_holds),
    "two extensions": (early, extends, extends_otherwise),
    "the sweep ends what was held, and a hold": (held_long, sweeps, holds),
    "a hold, and the sweep ends what was held": (held_long, holds, sweeps),
    "a hold, and an erasure": (available, holds, erases),
    "an erasure, and a hold": (available, erases, holds),
    "a release, and an erasure": (early, releases, erases),
    "a hold, and a release": (available, lambda t, r: hold(t.machine, r.id, CLAIM, NOW), releases),
    "a release, and a hold": (early, releases, extends),
    "the same hold again, and a release": (early, lambda t, r: hold(t.machine, r.id, CLAIM, NOW), releases),
    "a late delivery, and a hold": (available, lambda t, r: redact(t.machine, r.id, NOW), holds),
    "another drop, and a hold": (available, dropped_again, holds),
    "a hold, and another drop": (available, holds, dropped_again),
    "a hold, and a late delivery": (available, holds, lambda t, r: redact(t.machine, r.id, NOW)),
    "a release, and a late delivery": (early, releases, lambda t, r: redact(t.machine, r.id, NOW)),
    "a release, and another drop": (early, releases, dropped_again),
    "a signature, and a hold": (sold, signs, lambda t, r: hold(t.machine, r.id, CLAIM, NOW)),
    "a hold, and a signature": (sold, lambda t, r: hold(t.machine, r.id, CLAIM, NOW), signs),
    "a signature, and the sweep": (sold, signs, lambda t, r: list(sweep(t.machine, NOW + timedelta(days=30)))),
    "the sweep, and a signature": (sold, lambda t, r: list(sweep(t.machine, NOW + timedelta(days=30))), signs),
    "a signature, and a late delivery": (sold, signs, lambda t, r: redact(t.machine, r.id, NOW)),
}  # fmt: skip


@pytest.mark.parametrize("name", RACES)
def test_whoever_comes_between_at_whichever_point_row_and_store_say_the_same(name: str) -> None:
    prepare, act, other = RACES[name]
    points = counted(prepare, act)
    assert points >= 5
    for point in range(points):
        twins, recording, script = world(prepare)
        happened: list[Any] = []
        script.at(point, lambda: happened.append(quietly(lambda: other(twins, recording))))  # noqa: B023
        outcome = quietly(lambda: act(twins, recording))  # noqa: B023
        assert happened, point
        script.never()
        row = coherent(twins, recording)
        refusals = [each for each in (outcome, *happened) if isinstance(each, Exception)]
        assert all(isinstance(each, StaleRecording | ObjectMissing | CannotBeHeld | SourdineError) for each in refusals)
        if "an erasure" in name and not any(isinstance(each, Exception) for each in happened):
            assert row.state is State.ERASED or "an erasure, and" in name


class Crash(BaseException):
    """The function is killed: nothing that it would have caught."""


def crash() -> None:
    raise Crash


CRASHES = {
    "signature": (sold, signs),
    "hold": (available, holds),
    "extend": (early, extends),
    "shorten": (held_long, lambda t, r: hold(t.machine, r.id, CLAIM, NOW)),
    "release": (early, releases),
    "release past the end": (
        lambda t: hold(t.machine, t.available().id, LONG, NOW),
        lambda t, r: release(t.machine, r.id, "claim-settled", DUE, "dpo"),
    ),
}


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", CRASHES)
def test_a_crash_at_any_call_is_healed_by_the_same_call_again(name: str, after: bool) -> None:
    prepare, act = CRASHES[name]
    twins, recording, _ = world(prepare)
    act(twins, recording)
    wanted = coherent(twins, recording)
    for point in range(counted(prepare, act)):
        twins, recording, script = world(prepare)
        script.at(point, crash, after)
        with pytest.raises(Crash):
            act(twins, recording)
        script.never()
        quietly(lambda: act(twins, recording))  # noqa: B023
        if name == "release past the end":
            list(sweep(twins.machine, DUE))
        row = coherent(twins, recording)
        assert (row.state, row.hold, row.due_on) == (wanted.state, wanted.hold, wanted.due_on)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("name", ["expire", "release", "discard"])
def test_a_sweep_that_crashed_at_any_call_is_finished_by_the_next(name: str, after: bool) -> None:
    made = {
        "expire": (available, DUE, State.EXPIRED),
        "release": (early, at(UNTIL), State.AVAILABLE),
        "discard": (lambda t: t.received(b""), NOW + timedelta(days=31), State.DISCARDED),
    }
    prepare, now, state = made[name]

    def act(twins: Twins, recording: Recording) -> Any:
        return list(sweep(twins.machine, now))

    for point in range(counted(prepare, act)):
        twins, recording, script = world(prepare)
        script.at(point, crash, after)
        with pytest.raises(Crash):
            act(twins, recording)
        script.never()
        list(sweep(twins.machine, now + timedelta(hours=6)))
        list(sweep(twins.machine, now + timedelta(hours=12)))
        row = twins.machine.recording(recording.id)
        assert row.state is state
        if state in ENDS:
            assert coherent(twins, recording).settled


def test_what_a_failed_deletion_left_is_deleted_by_the_next_sweep_and_said_to_be() -> None:
    class Stuck(MemoryObjects):
        def delete(self, place: Any) -> None:
            if stuck and place.bucket is Bucket.VAULT:
                raise OSError("no answer")
            super().delete(place)

    stuck = [True]
    twins = Twins(objects=Stuck())
    stuck.clear()
    recording = twins.available()
    stuck.append(True)
    for hours in (0, 6, 12):
        (failure,) = swept_on(twins, DUE + timedelta(hours=hours))
        assert isinstance(failure, OSError)
        row = twins.machine.recording(recording.id)
        assert (row.state, row.due_on) == (State.EXPIRED, LAST_DAY)
        assert "copies-deleted" not in [ground for _, ground, _ in lines(twins, row)]
    stuck.clear()
    (settled,) = swept_on(twins, DUE + timedelta(days=1))
    assert (settled.state, settled.settled, twins.objects.lying()) == (State.EXPIRED, True, set())
    assert [ground for _, ground, _ in lines(twins, settled)][-2:] == ["last-day-reached", "copies-deleted"]
    assert swept_on(twins, DUE + timedelta(days=2)) == []


def test_nothing_of_a_hold_names_a_person_in_the_ledger_or_in_a_tag() -> None:
    twins = Twins()
    recording = hold(twins.machine, twins.available().id, CLAIM, NOW)
    told = repr((twins.recordings.ledger(recording.id), tags(twins, recording, Shelf.HELD)))
    assert CLAIM.reference not in told and CALL["call-id"] not in told


def held_by_index(twins: Twins) -> Iterator[Recording]:
    return held(twins.machine)


def test_many_holds_are_all_listed_and_each_until_its_own_end() -> None:
    from tests.sounds import wav

    twins = Twins()
    ends = {}
    for number in range(3):
        recording = twins.transcribing(wav(milliseconds=2000 + number))
        twins.heard(recording)
        redact(twins.machine, recording.id, NOW)
        ends[recording.id] = UNTIL + timedelta(days=number)
        hold(twins.machine, recording.id, replace(CLAIM, until=ends[recording.id]), NOW)
    for number in range(4):
        swept_on(twins, at(UNTIL + timedelta(days=number - 1)))
        today = UNTIL + timedelta(days=number - 1)
        assert {each.id for each in held_by_index(twins)} == {key for key, end in ends.items() if end > today}


def test_a_hold_whose_sound_is_gone_ends_instead_of_failing_for_ever() -> None:
    twins = Twins()
    recording = twins.available()
    hold(twins.machine, recording.id, Hold(HoldKind.LEGAL_CLAIM, "c-1", "dpo", NOW.date() + timedelta(days=30)), NOW)
    for place in places.verified(recording.id, Shelf.HELD):
        twins.objects.delete(place)
    ended = release(twins.machine, recording.id, "hold-released", NOW, "dpo")
    assert (ended.state, ended.ground) == (State.EXPIRED, "copies-missing")


def test_a_hold_whose_own_shelf_is_gone_is_released_to_what_is_still_where_it_was() -> None:
    twins = Twins()
    recording = twins.available()
    kept = {place: twins.objects.get(place) for place in places.verified(recording.id, Shelf.CALLS)}
    hold(twins.machine, recording.id, Hold(HoldKind.LEGAL_CLAIM, "c-1", "dpo", NOW.date() + timedelta(days=30)), NOW)
    for place, body in kept.items():
        twins.objects.put(place, body, "audio/wav", {})
    for place in places.verified(recording.id, Shelf.HELD):
        twins.objects.delete(place)
    released = release(twins.machine, recording.id, "hold-released", NOW, "dpo")
    assert released.state is State.AVAILABLE
    assert {key for _, key in twins.objects.lying()} == {place.key for place in kept}
