"""Who asks proves to be the person, and nobody learns anything who does not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from chalicelib.errors import MessageNotSent, NoTextsThere, NotProven
from chalicelib.law.request import Right, Status, due
from chalicelib.services.ports import Step
from chalicelib.services.proof import CODE_LASTS, prove, prove_or_see, see, send_code, standing
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


@pytest.mark.parametrize("who", [WRITTEN, EMAIL])
def test_nothing_else_in_a_message_can_be_taken_for_its_code(who: str) -> None:
    for _ in range(200):
        twins = Twins()
        asks(twins, wants(address=who))
        assert re.findall(r"\b\d{6}\b", twins.messenger.sent[-1][2]) == [sent(twins)]


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


def duplicate(twins: Twins, request_id: str) -> tuple[str, str, datetime]:
    first, again = sent(twins), asks(twins, wants(Right.ERASURE))
    return again, first if first != sent(twins) else wrong(first), NOW


@pytest.mark.parametrize(
    "case",
    [
        lambda twins, request_id: (request_id, wrong(sent(twins)), NOW),
        lambda twins, request_id: (request_id, "", NOW),
        lambda twins, request_id: (request_id, "12345\u0666", NOW),
        lambda twins, request_id: (request_id, sent(twins), NOW + CODE_LASTS),
        lambda twins, request_id: ("nobody-s", sent(twins), NOW),
        duplicate,
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
    assert sent(twins) not in re.findall(r"(?<![0-9a-f])\d{6}(?![0-9a-f])", repr((twins.codes, twins.requests)))


def test_a_number_is_sent_three_codes_an_hour_over_all_its_requests_that_are_not_proven() -> None:
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


def test_requests_that_anybody_makes_in_ones_name_do_not_use_up_the_codes_of_a_proven_one() -> None:
    twins = Twins()
    mine = asks(twins)
    prove(twins.machine, mine, sent(twins), "", NOW)
    for _ in range(4):
        asks(twins)
    before = len(twins.messenger.sent)
    for _ in range(4):
        send_code(twins.machine, mine, NOW)
    assert len(twins.messenger.sent) == before + 3
    assert see(twins.machine, mine, sent(twins), NOW).id == mine


def test_codes_of_one_source_are_limited_whomever_they_are_for_and_nobody_is_told() -> None:
    twins = Twins(settings=Settings(codes_an_hour_of_one_source=2))
    ids = [asks(twins, wants(address=f"06 39 98 12 0{n}")) for n in range(3)]
    twins.messenger.sent.clear()
    for request_id in ids:
        send_code(twins.machine, request_id, NOW, "2001:db8::1")
    send_code(twins.machine, ids[2], NOW, "2001:db8::2")  # of the same household
    assert len(twins.messenger.sent) == 2
    send_code(twins.machine, ids[2], NOW, "203.0.113.7")
    send_code(twins.machine, ids[2], NOW + HOUR, "2001:db8::1")
    assert len(twins.messenger.sent) == 4


@pytest.mark.parametrize("own", ["01 99 00 12 34", "+33 1 99 00 *", "01 99 00 *"])
def test_the_controllers_own_number_is_sent_no_code(own: str) -> None:
    twins = Twins(policy=policy(("[keeping]", f'[requests]\nown_numbers = ["{own}"]\n\n[keeping]')))
    asks(twins, wants(address="01 99 00 12 34"))
    assert twins.messenger.sent == []
    asks(twins, wants(address="01 99 01 12 34"))
    assert len(twins.messenger.sent) == 1


@pytest.mark.parametrize(
    "number", ["0899 12 34 56", "0820 12 34 56", "+44 7012 345678", "+7 912 345 67 89", "+687 12 34 56"]
)
def test_what_costs_much_is_sent_no_text(number: str) -> None:
    twins = Twins()
    with pytest.raises(NoTextsThere) as refused:
        asks(twins, wants(address=number))
    assert (twins.messenger.sent, twins.codes.codes) == ([], {})
    assert not set("0123456789") & set(str(refused.value))


def test_the_policy_says_to_which_countries_texts_are_sent() -> None:
    twins = Twins(policy=policy(("[keeping]", '[requests]\ntext_countries = ["RU"]\n\n[keeping]')))
    asks(twins, wants(address="+7 912 345 67 89"))
    with pytest.raises(NoTextsThere):
        asks(twins)
    asks(twins, wants(address=EMAIL))
    assert [to for to, _, _ in twins.messenger.sent] == ["tel:+79123456789", f"mailto:{EMAIL.lower()}"]


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
    twins = Twins(settings=Settings(messages_a_day=4))
    for address in ("claire@exemple.example", EMAIL):
        asks(twins, wants(address=address))
    with pytest.raises(MessageNotSent, match="MESSAGES_A_DAY"):
        asks(twins, wants(address="paul@exemple.example"))
    assert len(twins.messenger.sent) == 2
    asks(twins)  # by text there are others
    asks(twins, wants(address="paul@exemple.example"), NOW + timedelta(days=1))
    assert len(twins.messenger.sent) == 4


def test_for_what_nobody_asked_nothing_is_sent_and_nothing_said() -> None:
    twins = Twins()
    send_code(twins.machine, "nobody-s", NOW)
    assert (twins.messenger.sent, twins.codes.codes, twins.codes.counts) == ([], {}, {})


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("right", Right)
def test_a_short_message_fits_into_one_that_all_telephones_show(language: str, right: Right) -> None:
    twins = Twins()
    asks(twins, wants(right, language=language))
    text = twins.messenger.sent[0][2]
    assert set(text) <= GSM
    assert len(text) <= 160


@pytest.mark.parametrize(("language", "right"), [("fr", "effacement"), ("en", "erasure")])
@pytest.mark.parametrize("address", [WRITTEN, EMAIL])
def test_codes_are_told_apart_by_their_request_and_what_it_asks_for(language: str, right: str, address: str) -> None:
    twins = Twins()
    request_id = asks(twins, wants(Right.ERASURE, address, language=language))
    assert f"{request_id[:6]} ({right})" in twins.messenger.sent[0][2]


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


def test_three_days_of_a_person_are_looked_at_in_thirty_days_whichever_of_their_requests_they_are_for() -> None:
    twins = asking_for("day")
    on_a_call(twins, NOW)
    tried = ["", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-24"]
    for n, day in enumerate(tried):
        now = NOW + n * HOUR
        assert prove(twins.machine, asks(twins, now=now), sent(twins), day, now).second_fact is False
    later = NOW + timedelta(days=31)
    assert prove(twins.machine, asks(twins, now=later), sent(twins), "2026-11-24", later).second_fact is True


def test_a_request_that_is_carried_out_looks_like_one_that_waits_for_the_dpo() -> None:
    twins = Twins()
    row = twins.requests.rows[asks(twins)]
    seen = {state: standing(replace(row, state=state)) for state in Status}
    assert seen == {state: state for state in Status} | {Status.ACCEPTED: Status.OPEN}
