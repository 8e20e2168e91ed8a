"""Detect, mute, verify, store, forget the raw; and whatever moment a crash picks, the next delivery finishes."""

import io
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.audio.dtmf import keys
from chalicelib.audio.mp3 import scan
from chalicelib.audio.mute import mute
from chalicelib.audio.verify import verify
from chalicelib.audio.wav import probe
from chalicelib.errors import ObjectMissing, UnknownRecording
from chalicelib.model import Sound, Span, State, Transcript, Word
from chalicelib.services import places
from chalicelib.services.ports import Bucket, JobState, Place, Step
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from chalicelib.settings import Settings
from tests.audio.coded import encoded as coded
from tests.audio.test_dtmf import key, laid, opened
from tests.audio.test_mp3 import by_dr_mp3, encoded
from tests.machines import CARD, NOW, Twins
from tests.plain import plain
from tests.sounds import wav


def test_a_heard_card_is_muted_with_its_padding_verified_tagged_and_the_raw_is_gone() -> None:
    twins = Twins()
    recording = twins.available()
    assert recording.state is State.AVAILABLE
    assert [(finding.span, finding.kind) for finding in recording.muted] == [(Span(400, 990, 0), "card")]
    stored = twins.objects.get(places.audio(recording.id))
    verify(io.BytesIO(wav()), io.BytesIO(stored), [Span(400, 990, 0)])
    assert twins.buckets() == {Bucket.VAULT}
    assert twins.transcriber.jobs == {}
    tags = {"retention-days": "180", "last-day": "2027-05-24", "state": "redacted"}
    assert twins.objects.tags(places.audio(recording.id)) == tags
    assert twins.objects.tags(places.transcript(recording.id)) == tags


def test_the_stored_transcript_and_the_row_hold_no_digit_that_was_spoken() -> None:
    twins = Twins()
    recording = twins.available()
    text = twins.objects.get(places.transcript(recording.id)).decode()
    assert "[carte]" in text
    assert "1111" not in text + plain(repr((recording, twins.recordings.ledger(recording.id))))


def test_every_state_on_the_way_has_its_ledger_line_in_order() -> None:
    twins = Twins()
    lines = twins.recordings.ledger(twins.available().id)
    assert [(line.revision, line.state.value, line.ground) for line in lines] == [
        (0, "received", "arrived"),
        (1, "judged", "lawful"),
        (2, "transcribing", "sent-to-recogniser"),
        (3, "redacting", "heard"),
        (4, "redacting", "stored"),
        (5, "available", "verified"),
    ]


def test_an_event_that_comes_before_the_job_is_done_changes_nothing() -> None:
    twins = Twins()
    recording = twins.transcribing()
    assert redact(twins.machine, recording.id, NOW) == recording


def test_a_failed_job_is_tried_once_more_and_then_the_recording_is_set_aside() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.transcriber.jobs[recording.id] = JobState.FAILED
    assert redact(twins.machine, recording.id, NOW).state is State.TRANSCRIBING
    assert twins.steps.sent[-1] == (Step.TRANSCRIBE, recording.id)
    transcribe(twins.machine, recording.id, NOW)
    twins.transcriber.jobs[recording.id] = JobState.FAILED
    assert redact(twins.machine, recording.id, NOW).ground == "transcription-failed"
    assert twins.buckets() == {Bucket.QUARANTINE}


@pytest.mark.parametrize(
    ("words", "ground"),
    [
        ((), "nothing-heard"),
        ((*CARD.words, Word("4111", Span(2400, 2490, 0))), "span-outside-recording"),
        ((*CARD.words, *(Word("4111", Span(s, s + 90, 5)) for s in (400, 600))), "span-outside-recording"),
        (CARD.words[:4], "nothing-heard"),
    ],
    ids=["no-word", "past-the-end", "no-such-channel", "no-word-of-one-voice"],
)
@pytest.mark.parametrize("padding_ms", [0, 800])
def test_any_doubt_sets_the_recording_aside_and_leaves_nothing_playable(
    words: tuple[Word, ...], ground: str, padding_ms: int
) -> None:
    twins = Twins(settings=Settings(padding_ms=padding_ms))
    recording = twins.transcribing()
    twins.heard(recording, Transcript(words, "fr-FR", 2))
    done = redact(twins.machine, recording.id, NOW)
    assert (done.state, done.ground) == (State.QUARANTINED, ground)
    assert twins.buckets() == {Bucket.QUARANTINE}


def test_a_transcript_that_cannot_be_read_sets_the_recording_aside() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.heard(recording)
    twins.objects.put(places.raw_transcript(recording.id), b"<html>", "application/json", {})
    assert redact(twins.machine, recording.id, NOW).ground == "unreadable-transcript"


def test_a_job_that_ends_after_the_calls_last_day_writes_nothing() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.heard(recording)
    late = redact(twins.machine, recording.id, NOW.replace(year=2027))
    assert (late.state, late.ground) == (State.DISCARDED, "past-retention")
    assert twins.objects.lying() == set()


class Crash(Exception):
    """The Lambda is killed."""


ADPCM = coded("wav", "adpcm_ima_wav", 8000, 2, 64, 4)


class Failing(MemoryObjects):
    """Objects that crash at the n-th act and work before and after."""

    acts: int
    at: int

    def _act(self) -> None:
        self.acts += 1
        if self.acts == self.at:
            raise Crash

    def put(self, place: Place, body: bytes, content_type: str, tags: Mapping[str, str]) -> None:
        self._act()
        super().put(place, body, content_type, tags)
        self._act()

    def delete(self, place: Place) -> None:
        self._act()
        super().delete(place)
        self._act()

    def open(self, place: Place) -> BinaryIO:
        self._act()
        return super().open(place)

    def download(self, place: Place, path: Path) -> None:
        self._act()
        super().download(place, path)


@pytest.mark.parametrize("at", range(1, 20))
def test_so_it_does_where_the_recording_is_redacted_on_disk(at: int) -> None:
    objects = Failing()
    objects.acts, objects.at = 0, -1
    twins = Twins(objects=objects)
    recording = twins.transcribing(ADPCM)
    twins.heard(recording)
    objects.acts, objects.at = 0, at
    with pytest.raises(Crash):
        redact(twins.machine, recording.id, NOW)
    assert redact(twins.machine, recording.id, NOW).state is State.AVAILABLE
    assert twins.buckets() == {Bucket.VAULT}


@pytest.mark.parametrize("at", range(1, 24))
def test_after_a_crash_at_any_act_the_next_delivery_finishes_the_work(at: int) -> None:
    objects = Failing()
    objects.acts, objects.at = 0, -1
    twins = Twins(objects=objects)
    recording = twins.transcribing()
    twins.heard(recording)
    objects.acts, objects.at = 0, at
    with pytest.raises(Crash):
        redact(twins.machine, recording.id, NOW)
    for bucket, _ in objects.lying():
        assert bucket in (Bucket.WORK, Bucket.VAULT)
    done = redact(twins.machine, recording.id, NOW)
    assert done.state is State.AVAILABLE
    assert [finding.span for finding in done.muted] == [Span(400, 990, 0)]
    assert twins.buckets() == {Bucket.VAULT}
    verify(io.BytesIO(wav()), io.BytesIO(objects.get(places.audio(recording.id))), [Span(400, 990, 0)])
    masked = json.loads(objects.get(places.transcript(recording.id)))
    assert masked["results"]["transcripts"] == [{"transcript": "[carte] bien merci"}]


def test_a_recording_that_is_set_aside_after_all_keeps_no_copy_in_the_vault() -> None:
    objects = Failing()
    objects.acts, objects.at = 0, -1
    twins = Twins(objects=objects)
    recording = twins.transcribing()
    twins.heard(recording)
    objects.acts, objects.at = 0, 8
    with pytest.raises(Crash):
        redact(twins.machine, recording.id, NOW)
    assert twins.buckets() == {Bucket.WORK, Bucket.VAULT}
    twins.objects.put(places.raw_transcript(recording.id), b"{}", "application/json", {})
    assert redact(twins.machine, recording.id, NOW).state is State.QUARANTINED
    assert twins.buckets() == {Bucket.QUARANTINE}


class Diskless(MemoryObjects):
    forbidden = False

    def download(self, place: Place, path: Path) -> None:
        assert not self.forbidden
        super().download(place, path)


@pytest.mark.parametrize("codec", ["pcm16", "a-law"])
def test_no_sound_of_a_plain_wav_comes_to_the_disk(codec: str) -> None:
    objects = Diskless()
    twins = Twins(objects=objects)
    recording = twins.transcribing(wav(codec))
    twins.heard(recording)
    objects.forbidden = True
    done = redact(twins.machine, recording.id, NOW)
    whole, stored = io.BytesIO(), twins.objects.get(places.audio(recording.id))
    original, sound = _sound(wav(codec))
    mute(original, whole, sound, [finding.span for finding in done.muted])
    assert (done.state, stored) == (State.AVAILABLE, whole.getvalue())
    assert twins.buckets() == {Bucket.VAULT}


def test_what_is_composed_wrongly_is_never_copied_and_leaves_nothing() -> None:
    class Wrong(MemoryObjects):
        def compose(self, source: Place, target: Place, *_: Any) -> None:
            self.copy(source, target, {})

    twins = Twins(objects=Wrong())
    recording = twins.transcribing()
    twins.heard(recording)
    done = redact(twins.machine, recording.id, NOW)
    assert (done.state, done.ground) == (State.QUARANTINED, "verification-failed")
    assert twins.buckets() == {Bucket.QUARANTINE}


def test_a_raw_that_is_replaced_while_it_is_read_is_tried_again() -> None:
    class Replaced(MemoryObjects):
        def compose(self, *_: Any) -> None:
            raise ObjectMissing

    twins = Twins(objects=Replaced())
    recording = twins.transcribing()
    twins.heard(recording)
    with pytest.raises(ObjectMissing):
        redact(twins.machine, recording.id, NOW)
    assert twins.machine.recording(recording.id).state is State.REDACTING


def test_a_raw_that_vanished_before_it_was_redacted_is_said_to_be_lost() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.heard(recording)
    twins.objects.delete(places.raw(recording.id))
    done = redact(twins.machine, recording.id, NOW)
    assert (done.state, done.ground) == (State.DISCARDED, "raw-expired")
    assert twins.objects.lying() == set()


def test_a_message_about_an_unknown_recording_is_an_error_of_ours() -> None:
    with pytest.raises(UnknownRecording):
        redact(Twins().machine, "nobody", NOW)


def test_words_without_bank_data_are_stored_as_they_are() -> None:
    twins = Twins()
    recording = twins.transcribing()
    texts = ["merci", "et", "au", "revoir", "cher", "monsieur"]
    words = tuple(Word(text, word.span) for text, word in zip(texts, CARD.words, strict=True))
    twins.heard(recording, Transcript(words, "fr-FR", 2))
    done = redact(twins.machine, recording.id, NOW)
    assert done.muted == ()
    verify(io.BytesIO(wav()), io.BytesIO(twins.objects.get(places.audio(done.id))), [])


def test_keyed_digits_are_muted_though_no_word_speaks_of_them() -> None:
    body = opened([laid(3_000, [(1_000, key(90, 697, 1209)), (1_300, key(90, 770, 1336))]), laid(3_000, [])])[0].read()
    twins = Twins()
    recording = twins.transcribing(body)
    words = (Word("bonjour", Span(100, 600, 0)), Word("oui", Span(700, 900, 1)))
    twins.heard(recording, Transcript(words, "fr-FR", 2))
    done = redact(twins.machine, recording.id, NOW)
    assert done.state is State.AVAILABLE
    assert [finding.kind for finding in done.muted] == ["keyed", "keyed"]
    assert keys(*_sound(twins.objects.get(places.audio(done.id)))) == []


def _sound(body: bytes) -> tuple[io.BytesIO, Sound]:
    return io.BytesIO(body), probe(body, len(body))


def test_an_mp3_is_redacted_as_an_mp3(tmp_path: Path) -> None:
    body = encoded(8000, 2, 24, False)
    twins = Twins()
    recording = twins.transcribing(body)
    words = tuple(
        Word(text, Span(4_000 + 900 * n, 4_800 + 900 * n, 0)) for n, text in enumerate(["carte", *["4111"] * 4])
    )
    twins.heard(recording, Transcript((*words, Word("oui", Span(3_000, 19_000, 1))), "fr-FR", 2))
    done = redact(twins.machine, recording.id, NOW)
    assert (done.state, {finding.kind for finding in done.muted}) == (State.AVAILABLE, {"card"})
    stored = twins.objects.get(places.audio(done.id))
    assert len(scan(stored, len(stored)).frames) == len(scan(body, len(body)).frames)
    assert abs(by_dr_mp3(stored, tmp_path)[5 * 8000 : 8 * 8000]).max() == 0
    assert abs(by_dr_mp3(stored, tmp_path)[12 * 8000 :].astype(int)).max() > 1_000


def test_what_another_delivery_writes_over_the_verified_sound_does_not_stay_in_the_vault() -> None:
    class Raced(MemoryObjects):
        def copy(self, source: Place, target: Place, *rest: Any) -> None:
            if source.key.startswith("redacted/"):
                super().put(source, wav(milliseconds=1_000), "audio/wav", {})
            super().copy(source, target, *rest)

    twins = Twins(objects=Raced())
    recording = twins.transcribing()
    twins.heard(recording)
    with pytest.raises(ObjectMissing):
        redact(twins.machine, recording.id, NOW)
    assert twins.buckets() == {Bucket.WORK}
    assert twins.machine.recording(recording.id).state is State.REDACTING
