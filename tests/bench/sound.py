"""What stays audible on real sound: `python -m tests.bench.sound`.

Seeded calls of recorded human voices (`tests/corpus`), heard by the real recogniser, redacted as the machine would.
The voices have no words for asking, so what the agent asks is silence in the sound and is written into the
transcript; every number is heard. A number word is audible when less than 95 % of it is silent.
"""

from __future__ import annotations

import argparse
import random
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from chalicelib.adapters.whisper import Whisper
from chalicelib.cli import WHISPER_PADDING_MS
from chalicelib.model import Finding, Span, Transcript, Word
from chalicelib.services.redaction import redact_file, widen
from chalicelib.speech.detect import detect
from chalicelib.speech.words import language as words_of
from tests.bench.measure import COVERED
from tests.bench.tables import per_cent, table
from tests.corpus.build import PROMPTS, write
from tests.corpus.compose import compose
from tests.corpus.script import AGENT, CUSTOMER, Script, Turn, load_scripts
from tests.corpus.speech.values import card

ASKED_MS = 3_000
"""Silence in which the agent asks."""

ASKED = {
    "fr-FR": ("quel est le numéro de votre carte", "sa date d'expiration", "et les trois chiffres au dos"),
    "en-US": ("what is your card number", "the expiry date please", "and the three digits on the back"),
}
STYLES = ((1, 1, 1, 1), (2, 2), (4,), (2, 1, 1))
NEXT_YEARS = range(27, 33)


@dataclass
class Heard:
    """Sums over calls: number words of bank data, and how many stay audible at each step."""

    calls: int = 0
    digits: int = 0
    recognised: int = 0
    words: int = 0
    unpadded: int = 0
    padded: int = 0
    redacted: int = 0

    def __add__(self, more: Heard) -> Heard:
        return Heard(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(Heard)))


def script(seed: int, language: str) -> Script:
    """A call in which a card, its date and its code are asked for and read."""
    rng = random.Random(f"{language}{seed}")
    groups = ["".join(part) for part in zip(*[iter(card(rng)[:16])] * 4, strict=False)]
    turns = [Turn(AGENT, "queue-thankyou"), Turn(CUSTOMER, "vm-num-i-have")]
    asked, echoed = ASKED_MS, rng.random() < 0.4
    for group in groups if echoed else [" , ".join(groups)]:
        says = " ".join(_read(part, rng) for part in group.split())
        turns.append(Turn(CUSTOMER, says, "card", asked))
        if echoed:
            turns.append(Turn(AGENT, says, "repeat", 300))
        asked = 500
    expiry = f"{rng.randint(1, 12)} {rng.choice(NEXT_YEARS)}"
    code = " ".join(str(rng.randrange(10)) for _ in range(3))
    turns += [Turn(CUSTOMER, expiry, "expiry", ASKED_MS), Turn(CUSTOMER, code, "code", ASKED_MS)]
    turns += [Turn(AGENT, "vm-msgsaved"), Turn(CUSTOMER, "goodbye")]
    phrases = next(known.phrases for known in load_scripts() if known.language == language)
    codec = rng.choice(("mulaw", "pcm16"))
    return Script(f"{language}-{seed}", language, codec, datetime(2026, 3, 2, tzinfo=UTC), tuple(turns), phrases)


def _read(group: str, rng: random.Random) -> str:
    """A group of four digits one by one, in pairs, as one number …, leading zeros by themselves."""
    if not group.isdecimal():
        return group
    parts, at = [], 0
    for size in rng.choice(STYLES):
        part, at = group[at : at + size], at + size
        bare = part.lstrip("0")
        parts += ["0"] * (len(part) - len(bare)) + ([bare] if bare else [])
    return " ".join(parts)


def judge(made: Script, whisper: Whisper, folder: Path) -> Heard:
    """Compose, hear, redact, and compare with the truth."""
    composed = compose(made, PROMPTS)
    path, duration = write(made, composed, folder), composed.truth["duration_ms"]
    secret = [Span(w["start_ms"], w["end_ms"], w["channel"]) for w in composed.truth["words"] if w["sensitive"]]
    heard = whisper.hear(path, made.language)
    transcript = replace(heard, words=tuple(sorted([*heard.words, *_questions(secret, made)], key=lambda w: w.span)))
    found = detect(transcript, made.language)
    muted = redact_file(path, folder / "redacted.wav", transcript, made.language, WHISPER_PADDING_MS)
    return Heard(
        1, len("".join(t.digits for t in made.turns if t.secret)), _recognised(made, transcript),
        len(secret), _audible(secret, found),
        _audible(secret, widen(found, WHISPER_PADDING_MS, duration)), _audible(secret, muted),
    )  # fmt: skip


def _questions(secret: Iterable[Span], made: Script) -> Iterator[Word]:
    """The agent's questions, each in the silence before its answer."""
    answers = [b for a, b in pairwise([Span(0, 1), *sorted(secret)]) if b.start_ms - a.end_ms >= ASKED_MS]
    for answer, question in zip(answers, ASKED[made.language], strict=True):
        said = question.split()
        at = answer.start_ms - ASKED_MS + 300
        for number, text in enumerate(said):
            yield Word(text, Span(at + 250 * number, at + 250 * number + 240, AGENT))


def _recognised(made: Script, transcript: Transcript) -> int:
    """Digits that the recogniser wrote, in order, of those that were said: a longest common subsequence per voice."""
    words = words_of(made.language)
    right = 0
    for channel in (CUSTOMER, AGENT):
        pieces = [p for w in transcript.words if w.span.channel == channel for p in words.pieces(w.text)]
        heard = "".join(p.digits or (str(p.value) if p.value >= 0 else "") for p in pieces)
        right += _common("".join(t.digits for t in made.turns if t.secret and t.channel == channel), heard)
    return right


def _common(said: str, heard: str) -> int:
    row = [0] * (len(heard) + 1)
    for digit in said:
        above = row[:]
        for at, other in enumerate(heard):
            row[at + 1] = above[at] + 1 if digit == other else max(row[at], above[at + 1])
    return row[-1]


def _audible(secret: list[Span], muted: list[Finding]) -> int:
    return sum(_silent(span, muted) < COVERED for span in secret)


def _silent(span: Span, muted: list[Finding]) -> float:
    over = [f.span for f in widen(muted, 0, 1 << 40) if f.span.channel in (None, span.channel)]
    return sum(max(0, min(s.end_ms, span.end_ms) - max(s.start_ms, span.start_ms)) for s in over) / (
        span.end_ms - span.start_ms
    )


def main(arguments: list[str] | None = None) -> None:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.sound", description=__doc__)
    parser.add_argument("--calls", type=int, default=20, help="calls per language (default: %(default)s)")
    options = parser.parse_args(arguments)
    whisper, lines = Whisper(), []
    for language in ASKED:
        with tempfile.TemporaryDirectory() as folder:
            sums = sum((judge(script(seed, language), whisper, Path(folder)) for seed in range(options.calls)), Heard())
        shares = [per_cent(n, sums.words) for n in (sums.unpadded, sums.padded, sums.redacted)]
        lines.append([language, str(sums.calls), str(sums.words), per_cent(sums.recognised, sums.digits), *shares])
    head = ["", "calls", "number words", "digits recognised, %", "audible, %: findings", "padded", "to pauses (redact)"]
    print(table(head, lines))


if __name__ == "__main__":
    main()
