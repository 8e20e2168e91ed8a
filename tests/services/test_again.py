"""What is said later of a recording that is here already."""

from datetime import timedelta
from io import BytesIO
from pathlib import Path
from tempfile import NamedTemporaryFile

import pytest

from chalicelib.audio.flac import encode
from chalicelib.model import Hold, HoldKind, State
from chalicelib.services.end import sweep
from chalicelib.services.hold import hold
from chalicelib.services.receive import receive
from chalicelib.services.redact import redact
from chalicelib.services.transcribe import transcribe
from chalicelib.settings import Settings
from tests.audio.coded import film
from tests.audio.test_mp3 import encoded
from tests.machines import CALL, NOW, Twins
from tests.sounds import wav

QUALITY = CALL | {"queue": "souscription", "contract-part": "2026-11-24T09:29:00+01:00/2026-11-24T09:35:00+01:00"}
REFUSALS = {"objected": "objected", "personal-call": "personal-call", "mandate": "mandate"}


def proof(twins: Twins) -> State:
    """A recording of a queue that knows no duty, in the vault."""
    recording = transcribe(twins.machine, twins.received(metadata=QUALITY).id, NOW)
    twins.heard(recording)
    return redact(twins.machine, recording.id, NOW).state


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_that_comes_with_a_second_drop_ends_what_is_in_the_vault(word: str) -> None:
    twins = Twins()
    assert proof(twins) is State.AVAILABLE
    ended = twins.received(metadata=QUALITY | {word: "true"})
    assert (ended.state, ended.ground) == (State.EXPIRED, REFUSALS[word])
    assert twins.objects.lying() == set()


@pytest.mark.parametrize("word", REFUSALS)
def test_a_refusal_that_comes_while_it_is_in_work_ends_it(word: str) -> None:
    twins = Twins()
    recording = twins.received(metadata=QUALITY)
    assert recording.state is State.JUDGED
    assert twins.received(metadata=QUALITY | {word: "true"}).state is State.DISCARDED
    assert twins.objects.lying() == set()


def test_a_refusal_of_one_leg_ends_the_other_legs_of_the_call_too() -> None:
    twins = Twins()
    first = twins.received(metadata=QUALITY)
    twins.received(wav(milliseconds=900), metadata=QUALITY | {"objected": "true"})
    found = twins.recordings.get(first.id)
    assert found is not None
    assert (found.state, found.ground) == (State.DISCARDED, "objected")
    assert twins.objects.lying() == set()


def test_a_refusal_of_what_is_in_the_vault_ends_the_other_legs_too() -> None:
    twins = Twins()
    other = twins.received(wav(milliseconds=900), metadata=QUALITY)
    assert proof(twins) is State.AVAILABLE
    assert twins.received(metadata=QUALITY | {"objected": "true"}).state is State.EXPIRED
    assert twins.machine.recording(other.id).state is State.DISCARDED
    assert twins.objects.lying() == set()


def test_a_refusal_cannot_be_unsaid_by_a_drop_that_says_less() -> None:
    for more in ({"queue": "nope", "objected": "true"}, {"announced": "false", "personal-call": "true"}):
        twins = Twins()
        twins.received(metadata=QUALITY | more)
        assert twins.received(metadata=QUALITY).state is State.DISCARDED
        assert twins.objects.lying() == set()


def test_a_part_that_is_told_to_be_off_later_is_cut_as_long_as_that_can_be_done() -> None:
    off = {"off": "2026-11-24T09:30:01+01:00/2026-11-24T09:30:01.5+01:00"}
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=0))
    assert twins.received(metadata=QUALITY).cuts == ()
    (cut,) = twins.received(metadata=QUALITY | off).cuts
    assert (cut.start_ms, cut.end_ms) == (1000, 1500)
    assert twins.received(metadata=QUALITY | off).state is State.JUDGED
    transcribe(twins.machine, twins.received(metadata=QUALITY | off).id, NOW)
    assert twins.received(metadata=QUALITY | off).state is State.TRANSCRIBING
    wider = {"off": "2026-11-24T09:30:00.5+01:00/2026-11-24T09:30:01.5+01:00"}
    ended = twins.received(metadata=QUALITY | wider)
    assert (ended.state, ended.ground) == (State.DISCARDED, "cut-impossible")


def test_a_held_recording_that_is_refused_ends_with_its_hold() -> None:
    twins = Twins()
    proof(twins)
    (recording,) = twins.recordings.due(State.AVAILABLE, NOW.date().replace(year=2040))
    until = NOW.date() + timedelta(days=30)
    hold(twins.machine, recording.id, Hold(HoldKind.LEGAL_CLAIM, "c-1", "dpo", until), NOW)
    assert twins.received(metadata=QUALITY | {"objected": "true"}).state is State.HELD
    assert len(list(sweep(twins.machine, NOW + timedelta(days=30)))) == 1
    assert twins.objects.lying() == set()


def test_a_recording_that_was_cut_and_comes_again_with_the_same_words_stays() -> None:
    twins = Twins()
    part = {"contract-part": "2026-11-24T09:30:00+01:00/2026-11-24T09:30:01+01:00"}
    twins.settings = Settings(padding_ms=100, cut_margin_ms=0)
    recording = transcribe(twins.machine, twins.received(metadata=QUALITY | part).id, NOW)
    twins.heard(recording)
    assert redact(twins.machine, recording.id, NOW).state is State.AVAILABLE
    assert twins.received(metadata=QUALITY | part).state is State.AVAILABLE


@pytest.mark.parametrize("form", ["flac without a length", "mp3"])
def test_a_cut_does_not_go_by_a_length_that_a_header_only_guesses(form: str) -> None:
    twins = Twins(settings=Settings(padding_ms=100, cut_margin_ms=0))
    body = encoded(8000, 2, 24, False) if form == "mp3" else without_length(flac_of(wav()))
    part = {"contract-part": "2026-11-24T09:30:00+01:00/2026-11-24T09:30:01+01:00"}
    received = twins.received(body, metadata=QUALITY | part)
    recording = transcribe(twins.machine, received.id, NOW)
    assert recording.state is State.TRANSCRIBING
    (cut,) = recording.cuts
    assert (cut.start_ms, cut.end_ms) == (1_000, recording.duration_ms)
    assert twins.received(body, metadata=QUALITY | part).state is State.TRANSCRIBING


def flac_of(body: bytes) -> bytes:
    """The same sound as FLAC."""
    written = BytesIO()
    with NamedTemporaryFile() as file:
        Path(file.name).write_bytes(body)
        with Path(file.name).open("rb") as linear:
            encode(linear, written)
    return written.getvalue()


def without_length(flac: bytes) -> bytes:
    """As an encoder writes it that does not know yet how much will come: no total of samples."""
    packed = int.from_bytes(flac[18:26], "big") & ~((1 << 36) - 1)
    return flac[:18] + packed.to_bytes(8, "big") + flac[26:]


def test_the_same_drop_again_is_written_down_and_nothing_more() -> None:
    twins = Twins()
    recording = twins.available()
    again = receive(twins.machine, "call.wav", twins.drop(), NOW)
    assert (again.state, again.ground) == (recording.state, recording.ground)


@pytest.mark.parametrize("said", [{"screen": "true"}, {"started-at": ""}, {"queue": "nope"}])
def test_moving_pictures_are_deleted_whatever_else_is_said(said: dict[str, str]) -> None:
    twins = Twins()
    recording = twins.received(film("mp4"), metadata=CALL | said)
    assert (recording.state, recording.ground) == (State.DISCARDED, "screen-recording")
    assert twins.objects.lying() == set()


@pytest.mark.parametrize("said", [{"screen": "true"}, {"started-at": ""}])
def test_what_was_off_in_part_is_not_set_aside_uncut(said: dict[str, str]) -> None:
    twins = Twins()
    off = {"payment": "2026-11-24T09:30:01+01:00/2026-11-24T09:30:01.5+01:00"}
    recording = twins.received(metadata=CALL | off | said)
    assert (recording.state, recording.ground) == (State.DISCARDED, "cut-impossible")
    assert twins.objects.lying() == set()


def test_what_is_at_its_end_no_longer_says_whose_call_it_was() -> None:
    twins = Twins()
    ended = twins.received(metadata=CALL | {"mandate": "true", "agent": "jeanne"})
    assert (ended.state, ended.agent_ref, ended.muted, ended.cuts) == (State.DISCARDED, "", (), ())
