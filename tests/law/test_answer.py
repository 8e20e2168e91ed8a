"""The letter that answers a request."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from chalicelib.law.answer import CODES, answer, told_in_words
from chalicelib.law.document import Document
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.summary import CallSaid, Copy, Heard, Summary
from chalicelib.law.texts import texts
from chalicelib.model import Finding, Hold, HoldKind, Recording, Span, State
from tests.regimes import every_regime

BOTH = pytest.mark.parametrize("language", ["fr", "en"])
AT = datetime(2026, 11, 24, 8, 30, tzinfo=UTC)
REQUEST = Request(
    "rq7", Right.ACCESS, Status.ACCEPTED, date(2026, 11, 28), told=(Told("recordings-copied", 1),), persons=("p1",)
)
RECORDING = Recording(
    "r1",
    "c1",
    State.AVAILABLE,
    date(2027, 5, 24),
    started_at=AT,
    last_day=date(2027, 5, 24),
    duration_ms=200_400,
    queue="service-client",
    agent_ref="agent-1",
    muted=(Finding(Span(0, 4000, 0), "card", 1.0, "luhn"), Finding(Span(5000, 6000, 0), "never-seen", 1.0, "x")),
)
SAID = CallSaid(AT, "service-client", RECORDING, "", Copy.WHOLE, (Heard(AT, "training"),), "01-2026-11-24T0930")


def said(document: Document) -> str:
    return json.dumps(document.plain(), ensure_ascii=False)


@BOTH
@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("count", [1, 3])
def test_every_code_has_a_sentence_for_one_and_for_several(language: str, code: str, count: int) -> None:
    sentence = told_in_words(Told(code, count, source="C. civ., art. 2224"), language)
    assert sentence.endswith(".") and "{" not in sentence
    assert len(texts(language)["answer"]["told"][code]) == 2


@BOTH
def test_there_is_no_sentence_that_no_code_asks_for(language: str) -> None:
    assert set(texts(language)["answer"]["told"]) == set(CODES)


def test_what_was_done_counts_and_cites_and_names_a_recording_by_its_opaque_id() -> None:
    duty = told_in_words(Told("kept-duty", 2, "r7", "CMF, art. L. 533-10"), "fr")
    assert duty.startswith("2 enregistrements sont conservés") and "CMF, art. L. 533-10" in duty
    assert duty.endswith("(référence r7)")
    aside = told_in_words(Told("quarantined-not-copied", 1, source="2026-12-24"), "fr")
    assert "au plus tard le 24 décembre 2026" in aside


@pytest.mark.parametrize(
    ("code", "in_french", "in_english"),
    [
        ("recordings-restricted", "jusqu'au 24 décembre 2026 au plus", "until 24 December 2026 at most"),
        ("aside-not-restricted", "au plus tard le 24 décembre 2026", "by 24 December 2026 at the latest"),
        ("quarantined-not-copied", "au plus tard le 24 décembre 2026", "by 24 December 2026 at the latest"),
        ("objection-known", "depuis le 24 décembre 2026", "since 24 December 2026"),
    ],
)
def test_a_day_is_said_in_words(code: str, in_french: str, in_english: str) -> None:
    told = Told(code, 1, source="2026-12-24")
    assert in_french in told_in_words(told, "fr") and in_english in told_in_words(told, "en")


@BOTH
@pytest.mark.parametrize("code", ["recordings-restricted", "kept-restricted", "kept-claim"])
@pytest.mark.parametrize("count", [1, 3])
def test_what_is_held_is_said_to_be_heard_by_the_dpo_alone_not_by_nobody(language: str, code: str, count: int) -> None:
    sentence = told_in_words(Told(code, count, source="2026-12-24"), language)
    article = {"fr": "l'article 18.2 du RGPD", "en": "article 18(2) of the GDPR"}[language]
    assert "DPO" in sentence and article in sentence
    assert not any(word in sentence.lower() for word in ("personne ne", "nobody"))


@BOTH
def test_a_mended_recording_is_not_said_to_be_free_of_what_was_not_found(language: str) -> None:
    sentence = told_in_words(Told("muted-again", 1), language)
    found = {"fr": "a été trouvée", "en": "was found"}[language]
    still = {"fr": "Si vous entendez encore", "en": "If you still hear"}[language]
    assert found in sentence and still in sentence


@BOTH
def test_access_says_all_of_article_15(language: str) -> None:
    document = answer(every_regime(), REQUEST, Summary((SAID,)), language, "eu-west-3")
    found = document.plain()
    for section in ("purposes", "data", "recipients", "transfers", "retention", "rights", "automated", "remedies"):
        assert found[section]["title"]
    assert "CNIL" in said(document) and "tribunal judiciaire" in said(document)
    assert every_regime().dpo.email in said(document)
    assert {"fr": "28 novembre 2026", "en": "28 November 2026"}[language] in found["request"]["facts"]["received"]


def test_a_call_says_when_how_long_what_is_muted_who_listened_what_for_and_until_when() -> None:
    call = answer(every_regime(), REQUEST, Summary((SAID,)), "fr").plain()["calls"]["parts"]["call-1"]["facts"]
    assert call == {
        "at": "24 novembre 2026 à 9 h 30",
        "queue": "Appels « service-client »",
        "record": "conservé",
        "duration": "3 min 20 s",
        "muted": "numéro de carte (4 s) et passage douteux (1 s)",
        "heard": "24 novembre 2026 à 9 h 30, pour la formation",
        "kept": "24 mai 2027",
        "copy": "jointe : 01-2026-11-24T0930",
    }


@BOTH
def test_no_employee_and_no_reference_of_one_is_told(language: str) -> None:
    assert "agent-1" not in said(answer(every_regime(), REQUEST, Summary((SAID,)), language))
    assert "C-579/21" in said(answer(every_regime(), REQUEST, Summary((SAID,)), language))


@BOTH
def test_a_call_that_was_not_recorded_says_why(language: str) -> None:
    document = answer(every_regime(), REQUEST, Summary((CallSaid(AT, "enquete", why="not-drawn"),)), language)
    facts = document.plain()["calls"]["parts"]["call-1"]["facts"]
    assert facts["why"] == texts(language)["ground"]["not-drawn"]
    assert "kept" not in facts and "copy" not in facts


def test_a_hold_is_told_beside_the_end_of_the_call() -> None:
    hold = Hold(HoldKind.RESTRICTION, "2026/1", "dpo", date(2028, 1, 1))
    held = replace(SAID, recording=replace(RECORDING, state=State.HELD, hold=hold))
    facts = answer(every_regime(), REQUEST, Summary((held,)), "fr").plain()["calls"]["parts"]["call-1"]["facts"]
    assert "24 mai 2027" in facts["kept"] and "1er janvier 2028" in facts["kept"]


@BOTH
def test_that_nothing_was_found_is_an_answer_too(language: str) -> None:
    nothing = replace(REQUEST, told=(Told("nothing-found"),))
    document = answer(every_regime(), nothing, Summary(), language)
    assert {"fr": "rien n'a été trouvé", "en": "nothing was found"}[language] in said(document)
    assert "calls" not in document.plain() and "purposes" in document.plain()


@BOTH
@pytest.mark.parametrize("right", list(Right))
def test_a_refusal_has_reasons_the_authority_the_court_and_somebody_to_write_to(language: str, right: Right) -> None:
    refused = replace(REQUEST, right=right, state=Status.REFUSED, reasons="Demande {déjà} traitée.", told=())
    document = answer(every_regime(), refused, Summary((SAID,)), language)
    outcome, remedies = document.plain()["outcome"]["text"], " ".join(document.plain()["remedies"]["text"])
    assert len(outcome) == 2 and "Demande {déjà} traitée." in outcome[1]
    assert "CNIL" in remedies and "12" in remedies and every_regime().dpo.name in remedies
    assert "calls" not in document.plain() and "files" not in document.plain()


@BOTH
def test_the_reasons_of_an_extension_stand_with_the_request_and_not_with_what_was_done(language: str) -> None:
    extended = replace(REQUEST, extended=True, reasons="De nombreux {appels}.")
    plain = answer(every_regime(), extended, Summary((SAID,)), language).plain()
    assert "De nombreux {appels}." in plain["request"]["text"][1]
    assert "De nombreux" not in " ".join(plain["outcome"]["text"])


@BOTH
def test_the_reasons_of_a_refusal_after_an_extension_are_the_refusals(language: str) -> None:
    refused = replace(REQUEST, state=Status.REFUSED, extended=True, reasons="Demande répétée.", told=())
    refused = replace(refused, told=(Told("refused-excessive"),))
    plain = answer(every_regime(), refused, Summary(), language).plain()
    assert len(plain["request"]["text"]) == 1 and "Demande répétée." in plain["outcome"]["text"][1]


@BOTH
def test_what_a_text_keeps_after_an_extension_is_not_refused_for_the_reasons_of_the_extension(language: str) -> None:
    kept = replace(REQUEST, right=Right.ERASURE, state=Status.REFUSED, extended=True, reasons="De nombreux appels.")
    kept = replace(kept, told=(Told("kept-duty", 1, source="CMF, art. L. 533-10"),))
    plain = answer(every_regime(), kept, Summary(), language).plain()
    assert "De nombreux" in plain["request"]["text"][1] and "De nombreux" not in " ".join(plain["outcome"]["text"])


@BOTH
def test_a_letter_leads_to_no_page_that_lies_only_beside_the_notice(language: str) -> None:
    assert every_regime().requests.page is None
    plain = answer(every_regime(), REQUEST, Summary((SAID,)), language).plain()
    assert "page" not in plain["rights"]["facts"] and "access" in plain["rights"]["facts"]


@BOTH
@pytest.mark.parametrize("right", list(Right))
def test_every_right_has_a_letter_of_its_own_and_nobodys_name(language: str, right: Right) -> None:
    asked = replace(REQUEST, right=right, contact="tel:+33612345678", text="Moi, Jeanne Martin", extended=True)
    document = answer(every_regime(), asked, Summary((SAID,)), language)
    assert document.title == texts(language)["answer"]["document"][right]
    assert "+336" not in said(document) and "Jeanne" not in said(document) and "p1" not in said(document)
    assert ("calls" in document.plain()) == (right in (Right.ACCESS, Right.PORTABILITY))


@BOTH
def test_an_agent_is_told_of_their_switch_their_notices_and_their_evaluations(language: str) -> None:
    agent = Summary((SAID,), is_agent=True, switched_off=4, acknowledged=2, evaluations=1)
    plain = answer(every_regime(), REQUEST, agent, language).plain()
    assert plain["agent"]["text"][2].endswith(" 1.")
    assert "4" in plain["agent"]["text"][0] and "2" in plain["agent"]["text"][1]
    assert "agent" not in answer(every_regime(), REQUEST, Summary((SAID,)), language).plain()
