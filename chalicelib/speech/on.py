"""What is on at a moment of a call: which bank datum was brought up, and which other number since.

Bank data stays on for minutes of speech (holds are no time): a card is read in groups, interrupted, repeated, taken up
again; until it is answered. Another number is on for its answer only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.speech.cues import BANK, Cue
from chalicelib.speech.stream import Heard

BANK_REACH_MS = {"security-code": 30_000, "expiry": 45_000, "pin": 25_000, "password": 25_000, "bic": 40_000}
"""Speech after which bank data that was brought up, or last read, is no longer what is talked about."""

ON_A_CARD = frozenset({"card", "expiry", "security-code", "pin"})
"""What a card has."""

_LONGEST_REACH_MS = 120_000
_FRESH_MS, _FRESH_TURNS = 12_000, 4
_TALK_AFTER_ANSWER, _TALK_AFTER = 6, {"pin": 15}
"""Other words, of either voice, after which an answered question is over: what follows is about something else.

A PIN that is refused is tried again after some thought.
"""

_STRONG_REACH, _WEAK_REACH = (60_000, 24), (8_000, 2)
"""Speech and turns for which another number is on: asked for, or merely mentioned."""

_MENTION_REACH = (30_000, 8)
"""`par carte` … `je vous écoute`: a mention that was taken up in time was asked for."""

_SAME_BREATH_MS = 2_500
_SAID_AND_READ_MS = 4_000


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
    def asked(self) -> bool:
        """Whether bank data was asked for or announced."""
        return self.bank is not None and self.bank.strong

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


def _is_over(cue: Cue, heard: Heard) -> bool:
    """Whether it was answered, and enough was said since."""
    return cue.answered and heard.talk - cue.at.talk > _TALK_AFTER.get(cue.topic, _TALK_AFTER_ANSWER)


def _reach(other: Cue) -> tuple[int, int]:
    return _STRONG_REACH if other.strong else _WEAK_REACH


def _can_be_taken_up(bank: Cue, cue: Cue) -> bool:
    """Whether a mention is recent, or its number was read before: « on reprend », « et derrière ? »."""
    return bank.answered or _within(bank, cue.at, *_MENTION_REACH)


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
