"""Bank data heard: how people ask for it and read it, and what else they read."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import UnsupportedLanguage
from chalicelib.model import Finding, Span, Transcript, Word
from chalicelib.speech.detect import detect
from chalicelib.speech.unheard import unheard

PACE_MS, WORD_MS = 400, 350


def call(*turns: str) -> tuple[list[Word], list[Word]]:
    """A call out of turns, `C: …` and `A: …`; words in braces are bank data. `|20` is twenty seconds of hold."""
    words, sensitive, at = [], [], 1000
    for turn in turns:
        channel, inside = {"C": 0, "A": 1}[turn[0]], False
        for piece in turn[2:].split():
            if piece.startswith("|"):
                at += int(piece[1:]) * 1000
                continue
            inside = inside or piece.startswith("{")
            word = Word(piece.strip("{}"), Span(at, at + WORD_MS, channel))
            words.append(word)
            if inside:
                sensitive.append(word)
            inside = inside and not piece.endswith("}")
            at += PACE_MS
        at += 300
    return words, sensitive


def found(words: list[Word], language: str = "fr-FR", strict: bool = False) -> list[Finding]:
    return detect(Transcript(tuple(words), language, 2), language, strict)


def covers(findings: list[Finding], word: Word) -> bool:
    return any(
        f.span.channel == word.span.channel
        and f.span.start_ms <= word.span.start_ms
        and word.span.end_ms <= f.span.end_ms
        for f in findings
    )


def kinds(findings: list[Finding]) -> set[str]:
    return {finding.kind for finding in findings}


READINGS = tomllib.loads((Path(__file__).parent / "readings.toml").read_text())


@pytest.mark.parametrize("reading", READINGS["muted"], ids=lambda reading: reading["turns"][-1])
def test_bank_data_is_muted_to_its_last_word(reading: dict[str, Any]) -> None:
    words, sensitive = call(*reading["turns"])
    findings = found(words, reading["language"])
    assert [word.text for word in sensitive if not covers(findings, word)] == []
    assert reading["kind"] in kinds(findings)


@pytest.mark.parametrize("reading", READINGS["audible"], ids=lambda reading: reading["turns"][-1])
def test_what_is_no_bank_data_stays_audible(reading: dict[str, Any]) -> None:
    assert found(call(*reading["turns"])[0], reading["language"]) == []


def test_a_telephone_number_and_a_card_in_one_call_are_told_apart() -> None:
    words, sensitive = call(
        "A: votre téléphone", "C: zéro six trente-neuf quatre-vingt-dix-huit douze trente-quatre",
        "A: merci et votre numéro de carte", "C: {quarante-neuf soixante-dix dix douze trente-quatre cinquante-six}",
    )  # fmt: skip
    findings = found(words)
    muted = [word.text for word in words if covers(findings, word)]
    assert [word.text for word in sensitive] == [text for text in muted if text != "carte"][-len(sensitive) :]
    assert "quatre-vingt-dix-huit" not in muted


def test_strict_mutes_any_nine_digits_and_no_fewer() -> None:
    nine, eight = "C: un deux trois quatre cinq six sept huit neuf", "C: un deux trois quatre cinq six sept huit"
    question = "A: votre numéro de commande"
    assert found(call(question, nine)[0]) == []
    assert kinds(found(call(question, nine)[0], strict=True)) == {"digits"}
    assert found(call(question, eight)[0], strict=True) == []


def test_in_mono_the_span_silences_everybody() -> None:
    words = [Word(w.text, Span(w.span.start_ms, w.span.end_ms)) for w in call("C: ma carte {4111 1111 1111 1111}")[0]]
    assert {finding.span.channel for finding in found(words)} == {None}


def test_misheard_digits_of_a_code_are_muted_with_the_rest() -> None:
    words, sensitive = call("A: the security code on the back", "C: {won to tree}")
    assert all(covers(found(words, "en-GB"), word) for word in sensitive)


def unheard_in(words: list[Word]) -> list[Finding]:
    transcript = Transcript(tuple(words), "fr-FR", 2)
    return unheard(transcript, "fr-FR", detect(transcript, "fr-FR"))


def wordless(words: list[Word]) -> set[Span]:
    return {finding.span for finding in unheard_in(words)}


def test_the_silence_after_a_question_that_got_no_word_may_hold_the_answer() -> None:
    words, _ = call("A: et les trois chiffres au dos |5", "A: merci")
    assert wordless(words) == {Span(words[-2].span.end_ms, words[-1].span.start_ms, 0)}


def test_the_other_voices_silence_while_a_card_is_read_may_hold_its_echo() -> None:
    words, _ = call("A: votre carte", "C: 4970 1012 |3", "C: 3456 7890", "A: merci")
    assert any(s.channel == 1 and s.start_ms < words[3].span.end_ms + 1000 < s.end_ms for s in wordless(words))


def test_what_may_be_an_echo_is_of_the_kind_that_was_read() -> None:
    words, _ = call("A: votre IBAN", "C: FR76 3000 6000 |3", "C: 0112 3456 7890 189", "A: merci")
    assert kinds(unheard_in(words)) == {"iban"}


def test_where_no_bank_data_is_talked_about_silence_is_silence() -> None:
    assert wordless(call("A: bonjour |9", "A: vous êtes là", "C: oui |9", "C: voilà")[0]) == set()


def test_the_other_voice_is_muted_where_it_repeats_and_audible_where_it_does_not() -> None:
    words, _ = call(
        "A: les trois chiffres au dos", "C: cinq neuf sept", "A: cinq neuf sept", "C: oui", "A: total quatre-vingt-huit"
    )
    muted = [word.text for word in words if word.span.channel == 1 and covers(found(words), word)]
    assert muted == ["cinq", "neuf", "sept"]


def test_a_question_that_was_answered_is_over_after_some_talk() -> None:
    words, _ = call(
        "A: les trois chiffres au dos", "C: cinq neuf sept", "A: merci tout est passé votre table est là demain",
        "C: on sera donc deux cent dix",
    )  # fmt: skip
    assert not any(covers(found(words), word) for word in words[-3:])


def test_a_password_is_muted_wherever_it_is_said_again() -> None:
    words, _ = call(
        "A: quel est votre mot de passe", "C: coquelicot", "A: je regarde un instant votre dossier |60",
        "C: j'habite rue des lilas", "A: coquelicot c'est bien ça",
    )  # fmt: skip
    assert covers(found(words), next(w for w in words if w.text == "coquelicot" and w.span.channel == 1))


def test_a_word_of_letters_and_digits_is_a_password_soon_after_one_was_named() -> None:
    words, _ = call(
        "C: mon mot de passe ne marche plus", "A: je regarde votre dossier", "C: pourtant Edelweiss89 marchait"
    )
    assert covers(found(words), words[-2])


def test_a_code_is_muted_in_however_long_an_answer() -> None:
    words, _ = call("A: et les trois chiffres au dos", "C: attendez que je mette mes lunettes six cent quatorze")
    assert all(covers(found(words), word) for word in words[-3:])


@pytest.mark.parametrize(
    ("said", "rule"),
    [
        ("4111 1111 1111 1111", "asked-and-luhn"),
        ("FR76 3000 6000 0112 3456 7890 189", "asked-and-mod-97"),
        ("4111 1111 1111 1112", "asked"),
    ],
)
def test_check_digits_raise_confidence_and_are_no_condition(said: str, rule: str) -> None:
    (finding,) = found(call("A: votre numéro de carte ou votre IBAN", f"C: {said}")[0])
    assert (finding.rule, finding.confidence > 0.95) == (rule, rule != "asked")


def test_a_finding_never_holds_the_digits() -> None:
    words, _ = call("A: votre carte", "C: 4970 1012 3456 7890")
    assert not any(digits in repr(found(words)) for digits in ("4970", "1012", "3456", "7890"))


def test_another_language_is_refused_rather_than_not_heard() -> None:
    with pytest.raises(UnsupportedLanguage):
        found([Word("jeden", Span(0, 100, 0))], "pl-PL")


texts = st.one_of(st.text(max_size=12), st.sampled_from(READINGS["vocabulary"].split()))
spoken = st.lists(
    st.builds(
        lambda text, start, length, channel: Word(text, Span(start, start + length, channel)),
        texts,
        st.integers(0, 100_000),
        st.integers(1, 3000),
        st.sampled_from([0, 1]),
    ),
    max_size=40,
)


@settings(max_examples=200)
@given(spoken)
def test_no_words_make_it_raise_and_every_span_lies_near_them_in_order(words: list[Word]) -> None:
    findings = found(words)
    last = max((word.span.end_ms for word in words), default=0)
    assert all(0 <= f.span.start_ms < f.span.end_ms <= last + 1000 for f in findings)
    assert [f.span.start_ms for f in findings] == sorted(f.span.start_ms for f in findings)


def test_a_word_of_ten_thousand_characters_and_fifty_thousand_digits_are_taken_in_stride() -> None:
    words = [Word("x" * 10_000, Span(0, 100, 0)), Word("bonjour", Span(100, 200, 0))]
    words += [Word("cinq", Span(300 + 200 * n, 400 + 200 * n, 0)) for n in range(50_000)]
    findings = found(words)
    assert covers(findings, words[-1])
    assert covers(findings, words[2])


def test_words_said_a_minute_of_talk_later_unmask_nothing() -> None:
    words, sensitive = call(
        "A: votre carte", "C: {4970 1012 3456 7890}", "A: merci |70", "C: et mon téléphone c'est zéro six"
    )
    assert all(covers(found(words), word) for word in sensitive)
