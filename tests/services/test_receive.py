"""A drop is taken in once, under an opaque name, or refused by a row that says why."""

from datetime import timedelta

import pytest

from chalicelib.errors import ObjectMissing
from chalicelib.model import State
from chalicelib.services import places
from chalicelib.services.end import end
from chalicelib.services.ports import Bucket, Step
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.settings import Settings
from tests.machines import CALL, NOW, Twins
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
    assert recording.last_day.isoformat() == "2027-05-23"
    assert twins.objects.lying() == {(Bucket.WORK, places.raw(recording.id).key)}
    assert twins.steps.sent == [(Step.TRANSCRIBE, recording.id)]
    assert grounds(twins, recording.id) == ["arrived", "lawful"]


def test_no_part_of_a_name_or_of_the_metadata_is_in_keys_rows_or_ledger() -> None:
    twins = Twins()
    key = "monitor/force-0821555366-3201-20261124-083000-1795505400.12206.wav"
    recording = twins.received(key=key, metadata={"customer": "Dupont", "language": "fr-FR"})
    everything = repr((twins.objects.lying(), recording, twins.recordings.ledger(recording.id), twins.steps.sent))
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


def test_a_delivery_that_crashed_after_its_decision_is_finished_by_the_next() -> None:
    twins = Twins()
    recording = twins.received()
    twins.steps.sent.clear()
    again = receive(twins.machine, "call.wav", twins.drop(), NOW)
    assert again.id == recording.id
    assert twins.steps.sent == [(Step.TRANSCRIBE, recording.id)]
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
    end(twins.machine, twins.available(), State.ERASED, "art-17", NOW)
    late = twins.received(wav(milliseconds=700), key="backup.wav")
    assert (late.state, late.ground) == (State.DISCARDED, "call-erased")
    assert twins.objects.lying() == set()
    assert [step for step, recording_id in twins.steps.sent if recording_id == late.id] == []


FILM = b"\0\0\0\x18ftypisom" + bytes(60) + b"hdlr\0\0\0\0\0\0\0\0vide"
GSM = riff(chunk(b"fmt ", fmt("mu-law", 1)[8:24].replace(b"\x07\0", b"\x31\0", 1)), chunk(b"data", bytes(6500)))


@pytest.mark.parametrize(
    ("body", "ground"),
    [
        (b"", "empty"),
        (wav()[:4000], "truncated"),
        (bytes(9000), "not-audio"),
        (b"Bonjour, ceci est un texte.\n" * 40, "not-audio"),
        (GSM, "unsupported-codec"),
        (b"OggS" + bytes(500), "unsupported-codec"),
    ],
    ids=["zero-byte", "truncated", "zeros", "a-text-called-wav", "gsm", "ogg"],
)
def test_what_cannot_be_read_is_set_aside_under_the_dpos_key(body: bytes, ground: str) -> None:
    twins = Twins()
    recording = twins.received(body)
    assert (recording.state, recording.ground) == (State.QUARANTINED, ground)
    assert twins.objects.get(places.quarantined(recording.id)) == body
    assert twins.buckets() == {Bucket.QUARANTINE}
    assert twins.steps.sent == []


def test_a_film_is_deleted_and_never_set_aside() -> None:
    twins = Twins()
    recording = twins.received(FILM)
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
        ({}, State.QUARANTINED, "start-unknown"),
        ({"started-at": "yesterday"}, State.QUARANTINED, "start-unknown"),
        ({"started-at": "2030-01-01T00:00:00Z"}, State.QUARANTINED, "start-in-future"),
        ({"started-at": "2026-05-28T10:00:00Z"}, State.DISCARDED, "past-retention"),
        ({"started-at": "1970-01-01T00:00:00Z"}, State.DISCARDED, "past-retention"),
        (CALL | {"language": "de-DE"}, State.QUARANTINED, "unsupported-language"),
        (CALL | {"language": "en-GB"}, State.JUDGED, "lawful"),
    ],
)
def test_a_call_is_judged_by_what_is_said_of_it(metadata: dict[str, str], state: State, ground: str) -> None:
    recording = Twins().received(metadata=metadata)
    assert (recording.state, recording.ground) == (state, ground)


def test_a_quarantine_never_outlives_the_calls_own_last_day() -> None:
    twins = Twins(settings=Settings(quarantine_days=30))
    recording = twins.transcribing()
    old = NOW + timedelta(days=170)
    twins.heard(recording)
    twins.objects.put(places.raw_transcript(recording.id), b"not json", "", {})
    set_aside = redact(twins.machine, recording.id, old)
    assert set_aside.state is State.QUARANTINED
    assert set_aside.due_on == recording.last_day


def test_a_drop_that_is_not_there_says_so_and_writes_nothing() -> None:
    twins = Twins()
    with pytest.raises(ObjectMissing):
        receive(twins.machine, "never.wav", None, NOW)
    assert list(twins.recordings.due(State.RECEIVED, NOW.date() + timedelta(days=9))) == []
