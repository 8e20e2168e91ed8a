"""A document as people read it: a plain page, and the same as PDF."""

from __future__ import annotations

from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

from chalicelib.adapters.typeset import typeset
from chalicelib.law.document import Document
from chalicelib.law.form import Page
from chalicelib.law.texts import texts

if TYPE_CHECKING:
    from jinja2 import Template

_HANDED_OVER = ("answer",)
"""Documents that people are given as a file: their pages lead nowhere."""


class DocumentPrinter:
    """Plain HTML, no script, nothing from elsewhere, every value escaped."""

    def html(self, document: Document) -> bytes:
        words = texts(document.language)["page"]
        shown = {"page": document, "words": words, "views": document.id not in _HANDED_OVER}
        return _template(document.language, "document.html").render(**shown).encode()

    def form(self, page: Page) -> bytes:
        words = texts(page.language)["asking"]["page"]
        return _template(page.language, "form.html").render(page=page, words=words).encode()

    def pdf(self, document: Document) -> bytes:
        from chalicelib.adapters.pdf import pdf  # nor does any of them print one

        return pdf(document)


@cache
def _template(language: str, name: str) -> Template:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined  # the queues' functions never show a page

    folder = FileSystemLoader(Path(__file__).parent / "pages")
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined)
    environment.filters["typeset"] = partial(typeset, language)
    return environment.get_template(name)
