"""What is on at every moment of a call: which bank datum was brought up, and which other number since.

Bank data stays on for minutes of speech (holds are no time): a card is read in groups, interrupted, repeated, taken up
again. Another number is on for its answer only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard

BANK_REACH_MS = {"security-code": 30_000, "expiry": 45_000, "pin": 25_000, "password": 25_000, "bic": 40_000}
"""Speech after which bank data that was brought up, or last read, is no longer what is talked about."""

_LONGEST_REACH_MS = 120_000
_FRESH_MS, _FRESH_TURNS = 12_000, 4
_STRONG_REACH, _WEAK_REACH = (60_000, 24), (8_000, 2)
"""Speech and turns for which another number is on: asked for, or merely mentioned."""

_MENTION_REACH = (30_000, 8)
"""`par carte` … `je vous écoute`: a mention that was taken up in time was asked for."""

_READING_GAP_MS = 8_000
_SAME_BREATH_MS = 2_500
_ANSWERED_ONCE = frozenset({"password", "pin"})
_SAID_AND_READ_MS = 4_000
_TALK_BETWEEN = 3


@dataclass(frozen=True, slots=True)
class On:
    """The bank datum and the other number last brought up; `fresh` when the bank datum was so a moment ago."""

    bank: Cue | None = None
    other: Cue | None = None
    fresh: bool = False

    def at(self, heard: Heard) -> On:
        """The same, without what is out of reach at a word."""
        bank, other = self.bank, self.other
        if bank and heard.clock_ms - bank.at.clock_ms > BANK_REACH_MS.get(bank.topic, _LONGEST_REACH_MS):
            bank = None
        if other and not _within(other, heard, *(_STRONG_REACH if other.strong else _WEAK_REACH)):
            other = None
        if bank and not bank.strong and bank.at.turn == heard.turn and _within(bank, heard, _SAID_AND_READ_MS, 0):
            bank = replace(bank, strong=True)  # « sur ma carte, quarante-trois … »
        return On(bank, other, bool(bank and _within(bank, heard, _FRESH_MS, _FRESH_TURNS)))

    @property
    def other_since_bank(self) -> bool:
        """Whether another number is on: brought up after the bank datum, or asked for while that was only mentioned."""
        if self.other is None:
            return False
        if self.bank is None or (self.other.strong and not self.bank.strong):
            return True
        return self.other.at.start_ms > self.bank.at.start_ms

    def hears(self, cue: Cue) -> On:
        """What is on after a cue. A mention does not take the place of what was asked for."""
        here = self.at(cue.at)
        if cue.topic == "closed":
            return On(None, self.other)
        if cue.topic not in BANK:
            return self if here.other and here.other.strong and not cue.strong else replace(self, other=cue)
        if cue.needs_payment and here.bank and not here.bank.strong and _within(here.bank, cue.at, *_MENTION_REACH):
            return replace(self, bank=replace(here.bank if cue.topic == "card" else cue, at=cue.at, strong=True))
        if cue.needs_payment and (here.bank is None or not here.bank.strong):
            return self
        if here.bank and here.bank.strong and (not cue.strong or _is_of_the_same(here.bank, cue)):
            return replace(self, bank=replace(here.bank, at=cue.at))
        return On(cue, self.other)

    def read(self, heard: Heard, then: On) -> On:
        """What is on after a reading, that began with `then`, up to a word: the bank datum is on for longer."""
        if self.bank is None or then.bank is None or self.bank.topic in _ANSWERED_ONCE:
            return self
        return replace(self, bank=replace(self.bank, at=_moved(self.bank.at, heard), strong=then.bank.strong))


def _moved(cue: Heard, heard: Heard) -> Heard:
    """A cue's moment brought forward in speech and turns; its place in the order of cues stays."""
    return replace(cue, clock_ms=max(cue.clock_ms, heard.clock_ms), turn=max(cue.turn, heard.turn))


def _is_of_the_same(before: Cue, after: Cue) -> bool:
    """Whether a card is only named with its part, or talked on about: « les trois chiffres au dos de la carte »."""
    return after.topic == "card" and (after.needs_payment or _same_breath(before, after))


def _same_breath(before: Cue, after: Cue) -> bool:
    return before.at.turn == after.at.turn and after.at.start_ms - before.at.end_ms <= _SAME_BREATH_MS


def _within(cue: Cue, heard: Heard, reach_ms: int, turns: int) -> bool:
    return heard.clock_ms - cue.at.clock_ms <= reach_ms and heard.turn - cue.at.turn <= turns


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
    on, current = On(), dict[int | None, Reading]()
    for _, _, event in sorted(events, key=lambda e: e[:2]):
        if isinstance(event, Cue):
            before, on = on, on.hears(event)
            if _topics(before) != _topics(on) or (event.topic in BANK and not event.needs_payment):
                yield from current.values()
                current.clear()
            continue
        voice, reading = event.first.channel, current.get(event.first.channel)
        if reading and not _goes_on(reading, event):
            yield current.pop(voice)
            reading = None
        if reading is None:
            reading = current[voice] = Reading(on.at(event.first))
        reading.runs.append(event)
        if event.numbers() and not reading.on.other_since_bank:
            on = on.read(event.last, reading.on)
    yield from current.values()


def _goes_on(reading: Reading, run: Run) -> bool:
    """Whether a run takes up the reading: soon, and, unless bank data is read, with little talk between."""
    last = reading.runs[-1].last
    soon = run.first.clock_ms - last.clock_ms <= _READING_GAP_MS
    return soon and (reading.on.bank is not None or run.first.talk - last.talk <= _TALK_BETWEEN)


def _topics(on: On) -> tuple[str, str]:
    return on.bank.topic if on.bank else "", on.other.topic if on.other and on.other.strong else ""
