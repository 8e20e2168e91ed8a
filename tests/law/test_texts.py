"""French and English say the same things."""

import string
from collections.abc import Iterator
from typing import Any

from chalicelib.law.texts import texts


def leaves(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(value, str):
        yield path, value
        return
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
        yield from leaves(inner, (*path, str(key)))


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def test_both_languages_have_the_same_keys() -> None:
    assert dict(leaves(texts("fr"))).keys() == dict(leaves(texts("en"))).keys()


def test_both_languages_fill_in_the_same_things() -> None:
    english = dict(leaves(texts("en")))
    assert [path for path, text in leaves(texts("fr")) if blanks(text) != blanks(english[path])] == []


def test_nothing_is_left_empty() -> None:
    assert [path for language in ("fr", "en") for path, text in leaves(texts(language)) if not text.strip()] == []
