"""What may not be kept of a call is silent before anybody or anything hears it, and stays so in the vault."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.model import Recording, Span, State, Transcript, Word
from chalicelib.services import places
from chalicelib.services.ports import Bucket, Place, Step
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from chalicelib.settings import Settings
from tests.audio.coded import encoded, heard
from tests.machines import CALL, NOW, Twins
from tests.services.test_judge import drawn_ids, metadata
from tests.sounds import wav

STARTED = NOW.replace(hour=8, minute=30)
LENGTH = 12_000
SOUNDS = {
    "pcm16": wav("pcm16", 2, LENGTH),
    "pcm16-mono": wav("pcm16", 1, LENGTH),
    "mu-law": wav("mu-law", 2, LENGTH),
    "FLAC": encoded("flac", "flac", 8000, 2, 0),
    "MP3": encoded("mp3", "libmp3lame", 8000, 2, 32),
    "Ogg with Opus": encoded("ogg", "libopus", 48000, 2, 24),
    "M4A": encoded("ipod", "aac", 16000, 2, 48),
    "IMA ADPCM": encoded("wav", "adpcm_ima_wav", 8000, 2, 64),
    "GSM": (Path(__file__).parents[1] / "corpus/gsm/en-card.wav").read_bytes(),
}
LOUDEST = {"GSM": 40.0}
"""What a codec's own silence decodes to."""


def moment(ms: int) -> str:
    return STARTED.replace(second=ms // 1000, microsecond=ms % 1000 * 1000).isoformat()


def off(since: int, until: int | None, name: str = "payment", **more: str) -> dict[str, str]:
    """A call under a duty, of which a payment was off; or with another switch."""
    return CALL | {name: f"{moment(since)}/{'' if until is None else moment(until)}"} | more


def words(channels: int) -> Transcript:
    said = [("bonjour", 600), ("bien", 11_000)]
    return Transcript(
        tuple(
            Word(text, Span(at, at + 200, channel if channels == 2 else None))
            for text, at in said
            for channel in range(channels)
        ),
        "fr-FR",
        channels,
    )


def loudness(body: bytes, since: int, until: int) -> float:
    """The loudest sample of a part, on whichever channel."""
    samples, rate = heard(body)
    part = samples[since * rate // 1000 : until * rate // 1000]
    return float(abs(part).max()) if len(part) else 0.0


def given(twins: Twins, recording: Recording) -> bytes:
    """What the recogniser hears."""
    listened = places.listened(recording.id)
    return twins.objects.get(listened if twins.machine.exists(listened) else places.raw(recording.id))


def finished(twins: Twins, recording: Recording) -> Recording:
    twins.heard(recording, words(recording.channels))
    return redact(twins.machine, recording.id, NOW)


@pytest.mark.parametrize("form", SOUNDS)
def test_a_payment_is_silent_on_every_channel_for_the_recogniser_and_in_the_vault_also_under_a_duty(form: str) -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=500))
    received = twins.received(SOUNDS[form], metadata=off(5_000, 7_000))
    assert (received.ground, received.cuts) == ("agent-off-in-part", (Span(4_500, 7_500),))
    recording = transcribe(twins.machine, received.id, NOW)
    assert recording.state is State.TRANSCRIBING
    quiet = LOUDEST.get(form, 10.5)
    for body in (twins.objects.get(places.raw(recording.id)), given(twins, recording)):
        assert loudness(body, 4_500, 7_500) <= quiet
        assert loudness(body, 1_000, 4_000) > 500 and loudness(body, 8_200, 11_000) > 500
    done = finished(twins, recording)
    assert (done.state, done.ground) == (State.AVAILABLE, "verified")
    assert [(f.kind, f.span.channel) for f in done.muted if f.kind == "cut"] == [("cut", None)]
    assert twins.buckets() == {Bucket.VAULT}
    vault = twins.objects.get(places.audio(recording.id))
    assert loudness(vault, 4_500, 7_500) <= quiet
    assert loudness(vault, 1_000, 4_000) > 500


@pytest.mark.parametrize("form", SOUNDS)
def test_from_an_objection_on_not_one_second_is_left_to_the_very_end(form: str) -> None:
    twins = Twins(settings=Settings(padding_ms=100))
    (call_id,) = drawn_ids(twins, 1)
    said = metadata(call_id, started=STARTED) | {"objected": moment(6_000)}
    received = twins.received(SOUNDS[form], metadata=said)
    assert received.ground == "objected-from-then-on"
    recording = transcribe(twins.machine, received.id, NOW)
    assert recording.state is State.TRANSCRIBING, recording.ground
    for body in (twins.objects.get(places.raw(recording.id)), given(twins, recording)):
        assert loudness(body, 4_000, 900_000) <= LOUDEST.get(form, 10.5)
        assert loudness(body, 1_000, 3_500) > 500


def test_an_agent_who_was_off_for_a_part_is_cut_and_both_voices_with_them() -> None:
    twins = Twins()
    (call_id,) = drawn_ids(twins, 1)
    two = f"{moment(1_000)}/{moment(2_000)} {moment(7_000)}/{moment(8_000)}"
    received = twins.received(SOUNDS["pcm16"], metadata=metadata(call_id, started=STARTED) | {"off": two})
    assert received.cuts == (Span(0, 4_000), Span(5_000, 10_000))
    body = given(twins, transcribe(twins.machine, received.id, NOW))
    assert loudness(body, 0, 4_000) == loudness(body, 5_000, 10_000) == 0
    for since, until in ((4_000, 5_000), (10_000, 12_000)):
        assert loudness(body, since, until) > 5_000


def test_stretches_that_touch_with_their_margins_are_one_cut() -> None:
    twins = Twins()
    two = f"{moment(3_000)}/{moment(4_000)} {moment(7_000)}/{moment(8_000)}"
    assert twins.received(SOUNDS["pcm16"], metadata=CALL | {"payment": two}).cuts == (Span(1_000, 10_000),)


@pytest.mark.parametrize(
    "said",
    [
        {"payment": "true"},
        off(1_000, 11_000),
        {"payment": f"{moment(0)}/{moment(6_000)} {moment(6_000)}/"},
        {"payment": "a while ago"},
    ],
)
def test_a_cut_that_covers_all_leaves_nothing_to_keep(said: Mapping[str, str]) -> None:
    twins = Twins()
    recording = twins.received(SOUNDS["pcm16"], metadata=CALL | said)
    assert (recording.state, recording.ground) == (State.DISCARDED, "nothing-left")
    assert twins.objects.lying() == set() and twins.steps.sent == []
    again = twins.received(SOUNDS["pcm16"], metadata=CALL)
    assert again.state is State.DISCARDED, "a careless copy brings nothing back"


def damaged(form: str) -> bytes:
    body = SOUNDS[form]
    return body[: len(body) // 2]


@pytest.mark.parametrize("body", [damaged("pcm16"), b"", b"no sound at all " * 99, damaged("M4A")])
def test_a_cut_call_whose_bytes_cannot_be_read_is_deleted_and_not_set_aside(body: bytes) -> None:
    twins = Twins()
    recording = twins.received(body, metadata=off(5_000, 7_000))
    assert (recording.state, recording.ground) == (State.DISCARDED, "cut-impossible")
    assert twins.objects.lying() == set()
    assert twins.received(body, metadata=CALL).state is not State.AVAILABLE


def test_a_cut_call_in_a_language_that_nobody_reads_is_deleted_and_not_set_aside() -> None:
    twins = Twins()
    recording = twins.received(SOUNDS["pcm16"], metadata=off(5_000, 7_000, language="de-DE"))
    assert (recording.state, recording.ground) == (State.DISCARDED, "cut-impossible")
    assert twins.objects.lying() == set()


@pytest.mark.parametrize("form", ["FLAC", "Ogg with Opus"])
def test_what_turns_out_unreadable_as_it_is_cut_is_deleted_and_not_set_aside(form: str) -> None:
    twins = Twins()
    body = SOUNDS[form]
    middle = len(body) // 2
    broken = body[:middle] + bytes(2_000) + body[middle + 2_000 :]
    received = twins.received(broken, metadata=off(5_000, 7_000))
    assert received.state is State.JUDGED
    recording = transcribe(twins.machine, received.id, NOW)
    assert (recording.state, recording.ground) == (State.DISCARDED, "cut-impossible")
    assert twins.objects.lying() == set() and twins.transcriber.started == []


@pytest.mark.parametrize("form", ["pcm16", "mu-law", "MP3", "Ogg with Opus"])
def test_transcribing_twice_cuts_to_the_same_end(form: str) -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=500))
    received = twins.received(SOUNDS[form], metadata=off(5_000, 7_000))
    first = given(twins, transcribe(twins.machine, received.id, NOW))
    transcribe(twins.machine, received.id, NOW)
    assert given(twins, received) == first
    assert len(twins.transcriber.started) == 1
    assert finished(twins, received).state is State.AVAILABLE


class Crash(Exception):
    """The function is killed."""


@pytest.mark.parametrize("form", ["pcm16", "mu-law", "MP3"])
def test_a_crash_between_cutting_and_moving_on_heals_and_nothing_uncut_is_heard(form: str) -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=500))
    received = twins.received(SOUNDS[form], metadata=off(5_000, 7_000))
    real = twins.recordings.advance

    def crash(*_: Any) -> Any:
        raise Crash

    for _ in range(3):
        setattr(type(twins.recordings), "advance", crash)  # noqa: B010
        try:
            with pytest.raises(Crash):
                transcribe(twins.machine, received.id, NOW)
        finally:
            setattr(type(twins.recordings), "advance", real.__func__)  # type: ignore[attr-defined]  # noqa: B010
    assert twins.transcriber.started == []
    recording = transcribe(twins.machine, received.id, NOW)
    assert loudness(given(twins, recording), 4_500, 7_500) <= 10.5
    assert loudness(given(twins, recording), 1_000, 4_000) > 500
    assert finished(twins, recording).state is State.AVAILABLE


def test_a_store_that_fails_as_it_is_cut_is_tried_again_and_deletes_nothing() -> None:
    class Failing(MemoryObjects):
        def upload(self, path: Path, place: Place, content_type: str, tags: Mapping[str, str]) -> None:
            if failures and place.key.startswith("raw/"):
                raise failures.pop()
            super().upload(path, place, content_type, tags)

    failures = [OSError("the disk"), OSError("the line")]
    twins = Twins(objects=Failing())
    received = twins.received(SOUNDS["pcm16"], metadata=off(5_000, 7_000))
    for _ in range(2):
        with pytest.raises(OSError, match="the"):
            transcribe(twins.machine, received.id, NOW)
        assert twins.machine.recording(received.id).state is State.JUDGED
    assert transcribe(twins.machine, received.id, NOW).state is State.TRANSCRIBING


def test_a_raw_that_is_gone_before_it_is_cut_is_at_its_end() -> None:
    twins = Twins()
    received = twins.received(SOUNDS["pcm16"], metadata=off(5_000, 7_000))
    twins.objects.delete(places.raw(received.id))
    ended = transcribe(twins.machine, received.id, NOW)
    assert (ended.state, ended.ground) == (State.DISCARDED, "raw-expired")


def test_words_that_were_heard_beside_the_cut_stay_and_the_row_says_what_was_muted() -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=0))
    received = twins.received(SOUNDS["pcm16"], metadata=off(5_000, 7_000))
    done = finished(twins, transcribe(twins.machine, received.id, NOW))
    assert [(f.kind, f.rule, f.span) for f in done.muted] == [("cut", "cut", Span(5_000, 7_000))]
    text = twins.objects.get(places.transcript(done.id)).decode()
    assert "bonjour" in text and "bien" in text


def test_of_a_contract_only_the_useful_part_is_heard() -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=0))
    part = {"queue": "souscription", "contract-part": f"{moment(3_000)}/{moment(9_000)}"}
    received = twins.received(SOUNDS["pcm16"], metadata=CALL | part)
    assert received.cuts == (Span(0, 3_000), Span(9_000, LENGTH))
    body = given(twins, transcribe(twins.machine, received.id, NOW))
    assert loudness(body, 0, 3_000) == loudness(body, 9_000, LENGTH) == 0
    assert loudness(body, 3_000, 9_000) > 5_000


def test_a_source_that_knows_its_start_to_the_minute_is_cut_a_minute_wider() -> None:
    key = f"connect/CallRecordings/2026/11/24/{'a' * 8}-{'b' * 4}-4ccc-{'d' * 4}-{'e' * 12}_20261124T08:30_UTC.wav"
    twins = Twins()
    said = {"language": "fr-FR", "payment": f"{moment(5_000)}/{moment(7_000)}"}
    short = receive(twins.machine, key, twins.drop(SOUNDS["pcm16"], key, said), NOW)
    assert short.cuts == (Span(0, 9_000),)
    assert twins.steps.sent == [(Step.TRANSCRIBE, short.id)]
