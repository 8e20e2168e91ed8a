"""The environment, or a sentence about what is wrong with it."""

import pytest

from chalicelib.errors import InvalidSettings
from chalicelib.settings import Settings, read


def test_nothing_set_is_the_lawful_default() -> None:
    assert read({}) == Settings()
    assert (Settings().retention_days, Settings().languages) == (180, ("fr-FR",))


def test_what_is_set_is_read() -> None:
    settings = read({"LANGUAGES": "en-GB, fr-FR", "PADDING_MS": "250", "ZONE": "Indian/Reunion"})
    assert read({"STRICT": "true"}).strict
    assert (settings.languages, settings.padding_ms, settings.zone.key) == (("en-GB", "fr-FR"), 250, "Indian/Reunion")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RETENTION_DAYS", "181"),
        ("RETENTION_DAYS", "0"),
        ("RETENTION_DAYS", "-5"),
        ("PADDING_MS", "half"),
        ("ZONE", "Mars/Olympus"),
        ("ZONE", ""),
        ("LANGUAGES", " , "),
        ("QUARANTINE_DAYS", "0"),
        ("STRICT", "yes please"),
    ],
)
def test_what_is_unlawful_or_unreadable_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(InvalidSettings, match=name):
        read({name: value})
