"""A document as people read it: a plain page, and the same as PDF."""

from __future__ import annotations

import re
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.law.document import Document
from chalicelib.law.form import Page
from chalicelib.law.texts import texts

if TYPE_CHECKING:
    from jinja2 import Template

_TIED = re.compile(r"(?<=\bart\.) |(?<=\bL\.) ")
_TIED_IN_FRENCH = re.compile(r" (?=[:;?!%»])|(?<=«) ")


class DocumentPrinter:
    """Plain HTML, no script, nothing from elsewhere, every value escaped."""

    def html(self, document: Document) -> bytes:
        words = texts(document.language)["page"]
        return _template(document.language, "document.html").render(page=document, words=words).encode()

    def form(self, page: Page) -> bytes:
        words = texts(page.language)["asking"]["page"]
        return _template(page.language, "form.html").render(page=page, words=words).encode()

    def pdf(self, document: Document) -> bytes:
        raise NotImplementedError


@cache
def _template(language: str, name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # the queues' functions never show a page

    folder = FileSystemLoader(Path(__file__).parent / "pages")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined)
    environment.filters["typeset"] = partial(typeset, language)
    return environment.get_template(name)


def typeset(language: str, text: str) -> str:
    """No line breaks inside a law's number, nor, in French, before a colon or beside a quote."""
    tied = _TIED.sub("\N{NO-BREAK SPACE}", text)
    return _TIED_IN_FRENCH.sub("\N{NO-BREAK SPACE}", tied) if language == "fr" else tied
