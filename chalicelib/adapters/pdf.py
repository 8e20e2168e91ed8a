"""A document as PDF: A4, its own fonts, the same bytes for the same document.

ReportLab comes with the Vera fonts, which have every letter of French; a character that they lack is shown by one that
they have, so that no reader meets an empty box.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Paragraph, SimpleDocTemplate, Table, TableStyle

from chalicelib.adapters.typeset import typeset
from chalicelib.law.document import Document, Fact, Section

_PLAIN, _BOLD = "Vera", "VeraBd"
_MARGIN, _LABEL = 22 * mm, 48 * mm
_SOFT, _LINE = HexColor("#545454"), HexColor("#c8c8c8")
_INSTEAD = {"\N{NARROW NO-BREAK SPACE}": "\N{NO-BREAK SPACE}", "\N{NON-BREAKING HYPHEN}": "-"}


def pdf(document: Document) -> bytes:
    """The whole document, page by page."""
    _fonts()
    written = BytesIO()
    pages = SimpleDocTemplate(
        written,
        pagesize=A4,
        leftMargin=_MARGIN,
        rightMargin=_MARGIN,
        topMargin=_MARGIN,
        bottomMargin=_MARGIN,
        title=_shown(document, document.title),
        subject=document.id,
        author="Sourdine",
        creator="Sourdine",
        lang=document.language,
        invariant=1,
    )
    pages.build([*_story(document)], onFirstPage=_numbered(document), onLaterPages=_numbered(document))
    return written.getvalue()


@cache
def _fonts() -> None:
    """Embedded, as far as their letters are used."""
    for name in (_PLAIN, _BOLD):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    pdfmetrics.registerFontFamily(_PLAIN, normal=_PLAIN, bold=_BOLD, italic=_PLAIN, boldItalic=_BOLD)


def _style(size: float, before: float, bold: bool = False, keep: bool = False) -> ParagraphStyle:
    font = _BOLD if bold else _PLAIN
    return ParagraphStyle(
        f"{font}{size}", fontName=font, fontSize=size, leading=size * 1.4, spaceBefore=before, keepWithNext=keep
    )


_TITLE, _HEADING, _PART = _style(16, 0, True, True), _style(11.5, 14, True, True), _style(9.5, 8, True, True)
_TEXT, _TOLD = _style(9, 4), _style(9, 0)


_WHOLE = ((0, 0), (-1, -1))
_ROWS = TableStyle([("VALIGN", *_WHOLE, "TOP"), ("LINEBELOW", *_WHOLE, 0.4, _LINE), ("LEFTPADDING", *_WHOLE, 0)])


def _story(document: Document) -> Iterator[Any]:
    yield Paragraph(_marked(document, document.title), _TITLE)
    for section in document.sections:
        yield Paragraph(_marked(document, section.title), _HEADING)
        yield from _inside(document, section)
        for part in section.parts:
            yield Paragraph(_marked(document, part.title), _PART)
            yield from _inside(document, part)


def _inside(document: Document, section: Section) -> Iterator[Any]:
    for paragraph in section.text:
        yield Paragraph(_marked(document, paragraph), _TEXT)
    if section.facts:
        yield _table(document, section.facts)


def _table(document: Document, facts: tuple[Fact, ...]) -> Table:
    """Label and value beside each other; a row may be longer than a page."""
    rows = [
        [Paragraph(f"<b>{_marked(document, fact.label)}</b>", _TOLD), Paragraph(_marked(document, fact.value), _TOLD)]
        for fact in facts
    ]
    table = Table(rows, colWidths=[_LABEL, A4[0] - 2 * _MARGIN - _LABEL - 12], hAlign="LEFT", splitInRow=1)
    table.setStyle(_ROWS)
    table.spaceBefore = 4
    return table


def _numbered(document: Document) -> Any:
    """What stands at the foot of each page: the policy's version and the page's number."""

    def foot(canvas: Canvas, _: Any) -> None:
        canvas.saveState()
        canvas.setFont(_PLAIN, 7.5)
        canvas.setFillColor(_SOFT)
        canvas.drawString(_MARGIN + 6, 12 * mm, _shown(document, f"{document.title} ({document.version})"))
        canvas.drawRightString(A4[0] - _MARGIN - 6, 12 * mm, str(canvas.getPageNumber()))
        canvas.restoreState()

    return foot


def _marked(document: Document, text: str) -> str:
    """Text as ReportLab's markup, with nothing in it taken for markup."""
    return escape(_shown(document, text)).replace("\n", "<br/>")


def _shown(document: Document, text: str) -> str:
    """Typeset, and of characters that the font has."""
    has = pdfmetrics.getFont(_PLAIN).face.charToGlyph
    tied = typeset(document.language, text)
    known = (_INSTEAD.get(each, each) for each in tied)
    return "".join(each if ord(each) in has or each == "\n" else "?" for each in known)
