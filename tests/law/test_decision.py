"""Each rule's table: a call, and what the law says of it."""

from __future__ import annotations

import re
import tomllib
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from importlib import resources
from pathlib import Path

import pytest

from chalicelib import law
from chalicelib.law.case import Known
from chalicelib.law.decision import decide, queue_of
from chalicelib.law.policy import Policy
from chalicelib.law.rules import FINAL_GROUNDS, RULES, is_believable
from chalicelib.law.texts import LANGUAGES
from chalicelib.model import Call, Decision, Fate, Off, Reason, Stretch
from tests.policies import policy

NOW = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)
START = NOW - timedelta(minutes=30)
END = START + timedelta(minutes=10)
KEEP, DISCARD, QUARANTINE = Fate.KEEP, Fate.DISCARD, Fate.QUARANTINE
POLICY = policy()
STRICT = policy(('keeps = "before"', 'keeps = "nothing"'))
REFUSABLE = policy(("announced = false", "announced = false\nrefusable = true"))
QUALITY = Call("drop", "call-1", START, "fr-FR", queue="service-client", agent="3201", announced=True)
DUTY = replace(QUALITY, queue="urgences")
INSURANCE = replace(QUALITY, queue="assurance")
PROOF = replace(QUALITY, queue="souscription", useful=Stretch(None, None))
ARRIVED = Known(NOW, ended_at=END, drawn=True)
BEFORE = Known(NOW, before_capture=True, drawn=True)


def at(minutes: float) -> datetime:
    """So many minutes after the call's start."""
    return START + timedelta(minutes=minutes)


def off(reason: Reason, since: float | None = None, until: float | None = None) -> Call:
    stretch = Stretch(None if since is None else at(since), None if until is None else at(until))
    return replace(QUALITY, offs=(Off(reason, stretch),))


def said(call: Call, known: Known = ARRIVED, by: Policy = POLICY) -> tuple[Fate, tuple[str, ...]]:
    decision = decide(call, by, known)
    return decision.fate, decision.grounds


def queue(call: Call, name: str | None) -> Call:
    return replace(call, queue=name, useful=Stretch(None, None) if name == "souscription" else None)


@pytest.mark.parametrize(
    ("call", "fate", "ground"),
    [
        (QUALITY, KEEP, "lawful"),
        (DUTY, KEEP, "lawful"),
        (INSURANCE, KEEP, "lawful"),
        (PROOF, KEEP, "useful-part-only"),
        (replace(QUALITY, queue="nobody-knows"), DISCARD, "no-purpose"),
        (replace(QUALITY, queue=None), DISCARD, "no-purpose"),
        (replace(QUALITY, queue=""), DISCARD, "no-purpose"),
        (replace(QUALITY, queue=None, source="asterisk"), KEEP, "lawful"),
        (replace(QUALITY, queue="nobody-knows", source="asterisk"), DISCARD, "no-purpose"),
        (replace(QUALITY, queue="Service-Client"), DISCARD, "no-purpose"),
    ],
)
def test_a_call_without_a_purpose_is_not_kept(call: Call, fate: Fate, ground: str) -> None:
    decision = decide(call, POLICY, ARRIVED)
    assert (decision.fate, decision.ground) == (fate, ground)
    assert (queue_of(call, POLICY) is None) == (ground == "no-purpose")
    assert decide(call, POLICY, BEFORE).fate is fate


@pytest.mark.parametrize("known", [ARRIVED, BEFORE], ids=["arrived", "before-capture"])
@pytest.mark.parametrize(
    ("call", "drawn", "below", "fate", "ground"),
    [
        (QUALITY, True, True, KEEP, "lawful"),
        (QUALITY, False, True, DISCARD, "not-drawn"),
        (QUALITY, True, False, DISCARD, "ceiling-reached"),
        (QUALITY, False, False, DISCARD, "not-drawn"),
        (DUTY, False, False, KEEP, "lawful"),
        (PROOF, False, False, KEEP, "useful-part-only"),
    ],
)
def test_lot_and_ceiling_rule_what_is_recorded_for_quality_and_nothing_else(
    known: Known, call: Call, drawn: bool, below: bool, fate: Fate, ground: str
) -> None:
    assert said(call, replace(known, drawn=drawn, below_ceiling=below)) == (fate, (ground,))


OBJECTIONS = [
    # what is said, under "before", the cut, under "nothing", under a duty
    ("throughout", replace(QUALITY, objected=True), DISCARD, (), DISCARD),
    ("at-the-start", replace(QUALITY, objected=True, objected_at=START), DISCARD, (), DISCARD),
    ("before-the-start", replace(QUALITY, objected=True, objected_at=at(-1)), DISCARD, (), DISCARD),
    ("mid-call", replace(QUALITY, objected=True, objected_at=at(4)), KEEP, (Stretch(at(4), None),), DISCARD),
    ("after-the-end", replace(QUALITY, objected=True, objected_at=at(20)), KEEP, (Stretch(at(20), None),), DISCARD),
    ("switch-mid-call", off(Reason.OBJECTION, 4, 5), KEEP, (Stretch(at(4), None),), DISCARD),
    ("switch-throughout", off(Reason.OBJECTION), DISCARD, (), DISCARD),
    ("switch-until-later", off(Reason.OBJECTION, None, 5), DISCARD, (), DISCARD),
    (
        "both-the-earlier-counts",
        replace(off(Reason.OBJECTION, 3), objected=True, objected_at=at(4)),
        KEEP,
        (Stretch(at(3), None),),
        DISCARD,
    ),
    ("start-unknown", replace(QUALITY, started_at=None, objected=True, objected_at=at(4)), DISCARD, (), DISCARD),
]


@pytest.mark.parametrize(
    ("call", "fate", "cuts", "strictly"), [row[1:] for row in OBJECTIONS], ids=[row[0] for row in OBJECTIONS]
)
def test_an_objection_ends_the_recording_of_both_voices_as_the_policy_says(
    call: Call, fate: Fate, cuts: tuple[Stretch, ...], strictly: Fate
) -> None:
    decision = decide(call, POLICY, ARRIVED)
    assert (decision.fate, decision.cuts) == (fate, cuts)
    assert decision.ground == ("objected" if fate is DISCARD else "objected-from-then-on")
    strict = decide(call, STRICT, ARRIVED)
    assert (strict.fate, strict.ground, strict.cuts) == (strictly, "objected", ())


@pytest.mark.parametrize("call", [row[1] for row in OBJECTIONS if row[1].started_at], ids=lambda _: "")
def test_an_objection_does_not_end_a_duty_and_is_answered_so(call: Call) -> None:
    assert said(replace(call, queue="urgences"))[1] == ("duty-before-switch",)
    assert decide(replace(call, queue="urgences"), STRICT, ARRIVED).fate is KEEP


def test_a_switch_of_before_the_start_or_after_the_end_says_nothing_of_this_recording() -> None:
    for reason in Reason:
        assert said(off(reason, -9, 0)) == (KEEP, ("lawful",))
        assert said(off(reason, 10.1, None)) == (KEEP, ("lawful",))


@pytest.mark.parametrize("by", [POLICY, STRICT], ids=["before", "nothing"])
def test_before_capture_whoever_has_refused_is_not_recorded_however_late_it_was_said(by: Policy) -> None:
    for moment in (None, START, at(4), NOW):
        call = replace(QUALITY, objected=True, objected_at=moment)
        assert said(call, BEFORE, by) == (DISCARD, ("objected",))
    assert said(off(Reason.OBJECTION, 4, 5), BEFORE, by) == (DISCARD, ("objected",))


@pytest.mark.parametrize(
    ("call", "source", "fate"),
    [
        (QUALITY, True, KEEP),
        (QUALITY, False, DISCARD),
        (QUALITY, None, DISCARD),
        (replace(QUALITY, source="asterisk"), None, KEEP),
        (replace(QUALITY, source="asterisk"), False, DISCARD),
        (DUTY, None, KEEP),
        (DUTY, False, KEEP),
        (INSURANCE, None, DISCARD),
        (INSURANCE, False, DISCARD),
        (PROOF, None, DISCARD),
    ],
)
def test_what_was_not_announced_is_not_kept_unless_a_duty_needs_no_announcement(
    call: Call, source: bool | None, fate: Fate
) -> None:
    call = replace(call, announced=source)
    decision = decide(call, POLICY, ARRIVED)
    assert decision.fate is fate
    assert ("not-announced" in decision.grounds) == (fate is DISCARD)


def test_before_capture_the_announcement_is_still_to_come() -> None:
    for announced in (None, False, True):
        assert said(replace(QUALITY, announced=announced), BEFORE) == (KEEP, ("lawful",))


@pytest.mark.parametrize(
    ("reason", "name", "fate", "ground", "cut"),
    [
        (Reason.PERSONAL, "service-client", DISCARD, "personal-call", False),
        (Reason.PERSONAL, "souscription", DISCARD, "personal-call", False),
        (Reason.PERSONAL, "urgences", KEEP, "duty-before-switch", False),
        (Reason.MANDATE, "service-client", DISCARD, "mandate", False),
        (Reason.MANDATE, "urgences", DISCARD, "mandate", False),
        (Reason.MANDATE, "assurance", DISCARD, "mandate", False),
        (Reason.OTHER, "service-client", KEEP, "agent-off-in-part", True),
        (Reason.OTHER, "urgences", KEEP, "duty-before-switch", False),
        (Reason.PAYMENT, "service-client", KEEP, "agent-off-in-part", True),
        (Reason.PAYMENT, "urgences", KEEP, "agent-off-in-part", True),
        (Reason.PAYMENT, "assurance", KEEP, "agent-off-in-part", True),
    ],
)
def test_the_agents_switch_for_a_part_of_the_call(
    reason: Reason, name: str, fate: Fate, ground: str, cut: bool
) -> None:
    decision = decide(queue(off(reason, 2, 3), name), POLICY, ARRIVED)
    assert (decision.fate, decision.ground) == (fate, ground)
    assert decision.cuts == ((Stretch(at(2), at(3)),) if cut else ())


def test_under_a_duty_of_what_was_off_the_payment_alone_is_cut() -> None:
    offs = tuple(Off(reason, Stretch(at(n), at(n + 1))) for n, reason in enumerate((Reason.OTHER, Reason.PAYMENT)))
    decision = decide(replace(DUTY, offs=offs), POLICY, ARRIVED)
    assert (decision.grounds, decision.cuts) == (("agent-off-in-part",), (Stretch(at(1), at(2)),))


def test_whoever_is_off_as_a_call_begins_is_not_recorded_and_whoever_is_on_again_is() -> None:
    for reason in (Reason.OTHER, Reason.PAYMENT):
        assert said(off(reason, 2), BEFORE) == (DISCARD, ("agent-off",))
        assert said(off(reason, None, 99), BEFORE) == (DISCARD, ("agent-off",))
        assert said(off(reason, 2, 3), BEFORE) == (KEEP, ("lawful",))
        assert said(off(reason, 31), BEFORE) == (KEEP, ("lawful",))
        assert said(queue(off(reason, 2), "urgences"), BEFORE) == (KEEP, ("duty-before-switch",))
    assert said(off(Reason.PERSONAL, 2), BEFORE) == (DISCARD, ("personal-call",))


def test_under_a_duty_that_may_be_refused_what_an_agent_has_off_is_not_kept_whatever_the_reason() -> None:
    for reason in (Reason.OTHER, Reason.PAYMENT):
        decision = decide(queue(off(reason, 2, 3), "urgences"), REFUSABLE, ARRIVED)
        assert (decision.fate, decision.grounds) == (KEEP, ("agent-off-in-part",))
        assert decision.cuts == (Stretch(at(2), at(3)),)
    assert said(queue(off(Reason.OTHER, 2), "urgences"), BEFORE, REFUSABLE) == (DISCARD, ("agent-off",))


def test_a_payment_alone_refuses_no_duty_and_beside_an_off_changes_nothing() -> None:
    paying = queue(off(Reason.PAYMENT, 2), "urgences")
    assert said(paying, BEFORE, REFUSABLE) == (KEEP, ("duty-before-switch",))
    both = replace(paying, offs=(*paying.offs, Off(Reason.OTHER, Stretch(at(1), None))))
    assert said(both, BEFORE, REFUSABLE) == (DISCARD, ("agent-off",))
    assert said(both, BEFORE) == (KEEP, ("duty-before-switch",))


@pytest.mark.parametrize(
    "call",
    [
        replace(QUALITY, agent="3290"),
        replace(QUALITY, lines=("0821555366", "3290")),
        replace(DUTY, agent="3290"),
        replace(INSURANCE, lines=("3290",)),
        replace(DUTY, offs=(Off(Reason.MANDATE, Stretch(None, None)),)),
    ],
)
def test_a_staff_representatives_mandate_is_never_recorded_nor_under_a_duty(call: Call) -> None:
    for known in (ARRIVED, BEFORE):
        assert said(call, known) == (DISCARD, ("mandate",))


def test_a_line_that_only_resembles_a_representatives_is_recorded() -> None:
    assert said(replace(QUALITY, agent="32901", lines=("03290",))) == (KEEP, ("lawful",))


def test_a_call_recorded_with_its_screen_is_set_aside() -> None:
    for call in (QUALITY, DUTY):
        assert said(replace(call, with_screen=True)) == (QUARANTINE, ("recorded-with-screen",))


@pytest.mark.parametrize(
    ("useful", "cuts"),
    [
        (Stretch(None, None), ()),
        (Stretch(at(2), None), (Stretch(None, at(2)),)),
        (Stretch(None, at(3)), (Stretch(at(3), None),)),
        (Stretch(at(2), at(3)), (Stretch(None, at(2)), Stretch(at(3), None))),
    ],
)
def test_as_proof_only_the_part_that_concludes_the_contract_is_kept(useful: Stretch, cuts: tuple[Stretch, ...]) -> None:
    assert decide(replace(PROOF, useful=useful), POLICY, ARRIVED) == Decision(KEEP, ("useful-part-only",), cuts)


def test_as_proof_nothing_is_kept_of_an_outbound_sale_nor_where_nobody_names_the_useful_part() -> None:
    assert said(replace(PROOF, outbound=True))[:1] == (DISCARD,)
    assert said(replace(PROOF, outbound=True))[1][0] == "outbound-sale"
    assert said(replace(PROOF, useful=None)) == (DISCARD, ("no-useful-part",))
    assert said(replace(INSURANCE, outbound=True)) == (KEEP, ("lawful",))
    assert said(replace(QUALITY, outbound=True)) == (KEEP, ("lawful",))


def test_as_proof_capture_begins_with_the_part_that_concludes_the_contract_and_ends_with_it() -> None:
    for useful, fate in (
        (None, DISCARD),
        (Stretch(at(29), None), KEEP),
        (Stretch(NOW, None), KEEP),
        (Stretch(None, at(31)), KEEP),
        (Stretch(at(31), None), DISCARD),
        (Stretch(at(2), at(30)), DISCARD),
    ):
        assert decide(replace(PROOF, useful=useful), POLICY, BEFORE).fate is fate


def test_an_erased_call_is_deleted_whatever_else_is_said() -> None:
    for call in (QUALITY, DUTY, INSURANCE):
        assert said(call, replace(ARRIVED, erased=True)) == (DISCARD, ("call-erased",))


@pytest.mark.parametrize(
    ("started", "ground"),
    [
        (None, "start-unknown"),
        (datetime(1970, 1, 1, tzinfo=UTC), "start-implausible"),
        (datetime(1, 1, 1, tzinfo=UTC), "start-implausible"),
        (datetime(1999, 12, 31, 23, 59, 59, tzinfo=UTC), "start-implausible"),
        (NOW + timedelta(hours=1, seconds=1), "start-in-future"),
        (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC), "start-in-future"),
    ],
)
def test_without_a_believable_start_a_call_is_set_aside_and_never_kept_by_default(
    started: datetime | None, ground: str
) -> None:
    for name in ("service-client", "urgences", "assurance", "souscription"):
        fate, grounds = said(queue(replace(QUALITY, started_at=started), name))
        assert (fate, grounds[0]) == (QUARANTINE, ground)
    assert started is None or not is_believable(started, NOW)


def test_a_clock_up_to_an_hour_fast_is_believed() -> None:
    assert said(replace(QUALITY, started_at=NOW + timedelta(hours=1))) == (KEEP, ("lawful",))


@pytest.mark.parametrize(
    ("call", "months_ago", "fate"),
    [
        (QUALITY, date(2026, 5, 26), KEEP),
        (QUALITY, date(2026, 5, 24), DISCARD),
        (QUALITY, date(2026, 5, 23), DISCARD),
        (QUALITY, date(2000, 1, 1), DISCARD),
        (DUTY, date(2026, 5, 23), DISCARD),
        (PROOF, date(2021, 11, 27), KEEP),
        (PROOF, date(2021, 11, 23), DISCARD),
        (INSURANCE, date(2026, 10, 27), KEEP),
        (INSURANCE, date(2026, 10, 23), DISCARD),
        (replace(INSURANCE, signed_on=date(2026, 10, 25)), date(2026, 10, 23), KEEP),
        (replace(INSURANCE, signed_on=date(2024, 10, 25)), date(2024, 10, 24), DISCARD),
        (replace(INSURANCE, signed_on=date(2024, 11, 27)), date(2024, 11, 24), KEEP),
    ],
)
def test_past_its_term_a_call_is_deleted_however_late_it_arrives(call: Call, months_ago: date, fate: Fate) -> None:
    started = datetime(months_ago.year, months_ago.month, months_ago.day, 10, tzinfo=UTC)
    decision = decide(replace(call, started_at=started, offs=()), POLICY, replace(ARRIVED, ended_at=None))
    assert decision.fate is fate
    assert ("past-retention" in decision.grounds) == (fate is DISCARD)


@pytest.mark.parametrize("signed", [date(9999, 12, 31), date(2126, 1, 1), date(2026, 12, 25), date(1, 1, 1)])
def test_a_signature_that_cannot_be_keeps_no_call_for_longer(signed: date) -> None:
    fate, grounds = said(replace(INSURANCE, started_at=NOW - timedelta(days=40), signed_on=signed))
    assert (fate, grounds) == (DISCARD, ("past-retention",))


ALL_AT_ONCE = replace(
    QUALITY,
    queue="souscription",
    agent="3290",
    started_at=at(-60 * 24 * 365 * 6),
    announced=None,
    objected=True,
    outbound=True,
    useful=None,
    with_screen=True,
    offs=(Off(Reason.PERSONAL, Stretch(None, None)), Off(Reason.OTHER, Stretch(at(2), at(3)))),
)


def test_every_ground_is_listed_the_severest_first_and_of_those_what_nothing_mends() -> None:
    known = replace(ARRIVED, erased=True, ended_at=None)
    assert said(ALL_AT_ONCE, known) == (
        DISCARD,
        (
            "call-erased", "mandate", "objected", "personal-call", "past-retention", "not-announced", "outbound-sale",
            "no-useful-part", "recorded-with-screen", "agent-off-in-part",
        ),
    )  # fmt: skip
    assert decide(ALL_AT_ONCE, POLICY, known).cuts == ()


def test_deleting_goes_before_setting_aside_and_that_before_keeping() -> None:
    call = replace(off(Reason.OTHER, 2, 3), with_screen=True)
    assert said(call) == (DISCARD, ("cut-impossible", "recorded-with-screen", "agent-off-in-part"))
    assert decide(call, POLICY, ARRIVED).cuts == ()
    assert said(replace(call, announced=False)) == (
        DISCARD, ("not-announced", "recorded-with-screen", "agent-off-in-part")
    )  # fmt: skip
    assert said(replace(QUALITY, started_at=None, with_screen=True)) == (
        QUARANTINE, ("recorded-with-screen", "start-unknown")
    )  # fmt: skip


def test_one_ground_is_said_once_though_two_rules_give_it() -> None:
    call = replace(DUTY, objected=True, offs=(Off(Reason.PERSONAL, Stretch(None, None)),))
    assert said(call) == (KEEP, ("duty-before-switch",))


# ------------------------------------------------------------------------------------------------ what is said of it

TEXTS = {name: tomllib.loads((resources.files(law) / f"texts/{name}.toml").read_text("utf-8")) for name in LANGUAGES}


def test_every_ground_that_a_rule_gives_is_said_in_both_languages() -> None:
    source = Path(str(resources.files(law) / "rules.py")).read_text("utf-8")
    given = {"lawful", *re.findall(r'Verdict\(\s*Fate\.\w+,\s*"([a-z-]+)"', source)}
    given |= set(re.findall(r'"(start-[a-z-]+)"', source))
    assert len(RULES) == 15 and len(given) == 24
    for name in LANGUAGES:
        assert given <= set(TEXTS[name]["ground"])
        assert {"cut-impossible", "nothing-left"} <= set(TEXTS[name]["ground"])


def test_every_final_ground_is_one_that_somebody_gives() -> None:
    code = "".join(path.read_text("utf-8") for path in Path(str(resources.files(law))).parent.rglob("*.py"))
    for ground in FINAL_GROUNDS:
        assert code.count(f'"{ground}"') >= 2, ground


# ------------------------------------------------------------------------------------------------ lines and refusals


@pytest.mark.parametrize(
    ("never", "line", "same"),
    [
        ("3290", "3290", True), ("3290", "93290", False), ("+33140003290", "0140003290", True),
        ("01 40 00 32 90", "33140003290", True), ("+33140003290", "0140003291", False), ("CSE", "cse", True),
    ],
)  # fmt: skip
def test_a_representatives_number_is_the_same_however_it_begins(never: str, line: str, same: bool) -> None:
    guarded = policy(('never_recorded = ["3290"]', f'never_recorded = ["{never}"]'))
    for call in (replace(DUTY, agent=line), replace(DUTY, lines=("out", line))):
        assert ("mandate" in decide(call, guarded, ARRIVED).grounds) is same


def test_a_duty_that_lets_the_person_refuse_ends_with_the_refusal_and_excludes_private_calls() -> None:
    lenient = policy(("unless_signed = { months = 1 }", "unless_signed = { months = 1 }\nrefusable = true"))
    sale = replace(DUTY, queue="assurance", announced=True)
    for call in (replace(sale, objected=True), replace(sale, offs=(Off(Reason.PERSONAL, Stretch(None, None)),))):
        assert decide(call, lenient, ARRIVED).fate is DISCARD
        assert decide(call, POLICY, ARRIVED).fate is KEEP


def test_a_queue_is_known_by_its_former_name() -> None:
    renamed = policy(('name = "assurance"', 'name = "vente"\nformer_names = ["assurance"]'))
    found = renamed.queue("assurance")
    assert found is not None
    assert found.name == "vente"


@pytest.mark.parametrize(
    ("language", "ground"), [(None, "language-unknown"), ("de-DE", "unsupported-language"), ("fr-FR", None)]
)
def test_a_call_in_a_language_that_is_not_the_policys_or_unsaid_is_not_heard(
    language: str | None, ground: str | None
) -> None:
    fate, grounds = said(replace(DUTY, language=language))
    assert (fate, grounds) == ((QUARANTINE, (ground,)) if ground else (KEEP, ("lawful",)))


def test_what_may_not_be_kept_in_part_is_deleted_where_it_would_be_set_aside() -> None:
    fate, grounds = said(replace(off(Reason.PAYMENT, 2, 3), language="de-DE"))
    assert (fate, grounds[0]) == (DISCARD, "cut-impossible")
