"""A document as a page: plain HTML, no script, nothing from elsewhere, every value escaped."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.law.document import Document
from chalicelib.law.texts import texts

if TYPE_CHECKING:
    from jinja2 import Template

SECURITY = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
"""Of every answer that a browser may show."""

_TIED = re.compile(r"(?<=\bart\.) |(?<=\bL\.) ")
_TIED_IN_FRENCH = re.compile(r" (?=[:;?!%»])|(?<=«) ")


def render(document: Document) -> str:
    """The whole page, in the document's language."""
    return _template(document.language).render(page=document, words=texts(document.language)["page"])


@cache
def _template(language: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # the queues' functions never show a page

    folder = FileSystemLoader(Path(__file__).parent / "pages")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined)
    environment.filters["typeset"] = partial(_typeset, language)
    return environment.get_template("document.html")


def _typeset(language: str, text: str) -> str:
    """No line breaks inside a law's number, nor, in French, before a colon or beside a quote."""
    tied = _TIED.sub("\N{NO-BREAK SPACE}", text)
    return _TIED_IN_FRENCH.sub("\N{NO-BREAK SPACE}", tied) if language == "fr" else tied
