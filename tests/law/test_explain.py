"""A policy is said rule by rule, each with its source, in plain French or English."""

from __future__ import annotations

from decimal import Decimal

import pytest

from chalicelib.law.explain import explain, warnings
from chalicelib.law.load import load
from chalicelib.law.texts import LANGUAGES, texts
from tests.policies import TEXT, policy

SILENT = ("urgences: its calls need not be announced one by one.", "urgences : ses appels n'ont pas à être annoncés")
REAL = ("dpo@exemple.example", "dpo@sourdine.fr")


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
        "service-client: for training of employees, evaluation of employees, improvement of the quality of service",
        "50 % of the calls, drawn by lot, and at most 2 of one agent a week. Kept for 6 months from the call. [CNIL (",
        "souscription: as proof of a contract concluded on the telephone, on performance of a contract",
        "because nothing else proves it: Rien d'autre ne le prouve. Only the part",
        "souscription: that long because of C. civ., art. 2224. [C. civ., art. 2224]",
        "urgences: every call, as a legal duty to record, on legal obligation (GDPR, art. 6(1)(c)). Kept for 6 months.",
        "assurance: every call",
        "Kept for 2 years from the signature; 1 month from the call, if there is none. [C. assur., art. R. 112-7]",
        "Every call of the source asterisk counts as announced",
        "the key 9 refuses",
        "the 1 line(s) of never_recorded",
        "Set aside: 30 days. Reports and grids: 12 months. Packages for data subjects: 7 days. Access log: 12 months.",
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
        "Le CSE a été consulté le 2026-10-15.",
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
    assert "{0} {x} {" in said(
        "fr", ("Rien d'autre ne le prouve.", "{0} {x} {"), ('Exemple SAS"\nemail', '{a}"\nemail')
    )


def warned(*changes: tuple[str, str]) -> list[str]:
    return [warning.code for warning in warnings(policy(*changes))]


def test_a_careful_dpo_is_asked_about_what_is_lawful_and_odd() -> None:
    assert warned() == ["example-contact", "high-share"]
    assert warned(REAL, ("share_percent = 50", "share_percent = 20")) == []
    assert warned(REAL, ("share_percent = 50", "share_percent = 20.5")) == ["high-share"]
    untold = ("[sources.connect]\nannounces = true", "[sources.connect]\nannounces = false")
    assert warned(REAL, ("share_percent = 50", "share_percent = 5"), untold) == ["source-unannounced"]
    for language in LANGUAGES:
        for warning in warnings(policy(untold)):
            assert "{" not in warning.text(language)


def test_a_share_is_said_as_it_was_written() -> None:
    made = policy(("share_percent = 50", "share_percent = 0.50"))
    assert made.queues[0].share_percent == Decimal("0.50")
    assert "0.50 % of the calls" in said("en", ("share_percent = 50", "share_percent = 0.50"))


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
