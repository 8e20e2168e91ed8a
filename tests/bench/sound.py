"""What stays audible on real sound: `python -m tests.bench.sound`.

Seeded calls of recorded human voices (`tests/corpus`), heard by the real recogniser, redacted as the machine would.
The voices have no words for asking, so what the agent asks is silence in the sound and is written into the
transcript; every number is heard. A number word is audible when less than 95 % of it is silent.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from dataclasses import dataclass, fields, replace
from pathlib import Path

from chalicelib.adapters.whisper import Whisper
from chalicelib.cli import WHISPER_PADDING_MS
from chalicelib.model import Finding, Span, Transcript
from chalicelib.services.redaction import Manner, redact_file, widen
from chalicelib.speech.detect import detect
from chalicelib.speech.words import language as words_of
from tests.bench.asked import ASKED, questions, script
from tests.bench.common import common
from tests.bench.measure import COVERED
from tests.bench.tables import per_cent, table
from tests.corpus.build import PROMPTS, write
from tests.corpus.compose import compose
from tests.corpus.script import AGENT, CUSTOMER, Script

README = Path(__file__).parents[2] / "README.md"
_MARKS = re.compile(r"(<!-- bench-sound -->\n).*?(<!-- /bench-sound -->)", re.DOTALL)


HEAD = ["", "calls", "number words", "digits recognised, %", "audible, %: only words that hold digits muted",
        "with findings", "padded", "to pauses (redact)"]  # fmt: skip


@dataclass
class Heard:
    """Sums over calls: number words of bank data, and how many stay audible at each step."""

    calls: int = 0
    digits: int = 0
    recognised: int = 0
    words: int = 0
    unheard: int = 0
    unpadded: int = 0
    padded: int = 0
    redacted: int = 0

    def __add__(self, more: Heard) -> Heard:
        return Heard(*(getattr(self, f.name) + getattr(more, f.name) for f in fields(Heard)))


def judge(made: Script, whisper: Whisper, folder: Path) -> Heard:
    """Compose, hear, redact, and compare with the truth."""
    composed = compose(made, PROMPTS)
    path, duration = write(made, composed, folder), composed.truth["duration_ms"]
    secret = [Span(w["start_ms"], w["end_ms"], w["channel"]) for w in composed.truth["words"] if w["sensitive"]]
    heard = whisper.hear(path, made.language)
    transcript = replace(heard, words=tuple(sorted([*heard.words, *questions(secret, made)], key=lambda w: w.span)))
    found = detect(transcript, made.language)
    muted = redact_file(path, folder / "redacted.wav", transcript, made.language, Manner(WHISPER_PADDING_MS))
    return Heard(
        1, len("".join(t.digits for t in made.turns if t.secret)), recognised(made, transcript),
        len(secret), _audible(secret, _digits(transcript)), _audible(secret, found),
        _audible(secret, widen(found, WHISPER_PADDING_MS, duration)), _audible(secret, muted),
    )  # fmt: skip


def _digits(transcript: Transcript) -> list[Finding]:
    """Every word that holds a digit or a number word, for itself: what the recogniser alone would mute."""
    words = words_of(transcript.language)
    said = [word for word in transcript.words if any(piece.number for piece in words.pieces(word.text))]
    return [Finding(word.span, "digits", 1.0, "heard") for word in said]


def recognised(made: Script, transcript: Transcript) -> int:
    """Digits that the recogniser wrote, in order, of those that were said: a longest common subsequence per voice."""
    words = words_of(made.language)
    right = 0
    for channel in (CUSTOMER, AGENT):
        pieces = [p for w in transcript.words if w.span.channel == channel for p in words.pieces(w.text)]
        heard = "".join(p.digits or (str(p.value) if p.value >= 0 else "") for p in pieces)
        right += common("".join(t.digits for t in made.turns if t.secret and t.channel == channel), heard)
    return right


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
    parser.add_argument("--calls", type=int, default=40, help="calls per language (default: %(default)s)")
    parser.add_argument("--readme", action="store_true", help="write the table into README.md")
    options = parser.parse_args(arguments)
    whisper, lines = Whisper(), []
    for language in ASKED:
        with tempfile.TemporaryDirectory() as folder:
            sums = sum((judge(script(seed, language), whisper, Path(folder)) for seed in range(options.calls)), Heard())
        shares = [per_cent(part, sums.words) for part in (sums.unheard, sums.unpadded, sums.padded, sums.redacted)]
        lines.append([language, str(sums.calls), str(sums.words), per_cent(sums.recognised, sums.digits), *shares])
    text = table(HEAD, lines)
    print(text)
    if options.readme:
        README.write_text(_MARKS.sub(lambda m: m[1] + text + m[2], README.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
