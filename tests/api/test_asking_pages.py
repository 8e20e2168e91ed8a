"""The pages for people who do not speak JSON."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import date
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest

from chalicelib.api import asking_pages
from chalicelib.law.request import Request, Right, Status, Told
from tests.api.asking import Answered, ask
from tests.api.test_information import Page
from tests.api.test_requests import FORM, ID, fill, twins
from tests.machines import Twins
from tests.policies import policy
from tests.services.proving import EMAIL, WRITTEN, sent, wrong

__all__ = ["twins"]

STAGE = "https://abc.execute-api.eu-west-3.amazonaws.com/api"
WISH = {"right": "access", "who": WRITTEN, "text": ""}


class Filled(Page):
    """A page, whose inputs have no end."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "input":
            self.tags.append((tag, dict(attrs)))
        else:
            super().handle_starttag(tag, attrs)

    def of(self, *tags: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in tags]


def opened(query: str = "language=fr") -> Answered:
    return ask("/requests", query, {"Accept": "text/html"})


def page(answer: Answered) -> Filled:
    found = Filled(answer.text)
    assert found.open == []
    return found


def actions(answer: Answered, at: str) -> list[tuple[str, dict[str, str]]]:
    """Where the forms and links of a page at that address lead, under the stage of API Gateway."""
    found = page(answer)
    wanted = [form["action"] or "" for form in found.of("form")]
    links = [urlsplit(urljoin(STAGE + at, each)) for each in wanted]
    return [(link.path.removeprefix("/api"), dict(parse_qsl(link.query))) for link in links]


def test_somebody_asks_types_the_code_and_reads_until_when_they_are_answered(twins: Twins) -> None:
    assert actions(opened(), "/requests")[0] == ("/requests", {"language": "fr"})
    code_page = fill(WISH | {"text": "Le 3 mars,\r\nau matin", "bank-data": "yes"})
    ((request, kept),) = twins.requests.rows.items()
    assert (kept.right, kept.text, kept.bank_data) == (Right.ACCESS, "Le 3 mars,\nau matin", True)
    to_proof, to_code = actions(code_page, "/requests")
    assert (to_proof[0], to_code[0]) == (f"/requests/{request}/proof", f"/requests/{request}/code")
    again = fill({}, "/code", request)
    assert actions(again, f"/requests/{request}/code") == [to_proof, to_code]
    failed = fill({"code": wrong(sent(twins))}, "/proof", request)
    assert (failed.status, actions(failed, f"/requests/{request}/proof")) == (403, [to_proof, to_code])
    done = fill({"code": sent(twins)}, "/proof", request)
    said = page(done).text
    assert done.status == 200
    assert request in said
    assert re.search(r"Réponse au plus tard le \d+(er)? \w+ 20\d\d", said)
    assert "une réponse vous est due" in said


def test_somebody_comes_back_with_the_number_of_their_request_however_they_copy_it(twins: Twins) -> None:
    fill(WISH)
    (request,) = twins.requests.rows
    fill({"code": sent(twins)}, "/proof", request)
    copied = f" {request[:10].upper()} {request[10:]} "
    assert actions(fill({"request": copied}), "/requests")[0][0] == f"/requests/{request}/proof"
    assert len(twins.messenger.sent) == 2
    assert fill({"code": sent(twins)}, "/proof", request).status == 200


def test_an_unknown_number_gets_the_same_page_as_a_known_one(twins: Twins) -> None:
    fill(WISH)
    (request,) = twins.requests.rows
    known, unknown = fill({"request": request}), fill({"request": ID})
    assert (known.status, known.text.replace(request, ID)) == (unknown.status, unknown.text)


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("fields", "at"),
    [
        (WISH | {"who": "3290"}, "ask-who"),
        ({"who": WRITTEN, "text": ""}, "ask-right"),
        (WISH | {"text": "a" * 2001}, "ask-text"),
        ({"request": "12"}, "again-request"),
    ],
)
def test_what_is_wrong_is_said_on_top_with_a_way_to_the_field_and_what_was_written_stays(
    twins: Twins, language: str, fields: dict[str, str], at: str
) -> None:
    answer = fill(fields, language=language)
    found = page(answer)
    assert answer.status == 400
    assert f"#{at}" in [link["href"] for link in found.of("a")]
    assert at in [each.get("id") for each in found.of("input", "textarea")]
    assert f"{at}-error" in [each.get("id") for each in found.of("p")]
    assert found.of("div")[0].get("role") == "alert"
    title = html.unescape(answer.text).split("<title>")[1]
    assert title.startswith("Erreur" if language == "fr" else "Error")
    written = next(value for name, value in fields.items() if name in ("who", "request"))
    assert written in [each.get("value") for each in found.of("input")]
    assert twins.requests.rows == {}


@pytest.mark.parametrize("second_fact", ["none", "day"])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_field_has_a_label_of_its_own_and_every_note_belongs_to_one(
    twins: Twins, language: str, second_fact: str
) -> None:
    twins.policy = policy(("[keeping]", f'[requests]\nsecond_fact = "{second_fact}"\n\n[keeping]'))
    pages = [opened(f"language={language}"), fill({}, language=language), fill(WISH, language=language)]
    pages.append(fill({"code": "1", "day": "x"}, "/proof", ID, language))
    for answer in pages:
        found = page(answer)
        assert (found.of("html")[0]["lang"], answer.headers["content-language"]) == (language, language)
        ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        fields = [each["id"] for each in found.of("input", "textarea")]
        assert sorted(fields, key=str) == sorted([each["for"] for each in found.of("label")], key=str)
        for _, attributes in found.tags:
            named = f"{attributes.get('aria-describedby') or ''} {attributes.get('aria-labelledby') or ''}"
            assert set(named.split()) <= set(ids)


def test_the_policy_says_which_second_fact_is_asked_for(twins: Twins) -> None:
    kinds = {}
    for second_fact in ("none", "day"):
        twins.policy = policy(("[keeping]", f'[requests]\nsecond_fact = "{second_fact}"\n\n[keeping]'))
        kinds[second_fact] = [(each["name"], each["type"]) for each in page(fill(WISH)).of("input")]
    assert kinds == {
        "none": [("code", "text")],
        "day": [("code", "text"), ("day", "date")],
    }


def test_no_page_runs_anything_or_sends_elsewhere_or_is_kept(twins: Twins) -> None:
    request = fill(WISH) and next(iter(twins.requests.rows))
    for answer in (
        opened(),
        fill({}),
        fill(WISH),
        fill({"code": sent(twins)}, "/proof", request),
        fill({}, "/code", ID),
    ):
        policy_said = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy_said and "form-action 'self'" in policy_said
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["content-type"] == "text/html; charset=utf-8"
        found = page(answer)
        assert not {tag for tag, _ in found.tags} & {"script", "link", "img", "iframe"}
        assert not [name for _, attributes in found.tags for name in attributes if name.startswith("on")]
        assert {form["method"] for form in found.of("form")} <= {"post"}
        assert not [each for each in re.findall(r'(?:href|action)="([^"]*)"', answer.text) if "//" in each]


def test_what_somebody_writes_is_shown_as_written_and_never_as_markup(twins: Twins) -> None:
    evil = '"><script>alert(1)</script>&amp;'
    for answer in (fill(WISH | {"who": evil, "text": evil}), fill({"request": evil}), fill({}, "/code", evil)):
        assert "<script" not in answer.text
        assert page(answer)


def test_too_many_requests_are_told_on_the_page(twins: Twins) -> None:
    for _ in range(10):
        fill(WISH | {"who": EMAIL})
    answer = fill(WISH)
    assert (answer.status, "Trop de demandes" in answer.text) == (429, True)


@pytest.mark.parametrize(
    "body", [b"\xff", b"&".join(b"a=1" for _ in range(99)), b"right=access&who=a&" + b"t" * 11_000]
)
def test_a_form_that_cannot_be_read_is_refused(twins: Twins, body: bytes) -> None:
    assert ask("/requests", "language=fr", FORM, "POST", body).status == 400
    assert twins.requests.rows == {}


def test_the_browsers_language_is_taken_where_the_address_says_none(twins: Twins) -> None:
    assert ask("/requests", "", {"Accept-Language": "en-GB,en"}).headers["content-language"] == "en"
    assert ask("/requests", "", {}).headers["content-language"] == "fr"
    assert opened("language=de").status == 400


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("status", Status)
@pytest.mark.parametrize("right", Right)
def test_every_request_can_be_shown_in_words(language: str, status: Status, right: Right) -> None:
    day = date(2026, 11, 24)
    request = Request(
        ID, right, status, day, asked_on=day, proven_on=day, answered_on=day, told=(Told("recordings-erased", 3),),
        reasons="Rien n'est à effacer.",
    )  # fmt: skip
    shown = asking_pages.standing(policy(), language, request)
    facts = {fact.id: fact.value for fact in shown.facts}
    assert ("due" in facts) == request.is_open
    assert facts["reasons"] == "Rien n'est à effacer."
    assert ("CNIL" in " ".join(shown.text) or "supervisory" in " ".join(shown.text)) == (status is Status.REFUSED)


def test_nothing_is_due_while_an_identity_is_awaited() -> None:
    day = date(2026, 11, 24)
    waiting = Request(ID, Right.ACCESS, Status.UNPROVEN, day, asked_on=day)
    facts = {fact.id for fact in asking_pages.standing(policy(), "fr", waiting).facts}
    assert "due" not in facts
    proven = replace(waiting, state=Status.OPEN, proven_on=day)
    assert "24 décembre 2026" in {fact.value for fact in asking_pages.standing(policy(), "fr", proven).facts}
