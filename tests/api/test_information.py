"""What people are told, by the API."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib import wiring
from chalicelib.adapters.polly import MemoryVoice
from chalicelib.api import information
from chalicelib.law.policy import Policy
from tests.api.asking import ACCOUNT, DPO, DPO_ROLE, SYSTEM, Answered, ask, log_here
from tests.api.test_identity import NOT_THE_DPO
from tests.regimes import changed, every_regime, example

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
VOID = {"meta"}


@pytest.fixture(autouse=True)
def policy(monkeypatch: pytest.MonkeyPatch) -> Iterator[Policy]:
    """The policy in force, and neither an account nor a region: what is public needs none."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DPO_ROLE_ARN", DPO_ROLE)
    monkeypatch.setattr(wiring, "voice", MemoryVoice)
    information._sound.cache_clear()
    yield in_force(monkeypatch, every_regime())
    information._sound.cache_clear()


def in_force(monkeypatch: pytest.MonkeyPatch, policy: Policy) -> Policy:
    monkeypatch.setattr(wiring, "policy", lambda: policy)
    return policy


class Page(HTMLParser):
    """What a page holds, and that its tags close in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    else:
        for inner in value.values() if isinstance(value, dict) else value:
            yield from strings(inner)


def document(route: str, query: str) -> Answered:
    return ask(route, query, signed_by=DPO)


# ---------------------------------------------------------------------------- what the law asks (art. 13, 14, 21, 30)

ASKED = {  # what must be said: in French, in English
    "the controller, and how to reach them, 13(1)(a)": ("Exemple SAS", "1 rue de l'Exemple, 75001 Paris"),
    "the DPO, 13(1)(b)": ("dpo@exemple.example", "dpo@exemple.example"),
    "a purpose, 13(1)(c)": ("la formation des salariés", "training of employees"),
    "another purpose": (
        "la preuve d'un contrat conclu par téléphone",
        "proof of a contract concluded on the telephone",
    ),
    "the legal basis, 13(1)(c)": ("l'intérêt légitime (RGPD, art. 6.1.f)", "legitimate interest (GDPR, art. 6(1)(f))"),
    "the interest, 13(1)(d)": ("Former les conseillers", "Former les conseillers"),
    "how calls are chosen": ("5 % des appels, tirés au sort", "5% of the calls, drawn by lot"),
    "the ceiling": ("4 appels d'un même salarié par semaine", "4 calls of one employee a week"),
    "recipients, 13(1)(e)": ("Responsables de la formation", "Responsables qualité"),
    "the host": ("Amazon Web Services", "Amazon Web Services"),
    "transfers, 13(1)(f)": ("hors de l'Union européenne", "out of the European Union"),
    "retention, 13(2)(a)": ("6 mois à compter du jour de l'appel", "6 months from the day of the call"),
    "another retention": ("5 ans à compter du jour de l'appel", "5 years from the day of the call"),
    "quarantine": ("30 jours au plus", "30 days at most"),
    "screens": ("ni en vidéo ni en captures", "neither as video nor as pictures"),
}
NOTICES = {
    "access, 15": ("obtenir une copie de l'enregistrement", "a copy of the recording"),
    "rectification, 16": ("faire corriger ce qui est inexact", "have corrected what is wrong"),
    "erasure, 17": ("faire effacer l'enregistrement", "have the recording erased"),
    "restriction, 18": ("faire geler l'enregistrement", "have the recording frozen"),
    "portability, 20": ("dans un format courant", "in a common format"),
    "objection, 21": ("vous opposer", "to object"),
    "withdrawal, 13(2)(c)": ("retirer votre consentement", "withdraw your consent"),
    "whom to ask": ("Écrivez au DPO", "Write to the DPO"),
    "within what time, 12(3)": ("en un mois", "within a month"),
    "complaint, 13(2)(d)": ("Commission nationale de l'informatique et des libertés", "supervisory authority"),
    "where the CNIL is": (
        "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",
        "3 place de Fontenoy, TSA 80715, 75334 Paris Cedex 07",
    ),
    "its site": ("www.cnil.fr", "www.cnil.fr"),
    "no automated decision, 13(2)(f)": ("aucune décision qui vous affecte", "no decision about you that affects you"),
    "bank data": ("rendues inaudibles", "made inaudible"),
    "where data comes from, 14(2)(f)": ("Tout vient de l'appel lui-même", "All of it comes from the call itself"),
    "the version": ("2026-11-24", "2026-11-24"),
}
CALLERS = {"how to refuse, 21(4)": ("appuyez sur la touche 9", "press the key 9")}
EMPLOYEES = {
    "evaluation": ("l'évaluation des salariés", "evaluation of employees"),
    "the works council": ("consulté le 15 octobre 2026", "consulted on 15 October 2026"),
    "recorded periods": ("Du lundi au vendredi", "Du lundi au vendredi"),
    "the switch": ("couper l'enregistrement", "switch the recording off"),
    "personal calls": ("Un appel personnel n'est jamais conservé", "A personal call is never kept"),
    "mandates": ("jamais enregistrés ni écoutés", "never recorded nor listened to"),
    "analyses": ("conservés 12 mois au plus", "kept for 12 months at most"),
    "the access log": (
        "12 mois après la fin de l'enregistrement, dans le registre des décisions, sous des références opaques",
        "12 months after the recording's end, in the ledger of decisions, under opaque references",
    ),
    "that confirming is kept": ("pendant 5 ans", "for 5 years"),
}
REGISTER = {
    f"30(1)({letter})": (f"(art. 30.1.{letter}", f"(art. 30(1)({letter})") for letter in "abcdefg"
} | {
    "persons": ("qui appelle ces files", "whoever calls these queues"),
    "data": ("le même contenu par écrit", "the same in writing"),
    "processor": ("transcription automatique sauf si", "automatic transcription unless"),
    "end of exports": ("7 jours", "7 days"),
    "end of the ledger": (
        "12 mois après la fin de l'enregistrement, et au-delà tant que",
        "12 months after the recording's end, and longer while",
    ),
    "encryption": ("AWS KMS", "AWS KMS"),
    "the ledger": ("chaînées par hachage", "chained by hashes"),
    "impact assessment": ("art. 35", "art. 35"),
}  # fmt: skip
TABLE = [
    (route, what, index, language)
    for route, items in (
        ("/notice", ASKED | NOTICES | CALLERS),
        ("/notice/employees", ASKED | NOTICES | EMPLOYEES),
        ("/register", ASKED | REGISTER),
    )
    for what in items
    for index, language in enumerate(("fr", "en"))
]


@pytest.mark.parametrize(("route", "what", "index", "language"), TABLE)
def test_what_the_law_asks_is_said_in_both_languages_as_json_and_as_a_page(
    route: str, what: str, index: int, language: str
) -> None:
    wanted = (ASKED | NOTICES | CALLERS | EMPLOYEES | REGISTER)[what][index]
    answered = document(route, f"language={language}&format=json")
    assert answered.status == 200
    assert any(wanted in text for text in strings(answered.json))
    page = Page(document(route, f"language={language}&format=html").text)
    assert wanted in page.text.replace("\N{NO-BREAK SPACE}", " ")


# ---------------------------------------------------------------------------- pages

PAGES = pytest.mark.parametrize("route", ["/notice", "/notice/employees", "/register"])
LANGUAGES = pytest.mark.parametrize("language", ["fr", "en"])


@PAGES
@LANGUAGES
def test_a_page_is_well_formed_in_its_language_and_loads_nothing(route: str, language: str) -> None:
    answered = document(route, f"language={language}&format=html")
    page = Page(answered.text)
    assert page.open == []
    tags = [tag for tag, _ in page.tags]
    assert not {"script", "link", "img", "iframe", "form"} & set(tags)
    assert dict(page.tags)["html"] == {"lang": language}
    assert tags.count("h1") == 1 and tags.index("h1") < tags.index("h2")
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {attributes["aria-labelledby"] for tag, attributes in page.tags if tag == "section"} == set(ids)
    links = [str(attributes["href"]) for tag, attributes in page.tags if tag == "a"]
    other = {"fr": "en", "en": "fr"}[language]
    assert links[:2] == [f"?language={other}&format=html", f"?language={language}&format=json"]
    inside = ["requests"] if route == "/notice" else []
    assert [link for link in links if not link.startswith(("?", "mailto:"))] == inside
    assert "mailto:dpo@exemple.example" in links


@PAGES
def test_what_the_policy_says_in_its_own_language_is_marked_on_a_page_in_another(route: str) -> None:
    def marked(language: str) -> list[str | None]:
        tags = Page(document(route, f"language={language}&format=html").text).tags
        return [attributes["lang"] for tag, attributes in tags if tag == "dd" and "lang" in attributes]

    assert marked("fr") == [] and set(marked("en")) == {"fr-FR"}


def test_no_line_breaks_before_a_french_colon_or_inside_a_laws_number() -> None:
    french = ask("/notice/employees", "format=html&language=fr").text
    assert "conservé\N{NO-BREAK SPACE}:" in ask("/notice", "format=html&language=fr").text
    assert "art.\N{NO-BREAK SPACE}L.\N{NO-BREAK SPACE}112-2-2" in french
    assert "kept: neither" in ask("/notice", "format=html&language=en").text


@PAGES
def test_every_answer_is_guarded_and_says_on_what_it_depends(route: str) -> None:
    for form, kind in (("html", "text/html; charset=utf-8"), ("json", "application/json")):
        headers = document(route, f"format={form}&language=en").headers
        assert headers["content-type"] == kind
        assert headers["content-security-policy"].startswith("default-src 'none'; style-src 'unsafe-inline'")
        assert (headers["x-content-type-options"], headers["referrer-policy"]) == ("nosniff", "no-referrer")
        assert (headers["vary"], headers["content-language"]) == ("Accept, Accept-Language", "en")
        assert headers["cache-control"] == ("no-store" if route == "/register" else "public, max-age=300")


@PAGES
def test_browsers_get_a_page_and_programs_json_each_in_their_language(route: str) -> None:
    def asked(**headers: str) -> Answered:
        return ask(route, headers={name.replace("_", "-"): value for name, value in headers.items()}, signed_by=DPO)

    assert asked(Accept=FIREFOX, Accept_Language="en-GB,en;q=0.8").text.startswith('<!doctype html>\n<html lang="en">')
    assert asked(accept="*/*").json["language"] == "fr"
    assert asked(accept="application/json", accept_language="en").json["language"] == "en"
    assert ask(route, headers=None, signed_by=DPO).json["language"] == "fr"


HOSTILE = "<script>alert(1)</script>\"'&<b>"


@PAGES
@LANGUAGES
def test_a_hostile_policy_is_only_text(monkeypatch: pytest.MonkeyPatch, route: str, language: str) -> None:
    toml = HOSTILE.replace('"', '\\"')
    in_force(
        monkeypatch,
        changed(
            ('name = "Exemple SAS"', f'name = "{toml}"'),
            ("Former les conseillers", toml),
            ("Responsables qualité", toml),
            ("dpo@exemple.example", "a<b>&\\\"'@exemple.example"),
            ("Du lundi au vendredi", toml),
            ("1 rue de l'Exemple", toml),
        ),
    )
    text = document(route, f"language={language}&format=html").text
    assert "<script" not in text and "<b>" not in text
    page = Page(text)
    assert page.open == []
    assert HOSTILE in page.text
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    assert any(HOSTILE in text for text in strings(document(route, "format=json").json))


@given(st.text(min_size=1, max_size=60).filter(lambda text: text.strip()))
def test_any_name_shows_as_it_is(name: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        named = example()
        in_force(patch, named.model_copy(update={"controller": named.controller.model_copy(update={"name": name})}))
        text = ask("/notice", "format=html&language=en").text
    dd = re.search(r"<dt>Name</dt>\n<dd>(.*?)</dd>", text, re.DOTALL)
    assert dd is not None and html.unescape(dd[1]).replace("\N{NO-BREAK SPACE}", " ") == name.replace(
        "\N{NO-BREAK SPACE}", " "
    )


# ---------------------------------------------------------------------------- refusals


@PAGES
@pytest.mark.parametrize("query", ["language=de", "language=", "format=pdf", "format=", "language=fr&language=xx"])
def test_an_unknown_language_or_form_is_a_problem(route: str, query: str) -> None:
    answered = document(route, query)
    assert (answered.status, answered.headers["content-type"]) == (400, "application/problem+json")
    assert answered.json["type"] == "urn:sourdine:problem:invalid-request"
    assert answered.json.keys() == {"type", "title", "status", "detail"}
    assert answered.json["status"] == 400


@pytest.mark.parametrize("arn", NOT_THE_DPO)
def test_the_register_is_for_the_dpo_alone(arn: Any) -> None:
    for query in ("", "format=html", "language=xx"):
        answered = ask("/register", query, signed_by=arn)
        assert (answered.status, answered.json["type"]) == (403, "urn:sourdine:problem:forbidden")
        assert "Exemple" not in answered.text and "jeanne" not in answered.text


@pytest.mark.parametrize("role", [None, "", "Dpo", f"arn:aws:iam::{ACCOUNT}:user/Dpo"])
def test_without_a_dpos_role_nobody_reads_the_register(monkeypatch: pytest.MonkeyPatch, role: str | None) -> None:
    monkeypatch.setenv("DPO_ROLE_ARN", role) if role is not None else monkeypatch.delenv("DPO_ROLE_ARN")
    assert ask("/register", signed_by=DPO).status == 403


def test_a_failure_of_ours_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken() -> Policy:
        raise RuntimeError("the number 0821555366")

    log_here(monkeypatch)
    monkeypatch.setattr(wiring, "policy", broken)
    answered = ask("/notice", "format=html")
    assert (answered.status, answered.json["type"]) == (500, "urn:sourdine:problem:error")
    logged = capsys.readouterr().out
    assert '"error":"RuntimeError"' in logged
    assert "0821555366" not in answered.text + logged
    assert "Traceback" not in answered.text


def test_a_missing_policy_is_a_failure_that_shows_no_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    wiring.policy.cache_clear()
    monkeypatch.setenv("POLICY_FILE", "/nowhere/policy.toml")
    answered = ask("/notice")
    assert answered.status == 500 and "nowhere" not in answered.text


# ---------------------------------------------------------------------------- announcements


def test_an_announcement_is_told_with_the_key_that_refuses(policy: Policy) -> None:
    answered = ask("/announcements/{language}", language="fr-FR")
    assert answered.json == {
        "text": policy.announcement["fr-FR"].text,
        "language": "fr-FR",
        "objection_key": "9",
        "policy_version": "2026-11-24",
    }
    assert ask("/announcements/{language}", language="FR-fr").json == answered.json


@pytest.mark.parametrize("route", ["/announcements/{language}", "/announcements/{language}/audio"])
@pytest.mark.parametrize("language", ["en-GB", "fr", "", "../policy", "<script>"])
def test_another_announcement_is_not_found(route: str, language: str) -> None:
    answered = ask(route, language=language)
    assert (answered.status, answered.json["type"]) == (404, "urn:sourdine:problem:unknown-announcement")
    assert "script" not in answered.text


@pytest.mark.parametrize("accept", [None, "*/*", "audio/wav", "text/html", "audio/mpeg"])
def test_its_sound_is_a_wav_whatever_a_client_says_that_it_takes(accept: str | None) -> None:
    headers = {"Accept": accept} if accept else None
    answered = ask("/announcements/{language}/audio", headers=headers, language="fr-FR")
    assert (answered.status, answered.headers["content-type"]) == (200, "audio/wav")
    assert answered.body[:4] == b"RIFF" and len(answered.body) > 100_000


def test_the_voice_is_asked_once_for_all(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []

    class Counting:
        def say(self, text: str, language: str) -> bytes:
            said.append(language)
            return b"RIFF"

    monkeypatch.setattr(wiring, "voice", Counting)
    for _ in range(3):
        assert ask("/announcements/{language}/audio", language="fr-FR").status == 200
    assert said == ["fr-FR"]


def test_a_sound_file_that_is_not_there_is_a_failure_of_ours(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    in_force(monkeypatch, changed(('# audio = "annonce-fr.wav"', 'audio = "annonce-fr.wav"')))
    monkeypatch.setattr(wiring, "policy_folder", lambda: tmp_path)
    answered = ask("/announcements/{language}/audio", language="fr-FR")
    assert (answered.status, answered.json["type"]) == (500, "urn:sourdine:problem:announcement-silent")


def test_the_register_is_not_public_and_the_notices_are() -> None:
    assert [ask(route).status for route in ("/notice", "/notice/employees", "/register")] == [200, 200, 403]
    assert ask("/register", signed_by=SYSTEM).status == 403
