"""The bench on sound asks in silence and counts what was recognised; the voices themselves are not needed here."""

from chalicelib.model import Span, Transcript, Word
from tests.bench.asked import ASKED, ASKED_MS, questions, script
from tests.bench.sound import recognised


def test_every_call_asks_for_a_card_a_date_and_a_code_and_reads_sixteen_digits_or_fifteen() -> None:
    for language in ASKED:
        for seed in range(20):
            made = script(seed, language)
            assert {"card", "expiry", "code"} <= {turn.secret for turn in made.turns}
            assert len(made.card) in (15, 16)


def test_a_question_ends_before_its_answer() -> None:
    made = script(0, "fr-FR")
    answers = [Span(ASKED_MS * n, ASKED_MS * n + 500, 0) for n in (2, 4, 6)]
    asked = list(questions(answers, made))
    assert [w.text for w in asked] == " ".join(ASKED["fr-FR"]).split()
    assert not any(answer.start_ms <= word.span.end_ms <= answer.end_ms for word in asked for answer in answers)


def test_digits_count_as_recognised_in_order_and_on_their_voice_only() -> None:
    made = script(1, "fr-FR")
    right = Word(made.card, Span(0, 100, 0))
    assert recognised(made, Transcript((right,), "fr-FR", 2)) >= len(made.card)
    assert recognised(made, Transcript((Word("9", Span(0, 100, 1)),), "fr-FR", 2)) <= 1
