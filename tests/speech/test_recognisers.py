"""What bank data looks like by itself: published test numbers, and what is like them and is none."""

import tomllib
from pathlib import Path

import pytest

from chalicelib.model import Span, Transcript, Word
from chalicelib.speech.recognisers.bic import is_bic
from chalicelib.speech.recognisers.card import is_card, may_begin_a_card
from chalicelib.speech.recognisers.expiry import begins_with_its_month, is_month_slash_year
from chalicelib.speech.recognisers.iban import begins_an_iban, is_iban
from chalicelib.speech.recognisers.rib import is_rib
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import stream
from chalicelib.speech.words import language

SHAPES = {
    "card": lambda run: is_card(run.readings),
    "begins a card": may_begin_a_card,
    "iban": is_iban,
    "begins an iban": lambda run: begins_an_iban(run, 3),
    "rib": is_rib,
    "bic": is_bic,
    "expiry by month": begins_with_its_month,
    "expiry by slash": is_month_slash_year,
}
VECTORS = tomllib.loads(Path(__file__).with_name("shapes.toml").read_text())


def run(text: str, tag: str) -> Run:
    """Every word of a text as one run."""
    words = language(tag)
    said = tuple(Word(word, Span(400 * n, 400 * n + 300, 0)) for n, word in enumerate(text.split()))
    return Run(tuple(stream(Transcript(said, tag, 1), words)), words)


@pytest.mark.parametrize("vector", VECTORS["is"], ids=lambda v: f"{v['shape']}: {v['said']}")
def test_what_has_the_shape_is_told(vector: dict[str, str]) -> None:
    assert SHAPES[vector["shape"]](run(vector["said"], vector.get("language", "fr-FR")))


@pytest.mark.parametrize("vector", VECTORS["is_not"], ids=lambda v: f"{v['shape']}: {v['said']}")
def test_what_only_looks_like_it_is_not(vector: dict[str, str]) -> None:
    assert not SHAPES[vector["shape"]](run(vector["said"], vector.get("language", "fr-FR")))
