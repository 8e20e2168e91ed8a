"""A drop is taken in once, under an opaque name, or refused by a row that says why."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryObjects, MemorySteps
from chalicelib.errors import ObjectMissing
from chalicelib.model import State
from chalicelib.services import places
from chalicelib.services.ports import Bucket, JobState, Step
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from tests.audio.coded import film
from tests.audio.test_mp3 import encoded
from tests.machines import CALL, NOW, Twins
from tests.plain import plain
from tests.sounds import chunk, fmt, riff, wav


def grounds(twins: Twins, recording_id: str) -> list[str]:
    return [line.ground for line in twins.recordings.ledger(recording_id)]


def test_a_lawful_call_leaves_the_inbox_under_an_opaque_key_and_goes_to_the_recogniser() -> None:
    twins = Twins()
    recording = twins.received()
    assert (recording.state, recording.language, recording.channels, recording.duration_ms) == (
        State.JUDGED, "fr-FR", 2, 2000
    )  # fmt: skip
    assert recording.last_day is not None
    assert recording.last_day.isoformat() == "2027-05-24"
    assert twins.objects.lying() == {(Bucket.WORK, places.raw(recording.id).key)}
    assert twins.steps.sent == [(Step.TRANSCRIBE, recording.id)]
    assert grounds(twins, recording.id) == ["arrived", "lawful"]


def test_no_part_of_a_name_or_of_the_metadata_is_in_keys_rows_or_ledger() -> None:
    twins = Twins()
    key = "monitor/force-0821555366-3201-20261124-083000-1795505400.12206.wav"
    recording = twins.received(key=key, metadata={"customer": "Dupont", "language": "fr-FR"})
    ledger = twins.recordings.ledger(recording.id)
    everything = plain(repr((twins.objects.lying(), recording, ledger, twins.steps.sent)))
    assert recording.state is State.JUDGED
    assert not [part for part in ("0821555366", "3201", "12206", "Dupont", "force") if part in everything]


@pytest.mark.parametrize("key", ["calls/a b+c.wav", "записи/звонок 1.wav", "x" * 900, "a?#&%20.wav"])
def test_any_name_is_taken_in(key: str) -> None:
    assert Twins().received(key=key).state is State.JUDGED


def test_the_same_event_delivered_again_does_nothing_more() -> None:
    twins = Twins()
    version = twins.drop()
    first = receive(twins.machine, "call.wav", version, NOW)
    with pytest.raises(ObjectMissing):
        receive(twins.machine, "call.wav", version, NOW)
    assert twins.recordings.get(first.id) == first


def test_what_genesys_lays_beside_a_recording_is_deleted_unread_and_leaves_no_row(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    twins = Twins()
    recorded = "o-1/year=2026/month=11/day=24/hour=8/conversation_id=c-1/a.opus"
    version = twins.drop(b'{"userIds": ["u-1"]}', f"{recorded}_metadata.json", {})
    twins.drop(key=recorded)
    for method in ("info", "get", "open"):
        monkeypatch.setattr(MemoryObjects, method, None)
    for _ in range(2):
        with pytest.raises(ObjectMissing, match="beside a recording"):
            receive(twins.machine, f"{recorded}_metadata.json", version, NOW)
    assert twins.objects.lying() == {(Bucket.INBOX, recorded)}
    assert twins.recordings._rows == {}


class Crash(Exception):
    """The Lambda is killed."""


@pytest.mark.parametrize("method", ["send", "delete", "copy"])
def test_a_delivery_that_crashed_is_finished_by_the_next_one_of_the_same_event(method: str) -> None:
    twins = Twins()
    armed = [True]

    def crashing(real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any) -> Any:
            if armed.pop() if armed else False:
                raise Crash
            return real(*arguments)

        return call

    class Objects(MemoryObjects):
        pass

    class Steps(MemorySteps):
        pass

    kind = Steps if method == "send" else Objects
    setattr(kind, method, crashing(getattr(kind, method)))
    twins.objects, twins.steps = Objects(), Steps()
    version = twins.drop()
    with pytest.raises(Crash):
        receive(twins.machine, "call.wav", version, NOW)
    recording = receive(twins.machine, "call.wav", version, NOW)
    assert recording.state is State.JUDGED
    assert (Step.TRANSCRIBE, recording.id) in twins.steps.sent
    assert twins.buckets() == {Bucket.WORK}


def test_a_second_drop_of_the_same_call_is_deleted_and_written_down() -> None:
    twins = Twins()
    recording = twins.available()
    again = receive(twins.machine, "renamed.wav", twins.drop(key="renamed.wav"), NOW)
    assert (again.id, again.state, again.ground) == (recording.id, State.AVAILABLE, "verified")
    assert grounds(twins, recording.id)[-1] == "dropped-again"
    assert twins.buckets() == {Bucket.VAULT}


def test_another_recording_of_the_same_call_is_another_recording() -> None:
    twins = Twins()
    first, second = twins.received(), twins.received(wav(milliseconds=1000))
    assert first.id != second.id
    assert first.call_ref == second.call_ref


def test_a_drop_over_the_first_one_before_it_was_taken_in_loses_neither() -> None:
    twins = Twins()
    versions = twins.drop(wav()), twins.drop(wav(milliseconds=900))
    taken = {receive(twins.machine, "call.wav", version, NOW).duration_ms for version in versions}
    assert taken == {2000, 900}
    assert twins.buckets() == {Bucket.WORK}


def test_a_late_copy_of_an_erased_call_is_deleted_unheard() -> None:
    twins = Twins()
    twins.machine.end(twins.available(), State.ERASED, "art-17", NOW)
    late = twins.received(wav(milliseconds=700), key="backup.wav")
    assert (late.state, late.ground) == (State.ERASED, "call-erased")
    assert twins.objects.lying() == set()
    assert [step for step, recording_id in twins.steps.sent if recording_id == late.id] == []


GSM = riff(chunk(b"fmt ", fmt("mu-law", 1)[8:24].replace(b"\x07\0", b"\x31\0", 1)), chunk(b"data", bytes(6500)))


@pytest.mark.parametrize(
    ("body", "ground"),
    [
        (b"", "empty"),
        (wav()[:4000], "truncated"),
        (bytes(9000), "not-audio"),
        (b"Bonjour, ceci est un texte.\n" * 40, "not-audio"),
        (GSM, "unsupported-codec"),
        (b"OggS" + bytes(500), "damaged"),
        (b".snd" + bytes(500), "unsupported-codec"),
    ],
    ids=["zero-byte", "truncated", "zeros", "a-text-called-wav", "gsm", "ogg-of-nothing", "au"],
)
def test_what_cannot_be_read_is_set_aside_under_the_dpos_key(body: bytes, ground: str) -> None:
    twins = Twins()
    recording = twins.received(body)
    assert (recording.state, recording.ground) == (State.QUARANTINED, ground)
    assert twins.objects.get(places.quarantined(recording.id)) == body
    assert twins.buckets() == {Bucket.QUARANTINE}
    assert twins.steps.sent == []


def test_what_is_no_recording_is_said_to_be_none_also_where_its_language_is_not_said() -> None:
    said = {name: value for name, value in CALL.items() if name != "language"}
    recording = Twins().received(b"Bonjour, ceci est un texte.\n" * 40, metadata=said)
    assert (recording.state, recording.ground) == (State.QUARANTINED, "not-audio")


@pytest.mark.parametrize("form", ["mp4", "webm"])
def test_a_film_is_deleted_and_never_set_aside(form: str) -> None:
    twins = Twins()
    recording = twins.received(film(form))
    assert (recording.state, recording.ground) == (State.DISCARDED, "screen-recording")
    assert twins.objects.lying() == set()


def test_more_than_four_hours_are_set_aside_and_four_hours_are_not() -> None:
    four_hours = 4 * 3600 * 8000
    for samples, state in ((four_hours, State.JUDGED), (four_hours + 1, State.QUARANTINED)):
        body = riff(fmt("mu-law", 1), chunk(b"data", b"\xff" * samples))
        assert Twins().received(body).state is state


@pytest.mark.parametrize(
    ("metadata", "state", "ground"),
    [
        (CALL | {"language": ""}, State.QUARANTINED, "language-unknown"),
        ({}, State.DISCARDED, "no-purpose"),
        ({"queue": "urgences"}, State.QUARANTINED, "start-unknown"),
        (CALL | {"started-at": "yesterday"}, State.QUARANTINED, "start-unknown"),
        (CALL | {"started-at": "2030-01-01T00:00:00Z"}, State.QUARANTINED, "start-in-future"),
        (CALL | {"started-at": "1970-01-01T00:00:00Z"}, State.QUARANTINED, "start-implausible"),
        (CALL | {"started-at": "2026-05-23T10:00:00Z"}, State.DISCARDED, "past-retention"),
        (CALL | {"language": "de-DE"}, State.QUARANTINED, "unsupported-language"),
        (CALL | {"language": "en-GB"}, State.JUDGED, "lawful"),
    ],
)
def test_a_call_is_judged_by_what_is_said_of_it(metadata: dict[str, str], state: State, ground: str) -> None:
    recording = Twins().received(metadata=metadata)
    assert (recording.state, recording.ground) == (state, ground)


def test_a_quarantine_never_outlives_the_calls_own_last_day() -> None:
    twins = Twins()
    started = "2026-06-04T10:00:00Z"
    set_aside = twins.received(b"OggS" + bytes(99), metadata=CALL | {"started-at": started})
    assert set_aside.state is State.QUARANTINED
    assert set_aside.due_on == set_aside.last_day == date(2026, 12, 4)
    assert twins.objects.tags(places.quarantined(set_aside.id)) == {"retention-days": "9"}


@pytest.mark.parametrize(
    ("wrong", "ground"),
    [
        ({name: said for name, said in CALL.items() if name != "started-at"}, "start-unknown"),
        (CALL | {"language": "de-DE"}, "unsupported-language"),
        ({name: said for name, said in CALL.items() if name != "language"}, "language-unknown"),
    ],
)
def test_a_refused_file_dropped_again_with_what_was_missing_is_taken_in(wrong: dict[str, str], ground: str) -> None:
    twins = Twins()
    refused = twins.received(metadata=wrong)
    assert (refused.state, refused.ground) == (State.QUARANTINED, ground)
    mended = twins.received()
    assert (mended.id, mended.state) == (refused.id, State.JUDGED)
    transcribe(twins.machine, mended.id, NOW)
    twins.heard(mended)
    assert redact(twins.machine, mended.id, NOW).state is State.AVAILABLE
    assert twins.buckets() == {Bucket.VAULT}


def test_a_recording_that_could_not_be_heard_is_heard_anew_when_it_is_dropped_again() -> None:
    twins = Twins()
    recording = twins.transcribing()
    for _ in range(2):
        twins.transcriber.jobs[recording.id] = JobState.FAILED
        failed = redact(twins.machine, recording.id, NOW)
        transcribe(twins.machine, recording.id, NOW)
    assert failed.state is State.QUARANTINED
    assert twins.received().state is State.JUDGED
    transcribe(twins.machine, recording.id, NOW)
    twins.heard(recording)
    assert redact(twins.machine, recording.id, NOW).state is State.AVAILABLE
    assert twins.buckets() == {Bucket.VAULT}


def test_a_slow_duplicate_leaves_no_raw_behind() -> None:
    twins = Twins()
    recording = twins.available()
    twins.objects.put(places.raw(recording.id), wav(), "", {})
    twins.received()
    assert twins.buckets() == {Bucket.VAULT}


def test_a_drop_that_is_not_there_says_so_and_writes_nothing() -> None:
    twins = Twins()
    with pytest.raises(ObjectMissing):
        receive(twins.machine, "never.wav", None, NOW)
    assert list(twins.recordings.due(State.RECEIVED, NOW.date() + timedelta(days=9))) == []


def test_an_mp3_behind_a_cover_picture_is_read_as_far_as_its_sound_begins() -> None:
    body = encoded(8000, 2, 24, False)
    picture = bytes(100_000)
    size = bytes((len(picture) >> shift) & 127 for shift in (21, 14, 7, 0))
    recording = Twins().received(b"ID3\x04\0\0" + size + picture + body)
    assert (recording.state, recording.channels) == (State.JUDGED, 2)
