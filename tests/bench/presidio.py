"""The rival: Microsoft Presidio, fed each channel's words through text2num.

It is treated kindly: tokens are lower-cased and stripped of marks before text2num, its recognisers are told the
context words of each language, and `detect_joined` writes neighbouring numerals as one, so that its patterns have
a chance. spaCy is blank: a model's named entities would find no bank data, and none can be downloaded here.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import cache
from itertools import groupby

import spacy
from presidio_analyzer import AnalyzerEngine, RecognizerRegistry
from presidio_analyzer.nlp_engine import SpacyNlpEngine
from presidio_analyzer.predefined_recognizers import CreditCardRecognizer, IbanRecognizer, UsBankRecognizer
from spacy.language import Language
from spacy.tokens import Doc
from text_to_num import find_numbers

from chalicelib.model import Finding, Span, Transcript, Word

_KINDS = {"CREDIT_CARD": "card", "IBAN_CODE": "iban", "US_BANK_NUMBER": "rib"}
_LEAST_SCORE = 0.3
_CONTEXT = {
    "fr": "carte bancaire bleue cb visa mastercard paiement iban rib compte banque",
    "en": "credit debit card visa mastercard amex payment iban account bank",
    "es": "tarjeta visa mastercard pago iban cuenta banco",
    "de": "karte kreditkarte visa mastercard zahlung iban konto bank",
    "it": "carta visa mastercard pagamento iban conto banca",
    "pt": "cartão visa mastercard pagamento iban conta banco",
    "nl": "kaart creditcard visa mastercard betaling iban rekening bank",
}


class _Token:
    """What text2num asks of a token."""

    def __init__(self, word: str) -> None:
        self.word = unicodedata.normalize("NFC", word.lower().strip(".,;:?!…"))

    def text(self) -> str:
        return self.word

    def nt_separated(self, previous: _Token) -> bool:
        return False

    def not_a_number_part(self) -> bool:
        return False


@Language.component("lower_lemmas")
def _lower_lemmas(doc: Doc) -> Doc:
    """A blank pipeline has no lemmas, and without them Presidio sees no context."""
    for token in doc:
        token.lemma_ = token.lower_
    return doc


@cache
def _analyzer(language: str) -> AnalyzerEngine:
    pipeline = spacy.blank(language)
    pipeline.add_pipe("lower_lemmas")
    pipeline.max_length = 10_000_000
    engine = SpacyNlpEngine()
    engine.nlp = {language: pipeline}
    context = _CONTEXT[language].split()
    recognizers = [
        kind(supported_language=language, context=context)
        for kind in (CreditCardRecognizer, IbanRecognizer, UsBankRecognizer)
    ]
    registry = RecognizerRegistry(recognizers=recognizers, supported_languages=[language])
    return AnalyzerEngine(registry=registry, nlp_engine=engine, supported_languages=[language])


def detect(transcript: Transcript, language: str) -> list[Finding]:
    """What Presidio finds in what text2num writes."""
    return _detect(transcript, language, joined=False)


def detect_joined(transcript: Transcript, language: str) -> list[Finding]:
    """The same, with neighbouring numerals written as one."""
    return _detect(transcript, language, joined=True)


def _detect(transcript: Transcript, language: str, joined: bool) -> list[Finding]:
    primary, findings = language.split("-")[0], list[Finding]()
    for channel in sorted({word.span.channel for word in transcript.words}, key=str):
        words = [word for word in transcript.words if word.span.channel == channel]
        text, places = _written(words, primary, joined)
        found = _analyzer(primary).analyze(text, language=primary, entities=list(_KINDS), score_threshold=_LEAST_SCORE)
        for result in found:
            inside = [word for start, end, word in places if start < result.end and result.start < end]
            if inside:
                span = Span(inside[0].span.start_ms, max(w.span.end_ms for w in inside), channel)
                findings.append(Finding(span, _KINDS[result.entity_type], result.score, "presidio"))
    return findings


def _written(words: Sequence[Word], language: str, joined: bool) -> tuple[str, list[tuple[int, int, Word]]]:
    """The channel's text with its numbers as numerals, and where in it each word is."""
    pieces = _pieces(words, language)
    text, places = "", list[tuple[int, int, Word]]()
    for numeric, run in groupby(pieces, key=lambda piece: bool(re.fullmatch(r"[\d-]+", piece[0]))):
        for index, (written, said) in enumerate(run):
            text += written if joined and numeric and index else f" {written}" if text else written
            places += [(len(text) - len(written), len(text), word) for word in said]
    return text, places


def _pieces(words: Sequence[Word], language: str) -> list[tuple[str, Sequence[Word]]]:
    """Each number that text2num finds, and each other word, with the words that it stands for."""
    tokens, pieces, at = [_Token(word.text) for word in words], list[tuple[str, Sequence[Word]]](), 0
    for number in find_numbers(tokens, language, 0):
        pieces += [(_bare(words[i]), words[i : i + 1]) for i in range(at, number.start)]
        pieces.append((number.text, words[number.start : number.end]))
        at = number.end
    return [*pieces, *((_bare(word), [word]) for word in words[at:])]


def _bare(word: Word) -> str:
    return word.text.strip(".,;:?!…")
