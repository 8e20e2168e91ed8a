"""What may go wrong between two acts of a right, and does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, BinaryIO

import pytest

from chalicelib.adapters.memory import MemoryObjects
from chalicelib.errors import CannotBeHeld, StaleRecording, StaleRequest
from chalicelib.law.request import Right, Status, Told
from chalicelib.model import Hold, HoldKind, State
from chalicelib.services import desk, places
from chalicelib.services.download import follow, offer
from chalicelib.services.exercise import exercise
from chalicelib.services.fetch import fetch
from chalicelib.services.freeze import require_not_being_erased, thaw
from chalicelib.services.hear import hear
from chalicelib.services.hold import FAILED, hold, release
from chalicelib.services.lift import tell_before_lifting
from chalicelib.services.ports import Bucket, CallFile, Place, Step
from chalicelib.services.told import media_plain, opaque
from chalicelib.telephony.event import CallEvent, Happened, Media
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.asked import ANNA, BRUNO, DUTY, asks, lying, recorded, row, worked

AUTOMATIC = policy(("[keeping]", '[requests]\nrelease = "automatic"\n\n[keeping]'))
CLAIM = Hold(HoldKind.LEGAL_CLAIM, "2026/17", "dpo", date(2027, 11, 24))
REASONS = "Trois cents appels à relire un à un."
DPO = "dpo:abc"


@dataclass(slots=True)
class Interrupted(MemoryObjects):
    """Something happens just after a package was streamed."""

    then: list[Callable[[], Any]] = field(default_factory=list)

    def receive(self, stream: BinaryIO, place: Place, content_type: str, metadata: Any) -> None:
        MemoryObjects.receive(self, stream, place, content_type, metadata)
        while place.bucket == Bucket.EXPORTS and self.then:
            self.then.pop()()


def test_who_is_refused_while_the_package_is_made_never_has_it() -> None:
    objects = Interrupted()
    twins = Twins(objects=objects, policy=AUTOMATIC)
    recording = recorded(twins, 0)

    def refused() -> None:
        desk.refuse(twins.machine, "r1", "not-theirs", REASONS, NOW, DPO)
        exercise(twins.machine, "r1", NOW)

    objects.then.append(refused)
    asks(twins, Right.ACCESS)
    with pytest.raises(StaleRequest):
        exercise(twins.machine, "r1", NOW)
    request = twins.requests.rows["r1"]
    assert request.state is Status.REFUSED
    token = offer(twins.machine, request, NOW)
    assert token is not None
    assert request.package in follow(twins.machine, "r1", token, NOW)
    packages = [twins.objects.get(Place(Bucket.EXPORTS, key)) for _, key in twins.objects.lying() if ".zip" in key]
    assert len(packages) == 1
    assert recording.id.encode() not in packages[0]


def test_a_package_that_is_lost_is_made_again_by_the_next_message() -> None:
    twins = Twins(policy=AUTOMATIC)
    recorded(twins, 0)
    asks(twins, Right.ACCESS)
    worked(twins)
    answered = twins.requests.rows["r1"]
    twins.objects.empty(places.exports("r1"))
    exercise(twins.machine, "r1", NOW + timedelta(days=1))
    worked(twins, NOW + timedelta(days=1))
    request = twins.requests.rows["r1"]
    assert offer(twins.machine, request, NOW + timedelta(days=1))
    assert (request.told, request.answered_on) == (answered.told, answered.answered_on), "it was answered then"


def test_who_is_given_another_package_is_told_what_is_gone_since() -> None:
    twins = Twins(policy=AUTOMATIC)
    for number in range(3):
        recorded(twins, number, f"{ANNA}, {BRUNO}" if number else ANNA)
    asks(twins, Right.ACCESS)
    worked(twins)
    asks(twins, Right.ERASURE, BRUNO, "r2")
    worked(twins)
    assert [(told.code, told.count) for told in twins.requests.rows["r1"].told] == [
        ("recordings-copied", 1),
        ("erased-since", 2),
    ]


def webhook() -> CallEvent:
    media = (Media("RE1", "CA1", "https://api.twilio.com/RE1", NOW, {"account": "AC1"}),)
    return CallEvent("twilio", Happened.RECORDING, "CA1", NOW, lines=(ANNA,), media=media)


def test_a_webhook_that_is_late_brings_nothing_of_an_erased_call_back() -> None:
    twins = Twins()
    told = opaque(twins.machine, webhook(), NOW)
    twins.recordings.bury(told.ref)
    hear(twins.machine, told, NOW)
    assert [step for step, _, _ in twins.steps.posted if step is Step.FETCH] == []
    assert (twins.calls.file(told.ref), twins.people.links) == (CallFile(), set())


def test_a_fetch_that_is_late_deletes_at_the_provider_instead() -> None:
    twins = Twins()
    twins.secrets.known["twilio"] = {"account": "AC1", "token": "t"}
    told = opaque(twins.machine, webhook(), NOW)
    twins.recordings.bury(told.ref)
    message = {"provider": "twilio", "source": "twilio", "media": media_plain(webhook().media[0])}
    assert fetch(twins.machine, message, NOW) == "deleted-there"
    assert [outgoing.method for _, outgoing in twins.web.asked][:1] == ["DELETE"]
    assert (twins.objects.lying(), twins.calls.file(told.ref)) == (set(), CallFile())


def test_a_claim_that_is_set_in_between_is_neither_released_nor_replaced() -> None:
    twins = Twins()
    seen = recorded(twins, 0)
    hold(twins.machine, seen.id, CLAIM, NOW)
    with pytest.raises(StaleRecording):
        hold(twins.machine, seen.id, replace(CLAIM, kind=HoldKind.REQUEST), NOW, seen)
    held = row(twins, seen)
    hold(twins.machine, seen.id, replace(CLAIM, until=date(2028, 1, 1)), NOW)
    with pytest.raises(StaleRecording):
        release(twins.machine, seen.id, "hold-ended", NOW, seen=held)
    thaw(twins.machine, held, NOW)
    assert row(twins, seen).hold == replace(CLAIM, until=date(2028, 1, 1))


def test_nobody_holds_what_a_receipt_counts_already() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    request = asks(twins, Right.ERASURE)
    worked(twins)
    require_not_being_erased(twins.machine, recording.id)
    twins.requests.write(replace(twins.requests.rows[request.id], calls=(recording.call_ref,)), "counted", NOW)
    with pytest.raises(CannotBeHeld):
        require_not_being_erased(twins.machine, recording.id)


def test_the_clock_sends_on_whatever_was_written_and_not_done() -> None:
    twins = Twins(policy=AUTOMATIC)
    asks(twins, Right.ERASURE)
    exercise(twins.machine, "r1", NOW)
    untold = replace(twins.requests.rows["r1"], ground="answered")
    twins.requests.rows["r1"] = untold
    asks(twins, Right.RECTIFICATION, name="r2")
    twins.steps.posted.clear()
    desk.tick(twins.machine, NOW + timedelta(days=9))
    assert list(desk.forget(twins.machine, NOW + timedelta(days=9))) == []
    assert {message["request"] for _, message, _ in twins.steps.posted} == {"r1", "r2"}
    assert twins.requests.rows["r1"].contact, "who was not told yet is not forgotten"


def test_a_persons_own_restriction_does_not_stand_against_their_erasure() -> None:
    twins = Twins(policy=AUTOMATIC)
    own, shared = recorded(twins, 0), recorded(twins, 1, f"{ANNA}, {BRUNO}")
    asks(twins, Right.RESTRICTION, ANNA, "r1")
    worked(twins)
    release(twins.machine, shared.id, "hold-released", NOW)
    asks(twins, Right.RESTRICTION, BRUNO, "r2")
    worked(twins)
    list(desk.forget(twins.machine, NOW + timedelta(days=30)))
    asks(twins, Right.ERASURE, ANNA, "r3")
    worked(twins)
    assert (row(twins, own).state, row(twins, shared).state) == (State.ERASED, State.HELD)
    assert Told("kept-restricted", 1, shared.id) in twins.requests.rows["r3"].told


def test_a_muting_that_failed_stands_against_nobodys_erasure() -> None:
    twins = Twins(policy=AUTOMATIC)
    recording = recorded(twins, 0)
    hold(twins.machine, recording.id, Hold(HoldKind.RESTRICTION, FAILED, "machine", date(2027, 5, 24)), NOW)
    asks(twins, Right.ERASURE)
    worked(twins)
    assert row(twins, recording).state is State.ERASED


def test_what_an_agent_asks_for_is_the_dpos_to_decide_and_stops_nobodys_work() -> None:
    twins = Twins(policy=AUTOMATIC)
    recording = recorded(twins, 0)
    for number, right in enumerate(Right):
        request = asks(twins, right, "+33600000000", f"r{number}", agent_refs=(recording.agent_ref,))
        worked(twins)
        assert (request.state, row(twins, recording).state) == (Status.OPEN, State.AVAILABLE), right


def test_who_could_not_say_a_day_of_their_calls_changes_nothing_before_the_dpo_decides() -> None:
    twins = Twins(policy=AUTOMATIC)
    recording = recorded(twins, 0)
    for number, right in enumerate((Right.RESTRICTION, Right.OBJECTION, Right.ERASURE, Right.RECTIFICATION)):
        request = asks(twins, right, name=f"r{number}", second_fact=False, bank_data=True)
        assert request.state is Status.OPEN
    assert [message for _, message, _ in twins.steps.posted if "mute-again" in message] == []
    worked(twins)
    assert (row(twins, recording).state, twins.people.objecting) == (State.AVAILABLE, {})


def test_evidence_is_muted_by_nobody_but_the_dpo() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    hold(twins.machine, recording.id, CLAIM, NOW)
    asks(twins, Right.RECTIFICATION, bank_data=True)
    assert [message for _, message, _ in twins.steps.posted if "mute-again" in message] == []


def test_an_objection_that_is_refused_holds_no_longer() -> None:
    twins = Twins()
    asks(twins, Right.OBJECTION)
    worked(twins)
    desk.refuse(twins.machine, "r1", "compelling-ground", REASONS, NOW, DPO)
    assert twins.people.objecting == {}


def test_a_call_under_a_duty_that_comes_while_its_erasure_waits_is_kept() -> None:
    twins = Twins(policy=AUTOMATIC)
    asks(twins, Right.ERASURE)
    worked(twins)
    assert recorded(twins, 0, said=DUTY).state is State.AVAILABLE


def test_a_sound_that_is_set_aside_after_its_call_was_erased_is_erased_too() -> None:
    twins = Twins()
    recording = twins.transcribing()
    twins.recordings.bury(recording.call_ref)
    ended = twins.machine.quarantine(recording, places.raw(recording.id), "unreadable", NOW)
    assert (ended.state, lying(twins)) == (State.ERASED, set())


def test_a_message_that_is_late_finds_a_request_that_ended_and_frees_what_it_froze() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    asks(twins, Right.ERASURE)
    twins.steps.posted.clear()
    desk.refuse(twins.machine, "r1", "not-theirs", REASONS, NOW, DPO)
    worked(twins)
    hold(twins.machine, recording.id, Hold(HoldKind.REQUEST, "r1", "machine", date(2027, 3, 1)), NOW)  # a late worker's
    exercise(twins.machine, "r1", NOW)
    assert row(twins, recording).state is State.AVAILABLE


def test_who_restricted_a_recording_is_told_before_that_ends() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    asks(twins, Right.RESTRICTION)
    worked(twins)
    twins.messenger.sent.clear()
    later: datetime = NOW + timedelta(days=60)
    list(desk.forget(twins.machine, later))
    assert tell_before_lifting(twins.machine, row(twins, recording), later)
    ((to, _, text),) = twins.messenger.sent
    assert (to, "r1" in text) == (f"tel:{ANNA}", True)
