"""What is on at every moment of a call: which bank datum was brought up, and which other number since.

Bank data stays on for minutes of speech (holds are no time): a card is read in groups, interrupted, repeated, taken up
again. Another number is on for its answer only.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from chalicelib.speech.checks import is_card
from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.runs import Run
from chalicelib.speech.stream import Heard

BANK_REACH_MS = {"security-code": 30_000, "expiry": 45_000, "pin": 25_000, "password": 25_000, "bic": 40_000}
"""Speech after which bank data that was brought up, or last read, is no longer what is talked about."""

_LONGEST_REACH_MS = 120_000
_ANSWER = {"pin": 4, "security-code": 3, "expiry": 3, "iban": 27, "rib": 23, "bic": 11}
"""Digits and letters with which bank data is complete, a card's apart: what comes after a while is something else."""

_OTHER_ANSWER, _LEAST_OTHER = {"telephone": 9, "siret": 9, "imei": 14}, 4
_FRESH_MS, _FRESH_TURNS = 12_000, 4
_TALK_AFTER_ANSWER, _TALK_AFTER = 6, {"pin": 15}
"""Other words, of either voice, after which an answered question is over: what follows is about something else.

A PIN that is refused is tried again after some thought.
"""

_STRONG_REACH, _WEAK_REACH = (60_000, 24), (8_000, 2)
"""Speech and turns for which another number is on: asked for, or merely mentioned."""

_MENTION_REACH = (30_000, 8)
"""`par carte` … `je vous écoute`: a mention that was taken up in time was asked for."""

ON_A_CARD = frozenset({"card", "expiry", "security-code", "pin"})
_READING_GAP_MS = 8_000
_SAME_BREATH_MS = 2_500
_ANSWERED_ONCE = frozenset({"password"})
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
        if other and (_is_over(other, heard) or not _within(other, heard, *_reach(other))):
            other = None
        fresh = bool(bank and _within(bank, heard, _FRESH_MS, _FRESH_TURNS))
        if bank and bank.answered and (not fresh or _is_over(bank, heard)):
            bank, fresh = replace(bank, strong=False), False
        return On(bank, other, fresh)

    def at_number(self, heard: Heard) -> On:
        """The same at a number: right after a mention it is what was meant, « sur ma carte, quarante-trois … »."""
        here = self.at(heard)
        bank = here.bank
        if bank and not bank.strong and bank.at.turn == heard.turn and _within(bank, heard, _SAID_AND_READ_MS, 0):
            return replace(here, bank=replace(bank, strong=True))
        return here

    @property
    def other_since_bank(self) -> bool:
        """Whether another number is on: brought up after the bank datum, or asked for by one who goes on asking."""
        if self.other is None:
            return False
        if self.bank is None or self.other.at.start_ms > self.bank.at.start_ms:
            return True
        moved_on = self.other.answered or self.other.at.channel == self.bank.at.channel
        return self.other.strong and not self.bank.strong and not moved_on

    def hears(self, cue: Cue) -> On:
        """What is on after a cue. A mention does not take the place of what was asked for."""
        here = self.at(cue.at)
        if cue.needs_payment and here.other_since_bank and here.other and here.other.strong:
            return self  # « votre numéro de client ? » … « allez-y »
        if cue.topic == "closed":
            return On(None, self.other)
        if cue.topic not in BANK:
            holds = here.other_since_bank and here.other and here.other.strong and not cue.strong
            return self if holds else replace(self, other=cue)
        if cue.needs_payment and cue.topic != "card" and here.bank and not _are_akin(here.bank, cue):
            return self
        if cue.needs_payment and here.bank and not here.bank.strong and _can_be_taken_up(here.bank, cue):
            taken_up = here.bank if cue.topic == "card" else cue
            return replace(self, bank=replace(taken_up, at=cue.at, strong=True, answered=False))
        if cue.needs_payment and (here.bank is None or not here.bank.strong):
            return self
        if here.bank and here.bank.strong and not cue.strong and not _are_akin(here.bank, cue):
            return self
        if here.bank and here.bank.strong and (not cue.strong or _is_of_the_same(here.bank, cue)):
            return replace(self, bank=replace(here.bank, at=cue.at, answered=here.bank.answered and not cue.strong))
        return On(cue, self.other)

    def read(self, reading: Reading) -> On:
        """What is on after a reading, up to its last word: the bank datum is on for longer, until it is answered."""
        then, last = reading.on.bank, reading.runs[-1].last
        if reading.on.other_since_bank:
            return self._read_other(reading, last)
        if self.bank is None or then is None or self.bank.topic in _ANSWERED_ONCE:
            return self
        at, answered = _moved(self.bank.at, last), self.bank.answered or reading.answers(self.bank.topic)
        return replace(self, bank=replace(self.bank, at=at, strong=then.strong, answered=answered))

    def _read_other(self, reading: Reading, last: Heard) -> On:
        """The other number, once it was read, is over sooner."""
        if self.other is None or reading.characters() < _OTHER_ANSWER.get(self.other.topic, _LEAST_OTHER):
            return self
        return replace(self, other=replace(self.other, at=_moved(self.other.at, last), answered=True))


def _is_over(cue: Cue, heard: Heard) -> bool:
    """Whether it was answered, and enough was said since."""
    return cue.answered and heard.talk - cue.at.talk > _TALK_AFTER.get(cue.topic, _TALK_AFTER_ANSWER)


def _reach(other: Cue) -> tuple[int, int]:
    return _STRONG_REACH if other.strong else _WEAK_REACH


def _can_be_taken_up(bank: Cue, cue: Cue) -> bool:
    """Whether a mention is recent, or its number was read before: « on reprend », « et derrière ? »."""
    return bank.answered or _within(bank, cue.at, *_MENTION_REACH)


def _moved(cue: Heard, heard: Heard) -> Heard:
    """A cue's moment brought forward in speech, turns and talk; its place in the order of cues stays."""
    return replace(
        cue,
        clock_ms=max(cue.clock_ms, heard.clock_ms),
        turn=max(cue.turn, heard.turn),
        talk=max(cue.talk, heard.talk),
    )


def _is_of_the_same(before: Cue, after: Cue) -> bool:
    """Whether a card is only named with its part, or talked on about: « les trois chiffres au dos de la carte »."""
    return after.topic == "card" and (after.needs_payment or _same_breath(before, after))


def _are_akin(before: Cue, after: Cue) -> bool:
    """Whether both are on a card, or neither is: to name a card does not keep the talk on an account."""
    return (before.topic in ON_A_CARD) == (after.topic in ON_A_CARD)


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

    def answers(self, topic: str) -> bool:
        """Whether it is all of what was asked for. A card must pass Luhn: half of it, read twice, is as long."""
        if topic == "card":
            fewest, most = self.lengths()
            return fewest == most and is_card(self.whole().readings)
        return self.characters() >= _ANSWER.get(topic, 1)

    def characters(self) -> int:
        """The fewest digits and letters in all."""
        pieces = self.whole().pieces
        letters = sum(piece.letter for piece in pieces) + sum(len(piece.text) for piece in pieces if piece.mixed)
        return self.lengths()[0] + letters

    def talk(self) -> int:
        """Words of either voice, neither numbers nor said between numbers, from its beginning to its end."""
        return self.runs[-1].last.talk - self.runs[0].first.talk

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
            reading = current[voice] = Reading(on.at_number(event.first))
        reading.runs.append(event)
        if event.numbers():
            on = on.read(reading)
    yield from current.values()


def _goes_on(reading: Reading, run: Run) -> bool:
    """Whether a run takes up the reading: soon, and, unless bank data was asked for, with little talk between."""
    last, bank = reading.runs[-1].last, reading.on.bank
    soon = run.first.clock_ms - last.clock_ms <= _READING_GAP_MS
    if (
        bank
        and run.first.turn != last.turn
        and run.first.talk - last.talk >= _TALK_BETWEEN
        and reading.answers(bank.topic)
    ):
        return False
    return soon and ((bank is not None and bank.strong) or run.first.talk - last.talk <= _TALK_BETWEEN)


def _topics(on: On) -> tuple[str, str]:
    """What must be the same for a reading to go on: any other number ends one that is complete."""
    ends = on.other is not None and (on.other.strong or (on.bank is not None and on.bank.answered))
    return on.bank.topic if on.bank else "", on.other.topic if on.other and ends else ""
