"""Seeded calls of recorded voices in which a card, its date and its code are asked for and read."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from itertools import pairwise

from chalicelib.model import Span, Word
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


def script(seed: int, language: str) -> Script:
    """A call in which a card, its date and its code are asked for and read."""
    rng = random.Random(f"{language}{seed}")
    digits = card(rng)
    groups = [digits[at : at + 4] for at in range(0, len(digits), 4)]
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


def questions(secret: Iterable[Span], made: Script) -> Iterator[Word]:
    """The agent's questions, each in the silence before its answer."""
    answers = [b for a, b in pairwise([Span(0, 1), *sorted(secret)]) if b.start_ms - a.end_ms >= ASKED_MS]
    for answer, question in zip(answers, ASKED[made.language], strict=True):
        at = answer.start_ms - ASKED_MS + 300
        for number, text in enumerate(question.split()):
            yield Word(text, Span(at + 250 * number, at + 250 * number + 240, AGENT))
