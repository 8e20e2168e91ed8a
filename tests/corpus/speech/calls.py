"""The door: one seeded call, as a recogniser would write it, with the truth of what is bank data in it."""

from __future__ import annotations

import random
from dataclasses import dataclass

from chalicelib.model import Span, Transcript, Word
from tests.corpus.speech.dialogue import converse
from tests.corpus.speech.figures import Voice
from tests.corpus.speech.noise import spoil
from tests.corpus.speech.phrases import HELD_OUT, Book
from tests.corpus.speech.script import Stage
from tests.corpus.speech.surfaces import dress
from tests.corpus.speech.timing import Placed, place

POSITIVES = ("card", "security-code", "expiry", "iban", "rib", "bic", "pin", "password", "full-payment")
NEGATIVES = (
    "telephone", "order", "parcel", "client", "siret", "meter", "imei", "postcode", "date", "amount", "smalltalk",
)  # fmt: skip
_FULL = ("fr-FR", "fr-BE", "fr-CH", "en-GB", "en-US")
_FEW = ("es-ES", "de-DE", "it-IT", "pt-PT", "nl-NL")
LANGUAGES = (*_FULL, *_FEW)
_PASSING = ("telephone", "order", "client", "postcode", "date", "amount")


@dataclass(frozen=True, slots=True)
class Spoken:
    """A call. `truth` holds every bank word as it was *spoken*, `audible` the numbers that must stay.

    `verbatim` is what was said, whatever surface and noise made of it in `transcript`.
    """

    seed: int
    language: str
    kind: str
    surface: str
    noise: int
    transcript: Transcript
    truth: tuple[tuple[Span, str], ...]
    audible: tuple[Span, ...]
    verbatim: tuple[Word, ...]
    duration_ms: int


def kinds_of(language: str) -> tuple[str, ...]:
    """The kinds of call that can be made in a language."""
    if language in _FEW:
        return ("card", "full-payment", "telephone", "smalltalk")
    return tuple(k for k in (*POSITIVES, *NEGATIVES) if k != "rib" or language.startswith("fr"))


def call(seed: int, language: str, kind: str, surface: str = "verbatim", noise: int = 0) -> Spoken:
    """The call of that seed. Surface and noise (per cent of the words) change only what is written of it."""
    if kind not in kinds_of(language):
        raise ValueError(f"no {kind} calls in {language}")
    name = f"{seed}/{language}/{kind}"
    placed = _spoken(random.Random(name), seed, language, kind)
    words = dress(placed, surface, random.Random(f"{name}/{surface}"))
    words = spoil(words, noise, language, random.Random(f"{name}/{surface}/{noise}"))
    return Spoken(
        seed, language, kind, surface, noise, Transcript(tuple(words), language, 2),
        tuple((p.span, p.bit.kind) for p in placed if p.bit.kind),
        tuple(p.span for p in placed if p.bit.audible),
        tuple(Word(p.bit.text, p.span, 1.0, p.bit.mark) for p in placed),
        max(p.span.end_ms for p in placed) + 1_000,
    )  # fmt: skip


def _spoken(rng: random.Random, seed: int, language: str, kind: str) -> list[Placed]:
    primary = language.split("-")[0]
    stage = Stage(rng, language, Book(primary, seed >= HELD_OUT), (Voice.of(rng, language), Voice.of(rng, language)))
    _write(stage, kind, int(rng.triangular(130, 900, 260)))
    return place(stage.turns, rng)


def _write(stage: Stage, kind: str, words: int) -> None:
    """The whole call: greeting, talk, the heart of it, more talk, good-bye."""
    before = words * stage.rng.uniform(0.2, 0.8)
    used: set[str] = set()
    stage.exchange("talk", "open")
    _talk(stage, before, used)
    passing = [k for k in _PASSING if stage.book.knows(k) and k != kind]
    if kind in POSITIVES and passing and stage.rng.random() < 0.35:
        converse(stage, stage.rng.choice(passing))
        stage.exchange("talk", "fill")
    if kind == "full-payment":
        _pay(stage)
    elif kind != "smalltalk":
        converse(stage, kind)
    _talk(stage, words, used)
    stage.exchange("talk", "close")


def _talk(stage: Stage, until_words: float, used: set[str]) -> None:
    """Exchanges, none said twice while others are left."""
    lines = stage.book.lines("talk", "fill")
    while stage.words < until_words:
        left = [line for line in lines if line not in used]
        if not left:
            used.clear()
            continue
        used.add(line := stage.rng.choice(left))
        stage.play(line)


def _pay(stage: Stage) -> None:
    """Card, expiry and code in the usual order, mostly; at times all three in one go."""
    order = stage.rng.choices(
        (("card", "expiry", "security-code"), ("card", "security-code", "expiry"), ("expiry", "card", "security-code")),
        (8, 2, 1),
    )[0]
    at_once = stage.rng.random() < 0.15
    for index, kind in enumerate(order):
        if not converse(stage, kind, asked=not (at_once and index)):
            return
    if stage.rng.random() < 0.8:
        stage.exchange("talk", "busy")
