"""Runs of digits, spoken and written, French and English."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import UnsupportedLanguage
from chalicelib.model import Span, Transcript, Word
from chalicelib.speech.detect import detect


def said(text: str, channel: int | None = 0, start_ms: int = 0, pace_ms: int = 400) -> list[Word]:
    """The words of `text`, one every `pace_ms`; `|` is ten seconds of silence."""
    words = []
    for piece in text.split():
        if piece == "|":
            start_ms += 10_000
            continue
        words.append(Word(piece, Span(start_ms, start_ms + pace_ms - 50, channel)))
        start_ms += pace_ms
    return words


def spans(words: list[Word], language: str = "fr-FR") -> list[Span]:
    return [finding.span for finding in detect(Transcript(tuple(words), language, 2), language)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr-FR", "quatre un un un zéro un"),
        ("fr-FR", "quarante et un onze onze"),
        ("fr-FR", "quarante-neuf soixante-dix dix zéro un"),
        ("fr-FR", "4970 1012 3456"),
        ("fr-FR", "4970101234567890."),
        ("fr-FR", "Zéro, quatre, SEPTANTE"),
        ("fr-FR", "zero huit euh cent douze"),
        ("fr-FR", "quatre‑vingt‑dix-neuf douze"),
        ("en-GB", "four one double one oh"),
        ("en-US", "forty-one eleven 1111"),
    ],
)
def test_digits_read_aloud_are_found_from_the_first_to_the_last(language: str, text: str) -> None:
    words = said(text)
    assert spans(words, language) == [Span(0, words[-1].span.end_ms, 0)]


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("fr-FR", "bonjour que puis-je faire pour vous"),
        ("fr-FR", "je vous passe le poste douze"),
        ("fr-FR", "deux | trois | quatre"),
        ("en-GB", "press one | or two"),
        ("en-GB", "someone won the money tenfold"),
    ],
)
def test_what_is_not_a_run_of_three_digits_stays_audible(language: str, text: str) -> None:
    assert spans(said(text), language) == []


def test_each_channel_is_read_by_itself() -> None:
    words = (
        said("quatre neuf sept zéro", 0) + said("oui d'accord je vous suis", 1, 200) + said("neuf sept zéro", 1, 5000)
    )
    assert spans(words) == [Span(0, 1550, 0), Span(5000, 6150, 1)]


def test_a_groan_or_a_misheard_digit_does_not_end_a_reading() -> None:
    words = said("quatre neuf hum cède zéro dis un")
    assert spans(words) == [Span(0, words[-1].span.end_ms, 0)]


def test_words_out_of_order_and_overlapping_are_read_in_order() -> None:
    words = said("un deux trois quatre")
    assert spans(words[::-1]) == spans(words)


def test_another_language_is_refused_rather_than_not_heard() -> None:
    with pytest.raises(UnsupportedLanguage):
        spans(said("eins zwei drei"), "de-DE")


@given(st.lists(st.text(max_size=12), max_size=60))
def test_no_words_make_it_raise_and_every_span_lies_among_them(texts: list[str]) -> None:
    words = [Word(text, Span(n * 300, n * 300 + 250, n % 2)) for n, text in enumerate(texts)]
    for span in spans(words, "en-GB"):
        assert 0 <= span.start_ms < span.end_ms <= words[-1].span.end_ms


def test_a_word_of_ten_thousand_characters_and_fifty_thousand_digits_are_taken_in_stride() -> None:
    words = [Word("x" * 10_000, Span(0, 100, 0)), *said("sept " * 50_000, 0, 200)]
    assert spans(words) == [Span(200, words[-1].span.end_ms, 0)]
