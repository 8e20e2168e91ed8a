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
