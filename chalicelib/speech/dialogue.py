"""What is on at every moment of a call: which bank datum was asked for, and which other number since.

Reach is counted in speech (holds are no time) and in turns. A reading refreshes its topic: a card that is read in
groups, interrupted and taken up again after a hold stays a card.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard

_REACH: dict[str, tuple[int, int]] = {
    "card": (60_000, 24),
    "security-code": (30_000, 12),
    "expiry": (30_000, 12),
    "iban": (60_000, 24),
    "rib": (60_000, 24),
    "bic": (30_000, 12),
    "pin": (25_000, 8),
    "password": (25_000, 8),
}
_OTHERS_REACH = (30_000, 10)
_PAYMENT_REACH_MS = 120_000
_READING_GAP_MS = 8_000


@dataclass(frozen=True, slots=True)
class On:
    """What is on: the bank datum and the other number last brought up, and whether a payment is being made."""

    bank: Cue | None = None
    other: Cue | None = None
    payment_ms: int | None = None

    @property
    def other_since_bank(self) -> bool:
        """Whether another number was brought up after the bank datum."""
        return bool(self.other and self.bank and self.other.at.start_ms > self.bank.at.start_ms)

    def at(self, heard: Heard) -> On:
        """The same, without what is out of reach at a word."""
        bank = self.bank if self.bank and _reaches(self.bank, heard, _REACH[self.bank.topic]) else None
        other = self.other if self.other and _reaches(self.other, heard, _OTHERS_REACH) else None
        paying = self.payment_ms is not None and heard.clock_ms - self.payment_ms <= _PAYMENT_REACH_MS
        return On(bank, other, self.payment_ms if paying else None)

    def hears(self, cue: Cue) -> On:
        """What is on after a cue."""
        if cue.topic == "closed":
            return On(None, self.other, None)
        if cue.topic not in BANK:
            return replace(self, other=cue)
        here = self.at(cue.at)
        if cue.needs_payment:
            if here.payment_ms is None:
                return self
            if cue.topic == "card" and here.bank:
                return replace(self, bank=replace(here.bank, at=cue.at))
        return On(cue, self.other, cue.at.clock_ms)

    def refreshed(self, heard: Heard) -> On:
        """What is on after bank data was heard up to a word."""
        if self.bank is None:
            return self
        return On(replace(self.bank, at=heard), self.other, heard.clock_ms)


def _reaches(cue: Cue, heard: Heard, reach: tuple[int, int]) -> bool:
    return heard.clock_ms - cue.at.clock_ms <= reach[0] and heard.turn - cue.at.turn <= reach[1]


@dataclass
class Reading:
    """Runs of one voice that belong together, and what was on when they began."""

    on: On
    runs: list[Run] = field(default_factory=list)

    def lengths(self) -> tuple[int, int]:
        """The fewest and the most digits in all."""
        sizes = [run.lengths for run in self.runs]
        return sum(low for low, _ in sizes), sum(high for _, high in sizes)

    def whole(self) -> Run:
        """All its pieces as one run."""
        return Run(tuple(h for run in self.runs for h in run.heard), self.runs[0].words)


def readings(cues: Iterable[Cue], runs: Iterable[Run]) -> Iterator[Reading]:
    """Walk a call: every run in the light of the cues before it, runs that belong together joined."""
    events: list[tuple[int, int, Cue | Run]] = [(cue.at.start_ms, 0, cue) for cue in cues]
    events += [(run.first.start_ms, 1, run) for run in runs]
    on, open_readings = On(), dict[int | None, Reading]()
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Cue):
            before, on = on, on.hears(event)
            if _topics(before) != _topics(on):
                yield from open_readings.values()
                open_readings.clear()
            continue
        voice, current = event.first.channel, open_readings.get(event.first.channel)
        if current and event.first.clock_ms - current.runs[-1].last.clock_ms > _READING_GAP_MS:
            yield open_readings.pop(voice)
            current = None
        if current is None:
            current = open_readings[voice] = Reading(on.at(event.first))
        current.runs.append(event)
        if current.on.bank and not current.on.other_since_bank:
            on = on.refreshed(event.last)
    yield from open_readings.values()


def _topics(on: On) -> tuple[str, str, bool]:
    return on.bank.topic if on.bank else "", on.other.topic if on.other else "", on.payment_ms is None
