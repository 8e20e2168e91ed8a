"""A card number that was missed is muted in what is in the vault; again changes nothing, and a crash heals."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from chalicelib.audio.verify import verify
from chalicelib.errors import (
    CannotBeMuted,
    InvalidMessage,
    NothingHeard,
    SpanOutsideRecording,
    StaleRecording,
    UnknownRecording,
)
from chalicelib.model import Recording, Shelf, Span, State, Transcript, Word
from chalicelib.services import places
from chalicelib.services.annotate import Rectification
from chalicelib.services.end import end_now, sweep
from chalicelib.services.hold import hold
from chalicelib.services.mute_asked import ask, muted_again
from chalicelib.services.ports import Step
from chalicelib.services.rectify import rectify
from chalicelib.services.redact import redact
from chalicelib.services.redact_again import FAILED, redact_again
from chalicelib.settings import Settings
from chalicelib.speech import amazon
from tests.machines import NOW, Twins
from tests.services.test_formats import FORMATS, done
from tests.services.test_hold import at, lines, shelves, tags
from tests.services.test_listen import HOLD
from tests.sounds import wav

FILE = ["mon", "dossier", "le", "123", "456", "789", "voilà"]
MISSED = Transcript(
    (
        *(Word(text, Span(100 + 200 * n, 250 + 200 * n, 0)) for n, text in enumerate(FILE)),
        Word("bien", Span(600, 700, 1)),
        Word("merci", Span(1500, 1950, 1)),
    ),
    "fr-FR",
    2,
)
"""With a number that is muted in a strict search alone, from 700 to 1250 ms."""
REPORTED = Span(1500, 1900, 1)


def available(twins: Twins, body: bytes | None = None) -> Recording:
    recording = twins.transcribing(body)
    twins.heard(recording, MISSED)
    recording = redact(twins.machine, recording.id, NOW)
    assert (recording.state, recording.muted) == (State.AVAILABLE, ())
    return recording


def stored(twins: Twins, recording: Recording, shelf: Shelf = Shelf.CALLS) -> tuple[bytes, bytes]:
    sound, words = (twins.objects.get(place) for place in places.verified(recording.id, shelf))
    return sound, words


def text(twins: Twins, recording: Recording, shelf: Shelf = Shelf.CALLS) -> str:
    return str(json.loads(stored(twins, recording, shelf)[1])["results"]["transcripts"][0]["transcript"])


def again(twins: Twins, recording: Recording, *spans: Span) -> Recording:
    return redact_again(twins.machine, recording.id, spans, NOW, "dpo:ref")


def require_muted(twins: Twins, recording: Recording, shelf: Shelf = Shelf.CALLS) -> None:
    """The sound is the original's but for what the row says."""
    spans = [finding.span for finding in recording.muted]
    verify(io.BytesIO(wav()), io.BytesIO(stored(twins, recording, shelf)[0]), spans)


def test_what_is_reported_and_what_a_strict_search_finds_is_muted_in_sound_row_and_words() -> None:
    twins = Twins()
    recording = available(twins)
    assert "123 456 789" in text(twins, recording)
    done = again(twins, recording, REPORTED)
    found, reported = done.muted
    assert (found.kind, found.span.channel, reported.span, reported.kind) == ("digits", 0, REPORTED, "cut")
    assert found.span.start_ms <= 700 and found.span.end_ms >= 1250
    require_muted(twins, done)
    words = stored(twins, recording)[1].decode()
    assert "123" not in words and "merci" not in words and "bien" in words
    assert (done.state, done.last_day, done.due_on) == (State.AVAILABLE, recording.last_day, recording.due_on)
    assert lines(twins, done)[-1] == (State.AVAILABLE, "muted-again", "dpo:ref")
    assert tags(twins, done, Shelf.CALLS) == {"retention-days": "180", "last-day": "2027-05-24", "state": "redacted"}


@pytest.mark.parametrize("tone", [False, True])
def test_the_same_spans_again_change_nothing_more(tone: bool) -> None:
    twins = Twins(settings=Settings(padding_ms=100, tone=tone))
    recording = available(twins)
    once = again(twins, recording, REPORTED)
    kept, written = stored(twins, recording), len(twins.recordings.ledger(recording.id))
    for spans in ((REPORTED,), (), (REPORTED, Span(1600, 1700, 1))):
        assert again(twins, recording, *spans) == once
    assert (stored(twins, recording), len(twins.recordings.ledger(recording.id))) == (kept, written)


def test_what_was_muted_before_stays_as_wide_as_it_was_run_after_run() -> None:
    twins = Twins()
    recording = twins.available()
    before = recording.muted
    widths = []
    for start in (1300, 1400, 1600):
        recording = again(twins, recording, Span(start, start + 50, 1))
        assert set(before) <= set(recording.muted)
        widths.append([each.span for each in recording.muted if each.kind != "cut"])
    assert widths[0] == widths[1] == widths[2]
    require_muted(twins, recording)


def test_words_that_were_corrected_are_searched_again() -> None:
    twins = Twins()
    recording = available(twins)
    again(twins, recording)
    asked = Rectification("r-1", span=Span(1450, 1990, 1), words="au revoir")
    rectify(twins.machine, recording.id, asked, NOW, "dpo:ref")
    again(twins, recording)
    grounds = [line.ground for line in twins.recordings.ledger(recording.id)]
    assert grounds[-3:] == ["muted-again", "words-rectified", "muted-again"]


def test_what_people_stated_stays_beside_the_words() -> None:
    twins = Twins()
    recording = available(twins)
    rectify(twins.machine, recording.id, Rectification("r-1", "Je n'ai jamais dit oui."), NOW, "dpo:ref")
    again(twins, recording, REPORTED)
    (annotation,) = json.loads(stored(twins, recording)[1])["annotations"]
    assert annotation["text"] == "Je n'ai jamais dit oui."


def test_a_held_recording_is_muted_where_it_lies_and_stays_held() -> None:
    twins = Twins()
    recording = available(twins)
    hold(twins.machine, recording.id, HOLD, NOW)
    done = again(twins, recording, REPORTED)
    assert (done.state, done.hold, shelves(twins, done)) == (State.HELD, HOLD, {Shelf.HELD})
    require_muted(twins, done, Shelf.HELD)
    assert tags(twins, done, Shelf.HELD)["last-day"] == HOLD.until.isoformat()


@pytest.mark.parametrize("name", FORMATS)
def test_in_every_format_what_is_reported_is_muted_and_again_changes_nothing(name: str) -> None:
    (body, media_type), twins = FORMATS[name], Twins()
    recording, reported = done(twins, body), Span(4000, 4500)
    once = again(twins, recording, reported)
    kept = stored(twins, recording)
    assert reported in {each.span for each in once.muted}
    assert again(twins, recording, reported, Span(4100, 4200)) == once
    assert stored(twins, recording) == kept
    assert twins.objects.info(places.audio(recording.id)).content_type == media_type


def no_word_of_the_other_voice(twins: Twins, recording: Recording) -> None:
    """The words as they would be had nobody heard channel 1: nothing of it can be searched."""
    one = replace(MISSED, words=tuple(word for word in MISSED.words if word.span.channel == 0))
    body = json.dumps(amazon.dump(one, recording.id)).encode()
    place = places.transcript(recording.id)
    twins.objects.put(place, body, "application/json", twins.objects.tags(place))


def test_what_cannot_be_muted_is_kept_from_everybody_but_the_dpo_until_its_last_day() -> None:
    twins = Twins()
    recording = available(twins)
    no_word_of_the_other_voice(twins, recording)
    sound = stored(twins, recording)[0]
    with pytest.raises(NothingHeard):
        again(twins, recording, REPORTED)
    kept = twins.machine.recording(recording.id)
    assert kept.state is State.HELD and kept.hold is not None
    assert (kept.hold.reference, kept.hold.until, kept.hold.by) == (FAILED, recording.last_day, "dpo:ref")
    assert [ground for _, ground, _ in lines(twins, kept)][-2:] == [FAILED, "restriction"]
    assert stored(twins, kept, Shelf.HELD)[0] == sound
    list(sweep(twins.machine, at(date(2027, 5, 24))))
    assert twins.machine.recording(recording.id).state is State.EXPIRED and twins.objects.lying() == set()


def test_a_hold_that_stood_before_stays_as_it_was_where_it_cannot_be_muted() -> None:
    twins = Twins()
    recording = available(twins)
    no_word_of_the_other_voice(twins, recording)
    hold(twins.machine, recording.id, HOLD, NOW)
    with pytest.raises(NothingHeard):
        again(twins, recording, REPORTED)
    kept = twins.machine.recording(recording.id)
    assert (kept.state, kept.hold, lines(twins, kept)[-1][1]) == (State.HELD, HOLD, FAILED)


@pytest.mark.parametrize("span", [Span(2000, 2100), Span(100, 200, 2)])
def test_a_span_outside_of_the_recording_changes_nothing_and_holds_nothing(span: Span) -> None:
    twins = Twins()
    recording = available(twins)
    with pytest.raises(SpanOutsideRecording):
        again(twins, recording, span)
    with pytest.raises(SpanOutsideRecording):
        ask(twins.machine, recording.id, [span], "dpo:ref")
    assert twins.machine.recording(recording.id) == recording and twins.steps.posted == []


def test_a_span_that_goes_on_after_the_end_is_muted_to_the_end() -> None:
    twins = Twins()
    assert again(twins, available(twins), Span(1500, 9000)).muted[-1].span == Span(1500, 2000)


def test_what_is_not_in_the_vault_cannot_be_muted() -> None:
    twins = Twins()
    recording = available(twins)
    end_now(twins.machine, recording, "last-day-reached", NOW)
    for recording_id, error in ((recording.id, CannotBeMuted), ("nowhere", UnknownRecording)):
        with pytest.raises(error):
            redact_again(twins.machine, recording_id, [], NOW, "dpo:ref")
        with pytest.raises(error):
            ask(twins.machine, recording_id, [], "dpo:ref")
    assert twins.objects.lying() == set()


def test_it_is_asked_of_the_queue_and_done_from_there() -> None:
    twins = Twins()
    recording = available(twins)
    ask(twins.machine, recording.id, [REPORTED, Span(0, 50)], "dpo:ref")
    ((step, message, _),) = twins.steps.posted
    assert step is Step.RIGHTS
    assert message == {"mute-again": recording.id, "spans": [[1500, 1900, 1], [0, 50, None]], "by": "dpo:ref"}
    assert muted_again(twins.machine, json.loads(json.dumps(message)), NOW) == "muted-again"
    assert {REPORTED, Span(0, 50)} < {each.span for each in twins.machine.recording(recording.id).muted}


def test_a_message_whose_work_can_never_be_done_is_done_with_and_says_why() -> None:
    twins = Twins()
    recording = available(twins)
    no_word_of_the_other_voice(twins, recording)
    message = {"mute-again": recording.id, "spans": [], "by": "dpo:ref"}
    assert muted_again(twins.machine, message, NOW) == "nothing-heard"
    assert muted_again(twins.machine, message | {"mute-again": "nowhere"}, NOW) == "unknown-recording"


@pytest.mark.parametrize(
    "message",
    [{}, {"mute-again": "x", "by": "dpo"}, {"mute-again": "x", "by": "dpo", "spans": [[1]]},
     {"mute-again": "x", "by": "dpo", "spans": [[5, 1, None]]}, {"mute-again": "x", "by": "dpo", "spans": None},
     {"mute-again": "x", "by": "dpo", "spans": [[1, 5, "left"]]}],
)  # fmt: skip
def test_a_message_of_another_shape_is_no_message(message: dict[str, Any]) -> None:
    with pytest.raises(InvalidMessage):
        muted_again(Twins().machine, message, NOW)


class Dies:
    """A port that dies before, or after, the writing act of that number; counted over all ports."""

    def __init__(self, port: Any, left: list[int], after: bool) -> None:
        self.port, self.left, self.after = port, left, after

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)
        if name not in ("put", "upload", "note"):
            return method

        def act(*said: Any) -> Any:
            self.left[0] -= 1
            if self.left[0] == 0 and not self.after:
                raise MemoryError
            done = method(*said)
            if self.left[0] == 0:
                raise MemoryError
            return done

        return act


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("death", [1, 2, 3])
def test_whatever_moment_it_dies_the_next_delivery_ends_the_same(death: int, after: bool) -> None:
    wanted = Twins()
    done = again(wanted, available(wanted), REPORTED)
    twins = Twins()
    recording, left = available(twins), [death]
    objects, rows = Dies(twins.objects, left, after), Dies(twins.recordings, left, after)
    dying: Any = replace(twins.machine, objects=objects, recordings=rows)  # type: ignore[arg-type]
    with pytest.raises(MemoryError):
        redact_again(dying, recording.id, [REPORTED], NOW, "dpo:ref")
    healed = again(twins, recording, REPORTED)
    assert healed.muted == done.muted
    assert stored(twins, healed) == stored(wanted, done)
    assert [ground for _, ground, _ in lines(twins, healed)].count("muted-again") == 1


class Meanwhile:
    """Objects after whose act of that name somebody else does something, once."""

    def __init__(self, port: Any, name: str, act: Any) -> None:
        self.port, self.name, self.acts = port, name, [act]

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.port, name)

        def then(*said: Any) -> Any:
            done = method(*said)
            if self.acts:
                self.acts.pop()()
            return done

        return then if name == self.name else method


MOMENTS = pytest.mark.parametrize("moment", ["download", "upload", "put"])


@MOMENTS
def test_a_hold_in_the_same_moment_holds_what_is_muted(moment: str) -> None:
    twins = Twins()
    recording = available(twins)
    objects: Any = Meanwhile(twins.objects, moment, lambda: hold(twins.machine, recording.id, HOLD, NOW))
    redact_again(replace(twins.machine, objects=objects), recording.id, [REPORTED], NOW, "dpo:ref")
    kept = twins.machine.recording(recording.id)
    assert (kept.state, shelves(twins, kept)) == (State.HELD, {Shelf.HELD})
    require_muted(twins, kept, Shelf.HELD)
    assert REPORTED in {each.span for each in kept.muted}
    assert "123" not in text(twins, kept, Shelf.HELD) and "merci" not in text(twins, kept, Shelf.HELD)


@MOMENTS
def test_an_erasure_in_the_same_moment_leaves_nothing(moment: str) -> None:
    twins = Twins()
    recording = available(twins)

    def erase() -> None:
        twins.machine.end(twins.machine.recording(recording.id), State.ERASED, "asked", NOW)

    objects: Any = Meanwhile(twins.objects, moment, erase)
    with pytest.raises(CannotBeMuted):
        redact_again(replace(twins.machine, objects=objects), recording.id, [REPORTED], NOW, "dpo:ref")
    assert twins.objects.lying() == set()
    assert twins.machine.recording(recording.id).state is State.ERASED


@MOMENTS
def test_two_reports_in_the_same_moment_are_both_muted(moment: str) -> None:
    twins = Twins()
    recording, other = available(twins), Span(100, 300, 1)
    objects: Any = Meanwhile(twins.objects, moment, lambda: again(twins, recording, other))
    redact_again(replace(twins.machine, objects=objects), recording.id, [REPORTED], NOW, "dpo:ref")
    kept = twins.machine.recording(recording.id)
    assert {REPORTED, other} < {each.span for each in kept.muted}
    require_muted(twins, kept)


def test_somebody_who_is_always_faster_leaves_it_to_the_queue() -> None:
    twins = Twins()
    recording = available(twins)

    class Faster:
        def __getattr__(self, name: str) -> Any:
            return getattr(twins.recordings, name)

        def note(self, row: Recording, ground: str, when: Any) -> Recording:
            twins.machine.note(twins.machine.recording(row.id), "faster", when)
            return twins.recordings.note(row, ground, when)

    rows: Any = Faster()
    message = {"mute-again": recording.id, "spans": [], "by": "dpo:ref"}
    with pytest.raises(StaleRecording):
        muted_again(replace(twins.machine, recordings=rows), message, NOW)
