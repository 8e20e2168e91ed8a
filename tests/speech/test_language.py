"""The languages' data can do what it says: no key is misspelt, no anchor can never be heard."""

import pytest

from chalicelib.errors import UnsupportedLanguage
from chalicelib.speech.cues import BANK, patterns
from chalicelib.speech.fold import fold
from chalicelib.speech.words import LANGUAGES, language

KEYS = {"topic", "anchor", "with", "unless", "near", "needs_payment", "strong", "mention"}
OTHERS = {
    "telephone", "order", "parcel", "client", "siret", "meter", "imei", "postcode", "date", "amount", "misc", "closed",
}  # fmt: skip


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_cue_is_of_a_known_shape_and_topic(name: str) -> None:
    for cue in language(name).cues:
        assert set(cue) <= KEYS
        assert cue["topic"] in BANK | OTHERS


@pytest.mark.parametrize("name", LANGUAGES)
def test_every_anchor_is_a_single_word_that_can_be_heard(name: str) -> None:
    for anchor in patterns(name):
        (piece,) = language(name).pieces(anchor)
        assert anchor in (piece.text, fold(piece.text, name))


@pytest.mark.parametrize("name", LANGUAGES)
def test_a_card_can_be_brought_up_in_every_language(name: str) -> None:
    assert any(pattern.topic == "card" for some in patterns(name).values() for pattern in some)


def test_a_language_without_data_is_refused() -> None:
    with pytest.raises(UnsupportedLanguage):
        language("pl-PL")
