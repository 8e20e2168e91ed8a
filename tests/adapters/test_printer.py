"""Documents as people are given them: pages and PDF."""

from __future__ import annotations

import base64
import re
import zlib

import pytest

from chalicelib.adapters.pdf import _shown, pdf
from chalicelib.adapters.printer import DocumentPrinter
from chalicelib.law.document import Document, Fact, Section
from chalicelib.law.notice import notice
from tests.regimes import example

LETTER = "Là où « œuvre » coûte 5 € : l’été, ça…"


def letter(language: str = "fr", id: str = "answer", text: str = LETTER) -> Document:
    section = Section("one", "Un", (text,), (Fact("a", "Ce qui est dit", text),), (Section("two", "Deux", (text,)),))
    return Document(id, language, "2026-11-24", "Réponse", (section,))


def pages(body: bytes) -> int:
    return int(re.findall(rb"/Count (\d+)", body)[0])


def test_the_same_document_is_the_same_bytes() -> None:
    assert pdf(letter()) == pdf(letter())
    assert pdf(letter()) != pdf(letter(text="autre"))


@pytest.mark.parametrize("language", ["fr", "en"])
def test_language_and_title_are_said_and_the_fonts_are_inside(language: str) -> None:
    body = DocumentPrinter().pdf(letter(language))
    assert body.startswith(b"%PDF-") and body.rstrip().endswith(b"%%EOF")
    assert f"/Lang ({language})".encode() in body
    assert b"/Title (R\\351ponse)" in body
    assert body.count(b"/FontFile2") == 2  # plain and bold


def test_every_letter_of_french_is_in_the_font() -> None:
    assert _shown(letter(), "àâæçéèêëîïôœùûüÿÀÂÆÇÉÈÊËÎÏÔŒÙÛÜŸ«»’“”–—…€ \N{NO-BREAK SPACE}").count("?") == 0


def test_a_letter_that_the_font_lacks_is_shown_as_one_that_it_has() -> None:
    assert _shown(letter(), "a\N{NARROW NO-BREAK SPACE}b") == "a\N{NO-BREAK SPACE}b"
    assert _shown(letter(), "漢") == "?"
    assert pdf(letter(text="漢\0\ud800字")).startswith(b"%PDF-")


def test_what_looks_like_markup_is_text() -> None:
    assert pdf(letter(text="<b>a & b</i> <img src='http://x.example/y.png'/> </para>")).startswith(b"%PDF-")


def test_a_text_that_is_longer_than_a_page_goes_on_over_the_next() -> None:
    assert pages(pdf(letter(text="mot " * 4000))) > 6


def test_a_whole_notice_can_be_printed() -> None:
    assert pages(pdf(notice(example(), "fr"))) > 2


def test_a_page_that_is_handed_over_as_a_file_leads_nowhere() -> None:
    assert b"<nav" not in DocumentPrinter().html(letter())
    assert b"<nav" in DocumentPrinter().html(letter(id="notice"))


def test_the_texts_of_a_page_are_in_the_pdf_as_well() -> None:
    """Each page holds at least as many words as were written: a stream that is empty would be a blank sheet."""
    body = pdf(letter())
    streams = re.findall(rb"stream\r?\n(.*?)endstream", body, re.DOTALL)
    shown = b"".join(unpacked(stream) for stream in streams)
    assert shown.count(b"Tj") >= 6  # title, heading, part, three paragraphs, label, foot


def unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
    except (ValueError, zlib.error):
        return b""
