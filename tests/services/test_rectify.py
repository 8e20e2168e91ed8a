"""Rectification: what is said of a call is corrected, what a person states is kept beside it, the sound stays."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from chalicelib.errors import CannotBeRectified, UnknownRecording
from chalicelib.model import Recording, Shelf, Span, State
from chalicelib.services import places
from chalicelib.services.annotate import Rectification
from chalicelib.services.end import end_now
from chalicelib.services.evaluate import evaluate, read
from chalicelib.services.hold import hold, release
from chalicelib.services.ports import Step
from chalicelib.services.rectify import rectify
from chalicelib.services.redact_again import redact_again
from chalicelib.services.refs import agent_named
from chalicelib.speech import amazon
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.hearing import grounds, heard_by, jeannes, supervisor
from tests.services.test_hold import shelves, tags
from tests.services.test_listen import HOLD
from tests.services.test_redact_again import Dies, Meanwhile, available, stored, text

SHORT = policy(("retention = { months = 6 }\nrecipients", "retention = { months = 3 }\nrecipients"))
"""service-client keeps its calls for three months, urgences for six."""


def rectified(twins: Twins, recording: Recording, request: str = "r-1", **asked: Any) -> Recording:
    return rectify(twins.machine, recording.id, Rectification(request, **asked), NOW, "dpo:ref")


def annotations(twins: Twins, recording: Recording, shelf: Shelf = Shelf.CALLS) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(stored(twins, recording, shelf)[1]).get("annotations", [])
    return found


def test_a_statement_is_kept_beside_the_words_and_neither_sound_nor_words_change() -> None:
    twins = Twins()
    recording = jeannes(twins)
    sound, words = stored(twins, recording)
    done = rectified(twins, recording, statement="Je n'ai pas résilié.\nJamais.", span=Span(100, 900))
    assert annotations(twins, done) == [{
        "request": "r-1", "text": "Je n'ai pas résilié.\nJamais.", "start-ms": 100, "end-ms": 900,
        "at": "2026-11-24T09:00:00+00:00",
    }]  # fmt: skip
    assert stored(twins, done)[0] == sound
    assert amazon.load(json.loads(stored(twins, done)[1])) == amazon.load(json.loads(words))
    assert grounds(twins, recording) == [("rectified", "dpo:ref")]
    assert tags(twins, done, Shelf.CALLS) == {"retention-days": "180", "last-day": "2027-05-24", "state": "redacted"}


def test_the_same_statement_again_is_not_kept_twice_and_another_is_kept_too() -> None:
    twins = Twins()
    recording = jeannes(twins)
    for _ in range(2):
        rectified(twins, recording, statement="Faux.")
    rectified(twins, recording, statement="Faux.", request="r-2")
    assert [each["request"] for each in annotations(twins, recording)] == ["r-1", "r-2"]
    assert len(grounds(twins, recording)) == 2


@pytest.mark.parametrize("number", ["4111111111111111", "4111 1111 1111 1111", "4111-1111-1111-1111"])
def test_a_card_number_in_a_statement_is_not_stored(number: str) -> None:
    twins = Twins()
    recording = jeannes(twins)
    rectified(twins, recording, statement=f"J'ai dit {number}, rappelez le 06 12 34 56 78.")
    (said,) = annotations(twins, recording)
    assert said["text"] == "J'ai dit [chiffres], rappelez le 06 12 34 56 78."


def test_statements_move_with_the_words_to_a_hold_and_back_and_end_with_them() -> None:
    twins = Twins()
    recording = jeannes(twins)
    rectified(twins, recording, statement="Faux.")
    hold(twins.machine, recording.id, HOLD, NOW)
    rectified(twins, recording, statement="Toujours faux.")
    assert [each["text"] for each in annotations(twins, recording, Shelf.HELD)] == ["Faux.", "Toujours faux."]
    assert tags(twins, recording, Shelf.HELD)["state"] == "held"
    release(twins.machine, recording.id, "hold-released", NOW)
    assert len(annotations(twins, recording)) == 2
    end_now(twins.machine, twins.machine.recording(recording.id), "last-day-reached", NOW)
    assert twins.objects.lying() == set()


def test_words_are_replaced_in_their_span_and_nowhere_else() -> None:
    twins = Twins()
    recording = available(twins)
    rectified(twins, recording, words="d'accord alors", span=Span(1450, 1990, 1))
    assert text(twins, recording) == "mon dossier le bien 123 456 789 voilà d'accord alors"
    rectified(twins, recording, words="oui", span=Span(600, 700, 1), statement="J'ai dit oui.")
    assert "le oui 123" in text(twins, recording)
    assert [each.get("text") for each in annotations(twins, recording)] == [None, "J'ai dit oui."]
    assert all(each["corrected"] for each in annotations(twins, recording))
    assert [line.ground for line in twins.recordings.ledger(recording.id)][-2:] == ["words-rectified"] * 2


def test_what_is_muted_stays_masked_whatever_is_written_there() -> None:
    twins = Twins()
    recording = twins.available()
    rectified(twins, recording, words="rien du tout", span=Span(500, 900, 0))
    assert text(twins, recording) == "[carte] bien merci"


@pytest.mark.parametrize("words", ["4111 1111 1111 1111", "quatre mille cent onze 1111 1111 1111"])
def test_bank_data_is_not_written_into_a_transcript(words: str) -> None:
    twins = Twins()
    recording = available(twins)
    kept = stored(twins, recording)
    with pytest.raises(CannotBeRectified, match="bank data") as refused:
        rectified(twins, recording, words=words, span=Span(1450, 1990, 1), statement="Voilà.", agent="karim")
    assert "1111" not in str(refused.value)
    assert (stored(twins, recording), twins.machine.recording(recording.id)) == (kept, recording)


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        ({"words": "oui"}, "which span"),
        ({"words": "oui", "span": Span(600, 1900)}, "which of the recording's channels"),
        ({"words": "oui", "span": Span(600, 700, 2)}, "which of the recording's channels"),
        ({"words": "a b c d", "span": Span(600, 602, 1)}, "do not fit"),
        ({"statement": "Faux.", "span": Span(100, 2100)}, "after the recording's end"),
        ({"language": "de-DE"}, "fr-FR, en-GB"),
        ({"queue": "nulle-part"}, "no such queue"),
        ({"queue": "souscription"}, "for longer"),
    ],
    ids=str,
)
def test_what_cannot_be_is_refused_and_nothing_of_it_is_written(asked: dict[str, Any], why: str) -> None:
    twins = Twins()
    recording = available(twins)
    kept = stored(twins, recording)
    with pytest.raises(CannotBeRectified, match=why):
        rectified(twins, recording, **({"statement": "Faux.", "agent": "karim"} | asked))
    assert (stored(twins, recording), twins.machine.recording(recording.id)) == (kept, recording)


def test_a_recording_that_is_not_in_the_vault_is_not_rectified() -> None:
    twins = Twins()
    recording = available(twins)
    end_now(twins.machine, recording, "last-day-reached", NOW)
    with pytest.raises(CannotBeRectified, match="this one is expired"):
        rectified(twins, recording, statement="Faux.")
    with pytest.raises(UnknownRecording):
        rectify(twins.machine, "nowhere", Rectification("r-1", "Faux."), NOW, "dpo:ref")
    assert twins.objects.lying() == set()


def test_another_queue_gives_the_call_its_shorter_term_in_row_and_store() -> None:
    twins = Twins(policy=SHORT)
    recording = jeannes(twins, "urgences")
    done = rectified(twins, recording, queue="service-client", statement="Ce n'était pas une urgence.")
    assert (done.queue, done.last_day, done.due_on) == ("service-client", date(2027, 2, 24), date(2027, 2, 24))
    assert tags(twins, done, Shelf.CALLS) == {"retention-days": "91", "last-day": "2027-02-24", "state": "redacted"}
    assert len(annotations(twins, done)) == 1
    with pytest.raises(CannotBeRectified, match="for longer"):
        rectified(twins, done, queue="urgences")


def test_a_call_that_its_own_queue_would_have_ended_by_now_ends() -> None:
    twins = Twins(policy=policy(("retention = { months = 6 }\nrecipients", "retention = { days = 1 }\nrecipients")))
    recording = jeannes(twins, "urgences")
    late = NOW.replace(month=12)
    done = rectify(twins.machine, recording.id, Rectification("r-1", queue="service-client"), late, "dpo:ref")
    assert (done.state, done.by) == (State.EXPIRED, "dpo:ref") and twins.objects.lying() == set()


def test_of_a_held_call_the_hold_stays_and_the_term_is_the_new_one_after_it() -> None:
    twins = Twins(policy=SHORT)
    recording = jeannes(twins, "urgences")
    hold(twins.machine, recording.id, HOLD, NOW)
    done = rectified(twins, recording, queue="service-client")
    assert (done.state, done.hold, done.last_day, done.due_on) == (State.HELD, HOLD, date(2027, 2, 24), HOLD.until)
    assert shelves(twins, done) == {Shelf.HELD}


def test_a_call_that_was_another_agents_is_theirs_from_now_on_with_its_evaluation() -> None:
    twins = Twins()
    recording = jeannes(twins)
    evaluate(twins.machine, recording.id, {"note": 3}, supervisor(twins), NOW)
    karim = agent_named(twins.machine, "karim")
    done = rectified(twins, recording, agent=" Karim")
    assert done.agent_ref == karim
    assert twins.people.calls(karim) == [recording.call_ref]
    assert read(twins.machine, recording.id, heard_by(twins, "agent", agent="karim"), NOW)["grid"] == {"note": 3}
    with pytest.raises(UnknownRecording):
        read(twins.machine, recording.id, heard_by(twins, "agent", agent="jeanne"), NOW)


def test_in_another_language_what_is_bank_data_is_searched_again() -> None:
    twins = Twins()
    recording = available(twins)
    done = rectified(twins, recording, language="en-GB")
    assert done.language == json.loads(stored(twins, done)[1])["results"]["language_code"] == "en-GB"
    ((step, message, delay),) = twins.steps.posted
    assert (step, message) == (Step.RIGHTS, {"mute-again": recording.id, "spans": [], "by": "dpo:ref"})
    assert delay > 0


def test_what_is_so_already_writes_nothing() -> None:
    twins = Twins()
    recording = jeannes(twins)
    assert rectified(twins, recording, language="fr-FR", queue="service-client", agent="jeanne") == recording
    assert grounds(twins, recording) == [] and twins.steps.posted == []


@pytest.mark.parametrize("moment", ["get", "put"])
def test_a_hold_in_the_same_moment_holds_what_was_stated(moment: str) -> None:
    twins = Twins()
    recording = jeannes(twins)
    objects: Any = Meanwhile(twins.objects, moment, lambda: hold(twins.machine, recording.id, HOLD, NOW))
    machine = replace(twins.machine, objects=objects)
    rectify(machine, recording.id, Rectification("r-1", "Faux."), NOW, "dpo:ref")
    assert shelves(twins, recording) == {Shelf.HELD}
    assert [each["text"] for each in annotations(twins, recording, Shelf.HELD)] == ["Faux."]
    assert [ground for ground, _ in grounds(twins, recording)] == ["restriction", "rectified"]


@pytest.mark.parametrize("asked", [{"statement": "Faux."}, {"words": "d'accord", "span": Span(1450, 1990, 1)}], ids=str)
def test_whoever_dies_before_the_ledger_has_it_leaves_it_to_the_next_time(asked: dict[str, Any]) -> None:
    twins = Twins()
    recording = jeannes(twins)
    dying: Any = replace(twins.machine, recordings=Dies(twins.recordings, [1], after=False))  # type: ignore[arg-type]
    with pytest.raises(MemoryError):
        rectify(dying, recording.id, Rectification("r-1", **asked), NOW, "dpo:ref")
    assert grounds(twins, recording) == []
    for later in (1, 2):
        rectify(twins.machine, recording.id, Rectification("r-1", **asked), NOW + timedelta(hours=later), "dpo:ref")
    assert len(annotations(twins, recording)) == 1
    assert len(grounds(twins, recording)) == 1


@pytest.mark.parametrize("moment", ["get", "put"])
def test_what_is_muted_in_the_same_moment_is_masked_all_the_same(moment: str) -> None:
    twins = Twins()
    recording = available(twins)
    objects: Any = Meanwhile(
        twins.objects, moment, lambda: redact_again(twins.machine, recording.id, [], NOW, "dpo:ref")
    )
    machine = replace(twins.machine, objects=objects)
    rectify(machine, recording.id, Rectification("r-1", "Faux."), NOW, "dpo:ref")
    assert "123" not in text(twins, recording) and len(annotations(twins, recording)) == 1


@pytest.mark.parametrize("moment", ["download", "upload", "get"])
def test_what_is_stated_while_something_is_muted_is_kept(moment: str) -> None:
    twins = Twins()
    recording = available(twins)
    objects: Any = Meanwhile(twins.objects, moment, lambda: rectified(twins, recording, statement="Faux."))
    redact_again(replace(twins.machine, objects=objects), recording.id, [], NOW, "dpo:ref")
    assert "123" not in text(twins, recording) and len(annotations(twins, recording)) == 1


class Before:
    """Objects just before whose next writing somebody else does something."""

    def __init__(self, port: Any, act: Callable[[], Any]) -> None:
        self.port, self.acts = port, [act]

    def __getattr__(self, name: str) -> Any:
        return getattr(self.port, name)

    def put(self, *said: Any) -> None:
        if self.acts:
            self.acts.pop()()
        self.port.put(*said)


def test_two_statements_in_one_moment_are_both_kept() -> None:
    twins = Twins()
    recording = jeannes(twins)
    objects: Any = Before(twins.objects, lambda: rectified(twins, recording, "r-2", statement="Faux aussi."))
    rectify(replace(twins.machine, objects=objects), recording.id, Rectification("r-1", "Faux."), NOW, "dpo:ref")
    assert [each["request"] for each in annotations(twins, recording)] == ["r-2", "r-1"]


def test_whoever_loses_a_race_and_dies_of_it_writes_nothing_over_what_was_muted_meanwhile() -> None:
    twins = Twins()
    recording = available(twins)
    objects: Any = Before(twins.objects, lambda: redact_again(twins.machine, recording.id, [], NOW, "dpo:ref"))
    dying: Any = Dies(twins.recordings, [1], after=False)  # before the row that it lost is read again
    with pytest.raises(MemoryError):
        rectify(
            replace(twins.machine, objects=objects, recordings=dying), recording.id, Rectification("r-1", "Faux."),
            NOW, "dpo:ref",
        )  # fmt: skip
    assert "123" not in text(twins, recording)


@pytest.mark.parametrize("moment", ["get", "put"])
def test_an_erasure_in_the_same_moment_leaves_nothing(moment: str) -> None:
    twins = Twins()
    recording = jeannes(twins)

    def erase() -> None:
        twins.machine.end(twins.machine.recording(recording.id), State.ERASED, "asked", NOW)

    objects: Any = Meanwhile(twins.objects, moment, erase)
    with pytest.raises(CannotBeRectified):
        rectify(replace(twins.machine, objects=objects), recording.id, Rectification("r-1", "Faux."), NOW, "dpo:ref")
    assert twins.objects.lying() == set() and not twins.machine.exists(places.transcript(recording.id))
