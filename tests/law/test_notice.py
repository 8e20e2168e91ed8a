"""What notices and the register say, under several policies."""

import json
from datetime import date, timedelta
from decimal import Decimal

import pytest

from chalicelib.law.document import Document, Fact, in_words, listed, percent
from chalicelib.law.load import load
from chalicelib.law.notice import notice, notice_for_employees
from chalicelib.law.parts import OUTSIDE, PROVIDERS
from chalicelib.law.policy import Policy
from chalicelib.law.register import register
from chalicelib.law.shown import TOLD_FOR, queues, writer
from chalicelib.services.say import KEPT_FOR
from infra.assemble import assemble
from tests.regimes import DUTY_ALONE, EVERY_REGIME, changed, example

BOTH = pytest.mark.parametrize("language", ["fr", "en"])
ALL = (notice, notice_for_employees, register)


def said(document: Document) -> str:
    return json.dumps(document.plain(), ensure_ascii=False)


@BOTH
@pytest.mark.parametrize("text", [EVERY_REGIME, DUTY_ALONE, f"{DUTY_ALONE}\n[sources.twilio]\n"])
@pytest.mark.parametrize("region", [None, "eu-west-3", "us-east-1"])
def test_every_document_is_complete_under_every_regime(language: str, text: str, region: str | None) -> None:
    for make in ALL:
        document = make(load(text), language, region)
        assert "{" not in "".join(line for section in document.sections for line in section.text)
        assert all(section.text or section.facts or section.parts for section in document.sections)
        ids = [section.id for section in document.sections]
        assert len(ids) == len(set(ids))
        for section in document.sections:
            assert len({fact.id for fact in section.facts}) == len(section.facts)


@BOTH
def test_each_queue_says_purpose_basis_choice_recipients_and_end(language: str) -> None:
    policy = load(EVERY_REGIME)
    parts = {part.id: part.plain()["facts"] for part in queues(writer("notice", policy, language), policy)}
    assert parts.keys() == {"service-client", "souscription", "vente-assurance", "enquete"}
    for facts in parts.values():
        assert {"purposes", "legal_basis", "selection", "recipients", "retention"} <= facts.keys()
    assert "Former les conseillers" in parts["service-client"]["interest"]
    assert "5" in parts["service-client"]["selection"] and "4" in parts["service-client"]["selection"]
    assert "Rien n'est écrit ni signé." in parts["souscription"]["no_other_proof"]
    assert "C. civ., art. 2224" in parts["souscription"]["retention"]
    assert parts["vente-assurance"]["duty"] == "C. assur., art. L. 112-2-2"
    assert [f"{n} {unit}" in parts["vente-assurance"]["retention"] for n, unit in ((2, "an"), (1, "mois"))] == [
        language == "fr"
    ] * 2
    assert {"fr": "2,5 %", "en": "2.5%"}[language] in parts["enquete"]["selection"]


def test_one_call_is_said_in_the_singular() -> None:
    policy = load(EVERY_REGIME)
    enquete = queues(writer("notice", policy, "en"), policy)[3]
    assert "more than one call of one employee a month" in enquete.plain()["facts"]["selection"]


@BOTH
def test_portability_objection_and_withdrawal_are_told_where_they_apply(language: str) -> None:
    def rights(text: str) -> set[str]:
        return set(notice(load(text), language).plain()["rights"]["facts"])

    always = {"page", "access", "rectification", "erasure", "restriction", "directives"}
    assert rights(EVERY_REGIME) == always | {"objection", "portability", "withdrawal"}
    assert rights(DUTY_ALONE) == always
    assert set(notice(example(), language).plain()["rights"]["facts"]) == always | {"objection"}


def test_how_to_refuse_is_told_apart_and_names_the_key() -> None:
    refuse = notice(changed(('[objection]\nkey = "9"', '[objection]\nkey = "4"'), ("touche 9", "touche 4")), "fr")
    assert "touche 4" in refuse.plain()["refuse"]["text"][0]


def test_the_key_is_promised_for_the_announcement_and_the_person_for_what_follows() -> None:
    french, english = (notice(example(), language).plain()["refuse"]["text"][0] for language in ("fr", "en"))
    assert french.startswith("Pendant l'annonce, appuyez sur la touche 9 ; ensuite, dites-le à votre interlocuteur.")
    assert english.startswith(
        "During the announcement, press the key 9; afterwards, tell the person you are speaking to."
    )


def test_what_was_said_before_a_refusal_stays_only_where_the_policy_says_so() -> None:
    def told(keeps: str) -> str:
        policy = changed(('keeps = "nothing"', f'keeps = "{keeps}"'))
        return " ".join(notice(policy, "en").plain()["refuse"]["text"])

    assert "nor what was said before" in told("nothing")
    assert "what was said before may be" in told("before")


def test_a_duty_that_cannot_be_refused_is_told_and_nothing_else_is_promised() -> None:
    refuse = " ".join(notice(load(DUTY_ALONE), "en").plain()["refuse"]["text"])
    assert "cannot be refused" in refuse and "CMF, art. L. 533-10 III" in refuse
    assert "press the key" not in refuse
    assert "not to be announced" in refuse
    assert "An announcement tells you" not in said(notice(load(DUTY_ALONE), "en"))
    assert "An announcement tells you" in said(notice(example(), "en"))
    assert "command has no effect" in said(notice_for_employees(load(DUTY_ALONE), "en"))


@BOTH
def test_evaluation_is_told_to_employees_where_there_is_any(language: str) -> None:
    asked = {"fr": "sert à vous évaluer", "en": "used to evaluate you: the queues"}[language]
    assert asked in said(notice_for_employees(load(EVERY_REGIME), language))
    assert asked not in said(notice_for_employees(example(), language))


@BOTH
def test_without_evaluation_no_grid_is_spoken_of(language: str) -> None:
    grids = {"fr": "rille", "en": "grid"}[language]
    assert grids in said(notice_for_employees(load(EVERY_REGIME), language))
    assert grids not in said(notice_for_employees(example(), language))


@BOTH
def test_each_listening_is_said_to_be_noted_and_no_log_to_be_left_to_the_employer(language: str) -> None:
    told = said(notice_for_employees(example(), language)) + said(register(example(), language))
    noted = {
        "fr": ("Chaque écoute est notée", "12 mois après la fin de l'enregistrement, dans le registre des décisions"),
        "en": ("Each listening is noted", "12 months after the recording's end, in the ledger of decisions"),
    }[language]
    assert all(part in told for part in noted)
    assert not any(part in told for part in ("tient lui-même", "employeur tient", "keeps itself", "employer keeps"))


@BOTH
def test_nobody_is_asked_for_a_telephone_number_that_is_not_stored(language: str) -> None:
    rights = " ".join(notice(example(), language).plain()["rights"]["text"])
    assert "télépho" not in rights and "telephone" not in rights


def test_employees_are_told_that_what_is_said_stays_as_it_is() -> None:
    assert "ce qui est dit pendant l'appel n'est pas modifié" in said(notice_for_employees(example(), "fr"))
    assert "what is said during the call is not changed" in said(notice_for_employees(example(), "en"))


@pytest.mark.parametrize(("months", "french", "english"), [(12, "un an", "a year"), (6, "six mois", "six months"),
                                                           (11, "six mois", "six months")])  # fmt: skip
def test_technical_logs_are_kept_for_as_long_as_the_stack_sets(months: int, french: str, english: str) -> None:
    policy = changed(("access_log = { months = 12 }", f"access_log = {{ months = {months} }}"))
    for language, words in (("fr", f"pendant {french}"), ("en", f"for {english}")):
        assert register(policy, language).plain()["measures"]["facts"]["logs"].endswith(words)
    days = {r["Properties"]["RetentionInDays"] for r in assemble(policy)["Resources"].values()
            if r.get("Type") == "AWS::Logs::LogGroup"}  # fmt: skip
    assert days == {365 if french == "un an" else 180}


def test_what_is_in_the_policys_own_language_is_quoted_and_marked_elsewhere() -> None:
    def own(language: str) -> dict[str, Fact]:
        document = notice_for_employees(example(), language)
        facts = [fact for section in document.sections for part in (section, *section.parts) for fact in part.facts]
        return {fact.id: fact for fact in facts if fact.id in ("interest", "recipients", "periods")}

    english, french = own("en"), own("fr")
    assert {fact.lang for fact in english.values()} == {"fr-FR"} and {fact.lang for fact in french.values()} == {""}
    assert english["recipients"].value == "“Responsables de la formation”, “Responsables qualité”"
    assert french["recipients"].value == "Responsables de la formation et Responsables qualité"
    assert english["periods"].value.startswith("“Du lundi") and french["periods"].value.startswith("« Du lundi")


@BOTH
def test_no_line_of_a_representative_is_named_anywhere(language: str) -> None:
    for make in ALL:
        told = said(make(load(EVERY_REGIME), language))
        assert "+33100000042" not in told and "3201" not in told
    assert register(load(EVERY_REGIME), language).plain()["beside"]["facts"]["representatives"].endswith("2")


@BOTH
def test_a_place_outside_the_union_or_unknown_is_said_to_be_so(language: str) -> None:
    inside, outside, unknown = (notice(example(), language, r) for r in ("eu-west-3", "eu-west-2", None))
    assert "Paris" in inside.plain()["transfers"]["text"][0]
    assert "eu-west-2" in outside.plain()["transfers"]["text"][0]
    assert "DPO" in unknown.plain()["transfers"]["text"][0]


def sourced(*names: str) -> Policy:
    return load(EVERY_REGIME + "".join(f"\n[sources.{name}]\n" for name in names))


@BOTH
def test_what_is_noted_of_calls_and_of_switches_is_told_with_its_end(language: str) -> None:
    assert timedelta(days=TOLD_FOR.days or 0) == KEPT_FOR
    days = {"fr": "190 jours", "en": "190 days"}[language]
    words = {
        "fr": ("références", "moments", "file", "refus", "fin d'un paiement"),
        "en": ("references", "moments", "queue", "refusal", "end of a payment"),
    }[language]
    for make in (notice, notice_for_employees):
        document = make(example(), language).plain()
        assert all(word in document["data"]["text"][1] for word in words)
        assert document["retention"]["facts"]["told"].startswith(days)
    assert "switches" not in notice(example(), language).plain()["retention"]["facts"]
    reasons = {"fr": "quelle sorte de motif", "en": "which kind of reason"}[language]
    assert reasons in notice_for_employees(example(), language).plain()["data"]["text"][2]
    assert notice_for_employees(example(), language).plain()["retention"]["facts"]["switches"].startswith(days)
    entry = register(example(), language).plain()
    assert {"told", "objections", "payments", "switches"} <= entry["data"]["facts"].keys()
    assert reasons in entry["data"]["facts"]["switches"]
    assert all(entry["retention"]["facts"][key].startswith(days) for key in ("told", "switches"))


@BOTH
def test_the_providers_that_a_policy_names_are_told_as_processors(language: str) -> None:
    named, word = sourced("ringover", "pbx", "zoom"), {"fr": "sous-traitants", "en": "processors"}[language]
    both = listed(["Ringover", "Zoom Phone"], language)
    for make in (notice, notice_for_employees):
        assert any(both in text and word in text for text in make(named, language).plain()["recipients"]["text"])
    assert both in register(named, language).plain()["recipients"]["facts"]["providers"]
    for make in ALL:
        assert word not in said(make(sourced("pbx"), language))
        assert "providers" not in make(sourced("pbx"), language).plain()["recipients"]["facts"]


@BOTH
@pytest.mark.parametrize("region", [None, "eu-west-3", "us-east-1"])
def test_no_transfer_is_said_to_be_unplanned_where_a_provider_may_process_outside_the_union(
    language: str, region: str | None
) -> None:
    never = {"fr": "Aucun transfert", "en": "No transfer"}[language]
    for make in ALL:
        for name in PROVIDERS:
            told = " ".join(make(sourced(name), language, region).plain()["transfers"]["text"])
            assert (never in told) is (name not in OUTSIDE and region != "us-east-1")
            assert ("art. 46)" in told and PROVIDERS[name] in told) is (name in OUTSIDE)


def test_days_lists_and_shares_are_written_as_people_write_them() -> None:
    assert in_words(date(2026, 5, 1), "fr") == "1er mai 2026"
    assert in_words(date(2026, 5, 1), "en") == "1 May 2026"
    assert listed(["a", "b", "a", "c"], "fr") == "a, b et c"
    assert (listed(["a"], "en"), listed([], "en")) == ("a", "")
    assert [percent(Decimal(share), "fr") for share in ("5", "10", "2.50", "0.1")] == ["5 %", "10 %", "2,5 %", "0,1 %"]


def test_braces_in_a_policy_are_only_braces() -> None:
    policy = changed(('Exemple SAS"\naddress', '{key} {0} SAS"\naddress'))
    assert "{key} {0} SAS" in said(notice(policy, "fr"))


@BOTH
def test_how_to_ask_is_told_with_the_policys_page_or_the_one_that_lies_beside_the_notice(language: str) -> None:
    page = "https://droits.exemple.example/appels"
    online = changed(("[keeping]", f'[requests]\npage = "{page}"\n\n[keeping]'))
    with_page, without = (notice(each, language).plain()["rights"] for each in (online, example()))
    assert (with_page["facts"]["page"], without["facts"]["page"]) == (page, "requests")
    for each in (" ".join(with_page["text"]), " ".join(without["text"])):
        assert "code" in each and example().dpo.name in each
    employees = notice_for_employees(online, language).plain()["rights"]
    assert {"fr": "compte professionnel", "en": "work account"}[language] in " ".join(employees["text"])
    assert "page" not in employees["facts"]


@BOTH
def test_what_is_kept_of_requests_and_of_numbers_is_told_with_its_end_and_who_carries_messages(language: str) -> None:
    policy = changed(("requests = { years = 5 }", "requests = { years = 4 }"))
    four = {"fr": "4 ans", "en": "4 years"}[language]
    for make in ALL:
        assert four in make(policy, language).plain()["retention"]["facts"]["requests"]
        assert "SNS" in said(make(policy, language)) and "SES" in said(make(policy, language))
    secret = {"fr": "clé secrète", "en": "secret key"}[language]
    assert secret in " ".join(notice(policy, language).plain()["data"]["text"])
    assert secret in register(policy, language).plain()["data"]["facts"]["indexed"]
    assert "indexed" in register(policy, language).plain()["retention"]["facts"]


@BOTH
def test_the_person_is_forgotten_some_days_after_the_answer_and_of_a_freeze_at_its_end(language: str) -> None:
    after, freeze = {
        "fr": ("effacés 7 jours après la réponse", "gel"),
        "en": ("erased 7 days after the answer", "when it ends"),
    }[language]
    for make in ALL:
        kept = make(example(), language).plain()["retention"]["facts"]["requests"]
        assert after in kept and freeze in kept


@BOTH
def test_an_objection_is_told_with_what_it_is_kept_under_and_until_when(language: str) -> None:
    under, until = {
        "fr": ("sous l'empreinte d", "jusqu'à ce que"),
        "en": ("under the hash of", "until"),
    }[language]
    entry, told = register(example(), language).plain(), notice(example(), language).plain()
    assert under in entry["data"]["facts"]["opposed"] and any(under in each for each in told["data"]["text"])
    assert all(each["retention"]["facts"]["opposed"].startswith(until) for each in (entry, told))
    assert "opposed" not in notice_for_employees(example(), language).plain()["retention"]["facts"]


@BOTH
def test_what_the_dpo_hears_any_recording_for_is_what_the_policy_grants(language: str) -> None:
    two = changed(("[keeping]", '[listening]\ndpo = ["claim", "inspection"]\n\n[keeping]'))
    claims = {"fr": "sur tout enregistrement, pour une action en justice et un contrôle"}
    claims["en"] = "of every recording, for a legal claim and an inspection"
    for make in ALL:
        assert claims[language] in said(make(two, language))


@BOTH
def test_a_dpo_who_is_granted_nothing_hears_what_is_set_aside_alone(language: str) -> None:
    nothing = changed(("[keeping]", "[listening]\ndpo = []\n\n[keeping]"))
    everything = {"fr": "sur tout enregistrement", "en": "of every recording"}[language]
    aside = {"fr": "ce qui est mis de côté", "en": "what is set aside"}[language]
    for make in ALL:
        recipients = json.dumps(make(nothing, language).plain()["recipients"], ensure_ascii=False)
        assert aside in recipients and everything not in recipients
