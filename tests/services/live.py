"""A call that goes on: what a provider and an agent say of it, at so many seconds from its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from chalicelib.law.lot import is_drawn
from chalicelib.model import Reason, Recording, Span
from chalicelib.services.hear import hear
from chalicelib.services.ports import Step
from chalicelib.services.refs import agent_named, call_named
from chalicelib.services.steer import Outcome, steer
from chalicelib.services.story import story_of
from chalicelib.services.switch import AGENT, Turned, turn_off, turn_on
from chalicelib.services.told import opaque
from chalicelib.settings import Settings
from chalicelib.telephony.event import CallEvent, Happened
from chalicelib.telephony.facts import Story
from chalicelib.telephony.webhook import Act
from tests.machines import NOW, Twins
from tests.sounds import wav

T0 = NOW - timedelta(minutes=30)
LIMIT_S = 600
SOUND = wav(milliseconds=10_000)
PSEUDONYMS = Twins().machine.pseudonyms


def numbered(drawn: bool) -> str:
    """The id of a call that the lot lets in for quality, or does not."""
    ids = (f"call-{number}" for number in range(100))
    return next(each for each in ids if drawn == is_drawn(PSEUDONYMS.of("lot", "twilio", each), 50))  # type: ignore[arg-type]


ID, NOT_DRAWN = numbered(True), numbered(False)


def at(seconds: float) -> datetime:
    return T0 + timedelta(seconds=seconds)


def exact(**settings: Any) -> Twins:
    """Twins whose clocks all agree, so that a cut is exactly what was off."""
    return Twins(settings=Settings(padding_ms=100, cut_margin_ms=0, **settings))


@dataclass
class Line:
    """One call of one provider; `twins` may be shared by several."""

    twins: Twins = field(default_factory=exact)
    id: str = ID
    queue: str | None = "service-client"
    root: str | None = None

    @property
    def ref(self) -> str:
        return call_named(self.twins.machine, "twilio", self.id)

    @property
    def story(self) -> Story:
        return story_of(self.twins.machine, self.ref)

    def event(self, happened: Happened, seconds: float, **said: Any) -> CallEvent:
        known: dict[str, Any] = {
            "queue": self.queue,
            "language": "fr-FR",
            "root_id": self.root,
            "ids": {"call": self.id},
        }
        return CallEvent("twilio", happened, self.id, at(seconds), **known | said)

    def hears(self, event: CallEvent, seconds: float | None = None) -> Outcome:
        now = (event.at or NOW) if seconds is None else at(seconds)
        return hear(self.twins.machine, opaque(self.twins.machine, event, now), now)

    def starts(self, seconds: float = 0, **said: Any) -> Outcome:
        return self.hears(self.event(Happened.STARTED, seconds, started_at=at(0), **said))

    def connects(self, agent: str = "jeanne", seconds: float = 0, **said: Any) -> Outcome:
        return self.hears(self.event(Happened.CONNECTED, seconds, agent=agent, **said))

    def objects(self, seconds: float) -> Outcome:
        return self.hears(self.event(Happened.OBJECTED, seconds))

    def ends(self, seconds: float) -> Outcome:
        return self.hears(self.event(Happened.ENDED, seconds))

    def wakes(self, seconds: float) -> Outcome:
        return steer(self.twins.machine, self.ref, at(seconds), woken=True)

    def arrives(self, body: bytes = SOUND, **said: str) -> Recording:
        """Its recording, which began at its start."""
        began = {"source": "twilio", "call-id": self.id, "started-at": at(0).isoformat(), "language": "fr-FR"}
        metadata: Mapping[str, str] = began | {"announced": "true"} | said
        return self.twins.received(body, f"{self.id}.wav", metadata)

    @property
    def acts(self) -> list[Act]:
        """What its provider was told, in order."""
        return [act for act, call in self.twins.control.told if call == self.id]


def off(
    twins: Twins, seconds: float, agent: str = "jeanne", reason: Reason = Reason.OTHER, by: str = AGENT,
    until: float | None = None,
) -> Turned:  # fmt: skip
    ref, ends = agent_named(twins.machine, agent), None if until is None else at(until)
    return turn_off(twins.machine, ref, reason, ends, by, at(seconds))


def on(twins: Twins, seconds: float, agent: str = "jeanne", by: str = AGENT) -> Turned:
    return turn_on(twins.machine, agent_named(twins.machine, agent), by, at(seconds))


def cut(*seconds: tuple[float, float]) -> tuple[Span, ...]:
    return tuple(Span(round(since * 1000), round(until * 1000)) for since, until in seconds)


def posted(twins: Twins) -> list[tuple[Step, dict[str, Any], int]]:
    """What was posted, but for what only heals."""
    return [each for each in twins.steps.posted if "follow" not in each[1]]


def wakes(twins: Twins) -> list[float]:
    """The delays of the wake-ups that were posted, in seconds."""
    return [delay / 1000 for _, message, delay in twins.steps.posted if message.get("woken")]
