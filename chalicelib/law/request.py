"""A data subject's request, from its receipt to its answer: which right, whose, until when (GDPR, art. 12 to 22).

Of the person it holds opaque references. Where to write to them and their own words it holds until the request is at
its end, and no longer.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, datetime
from enum import StrEnum

from chalicelib.law.deadlines import Deadline, Suspension, answer_due, extended_due, received_on
from chalicelib.law.policy import Policy


class Right(StrEnum):
    """What may be asked for, by its article."""

    ACCESS = "access"  # 15
    RECTIFICATION = "rectification"  # 16
    ERASURE = "erasure"  # 17
    RESTRICTION = "restriction"  # 18
    PORTABILITY = "portability"  # 20
    OBJECTION = "objection"  # 21


class Status(StrEnum):
    """Where a request stands."""

    UNPROVEN = "identity-awaited"
    OPEN = "open"  # waits for the DPO
    ACCEPTED = "accepted"  # is being carried out
    ANSWERED = "answered"
    REFUSED = "refused"
    LAPSED = "lapsed"  # nobody proved who asked


class Channel(StrEnum):
    """How a request came in."""

    WEB = "web"
    AGENT = "agent"  # with an agent's own identity
    POST = "post"
    TELEPHONE = "telephone"
    EMAIL = "e-mail"
    COUNTER = "counter"


OPEN = (Status.UNPROVEN, Status.OPEN, Status.ACCEPTED)
"""Statuses in which an answer is still owed."""

ENDED = (Status.ANSWERED, Status.REFUSED, Status.LAPSED)

ARTICLE = {
    Right.ACCESS: "15",
    Right.RECTIFICATION: "16",
    Right.ERASURE: "17",
    Right.RESTRICTION: "18",
    Right.PORTABILITY: "20",
    Right.OBJECTION: "21",
}


@dataclass(frozen=True, slots=True)
class Request:
    """One request. Fit to be stored: `contact`, `text` and `reasons` in a table under the stack's key, nowhere else.

    `persons` are the references of the number or address that asks, under every key that is in use; `agent_refs` those
    of an agent. `received_on` is the controller's day of receipt; `asked_on` and `proven_on` are the days between which
    the clock stood still for a proof of identity. `second_fact` is False where one was given that does not fit, None
    where none was asked for. `calls` are those that its receipt counts already, while an erasure is carried out.
    `package` is the attempt whose package answers it, `sha256` that package's.
    `told` is what the answer says: opaque ids, counts, codes and articles.
    `state`, `revision`, `policy`, `by` and `chain` are those of its log (`services/chain.py`).
    """

    id: str
    right: Right
    state: Status
    received_on: date
    channel: Channel = Channel.WEB
    language: str = "fr"
    persons: tuple[str, ...] = ()
    agent_refs: tuple[str, ...] = ()
    contact: str = field(default="", repr=False)
    text: str = field(default="", repr=False)
    bank_data: bool = False
    asked_on: date | None = None
    proven_on: date | None = None
    second_fact: bool | None = None
    extended: bool = False
    reasons: str = field(default="", repr=False)
    told: tuple[Told, ...] = ()
    calls: tuple[str, ...] = ()
    answered_on: date | None = None
    sha256: str = ""
    package: str = ""
    downloaded: bool = False
    revision: int = 0
    ground: str = ""
    changed_at: datetime | None = None
    policy: str = ""
    by: str = "machine"
    chain: str = ""

    @property
    def is_open(self) -> bool:
        """Whether an answer is owed."""
        return self.state in OPEN


@dataclass(frozen=True, slots=True)
class Told:
    """One thing that an answer says: a code of `law/texts`, how many, of which recording, under which article."""

    code: str
    count: int = 0
    recording: str = ""
    source: str = ""


def due(request: Request, policy: Policy) -> Deadline | None:
    """Until when it must be answered; None while an identity is awaited."""
    reckon = extended_due if request.extended else answer_due
    return reckon(request.received_on, policy.holidays, suspensions(request))


def suspensions(request: Request) -> tuple[Suspension, ...]:
    """When its clock stood still."""
    return ((request.asked_on, request.proven_on),) if request.asked_on else ()


def latest(request: Request, policy: Policy) -> date:
    """The last day on which an answer could still be lawful, were it extended: nothing may be lost until then."""
    found = extended_due(request.received_on, policy.holidays, suspensions(request))
    if found is None:  # an identity is awaited: as if it came today nobody knows; three months and as much again
        found = extended_due(request.received_on, policy.holidays)
    assert found is not None
    return found.due_on


def may_extend(request: Request, policy: Policy, now: datetime) -> bool:
    """Only once, and the person is told within the first month (art. 12(3))."""
    first = answer_due(request.received_on, policy.holidays, suspensions(request))
    today = received_on(now, policy.zone)
    return request.is_open and not request.extended and (first is None or today <= first.due_on)


def forgotten(request: Request) -> Request:
    """What is left at its end: nothing that leads to the person."""
    told = tuple(replace(each, recording="") for each in request.told)
    return replace(request, persons=(), agent_refs=(), contact="", text="", reasons="", told=told)
