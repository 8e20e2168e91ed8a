"""Languages and forms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.api.negotiation import form, language, preferences
from chalicelib.errors import InvalidRequest

FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "fr"),
        ("fr-CH, fr;q=0.9, en;q=0.8, de;q=0.7, *;q=0.5", "fr"),
        ("en-US,en;q=0.5", "en"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("de, en;q=0.2", "en"),
        ("en;q=0.4, fr;q=0.6", "fr"),
        ("en;q=0.6, fr;q=0.6", "en"),
        ("fr;q=0, en;q=0.1", "en"),
        ("fr;q=0", "fr"),
        ("de-DE", "fr"),
        ("*", "fr"),
        ("en;q=nan", "fr"),
        ("en;q=1e999, fr;q=0.1", "fr"),
        ("en;q=-1", "fr"),
        ("en;q=", "fr"),
        ("en;level=1;q=0.9, fr;q=0.5", "en"),
        (";;;,,,;q=1,=", "fr"),
        ("e" * 100_000, "fr"),
        ("de," * 5000 + "en", "fr"),
    ],
)
def test_the_browsers_best_language_that_is_known_is_taken(header: str, wanted: str) -> None:
    assert language(None, {"accept-language": header}) == wanted


@pytest.mark.parametrize(
    ("header", "wanted"),
    [
        ("", "json"),
        ("*/*", "json"),
        (FIREFOX, "html"),
        ("text/html", "html"),
        ("TEXT/HTML;charset=utf-8", "html"),
        ("text/*", "html"),
        ("application/json", "json"),
        ("application/json, text/html", "html"),
        ("application/json, text/html;q=0.5", "json"),
        ("application/json;q=0.4, text/html;q=0.5", "html"),
        ("text/html;q=0", "json"),
        ("text/html;q=x", "json"),
        ("image/png", "json"),
        ("text/html,text/html;q=0", "html"),
    ],
)
def test_a_page_is_for_who_names_it_and_json_for_all_others(header: str, wanted: str) -> None:
    assert form({}, {"accept": header}) == wanted


def test_what_the_address_says_goes_before_what_the_browser_prefers() -> None:
    assert language({"language": "fr"}, {"accept-language": "en"}) == "fr"
    assert form({"format": "json"}, {"accept": FIREFOX}) == "json"


@pytest.mark.parametrize("asked", ["", "de", "FR", "fr-FR", "<script>", "fr,en"])
def test_another_language_or_form_in_the_address_is_refused_and_not_repeated(asked: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        language({"language": asked}, {})
    assert str(refused.value) == "`language` is fr or en"
    with pytest.raises(InvalidRequest):
        form({"format": asked}, {})


@given(st.text(max_size=300) | st.text(alphabet="frenqhtml/*;=,.0159 -", max_size=300))
def test_no_header_stops_an_answer(header: str) -> None:
    assert language({}, {"accept-language": header}) in ("fr", "en")
    assert form({}, {"accept": header}) in ("html", "json")
    assert all(0 <= quality <= 1 and name for name, quality in preferences(header))
