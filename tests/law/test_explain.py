"""A policy is said rule by rule, each with its source, in plain French or English."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from chalicelib.law.deadlines import REGIONS
from chalicelib.law.explain import explain, warnings
from chalicelib.law.load import load
from chalicelib.law.parts import KEEP_COPIES
from chalicelib.law.texts import LANGUAGES, texts
from tests.policies import TEXT, policy
from tests.regimes import example

SILENT = ("urgences: its calls need not be announced one by one.", "urgences : ses appels n'ont pas à être annoncés")
REAL = ("dpo@exemple.example", "dpo@sourdine.fr")
REAL_ONES = (REAL, ("contact@exemple.example", "contact@sourdine.fr"))
OWN = ("[keeping]", '[requests]\nown_numbers = ["01 99 00 *"]\n\n[keeping]')
QUIET = (*REAL_ONES, ("share_percent = 50", "share_percent = 5"), OWN)
TODAY = date(2026, 11, 24)


def said(language: str, *changes: tuple[str, str]) -> str:
    return "\n".join(f"{rule.text} [{rule.source}]" for rule in explain(policy(*changes), language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rule_is_filled_in_and_has_its_source(language: str) -> None:
    rules = explain(policy(), language)
    assert len(rules) >= 18
    for rule in rules:
        assert rule.text.strip() and rule.source.strip()
        assert "{" not in rule.text + rule.source and "None" not in rule.text + rule.source
        assert rule.text.endswith((".", "!", "?")), rule.text


def test_each_queue_is_said_under_its_own_regime_with_its_source() -> None:
    english = said("en")
    for part in (
        "service-client: for training of employees, evaluation of employees and improvement of the quality of service",
        "50% of the calls, drawn by lot, and at most 2 of one agent a week. Kept for 6 months from the call. [CNIL (",
        "souscription: as proof of a contract concluded on the telephone; legal basis: performance of a contract",
        "because nothing else proves it: Rien d'autre ne le prouve. Only the part",
        "souscription: that long because of C. civ., art. 2224. [C. civ., art. 2224]",
        "urgences: every call, as a legal duty to record; legal basis: legal obligation (GDPR, "
        "art. 6(1)(c)). Kept for 6 months.",
        "assurance: every call",
        "Kept for 2 years from the signature; 1 month from the call, if there is none. [C. assur., art. R. 112-7]",
        "Every call of the source asterisk counts as announced",
        "the key 9 refuses",
        "Lines of representatives: 1.",
        "Set aside: 30 days. Reports and grids: 12 months. Packages for data subjects: 7 days. "
        "Trace of who listened and of what was decided: 12 months after the recording's end.",
        "2 years at most",
        "Everybody may write to the DPO: DPO, dpo@exemple.example.",
    ):
        assert part in english, part


def test_the_french_says_the_same_rules() -> None:
    french = said("fr")
    for part in (
        "50 % des appels, tirés au sort, et 2 au plus d'un même agent par semaine. Conservés 6 mois",
        "Conservés 2 ans à compter de la signature ; 1 mois à compter de l'appel",
        "la touche 9 permet de refuser",
        "Le CSE a été consulté le 15 octobre 2026.",
    ):
        assert part in french, part
    assert len(explain(policy(), "fr")) == len(explain(policy(), "en"))


def test_a_duty_that_needs_no_announcement_is_said_to_and_the_others_are_not() -> None:
    for language, sentence in zip(("en", "fr"), SILENT, strict=True):
        assert sentence in said(language)
        assert sentence not in said(language, ("announced = false", "announced = true"))


def test_what_is_kept_of_whoever_refuses_is_said_as_the_policy_has_it() -> None:
    assert "from then on" in said("en") and "not one second" not in said("en")
    assert "not one second" in said("en", ('keeps = "before"', 'keeps = "nothing"'))


def test_a_proof_of_six_months_claims_no_text_for_it() -> None:
    short = ('retention = { years = 5 }\nretention_source = "C. civ., art. 2224"', "retention = { months = 6 }")
    assert "that long because" not in said("en", short)


def test_a_brace_in_what_somebody_wrote_breaks_nothing() -> None:
    assert "{0} {x} { et plus que cela" in said(
        "fr", ("Rien d'autre ne le prouve.", "{0} {x} { et plus que cela"), ('Exemple SAS"\nemail', '{a}"\nemail')
    )


def warned(*changes: tuple[str, str]) -> list[str]:
    """What is asked beyond what any policy with a duty is asked."""
    codes = [warning.code for warning in warnings(policy(*changes), TODAY)]
    return [code for code in codes if code != "everything"]


def said_of(code: str, language: str, *changes: tuple[str, str]) -> str:
    return " ".join(warning.text(language) for warning in warnings(policy(*changes), TODAY) if warning.code == code)


def test_a_careful_dpo_is_asked_about_what_is_lawful_and_odd() -> None:
    assert warned() == ["example-contact", "example-contact", "no-own-numbers", "high-share"]
    assert warned(REAL, OWN) == ["example-contact", "high-share"]
    assert warned(*REAL_ONES, OWN, ("share_percent = 50", "share_percent = 20")) == []
    assert warned(*REAL_ONES, OWN, ("share_percent = 50", "share_percent = 20.5")) == ["high-share"]
    untold = ("[sources.connect]\nannounces = true", "[sources.connect]\nannounces = false")
    assert warned(*QUIET, untold) == ["source-unannounced"]


def test_whoever_keeps_a_copy_of_their_own_is_asked_about_unless_it_is_deleted_there() -> None:
    def of(name: str, more: str = "") -> tuple[str, str]:
        return "[sources.asterisk]", f"[sources.{name}]\nannounces = true\n{more}\n[sources.asterisk]"

    for name in KEEP_COPIES:
        assert warned(*QUIET, of(name)) == ["copy-there"]
        assert f"{name} keeps its own copy of each recording" in said_of("copy-there", "en", of(name))
        assert f"{name} garde sa propre copie de chaque enregistrement" in said_of("copy-there", "fr", of(name))
    gone = of("twilio", "delete_there = true\n")
    assert warned(*QUIET, gone) == warned(*QUIET, of("pbx")) == []
    assert "fetched from twilio is then deleted" in said("en", gone)


def test_whoever_names_no_number_as_their_own_is_asked_about() -> None:
    assert warned(*QUIET[:-1]) == ["no-own-numbers"]
    assert "“01 99 00 *”" in said_of("no-own-numbers", "en")


def test_a_works_council_that_is_yet_to_be_consulted_is_asked_about() -> None:
    assert warned(*QUIET, ("2026-10-15", "2026-11-25")) == ["council-to-come"]
    assert warned(*QUIET, ("2026-10-15", "2026-11-24")) == []
    assert "le 25 novembre 2026, après" in said_of("council-to-come", "fr", ("2026-10-15", "2026-11-25"))


def test_an_announcement_that_does_not_say_who_records_is_asked_about() -> None:
    assert warned(*QUIET, ("Exemple SAS may record", "We may record")) == ["unnamed-controller"]
    assert warned(*QUIET, ("Exemple SAS may record", "EXEMPLE  sas may record")) == []
    assert "en-GB does not name Exemple SAS" in said_of("unnamed-controller", "en", ("Exemple SAS may", "We may"))


@pytest.mark.parametrize(
    ("calls", "each", "high"),
    [(2, "day", False), (3, "day", True), (10, "week", False), (11, "week", True), (40, "month", False),
     (41, "month", True)],
)  # fmt: skip
def test_more_than_ten_calls_of_an_agent_a_week_are_asked_about(calls: int, each: str, high: bool) -> None:
    change = ('calls = 2, each = "week"', f'calls = {calls}, each = "{each}"')
    assert warned(*QUIET, change) == (["high-ceiling"] if high else [])
    if high:
        assert f"{calls} calls of one agent a {each} is a lot" in said_of("high-ceiling", "en", change)


def test_whoever_records_everything_is_told_to_have_it_confirmed() -> None:
    told = [warning.text("en") for warning in warnings(policy(), TODAY) if warning.code == "everything"]
    assert told == [
        "urgences: every call, for 6 months, by “Un texte, art. 1”: have it confirmed.",
        "assurance: every call, for 2 years, by “C. assur., art. R. 112-7”: have it confirmed.",
    ]


def test_a_call_that_led_to_no_signature_is_kept_for_a_month_or_asked_about() -> None:
    assert warned(*QUIET, ("unless_signed = { months = 1 }", "unless_signed = { months = 2 }")) == ["long-unsigned"]
    assert warned(*QUIET, ("unless_signed = { months = 1 }", "unless_signed = { days = 28 }")) == []


def test_who_may_listen_and_for_what_is_said_also_where_it_is_nothing() -> None:
    assert "a supervisor to the calls of their teams, for training of employees, evaluation of employees and" in said(
        "en"
    )
    assert "the DPO, for a data subject's request, a legal claim, an inspection and checking" in said("en")
    none = ("[keeping]", "[listening]\nagent = []\n\n[keeping]")
    assert "un agent, les siens, pour rien ; le DPO" in said("fr", none)


@pytest.mark.parametrize("grant", ["legal-duty", "contract-proof"])
def test_opening_the_calls_of_a_duty_or_a_proof_to_supervisors_is_asked_about(grant: str) -> None:
    assert warned(*QUIET, ("[keeping]", f'[listening]\nsupervisor = ["{grant}"]\n\n[keeping]')) == ["duty-heard"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_warning_is_said_in_words(language: str) -> None:
    odd = policy(
        ("2026-10-15", "2030-01-01"), ("Exemple SAS may", "We may"), ("calls = 2", "calls = 20"),
        ("unless_signed = { months = 1 }", "unless_signed = { years = 1 }"),
        ("[sources.connect]\nannounces = true", "[sources.zoom]\nannounces = false"),
        ("[keeping]", '[listening]\nsupervisor = ["legal-duty"]\n\n[keeping]'),
    )  # fmt: skip
    found = warnings(odd, TODAY)
    assert {warning.code for warning in found} == set(texts(language)["warning"])
    assert all("{" not in warning.text(language) and "(" not in warning.text(language)[:3] for warning in found)


def test_that_some_calls_cannot_be_refused_is_said_beside_the_refusal() -> None:
    for keeps in ("before", "nothing"):
        change = ('keeps = "before"', f'keeps = "{keeps}"')
        assert "Except “urgences” and “assurance”: a text requires the recording." in said("en", change)
        assert "Sauf « urgences » et « assurance » : un texte oblige à enregistrer." in said("fr", change)
    assert "Except" not in "".join(rule.text for rule in explain(example(), "en"))


def test_what_goes_before_the_switch_and_what_goes_before_a_duty_are_said_together() -> None:
    french, english = said("fr"), said("en")
    assert "Seule une obligation d'enregistrer que nul ne peut refuser passe avant" in french
    assert "même alors, un paiement suspend l'enregistrement" in french
    assert "le mandat d'un représentant du personnel passe avant toute obligation" in french
    assert "Only a duty to record that nobody may refuse goes before that" in english
    assert "even then a payment pauses the recording" in english
    assert "mandate goes before any duty" in english


def test_the_ground_of_a_part_that_is_cut_is_true_of_agents_and_of_payments() -> None:
    for language, words in (("fr", "coupé par l'agent ou pour un paiement"), ("en", "by the agent or for a payment")):
        assert words in texts(language)["ground"]["agent-off-in-part"]


def test_public_holidays_are_named_as_people_name_them() -> None:
    assert "férié (métropole)" in said("fr") and "holiday (mainland France)" in said("en")
    assert "férié (La Réunion)" in said("fr", ("zone =", 'holidays = "la-reunion"\nzone ='))
    assert "férié (de)" in said("fr", ("zone =", 'holidays = "de"\nzone ='))
    assert set(texts("fr")["region"]) < set(REGIONS)


def test_nothing_french_has_a_colon_without_its_space() -> None:
    for rule in explain(policy(), "fr"):
        assert not re.search(r"\w:", rule.text), rule.text


def test_a_share_is_said_without_idle_zeros() -> None:
    made = policy(("share_percent = 50", "share_percent = 0.50"))
    assert made.queues[0].share_percent == Decimal("0.50")
    assert "0.5% of the calls" in said("en", ("share_percent = 50", "share_percent = 0.50"))


def test_every_code_that_a_policy_may_give_has_its_words() -> None:
    for language in LANGUAGES:
        words = texts(language)
        assert set(words["purpose"]) == {"training", "evaluation", "service-quality", "contract-proof", "legal-duty"}
        assert set(words["basis"]) == {f"6(1)({letter})" for letter in "abcdef"}
        assert set(words["each"]) == {"day", "week", "month"}
        assert set(words["fate"]) == set(words["before"]) == {"keep", "discard", "quarantine"}


def test_nothing_of_the_reading_depends_on_the_order_of_the_tables() -> None:
    first = TEXT.index("[controller]")
    last = TEXT.index("[keeping]")
    turned = TEXT[:first] + TEXT[last:] + "\n" + TEXT[first:last]
    assert explain(load(turned), "en") == explain(load(TEXT), "en")
