"""A reading: runs of one voice that belong together, and what was on when they began."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.speech.on import On
from chalicelib.speech.recognisers.card import CARD_DIGITS, is_card
from chalicelib.speech.recognisers.iban import LENGTHS, is_iban
from chalicelib.speech.runs import Run

_ANSWER = {"pin": 4, "security-code": 3, "expiry": 3, "iban": 27, "rib": 23, "bic": 11}
"""Digits and letters with which bank data is complete, a card's apart: what comes after a while is something else."""

_IBAN_CHARACTERS = range(min(LENGTHS.values()), max(LENGTHS.values()) + 1)


@dataclass
class Reading:
    """The runs, in order, with their sums: `fewest` and `most` digits that they may say, and letters."""

    on: On
    runs: list[Run] = field(default_factory=list)
    fewest: int = 0
    most: int = 0
    letters: int = 0
    _whole: Run | None = None

    def add(self, run: Run) -> None:
        """Take up one more run."""
        self.runs.append(run)
        self._whole = None
        self.fewest += run.lengths[0]
        self.most += run.lengths[1]
        self.letters += sum(p.letter for p in run.pieces) + sum(len(p.text) for p in run.pieces if p.mixed)

    def answers(self, topic: str) -> bool:
        """Whether it is all of what was asked for. A card must pass Luhn: half of it, read twice, is as long."""
        if topic == "card":
            return self.fewest == self.most and self.fewest in CARD_DIGITS and is_card(self.whole().readings)
        if topic == "iban" and self.characters() in _IBAN_CHARACTERS and is_iban(self.whole()):
            return True
        return self.characters() >= _ANSWER.get(topic, 1)

    def characters(self) -> int:
        """The fewest digits and letters in all."""
        return self.fewest + self.letters

    def talk(self) -> int:
        """Words of either voice, neither numbers nor said between numbers, from its beginning to its end."""
        return self.runs[-1].last.talk - self.runs[0].first.talk

    def whole(self) -> Run:
        """All its pieces as one run."""
        if self._whole is None:
            self._whole = Run(tuple(h for run in self.runs for h in run.heard), self.runs[0].words)
        return self._whole
