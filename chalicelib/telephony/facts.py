"""What is known of one call out of whatever was said of it, however often and in whatever order.

Each thing said is a `Fact`, kept once; a call's `Story` is a fold over their set, which no repetition and no order
changes. Facts hold opaque references, codes and moments: no name, no number.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest
from typing import Any, TypeVar

from chalicelib.model import Stretch

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Of what has no moment: that one call is a part of another, a mandate of the whole call."""

_Found = TypeVar("_Found")


class Kind(StrEnum):
    """What was said. `about` names another call, or a recording, under its reference."""

    STARTED = "started"
    CONNECTED = "connected"
    ANNOUNCED = "announced"  # `yes`: whether the caller was told beforehand
    ANSWERED = "answered"  # `yes`: whether the call may be recorded, as was said before capture; `about` why
    OBJECTED = "objected"  # `about` is who said so, where that was not telephony
    PAYING = "paying"  # `about` is who said so
    PAID = "paid"
    MANDATE = "mandate"  # a staff representative's line is on the call
    SCREEN = "screen"
    RECORDED = "recorded"  # a recording waits at the provider
    ENDED = "ended"
    LEFT = "left"  # `about` is a leg that ended
    USEFUL = "useful"  # from `at` to `until` the contract is concluded
    PART_OF = "part-of"  # `about` is the first call
    LEG = "leg"  # `about` is a leg or a transfer of this call
    WITH = "with"  # `about` is the reference of a number or an address that is on the call
    FETCHED = "fetched"  # `about` is a recording that was brought here
    GONE = "gone"  # `about` is a recording that its provider no longer has


FOLLOWS = frozenset({Kind.ANNOUNCED, Kind.OBJECTED, Kind.PAYING, Kind.PAID})
"""What was said of a call holds for its transfers too."""

OF_LEGS = frozenset({Kind.CONNECTED, Kind.MANDATE})
"""Who is on a leg is on the call that it is a leg of."""


_SITTING = frozenset({Kind.STARTED, Kind.CONNECTED})


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that was said of a call, at a moment of the provider's clock, or of ours where it says none."""

    kind: Kind
    at: datetime
    yes: bool | None = None
    about: str = ""
    agent_ref: str = ""
    queue: str = ""
    language: str = ""
    started_at: datetime | None = None
    outbound: bool | None = None
    agent_channel: int | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Seat:
    """An agent on a call, from one moment until the next agent's on the same leg, or the leg's end."""

    agent_ref: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a call; None and "" where nobody said."""

    started_at: datetime | None = None
    ended_at: datetime | None = None
    seats: tuple[Seat, ...] = ()
    queue: str = ""
    language: str = ""
    outbound: bool = False
    announced: bool | None = None
    answered: bool | None = None
    objected_at: datetime | None = None
    payments: tuple[Stretch, ...] = ()
    useful: Stretch | None = None
    mandate: bool = False
    with_screen: bool = False
    agent_channel: int | None = None
    root: str = ""
    legs: tuple[str, ...] = ()
    persons: tuple[str, ...] = ()
    fetched: frozenset[str] = frozenset()
    gone: frozenset[str] = frozenset()


def fold(facts: Iterable[Fact], payment_limit: timedelta) -> Story:
    """The story that facts tell, in any order and any number; a payment that nobody ends ends after `payment_limit`.

    Of queues and languages the last one counts, of moments the earliest, of ends the latest; of an announcement and of
    an answer before capture, one yes is a yes.
    """
    known = sorted(set(facts), key=_order)
    of = {kind: [fact for fact in known if fact.kind is kind] for kind in Kind}
    started_at = min(
        (fact.started_at for fact in known if fact.started_at), default=_first([*of[Kind.STARTED], *of[Kind.CONNECTED]])
    )
    ended_at = max((fact.at for fact in of[Kind.ENDED]), default=None)
    return Story(
        started_at=started_at,
        ended_at=ended_at,
        seats=tuple(_seats([fact for fact in known if fact.agent_ref], of[Kind.LEFT], started_at, ended_at)),
        queue=_last(known, lambda fact: fact.queue, ""),
        language=_last(known, lambda fact: fact.language, ""),
        outbound=any(fact.outbound for fact in known),
        announced=_any(of[Kind.ANNOUNCED]),
        answered=_any(of[Kind.ANSWERED]),
        objected_at=min((fact.at for fact in of[Kind.OBJECTED]), default=None),
        payments=tuple(_payments([*of[Kind.PAYING], *of[Kind.PAID]], payment_limit)),
        useful=_useful(of[Kind.USEFUL]),
        mandate=bool(of[Kind.MANDATE]),
        with_screen=bool(of[Kind.SCREEN]),
        agent_channel=_last(known, lambda fact: fact.agent_channel, None),
        root=_last(of[Kind.PART_OF], lambda fact: fact.about, ""),
        legs=tuple(dict.fromkeys(fact.about for fact in of[Kind.LEG])),
        persons=tuple(dict.fromkeys(fact.about for fact in of[Kind.WITH])),
        fetched=frozenset(fact.about for fact in of[Kind.FETCHED]),
        gone=frozenset(fact.about for fact in of[Kind.GONE]),
    )


def plain(fact: Fact) -> dict[str, Any]:
    """A fact for JSON or a table: what it does not say is left out."""
    values = {each.name: getattr(fact, each.name) for each in fields(fact)}
    said = {name: value for name, value in values.items() if value not in (None, "")}
    return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items()}


def fact_from(said: dict[str, Any]) -> Fact:
    """The fact that `plain` wrote. Raises KeyError, TypeError or ValueError for anything else."""
    values = {name: value for name, value in said.items() if name in Fact.__slots__}
    for name in ("at", "started_at", "until"):
        if name in values:
            values[name] = datetime.fromisoformat(values[name])
    if values.get("agent_channel") is not None:
        values["agent_channel"] = int(values["agent_channel"])
    return Fact(**values | {"kind": Kind(values["kind"])})


def _first(facts: list[Fact]) -> datetime | None:
    """When the first of them was said: a call of which nobody says when it began had begun by then."""
    return min((fact.at for fact in facts), default=None)


def _order(fact: Fact) -> tuple[datetime, str]:
    return fact.at, repr(fact)


def _last(facts: Iterable[Fact], name: Callable[[Fact], _Found], default: _Found) -> _Found:
    return next((found for fact in reversed(list(facts)) if (found := name(fact)) not in (None, "")), default)


def _any(facts: list[Fact]) -> bool | None:
    return any(fact.yes for fact in facts) if facts else None


def _seats(
    named: list[Fact], left: list[Fact], started_at: datetime | None, ended_at: datetime | None
) -> Iterator[Seat]:
    """On the call itself and on each of its legs, who sits there and until when.

    A consult seats a second agent beside the first; a transfer within one leg, another in the place of the first. Who
    is only named, at the end or with a recording, sat there all the time, beside whoever else did.
    """
    for leg in dict.fromkeys(fact.about for fact in named):
        ends = [fact.at for fact in left if fact.about == leg] if leg else [ended_at] if ended_at else []
        of_it, until = [fact for fact in named if fact.about == leg], max(ends, default=None)
        sitting = [fact for fact in of_it if fact.kind in _SITTING]
        yield from _in_turn(sitting, started_at, until)
        for agent in _besides(of_it, sitting):
            since = min([fact.at for fact in of_it] + ([started_at] if started_at else []))
            yield Seat(agent, since, until if until and until > since else None)


def _besides(named: list[Fact], sitting: list[Fact]) -> list[str]:
    seated = {fact.agent_ref for fact in sitting}
    return list(dict.fromkeys(fact.agent_ref for fact in named if fact.agent_ref not in seated))


def _in_turn(sitting: list[Fact], started_at: datetime | None, ended_at: datetime | None) -> Iterator[Seat]:
    """Whoever sits on until somebody else does: each change of agent begins another seat.

    The first one, if named with the call's start and not with their own, sat from then on, however late that was said.
    """
    changes: list[Fact] = []
    for fact in sitting:
        if not changes or changes[-1].agent_ref != fact.agent_ref:
            changes.append(fact)
    for fact, after in zip_longest(changes, changes[1:]):
        until, since = after.at if after else ended_at, fact.at
        if fact is changes[0] and fact.kind is Kind.STARTED and started_at:
            since = min(since, started_at)
        yield Seat(fact.agent_ref, since, until if until and until > since else None)


def _useful(said: list[Fact]) -> Stretch | None:
    """The part that concludes a contract, as far as it hangs together; of several that do not, the last."""
    part: Stretch | None = None
    for fact in said:
        if part and part.since and (part.until is None or fact.at <= part.until):
            until = max(part.until, fact.until) if part.until and fact.until else fact.until or part.until
            part = Stretch(part.since, until)
        else:
            part = Stretch(fact.at, fact.until)
    return part


def _payments(said: list[Fact], limit: timedelta) -> Iterator[Stretch]:
    """From each start to the next end, also one that comes after the limit; without any, to the limit.

    The limit counts from the last start. Of a start and an end in one moment the end comes first: what is in doubt goes
    on. A start that says its own end is a payment by itself, and ends no other.
    """
    yield from (Stretch(fact.at, fact.until) for fact in said if fact.until)
    since = until = None
    for fact in sorted((each for each in said if not each.until), key=lambda each: (each.at, each.kind is Kind.PAYING)):
        if fact.kind is Kind.PAYING:
            if since and until and fact.at >= until:
                yield Stretch(since, until)
                since = None
            since, until = since or fact.at, fact.at + limit
        elif since:
            yield Stretch(since, fact.at)
            since = None
    if since:
        yield Stretch(since, until)
