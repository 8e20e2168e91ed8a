"""Each right is carried out, waits for what must come first, and ends with an answer."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from chalicelib.errors import CannotBeDone, MessageNotSent, UnknownRequest
from chalicelib.law.request import ENDED, Channel, Request, Right, Status
from chalicelib.model import Hold, HoldKind, State
from chalicelib.services import desk
from chalicelib.services.end import sweep
from chalicelib.services.exercise import exercise
from chalicelib.services.hold import hold
from chalicelib.services.ports import Mark, Step
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.asked import ANNA, BRUNO, DUTY, TODAY, arrived, asks, recorded, row, worked

AUTOMATIC = policy(("[keeping]", '[requests]\nrelease = "automatic"\n\n[keeping]'))
DPO = "dpo:abc"
REASONS = "Trois cents appels à relire un à un."


def codes(twins: Twins, name: str = "r1") -> list[str]:
    return [told.code for told in twins.requests.rows[name].told]


def grounds(twins: Twins, name: str = "r1") -> list[str]:
    return [line.ground for line in twins.requests.log(name)]


def test_a_copy_waits_for_the_dpo_unless_the_policy_says_otherwise() -> None:
    twins = Twins()
    recorded(twins, 0)
    assert asks(twins, Right.ACCESS).state is Status.OPEN
    worked(twins)
    desk.release(twins.machine, "r1", NOW, DPO)
    worked(twins)
    assert twins.requests.rows["r1"].state is Status.ANSWERED
    assert grounds(twins) == ["asked", "taken-up", "released", "answered", "told"]
    twins.policy = AUTOMATIC
    asks(twins, Right.ACCESS, ANNA, "r2")
    worked(twins)
    assert twins.requests.rows["r2"].state is Status.ANSWERED


def test_a_second_fact_that_does_not_fit_waits_for_the_dpo_whatever_the_policy_says() -> None:
    twins = Twins(policy=AUTOMATIC)
    assert asks(twins, Right.ACCESS, second_fact=False).state is Status.OPEN
    assert asks(twins, Right.ACCESS, name="r2", second_fact=True).state is Status.ACCEPTED


def test_the_person_is_written_to_once_and_learns_nothing_from_the_message() -> None:
    twins = Twins(policy=AUTOMATIC)
    recorded(twins, 0)
    asks(twins, Right.ERASURE)
    worked(twins)
    exercise(twins.machine, "r1", NOW)
    ((address, _, text),) = twins.messenger.sent
    assert address == f"tel:{ANNA}"
    assert "r1" in text
    assert "01/12/2026" in text
    assert "efface" not in text.lower()


def test_a_message_that_could_not_be_sent_is_sent_by_the_next_try() -> None:
    twins = Twins(policy=AUTOMATIC)
    twins.messenger.fails = [MessageNotSent("no")]
    asks(twins, Right.ERASURE)
    with pytest.raises(MessageNotSent):
        exercise(twins.machine, "r1", NOW)
    assert twins.requests.rows["r1"].state is Status.ANSWERED
    exercise(twins.machine, "r1", NOW)
    assert len(twins.messenger.sent) == 1


def test_a_copy_waits_until_what_is_on_its_way_has_come() -> None:
    twins = Twins(policy=AUTOMATIC)
    arrived(twins, 0)
    asks(twins, Right.ACCESS)
    worked(twins)
    assert twins.requests.rows["r1"].state is Status.ACCEPTED
    assert [message for step, message, delay in twins.steps.posted if step is Step.RIGHTS and delay] == [
        {"request": "r1"}
    ]
    exercise(twins.machine, "r1", NOW + timedelta(days=5))
    assert twins.requests.rows["r1"].state is Status.ANSWERED


def test_a_restriction_holds_at_once_until_the_dpo_lifts_it() -> None:
    twins = Twins()
    own, other = recorded(twins, 0), recorded(twins, 1, BRUNO)
    asks(twins, Right.RESTRICTION)
    worked(twins)
    held = row(twins, own).hold
    assert held is not None
    assert (held.kind, held.reference, held.by[:13]) == (HoldKind.RESTRICTION, "r1", "data-subject:")
    assert (row(twins, other).state, codes(twins)) == ("available", ["recordings-restricted"])


def test_what_is_held_for_a_claim_is_restricted_already() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    claim = Hold(HoldKind.LEGAL_CLAIM, "2026/17", "dpo", date(2027, 11, 24))
    hold(twins.machine, recording.id, claim, NOW)
    asks(twins, Right.RESTRICTION)
    worked(twins)
    assert (row(twins, recording).hold, codes(twins)) == (claim, ["restricted-already"])


def test_an_objection_holds_for_calls_to_come_before_anybody_decides() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    asks(twins, Right.OBJECTION)
    assert twins.people.objected(twins.identities.of(f"tel:{ANNA}")) == NOW
    worked(twins)
    assert row(twins, recording).state == "held"
    desk.release(twins.machine, "r1", NOW, DPO)
    worked(twins)
    assert row(twins, recording).state == "erased"
    assert codes(twins)[-3:] == ["recorded-no-more", "recorded-under-duty", "recorded-under-duty"]


def test_an_agents_objection_switches_their_recording_off() -> None:
    twins = Twins()
    asks(twins, Right.OBJECTION, agent_refs=("agent",), channel=Channel.AGENT)
    switch = twins.switches.current("agent")
    assert switch is not None
    assert switch.is_off(NOW + timedelta(days=400))


def test_a_missed_card_number_is_muted_at_once_in_every_call() -> None:
    twins = Twins()
    recordings = [recorded(twins, number) for number in range(2)]
    recorded(twins, 2, BRUNO)
    asks(twins, Right.RECTIFICATION, bank_data=True)
    muting = [message for step, message, _ in twins.steps.posted if "mute-again" in message]
    assert {message["mute-again"] for message in muting} == {recording.id for recording in recordings}


def test_what_is_asked_for_does_not_expire_before_the_answer_and_does_after() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    assert recording.last_day is not None
    last = NOW + timedelta(days=(recording.last_day - TODAY).days)
    asks(twins, Right.ACCESS, now=last - timedelta(days=20))
    worked(twins, last - timedelta(days=20))
    assert row(twins, recording).state == "held"
    list(sweep(twins.machine, last))
    assert row(twins, recording).state == "held"
    desk.release(twins.machine, "r1", last, DPO)
    worked(twins, last)
    assert twins.requests.rows["r1"].state is Status.ANSWERED
    assert row(twins, recording).state == "expired"


def test_the_sweep_asks_before_it_ends_what_nobody_thought_near() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    assert recording.last_day is not None
    asks(twins, Right.ACCESS)
    worked(twins)
    assert row(twins, recording).state == "available"
    last = NOW + timedelta(days=(recording.last_day - TODAY).days)
    assert list(sweep(twins.machine, last)) == []
    assert row(twins, recording).state == "held"


def test_what_others_still_ask_for_stays_frozen() -> None:
    twins = Twins()
    recording = recorded(twins, 0, f"{ANNA}, {BRUNO}")
    for who, name in ((ANNA, "r1"), (BRUNO, "r2")):
        asks(twins, Right.ERASURE, who, name)
    worked(twins)
    desk.refuse(twins.machine, "r1", "not-theirs", REASONS, NOW, DPO)
    worked(twins)
    assert row(twins, recording).state == "held"
    desk.refuse(twins.machine, "r2", "not-theirs", REASONS, NOW, DPO)
    worked(twins)
    assert (row(twins, recording).state, twins.people.marks(recording.call_ref, Mark.ASKED)) == ("available", [])


def test_a_claims_hold_is_never_replaced_by_a_requests() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    claim = Hold(HoldKind.LEGAL_CLAIM, "2026/17", "dpo", date(2027, 11, 24))
    hold(twins.machine, recording.id, claim, NOW)
    asks(twins, Right.ERASURE)
    worked(twins)
    assert row(twins, recording).hold == claim


def test_a_refusal_carries_reasons_and_frees_what_was_frozen() -> None:
    twins = Twins()
    recording = recorded(twins, 0)
    asks(twins, Right.OBJECTION)
    worked(twins)
    desk.refuse(twins.machine, "r1", "compelling-ground", REASONS, NOW, DPO)
    worked(twins)
    request = twins.requests.rows["r1"]
    assert (request.state, request.reasons, codes(twins)) == (Status.REFUSED, REASONS, ["refused-compelling-ground"])
    assert row(twins, recording).state == "available"
    assert len(twins.messenger.sent) == 1


def test_it_is_extended_once_within_the_first_month_and_the_person_told() -> None:
    twins = Twins()
    asks(twins, Right.ACCESS)
    extended = desk.extend(twins.machine, "r1", REASONS, NOW, DPO)
    assert extended.extended
    desk.tell_extension(twins.machine, "r1", NOW)
    desk.tell_extension(twins.machine, "r1", NOW)
    ((_, _, text),) = twins.messenger.sent
    assert "24/02/2027" in text and REASONS not in text  # to a telephone
    with pytest.raises(CannotBeDone):
        desk.extend(twins.machine, "r1", REASONS, NOW, DPO)
    asks(twins, Right.ACCESS, name="r2")
    with pytest.raises(CannotBeDone):
        desk.extend(twins.machine, "r2", REASONS, NOW + timedelta(days=40), DPO)


@pytest.mark.parametrize("days", [20, 25, 29, 30, 31, 45])
def test_the_clock_reminds_ten_five_and_one_days_before_and_every_day_after(days: int) -> None:
    twins = Twins()
    asks(twins, Right.ACCESS)
    assert [alert.days for alert in desk.tick(twins.machine, NOW + timedelta(days=days))] == [30 - days]


def test_on_other_days_it_is_silent() -> None:
    twins = Twins()
    asks(twins, Right.ACCESS)
    for days in (0, 19, 21, 24, 26, 28):
        assert desk.tick(twins.machine, NOW + timedelta(days=days)) == []


def test_a_while_after_the_answer_nobody_knows_whose_request_it_was() -> None:
    twins = Twins(policy=AUTOMATIC)
    asks(twins, Right.ERASURE, text="Effacez tout.")
    worked(twins)
    assert list(desk.forget(twins.machine, NOW + timedelta(days=7))) == []
    assert twins.requests.rows["r1"].contact
    assert list(desk.forget(twins.machine, NOW + timedelta(days=8))) == []
    left = twins.requests.rows["r1"]
    assert (left.contact, left.text, left.persons, left.state) == ("", "", (), Status.ANSWERED)
    lines = len(grounds(twins))
    assert list(desk.forget(twins.machine, NOW + timedelta(days=9))) == []
    assert len(grounds(twins)) == lines


@pytest.mark.parametrize("how", ["answered", "refused"])
def test_what_is_left_of_a_request_ends_with_its_log_as_long_after_the_answer_as_the_policy_says(how: str) -> None:
    twins = Twins(policy=AUTOMATIC if how == "answered" else policy())
    asks(twins, Right.ERASURE)
    if how == "refused":
        desk.refuse(twins.machine, "r1", "not-theirs", REASONS, NOW, DPO)
    worked(twins)
    assert (twins.requests.rows["r1"].state, twins.requests.rows["r1"].answered_on) == (how, TODAY)
    asks(twins, Right.ACCESS, BRUNO, "r2")
    last = NOW.replace(year=2031)
    list(desk.forget(twins.machine, last))
    assert twins.requests.rows["r1"].state == how
    list(desk.forget(twins.machine, last + timedelta(days=1)))
    assert [history.id for history in twins.requests.histories()] == ["r2"]
    assert list(desk.forget(twins.machine, last + timedelta(days=2))) == []


def test_what_lapsed_ends_soon() -> None:
    twins = Twins()
    twins.requests.add(Request("r1", Right.ACCESS, Status.LAPSED, TODAY, ground="asked"), NOW)
    last = NOW + timedelta(days=7)
    list(desk.forget(twins.machine, last))
    assert "r1" in twins.requests.rows
    list(desk.forget(twins.machine, last + timedelta(days=1)))
    assert list(twins.requests.histories()) == []


def test_what_is_owed_is_listed_by_its_day_and_what_has_ended_is_not() -> None:
    twins = Twins()
    for days, name in ((0, "r1"), (-9, "r2"), (-3, "r3")):
        asks(twins, Right.ACCESS, name=name, now=NOW + timedelta(days=days))
    desk.extend(twins.machine, "r2", REASONS, NOW, DPO)
    desk.refuse(twins.machine, "r3", "excessive", REASONS, NOW, DPO)
    assert [request.id for request in desk.owed(twins.machine)] == ["r1", "r2"]
    assert twins.requests.rows["r3"].state in ENDED


def test_what_the_dpo_entered_waits_in_their_list_for_its_code_and_what_came_by_the_web_does_not() -> None:
    twins = Twins()
    for name, channel in (("r1", Channel.WEB), ("r2", Channel.POST)):
        waiting = Request(name, Right.ACCESS, Status.UNPROVEN, TODAY, channel, asked_on=TODAY, ground="asked")
        twins.requests.add(waiting, NOW)
    assert [request.id for request in desk.owed(twins.machine)] == ["r2"]
    assert desk.tick(twins.machine, NOW + timedelta(days=40)) == []


def test_whom_no_message_reaches_is_forgotten_a_month_later() -> None:
    twins = Twins(policy=AUTOMATIC)
    asks(twins, Right.ERASURE)
    worked(twins)
    twins.requests.rows["r1"] = replace(twins.requests.rows["r1"], ground="answered")
    assert list(desk.forget(twins.machine, NOW + timedelta(days=31))) == []
    assert twins.requests.rows["r1"].contact
    assert list(desk.forget(twins.machine, NOW + timedelta(days=32))) == []
    assert twins.requests.rows["r1"].contact == ""


def test_nobody_releases_or_refuses_what_has_ended_or_is_not_there() -> None:
    twins = Twins()
    asks(twins, Right.ACCESS)
    desk.refuse(twins.machine, "r1", "excessive", REASONS, NOW, DPO)
    with pytest.raises(CannotBeDone):
        desk.release(twins.machine, "r1", NOW, DPO)
    with pytest.raises(CannotBeDone):
        desk.refuse(twins.machine, "r1", "excessive", REASONS, NOW, DPO)
    with pytest.raises(UnknownRequest):
        desk.release(twins.machine, "r9", NOW, DPO)


def test_an_erasure_that_has_begun_cannot_be_refused_any_more() -> None:
    twins = Twins()
    request = asks(twins, Right.ERASURE)
    twins.requests.write(replace(request, calls=("call",)), "counted", NOW)
    with pytest.raises(CannotBeDone):
        desk.refuse(twins.machine, "r1", "excessive", REASONS, NOW, DPO)


def test_duties_are_not_frozen_into_anything_else() -> None:
    twins = Twins(policy=AUTOMATIC)
    recording = recorded(twins, 0, said=DUTY)
    asks(twins, Right.ERASURE)
    worked(twins)
    assert row(twins, recording).state is State.AVAILABLE
