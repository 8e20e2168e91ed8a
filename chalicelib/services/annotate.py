"""What a person says of a call that was recorded, as their request asks for it, and the transcript that says so."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime

from chalicelib.errors import CannotBeRectified
from chalicelib.model import Recording, Span
from chalicelib.services.machine import Machine
from chalicelib.services.vault import ANNOTATIONS, Document, rewritten
from chalicelib.speech import amazon
from chalicelib.speech.corrected import corrected
from chalicelib.speech.typed import without_numbers

RECTIFIED = "rectified"
WORDS_RECTIFIED = "words-rectified"
"""The grounds; after the second, what the words are, and so what is muted, may be another (`redact_again`)."""


@dataclass(frozen=True, slots=True)
class Rectification:
    """What is corrected, under the id of the request that asks for it; what is empty stays as it is.

    `statement` is the person's own (about `span`, or about the whole call). `words` take the place of those in `span`.
    `queue` and `language` are the policy's, `agent` is any of their names.
    """

    request: str
    statement: str = field(default="", repr=False)
    span: Span | None = None
    words: str = field(default="", repr=False)
    language: str = ""
    queue: str = ""
    agent: str = field(default="", repr=False)


def with_words(recording: Recording, document: Document, asked: Rectification) -> Document:
    """The transcript with the words corrected, in the language that they are said to be in, masked where muted."""
    words = replace(amazon.load(document, recording.language), language=recording.language)
    if asked.words:
        if asked.span is None:
            raise CannotBeRectified("say in which span the words are wrong")
        words = corrected(words, asked.span, asked.words, recording.language)
    return rewritten(document, recording, words)


def annotated(document: Document, asked: Rectification, language: str, told: set[datetime], now: datetime) -> Document:
    """The transcript with the person's statement beside the words, and that some of them were corrected.

    What was written before whoever wrote it died, or lost a race, is written as of now, when the ledger has it too.
    """
    if not (asked.statement or asked.words):
        return document
    said: Document = {"request": asked.request}
    if asked.statement:
        said |= {"text": without_numbers(asked.statement, language)}
    if asked.span:
        said |= {"start-ms": asked.span.start_ms, "end-ms": asked.span.end_ms}
    if asked.words:
        said |= {"corrected": True}
    said |= {"at": now.isoformat()}
    known: list[Document] = document.get(ANNOTATIONS, [])
    same = [each for each in known if each | {"at": ""} == said | {"at": ""}]
    if any(datetime.fromisoformat(each["at"]) in told for each in same):
        return document
    return document | {ANNOTATIONS: [*(each for each in known if each not in same), said]}


def noted(machine: Machine, recording: Recording) -> set[datetime]:
    """When the ledger was told of rectifications."""
    lines = machine.recordings.ledger(recording.id)
    return {line.at for line in lines if line.ground in (RECTIFIED, WORDS_RECTIFIED)}


def unnoted(document: Document, asked: Rectification, told: set[datetime]) -> set[datetime]:
    """Of the request's annotations those that the ledger was not told of."""
    own = [each for each in document.get(ANNOTATIONS, []) if each["request"] == asked.request]
    return {datetime.fromisoformat(each["at"]) for each in own} - told
