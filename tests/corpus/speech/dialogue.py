"""How a datum is asked for and read aloud between two people: groups, breath, interruptions, mistakes."""

from __future__ import annotations

from tests.corpus.speech.data import Datum, value_of
from tests.corpus.speech.figures import Figure, Group, chunk, number, single
from tests.corpus.speech.script import AGENT, CUSTOMER, Bit, Stage
from tests.corpus.speech.teller import Teller

_STYLES = ("digits", "pairs", "numbers", "halves")


class Reading:
    """One datum read by the customer to the agent, on a stage."""

    def __init__(self, stage: Stage, datum: Datum) -> None:
        self.stage, self.rng, self.datum = stage, stage.rng, datum
        long = len(datum.groups) > 2
        self.nods = self.rng.choice((0.0, 0.1, 0.5, 0.9)) if long else 0.0
        self.echoes = self.rng.choices((0.0, 0.4, 0.9), (7, 2, 1))[0] if long else 0.0
        self.ums = self.rng.choice((0.02, 0.08, 0.25))
        self.holds = long and self.rng.random() < 0.1
        self.leaves = long and self.rng.random() < 0.05
        self.pending: list[Bit] = []

    def ask(self) -> None:
        """The agent asks, mostly; or the customer offers by himself."""
        topic = self.datum.kind
        if self.rng.random() < 0.82:
            self.stage.turn(AGENT, self.stage.line(AGENT, topic, "ask"))
            self._fetch()
            self.pending += self.stage.line(CUSTOMER, topic, "lead")
        else:
            self.pending += self.stage.line(CUSTOMER, topic, "offer")

    def _fetch(self) -> None:
        if self.rng.random() < 0.12:
            self.stage.exchange("reading", "fetch")
            self._wait(4_000, 40_000)

    def _wait(self, least: int, most: int) -> None:
        """Nobody speaks for a while."""
        last = self.stage.turns[-1]
        bits = (*last.bits[:-1], _paused(last.bits[-1], self.rng.randint(least, most)))
        self.stage.turns[-1] = type(last)(last.channel, bits, last.gap_ms, False)

    def bits(self, group: Group, pause_ms: int = 0) -> tuple[Bit, ...]:
        """A group as bits that carry the truth."""
        kind = self.datum.kind if self.datum.secret else ""
        return self.stage.group(group, kind, not self.datum.secret, pause_ms)

    def read(self) -> bool:
        """Read it all; False when the customer gives up half-way."""
        groups = self.datum.groups
        half = max(1, self.rng.randrange(len(groups)))
        for index, group in enumerate(groups):
            if index == half and self.leaves:
                self._flush()
                self.stage.exchange("reading", "abandon")
                return False
            if index == half and self.holds:
                self._hold()
            self._say(group, last=index == len(groups) - 1)
        self._flush()
        self._finish()
        return True

    def _say(self, group: Group, last: bool) -> None:
        if self.rng.random() < self.ums:
            self.pending += self.stage.line(CUSTOMER, "reading", "um")
        if self.rng.random() < 0.04:
            self.pending += self._mistake(group)
        self.pending += self.bits(group, 0 if last else self.rng.choice((150, 350, 700, 1300)))
        if self.rng.random() < 0.04:
            self._again(group)
        elif self.rng.random() < self.echoes and not last:
            self._echo(group)
        elif self.rng.random() < self.nods and not last:
            self._flush()
            aside = self.rng.random() < 0.5
            self.stage.turn(AGENT, self.stage.line(AGENT, "reading", "yes"), self.rng.randint(-300, 300), aside)

    def _mistake(self, group: Group) -> tuple[Bit, ...]:
        """The group begun with a wrong number, and the word that takes it back."""
        at = next((i for i, item in enumerate(group) if isinstance(item, Figure) and item.value.isdigit()), None)
        if at is None:
            return ()
        right, voice = value_of((group[at],)), self.stage.voices[CUSTOMER]
        wrong = str((int(right[-1]) + self.rng.randint(1, 9)) % 10)
        said = number(right[:-1] + wrong, voice) if len(right) < 5 else single(wrong, voice)
        return (*self.bits((*group[:at], said), 200), *self.stage.line(CUSTOMER, "reading", "oops"))

    def _again(self, group: Group) -> None:
        self._flush()
        self.stage.turn(AGENT, self.stage.line(AGENT, "reading", "again"))
        lead = self.stage.line(CUSTOMER, "reading", "resay")
        self.pending += (*lead, *self.bits(self._otherwise(group, CUSTOMER), 400))

    def _echo(self, group: Group) -> None:
        """The agent says the group back: as sensitive as what the customer said."""
        self._flush()
        lead = self.stage.line(AGENT, "reading", "echo")
        self.stage.turn(AGENT, (*lead, *self.bits(self._otherwise(group, AGENT))), self.rng.randint(-200, 600))
        if self.rng.random() < 0.4:
            self.pending += self.stage.line(CUSTOMER, "reading", "yes")

    def _otherwise(self, group: Group, channel: int) -> Group:
        """The same characters, perhaps read in another way."""
        value = value_of(group)
        if not value.isdigit() or not all(isinstance(item, Figure) and item.numeral for item in group):
            return group
        voice = self.stage.voices[channel]
        return chunk(value, self.rng.choice(_STYLES), voice, self.rng) if self.rng.random() < 0.5 else group

    def _hold(self) -> None:
        self._flush()
        self.stage.exchange("reading", "hold")
        self._wait(10_000, 60_000)
        self.stage.exchange("reading", "resume")

    def _flush(self) -> None:
        turns = self.stage.turns
        follows = bool(turns) and turns[-1].channel == AGENT and turns[-1].aside
        self.stage.turn(CUSTOMER, self.pending, self.rng.randint(200, 700) if follows else None)
        self.pending = []

    def _finish(self) -> None:
        if self.rng.random() < 0.15:
            said = list(self.stage.line(AGENT, "reading", "back"))
            for group in self.datum.groups:
                said += self.bits(self._otherwise(group, AGENT), self.rng.choice((100, 300)))
            self.stage.turn(AGENT, (*said, *self.stage.line(AGENT, "reading", "right")))
            self.stage.turn(CUSTOMER, self.stage.line(CUSTOMER, "reading", "yes"))
        elif self.rng.random() < 0.85:
            self.stage.turn(AGENT, self.stage.line(AGENT, "reading", "thanks"))


def _paused(bit: Bit, pause_ms: int) -> Bit:
    return Bit(bit.text, bit.mark, bit.kind, bit.audible, bit.figure, bit.unit, bit.group, pause_ms)


def converse(stage: Stage, kind: str, asked: bool = True) -> bool:
    """One datum of `kind` asked for and read; False when it was given up."""
    teller = Teller(stage.rng, stage.language, stage.voices[CUSTOMER], stage.book)
    reading = Reading(stage, Datum.of(kind, teller))
    if asked:
        reading.ask()
    else:
        reading.pending += stage.line(CUSTOMER, kind, "lead")
    return reading.read()
