"""What is written to a person: to a telephone in letters that it has, and nothing that others may not read."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from chalicelib.law.messages import GSM, LONGEST, Message, answer_ready, extended, plain
from chalicelib.law.policy import Policy
from chalicelib.law.request import Request, Right, Status
from tests.regimes import changed, example

BOTH = pytest.mark.parametrize("language", ["fr", "en"])
HERE = "https://abcdefghij.execute-api.eu-west-3.amazonaws.com/api"
REASONS = "Vos appels sont nombreux, et concernent plusieurs services."
TEL = Request(
    "0123456789abcdef0123456789",
    Right.ACCESS,
    Status.ANSWERED,
    date(2026, 10, 31),
    contact="tel:+33612345678",
    extended=True,
    reasons=REASONS,
    answered_on=date(2026, 11, 24),
)
MAIL = replace(TEL, contact="mailto:jeanne@exemple.example")
NAMED = changed(('Exemple SAS"\naddress', 'Société d’Œuvres – Forêt & Cie, S.A."\naddress'))
LONG = changed(
    ('Exemple SAS"\naddress', f'Exemple {"très long " * 40}"\naddress'),
    ("[keeping]", f'[requests]\npage = "https://droits.exemple.example/{"a" * 260}"\n\n[keeping]'),
)


def texts_of(language: str, policy: Policy, public_url: str) -> list[Message]:
    told = replace(TEL, language=language)
    return [answer_ready(told, policy, public_url), extended(told, policy, public_url)]


@BOTH
@pytest.mark.parametrize("policy", [example(), NAMED, LONG], ids=["example", "named", "long"])
@pytest.mark.parametrize("public_url", ["", HERE])
def test_a_text_message_is_short_and_in_letters_of_every_telephone(
    language: str, policy: Policy, public_url: str
) -> None:
    for _, text in texts_of(language, policy, public_url):
        assert len(text) <= LONGEST and set(text) <= GSM
        assert ".." not in text and "{" not in text
        assert TEL.id in text and text.endswith(".")


@BOTH
def test_a_text_message_leads_to_the_page_and_tells_no_reasons(language: str) -> None:
    for _, text in texts_of(language, example(), HERE):
        assert f"{HERE}/requests." in text
        assert "Vos appels" not in text and "+336" not in text


@BOTH
def test_where_no_page_is_known_or_it_is_too_long_the_dpo_is_named(language: str) -> None:
    for _, text in texts_of(language, example(), "") + texts_of(language, LONG, HERE):
        assert str(example().dpo.email) in text and "aaaa" not in text


def test_days_are_written_in_digits_where_a_months_name_needs_letters_that_cost() -> None:
    ready, later = texts_of("fr", example(), HERE)
    assert "avant le 01/12/2026 :" in ready[1]
    assert "le 01/02/2027 au plus tard, et non plus le 30/11/2026." in later[1]
    assert "before 1 December 2026:" in texts_of("en", example(), HERE)[0][1]


@BOTH
def test_an_email_gives_the_reasons_as_they_were_written_and_days_in_words(language: str) -> None:
    told = replace(MAIL, language=language)
    _, text = extended(told, example(), HERE)
    assert f"\n{REASONS}\n" in text and f"{HERE}/requests" in text
    assert {"fr": "1er décembre 2026", "en": "1 December 2026"}[language] in answer_ready(told, example(), HERE)[1]


@pytest.mark.parametrize(
    ("written", "sent"),
    [
        ("août, décembre, forêt, Noël, ça", "aout, décembre, foret, Noel, ca"),
        ("l’œuvre – « ici »…", 'l\'oeuvre - " ici "...'),
        ("d\u0065\u0301ja\u0300, À, É, ñ, €", "déjà, A, É, ñ, €"),
        ("un\u00a0; deux\u202f! \u2603", "un ; deux ! "),
    ],
)
def test_letters_that_not_every_telephone_has_become_those_that_look_like_them(written: str, sent: str) -> None:
    assert plain(written) == sent
