"""Spoken numbers as a lattice of readings, over text2num's words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.speech.lattice import lengths, readings
from chalicelib.speech.pieces import Piece
from chalicelib.speech.recognisers.card import is_card, issued, luhn
from chalicelib.speech.words import language


def pieces(text: str, tag: str) -> list[Piece]:
    return [piece for word in text.split() for piece in language(tag).pieces(word)]


def read(text: str, tag: str = "fr-FR") -> list[str]:
    return readings(pieces(text, tag), language(tag))


@pytest.mark.parametrize(
    ("text", "every"),
    [
        ("soixante dix", {"70", "6010"}),
        ("quatre vingt douze", {"92", "8012", "42012"}),
        ("cent deux", {"102", "1002"}),
        ("vingt-et-un", {"21", "201"}),
    ],
)
def test_what_french_leaves_open_stays_open(text: str, every: set[str]) -> None:
    assert set(read(text)) == every


@pytest.mark.parametrize(
    ("tag", "text", "digits"),
    [
        ("fr-FR", "quatre mille neuf cent soixante-dix", "4970"),
        ("fr-FR", "quarante-neuf soixante-dix dix zéro un", "49701001"),
        ("fr-BE", "septante-deux nonante et un", "7291"),
        ("fr-CH", "huitante octante", "8080"),
        ("fr-FR", "zero quatrevingt", "080"),
        ("fr-FR", "trois fois le quatre double zéro", "44400"),
        ("fr-FR", "quatre‑vingt‑dix-neuf", "99"),
        ("fr-FR", "4970-1012 12/27", "497010121227"),
        ("en-GB", "four thousand one hundred and eleven", "4111"),
        ("en-GB", "double oh seven forty-one", "00741"),
        ("en-US", "three times four", "444"),
        ("de-DE", "neunundvierzig siebzig", "4970"),
        ("es-ES", "cuarenta y uno", "41"),
        ("it-IT", "quarantanove", "49"),
        ("pt-PT", "meia dois", "62"),
        ("nl-NL", "negenenveertig een", "491"),
    ],
)
def test_the_reading_that_was_meant_is_among_them(tag: str, text: str, digits: str) -> None:
    found = read(text, tag)
    assert digits in found
    fewest, most = lengths(pieces(text, tag), language(tag))
    assert fewest <= len(digits) <= most


WORDS = "un deux dix vingt soixante cent mille et fois double 12 zéro"


@given(st.lists(st.sampled_from(WORDS.split()), max_size=80))
def test_every_reading_is_as_long_as_the_lengths_allow_and_a_monster_has_none(words: list[str]) -> None:
    some = pieces(" ".join(words), "fr-FR")
    fewest, most = lengths(some, language("fr-FR"))
    assert fewest <= most
    assert all(fewest <= len(digits) <= most for digits in readings(some, language("fr-FR")))


@pytest.mark.parametrize("number", ["4111111111111111", "5555555555554444", "378282246310005", "4000002500000003"])
def test_published_test_cards_are_cards_and_one_digit_off_they_are_not(number: str) -> None:
    assert is_card([number])
    assert issued(number)
    assert not luhn(number[:-1] + str((int(number[-1]) + 1) % 10))


def test_a_siret_that_passes_luhn_is_no_card() -> None:
    assert luhn("73282932000074")
    assert not is_card(["73282932000074"])


def test_a_token_that_text2num_chokes_on_is_a_word() -> None:
    for text in ("\ud800", "²", "Ⅷ", "zéro\u0000", "１２", "", "-", "'" * 500, "x" * 10_000):
        assert all(isinstance(piece, Piece) for piece in language("fr-FR").pieces(text))
