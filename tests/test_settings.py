"""The environment, or a sentence about what is wrong with it."""

import pytest

from chalicelib.errors import InvalidSettings
from chalicelib.settings import Settings, read


def test_nothing_set_is_the_default() -> None:
    assert read({}) == Settings()


def test_what_is_set_is_read() -> None:
    settings = read({"PADDING_MS": "250", "STRICT": "true", "CUT_MARGIN_MS": "0"})
    assert (settings.padding_ms, settings.strict, settings.cut_margin_ms) == (250, True, 0)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PADDING_MS", "half"),
        ("PADDING_MS", "-5"),
        ("CUT_MARGIN_MS", ""),
        ("RAW_DAYS", "0"),
        ("STRICT", "yes please"),
        ("CODES_AN_HOUR", "0"),
        ("CODES_AN_HOUR_OF_ONE_SOURCE", "0"),
        ("REQUESTS_AN_HOUR", "many"),
        ("MESSAGES_A_DAY", "0"),
    ],
)
def test_what_is_unreadable_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        read({name: value})
