"""The calls written by hand can be measured: every mark has a known kind, every word its time."""

import pytest

from tests.corpus.speech.calls import LANGUAGES
from tests.corpus.written import HERE, SETS, written

SECRET = {"card", "security-code", "expiry", "iban", "rib", "bic", "pin", "password"}
FILES = sorted((part, path.stem) for part in SETS for path in (HERE / part).glob("*.txt"))


@pytest.mark.parametrize(("part", "language"), FILES)
def test_every_call_has_turns_of_both_marks_of_known_kinds_and_words_in_order(part: str, language: str) -> None:
    calls = list(written(part, language))
    assert language in LANGUAGES
    assert {kind for call in calls for _, kind in call.truth} <= SECRET
    for call in calls:
        assert {word.span.channel for word in call.verbatim} == {0, 1}
        starts = [word.span.start_ms for word in call.verbatim]
        assert starts == sorted(starts)
        assert call.verbatim[-1].span.end_ms < call.duration_ms


def test_both_sets_hold_bank_data_and_other_numbers_in_every_language_written() -> None:
    assert {part for part, _ in FILES} == set(SETS)
    assert all(any(call.truth for call in written(part, language)) for part, language in FILES)
    assert all(any(call.audible for call in written(part, language)) for part, language in FILES)
