"""Who asks proves to be the person, and nobody learns anything who does not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.errors import MessageNotSent, NotProven
from chalicelib.law.request import Right, Status, due
from chalicelib.services.ports import Step
from chalicelib.services.proof import CODE_LASTS, prove, prove_or_see, see, send_code
from chalicelib.settings import Settings
from chalicelib.telephony.facts import Fact, Kind
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.services.proving import EMAIL, NUMBER, OTHER, WRITTEN, asks, sent, wants, wrong

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
GSM = set(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def asking_for(second_fact: str) -> Twins:
    wanted = f'[requests]\nsecond_fact = "{second_fact}"\n\n[keeping]'
    return Twins(policy=policy(("[keeping]", wanted)))


def on_a_call(twins: Twins, at: datetime | None = None, person: str = NUMBER) -> str:
    """A call of theirs, with what telephony said of its beginning; its reference."""
    twins.people.link(twins.identities.of(person)[0], "call", NOW.date())
    if at:
        twins.calls.tell("call", Fact(Kind.STARTED, at, started_at=at), NOW)
    return "call"


def test_the_code_goes_to_the_very_number_and_moves_the_request_on() -> None:
    twins = Twins()
    request_id = asks(twins)
    ((to, _, _),) = twins.messenger.sent
    assert to == NUMBER
    request = prove(twins.machine, request_id, sent(twins), "", NOW)
    assert (request.state, request.proven_on, request.second_fact) == (Status.OPEN, NOW.date(), None)
    assert (request.by, request.policy) == ("data-subject", "test-1")
    assert [(line.state, line.ground) for line in twins.requests.log(request_id)] == [
        ("identity-awaited", "asked"),
        ("identity-awaited", "proven"),
        ("open", "taken-up"),
    ]


def test_what_is_proven_is_taken_up() -> None:
    twins = Twins()
    request_id = asks(twins)
    prove(twins.machine, request_id, sent(twins), "", NOW)
    assert [(step, said) for step, said, _ in twins.steps.posted] == [(Step.RIGHTS, {"request": request_id})]


def test_what_was_proven_and_not_taken_up_keeps_its_proof_and_is_taken_up_with_another_code() -> None:
    twins, first = asking_for("day"), NOW.date()
    request_id = asks(twins)
    row = twins.requests.rows[request_id]
    twins.requests.rows[request_id] = replace(row, proven_on=first, second_fact=True)
    later = NOW + timedelta(days=2)
    send_code(twins.machine, request_id, later)
    request = prove(twins.machine, request_id, sent(twins), "", later)
    assert (request.state, request.proven_on, request.second_fact) == (Status.OPEN, first, True)


def test_the_clock_stood_still_until_the_proof() -> None:
    twins, later = Twins(), NOW + timedelta(days=9)
    request_id = asks(twins)
    waiting = twins.requests.rows[request_id]
    assert due(waiting, twins.policy) is None
    send_code(twins.machine, request_id, later)
    found = due(prove(twins.machine, request_id, sent(twins), "", later), twins.policy)
    assert found and found.raw_on.isoformat() == "2027-01-02"


def test_spaces_in_a_code_do_not_matter() -> None:
    twins = Twins()
    request_id = asks(twins)
    typed = f" {sent(twins)[:3]}\u00a0{sent(twins)[3:]}\n"
    assert prove(twins.machine, request_id, typed, "", NOW).state is Status.OPEN


def used(twins: Twins, request_id: str) -> tuple[str, str, datetime]:
    prove(twins.machine, request_id, sent(twins), "", NOW)
    return request_id, sent(twins), NOW


def spent(twins: Twins, request_id: str) -> tuple[str, str, datetime]:
    for _ in range(5):
        with pytest.raises(NotProven):
            prove(twins.machine, request_id, wrong(sent(twins)), "", NOW)
    return request_id, sent(twins), NOW


def replaced(twins: Twins, request_id: str) -> tuple[str, str, datetime]:
    first = sent(twins)
    send_code(twins.machine, request_id, NOW)
    return request_id, first if first != sent(twins) else wrong(first), NOW


@pytest.mark.parametrize(
    "case",
    [
        lambda twins, request_id: (request_id, wrong(sent(twins)), NOW),
        lambda twins, request_id: (request_id, "", NOW),
        lambda twins, request_id: (request_id, "12345\u0666", NOW),
        lambda twins, request_id: (request_id, sent(twins), NOW + CODE_LASTS),
        lambda twins, request_id: ("nobody-s", sent(twins), NOW),
        lambda twins, request_id: (asks(twins, wants(Right.ERASURE)), sent(twins, 0), NOW),
        used,
        spent,
        replaced,
    ],
    ids=["wrong", "empty", "other-digits", "too-old", "unknown", "duplicate", "used", "spent", "replaced"],
)
def test_whatever_is_not_the_code_is_answered_in_one_wording(
    case: Callable[[Twins, str], tuple[str, str, datetime]],
) -> None:
    twins = Twins()
    with pytest.raises(NotProven) as one:
        see(twins.machine, "nobody-s", "123456", NOW)
    request_id, code, now = case(twins, asks(twins))
    before = dict(twins.requests.rows)
    with pytest.raises(NotProven) as refused:
        prove(twins.machine, request_id, code, "", now)
    assert str(refused.value) == str(one.value)
    assert twins.requests.rows == before


def test_nothing_that_is_kept_holds_the_code() -> None:
    twins = Twins()
    asks(twins)
    assert sent(twins) not in repr((twins.codes, twins.requests))


def test_a_number_is_sent_three_codes_an_hour_over_all_its_requests() -> None:
    twins = Twins()
    asks(twins)
    second = asks(twins, wants(Right.ERASURE, "+33 6 39 98 12 34"))
    for _ in range(3):
        send_code(twins.machine, second, NOW + MINUTE)
    assert len(twins.messenger.sent) == 3
    asks(twins, wants(address=EMAIL))
    assert len(twins.messenger.sent) == 4
    send_code(twins.machine, second, NOW + HOUR)
    assert len(twins.messenger.sent) == 5


def test_a_code_that_is_not_sent_leaves_the_one_before_good() -> None:
    twins = Twins(settings=Settings(codes_an_hour=1))
    request_id = asks(twins)
    send_code(twins.machine, request_id, NOW)
    assert prove(twins.machine, request_id, sent(twins), "", NOW).state is Status.OPEN


def test_a_key_that_is_replaced_meanwhile_brings_no_more_codes() -> None:
    twins = Twins(settings=Settings(codes_an_hour=1))
    request_id = asks(twins)
    old = twins.requests.rows[request_id]
    twins.requests.rows[request_id] = replace(old, persons=("under-an-older-key", *old.persons))
    send_code(twins.machine, request_id, NOW)
    assert len(twins.messenger.sent) == 1


def test_a_day_has_so_many_messages_and_then_somebody_is_told() -> None:
    twins = Twins(settings=Settings(messages_a_day=2))
    for address in (WRITTEN, EMAIL):
        asks(twins, wants(address=address))
    with pytest.raises(MessageNotSent, match="MESSAGES_A_DAY"):
        asks(twins, wants(address="paul@exemple.example"))
    assert len(twins.messenger.sent) == 2
    asks(twins, wants(address="paul@exemple.example"), NOW + timedelta(days=1))
    assert len(twins.messenger.sent) == 3


def test_for_what_nobody_asked_nothing_is_sent_and_nothing_said() -> None:
    twins = Twins()
    send_code(twins.machine, "nobody-s", NOW)
    assert (twins.messenger.sent, twins.codes.codes, twins.codes.counts) == ([], {}, {})


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_short_message_fits_into_one_that_all_telephones_show(language: str) -> None:
    twins = Twins()
    asks(twins, wants(language=language))
    text = twins.messenger.sent[0][2]
    assert set(text) <= GSM
    assert len(text) <= 160


@pytest.mark.parametrize(("language", "says"), [("fr", "Votre code"), ("en", "Your code")])
def test_a_letter_says_the_code_and_the_number_to_come_back_with(language: str, says: str) -> None:
    twins = Twins()
    request_id = asks(twins, wants(address=EMAIL, language=language))
    ((to, subject, text),) = twins.messenger.sent
    assert (to, subject) == ("mailto:jeanne.martin@exemple.example", says)
    assert request_id in text
    assert "Exemple SAS" in text


def test_a_letter_says_where_to_come_back_where_the_policy_says_it() -> None:
    page = "https://exemple.example/appels"
    twins = Twins(policy=policy(("[keeping]", f'[requests]\npage = "{page}"\n\n[keeping]')))
    asks(twins, wants(address=EMAIL))
    assert page in twins.messenger.sent[0][2]


def test_a_proven_request_is_seen_with_a_new_code_alone() -> None:
    twins = Twins()
    request_id = asks(twins)
    with pytest.raises(NotProven):
        see(twins.machine, request_id, sent(twins), NOW)
    prove(twins.machine, request_id, sent(twins), "", NOW)  # to see did not use it up
    with pytest.raises(NotProven):
        see(twins.machine, request_id, sent(twins), NOW)
    send_code(twins.machine, request_id, NOW)
    assert see(twins.machine, request_id, sent(twins), NOW).state is Status.OPEN
    send_code(twins.machine, request_id, NOW)
    with pytest.raises(NotProven):
        prove(twins.machine, request_id, sent(twins), "", NOW)


def test_whoever_types_a_code_proves_or_comes_back_as_the_request_waits() -> None:
    twins = Twins()
    request_id = asks(twins)
    for _ in range(2):
        assert prove_or_see(twins.machine, request_id, sent(twins), "", NOW).state is Status.OPEN
        send_code(twins.machine, request_id, NOW)
    assert len(twins.steps.posted) == 1
    with pytest.raises(NotProven):
        prove_or_see(twins.machine, "nobody-s", sent(twins), "", NOW)


@pytest.mark.parametrize(
    ("fact", "fits"), [("2026-11-24", True), ("2026-11-23", False), ("yesterday", False), ("", False)]
)
def test_the_day_of_a_call_is_a_second_fact_and_fails_no_proof(fact: str, fits: bool) -> None:
    twins = asking_for("day")
    on_a_call(twins, datetime.fromisoformat("2026-11-23T23:30:00+00:00"))  # past midnight in Paris
    request = prove(twins.machine, asks(twins), sent(twins), fact, NOW)
    assert (request.state, request.second_fact) == (Status.OPEN, fits)


def test_the_day_of_a_recording_fits_too() -> None:
    twins = asking_for("day")
    recording = twins.received()
    twins.people.link(twins.identities.of(NUMBER)[0], recording.call_ref, NOW.date())
    assert prove(twins.machine, asks(twins), sent(twins), "2026-11-24", NOW).second_fact is True


def test_the_day_of_somebody_elses_call_does_not_fit() -> None:
    twins = asking_for("day")
    on_a_call(twins, NOW, OTHER)
    assert prove(twins.machine, asks(twins), sent(twins), "2026-11-24", NOW).second_fact is False


@pytest.mark.parametrize(
    ("fact", "fits"),
    [("06 39 98 56 78", True), ("+33639985678", True), (WRITTEN, False), ("06 39 98 00 00", False), ("5678", False),
     ("", False)],
)  # fmt: skip
def test_the_other_number_of_a_call_is_a_second_fact_and_ones_own_is_none(fact: str, fits: bool) -> None:
    twins = asking_for("number")
    on_a_call(twins)
    on_a_call(twins, person=OTHER)
    assert prove(twins.machine, asks(twins), sent(twins), fact, NOW).second_fact is fits


def test_a_number_of_a_call_that_is_not_theirs_does_not_fit() -> None:
    twins = asking_for("number")
    on_a_call(twins, person=OTHER)
    assert prove(twins.machine, asks(twins), sent(twins), "06 39 98 56 78", NOW).second_fact is False
