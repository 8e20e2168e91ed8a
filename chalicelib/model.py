"""The frozen values that every room speaks: spans, words, findings, sounds, calls and recordings.

Times inside a recording are integer milliseconds from its first sample; datetimes are aware.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from chalicelib.errors import InvalidSpan


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """`[start_ms, end_ms)` on one channel (0 is left), or on every channel when `channel` is None."""

    start_ms: int
    end_ms: int
    channel: int | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.start_ms < self.end_ms:
            raise InvalidSpan(f"a span runs forward from 0 ms or later, not {self.start_ms} to {self.end_ms} ms")
        if self.channel is not None and self.channel < 0:
            raise InvalidSpan(f"a channel is 0 or more, not {self.channel}")

    def overlaps(self, other: Span) -> bool:
        """Whether both sound at one moment on one channel."""
        same = self.channel is None or other.channel is None or self.channel == other.channel
        return same and self.start_ms < other.end_ms and other.start_ms < self.end_ms


@dataclass(frozen=True, slots=True)
class Word:
    """One word as a recogniser heard it; `punctuation` is what follows it without a space."""

    text: str
    span: Span
    confidence: float = 1.0
    punctuation: str = ""


@dataclass(frozen=True, slots=True)
class Transcript:
    """Words in order of their start; `channels` is 2 when each voice has its own, else 1."""

    words: tuple[Word, ...]
    language: str
    channels: int


@dataclass(frozen=True, slots=True)
class Finding:
    """A place where bank data is heard: its span, what kind it is and the rule that said so; never the digits."""

    span: Span
    kind: str
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Sound:
    """How the samples of a recording lie in its file.

    `data_offset` and `data_size` are bytes; `fmt` is the body of the `fmt ` chunk, without what no codec wants there.
    Where a codec packs samples into blocks, `block_frames` of each channel are in one, and `sample_bytes` is a
    channel's share of its bytes.
    """

    codec: str
    channels: int
    rate: int
    sample_bytes: int
    data_offset: int
    data_size: int
    fmt: bytes = field(repr=False)
    block_frames: int = 1

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample, or one block, on every channel."""
        return self.channels * self.sample_bytes

    @property
    def frames(self) -> int:
        """Samples on each channel."""
        return self.data_size // self.frame_bytes * self.block_frames

    @property
    def duration_ms(self) -> int:
        """Length rounded up, so that a span may cover the last sample."""
        return -(-self.frames * 1000 // self.rate)


@dataclass(frozen=True, slots=True)
class Stretch:
    """From one moment to another; None is the call's own beginning or end."""

    since: datetime | None
    until: datetime | None


class Reason(StrEnum):
    """Why an agent has the recording off."""

    PERSONAL = "personal-call"
    MANDATE = "mandate"
    PAYMENT = "payment"
    OBJECTION = "objection"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Off:
    """A stretch for which an agent had the recording off."""

    reason: Reason
    stretch: Stretch


@dataclass(frozen=True, slots=True)
class Switch:
    """An agent's switch as it stands, since when and turned by whom (a reference); `reason` is None where it is on.

    An off with `until` ends by itself.
    """

    since: datetime
    by: str
    reason: Reason | None = None
    until: datetime | None = None
    revision: int = 0

    def is_off(self, now: datetime) -> bool:
        """Whether nothing may be recorded now."""
        return self.reason is not None and (self.until is None or now < self.until)


@dataclass(frozen=True, slots=True)
class Call:
    """What is said of a call. `call_id`, `agent` and `lines` may hold personal data: never store them.

    `started_at` is the moment of the recording's first sample, known to `precision_ms`: it began then or up to so much
    later. `announced` is None where the source cannot say. `objected_at` is None where nobody says when the caller
    objected. `useful` is the stretch that concludes a contract. `agent_ref` is the opaque reference of an agent of whom
    nothing else is known; `answered` is what was answered before capture; `agent_channel` is 0 for left.
    """

    source: str
    call_id: str
    started_at: datetime | None
    language: str | None = None
    precision_ms: int = 0
    queue: str | None = None
    agent: str | None = None
    lines: tuple[str, ...] = ()
    outbound: bool = False
    announced: bool | None = None
    objected: bool = False
    objected_at: datetime | None = None
    offs: tuple[Off, ...] = ()
    with_screen: bool = False
    useful: Stretch | None = None
    signed_on: date | None = None
    agent_ref: str = ""
    answered: bool | None = None
    agent_channel: int | None = None


class Fate(StrEnum):
    """What the law lets become of a recording, the mildest first."""

    KEEP = "keep"
    QUARANTINE = "quarantine"
    DISCARD = "discard"


@dataclass(frozen=True, slots=True)
class Decision:
    """A fate and its grounds, the decisive one first: short fixed codes, fit for ledgers, logs and metrics.

    Of a call that is kept, `cuts` are the stretches of which nothing is.
    """

    fate: Fate
    grounds: tuple[str, ...]
    cuts: tuple[Stretch, ...] = ()

    @property
    def ground(self) -> str:
        """What decided."""
        return self.grounds[0]


class State(StrEnum):
    """Where a recording stands; `NEXT` says where it may go from there."""

    RECEIVED = "received"
    JUDGED = "judged"
    TRANSCRIBING = "transcribing"
    REDACTING = "redacting"
    AVAILABLE = "available"
    HELD = "held"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    ERASED = "erased"


NEXT: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.JUDGED, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.JUDGED: frozenset({State.TRANSCRIBING, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.TRANSCRIBING: frozenset({State.REDACTING, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.REDACTING: frozenset({State.REDACTING, State.AVAILABLE, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.AVAILABLE: frozenset({State.AVAILABLE, State.HELD, State.EXPIRED, State.ERASED}),
    State.HELD: frozenset({State.HELD, State.AVAILABLE, State.EXPIRED, State.ERASED}),
    State.QUARANTINED: frozenset({State.JUDGED, State.DISCARDED, State.ERASED}),
    State.DISCARDED: frozenset({State.JUDGED, State.ERASED}),  # judged: dropped again, with what was missing
    State.EXPIRED: frozenset({State.ERASED}),  # what the row still says of the call
    State.ERASED: frozenset(),
}
NEVER = date.max
"""A day that does not come: the term of a call whose day nobody knows."""

IN_WORK = (State.RECEIVED, State.JUDGED, State.TRANSCRIBING, State.REDACTING)
"""States in which the unredacted sound is still needed."""

ENDS = (State.DISCARDED, State.EXPIRED, State.ERASED)
"""States that leave no copy."""

LIVE = (State.QUARANTINED, State.AVAILABLE, State.HELD, *IN_WORK)
"""States that still have a copy somewhere, in the order in which the sweep ends them."""


class Shelf(StrEnum):
    """Where in the vault a recording lies: up to six months, for a longer legal term, or held for a claim."""

    CALLS = "calls"
    KEPT = "kept"
    HELD = "held"


class HoldKind(StrEnum):
    """Why nothing of a recording may be lost: a legal claim (GDPR art. 17(3)(e)), a restriction (art. 18), or that
    somebody asked for it and is not answered yet."""

    LEGAL_CLAIM = "legal-claim"
    RESTRICTION = "restriction"
    REQUEST = "request"


@dataclass(frozen=True, slots=True)
class Hold:
    """Why a recording is held, under which reference of the DPO's files (no name), by whom, and its last day."""

    kind: HoldKind
    reference: str
    by: str
    until: date


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording's row. Every field is fit to be stored: opaque ids, no name, no number, no digits.

    `due_on` is the day on which the sweep must end it, whatever its state, or forget the row itself where it is
    `settled`: at its end, with no copy left. `last_day` is the lawful end of the call's audio: on that day it goes.
    `revision` counts the row's changes: a write names the revision that it read. `changed_at` is when the row came to
    its state. `policy` is the version of the policy under which its last change was decided, `by` the short role code
    of who made it, never a name; `chain` is the hash of its last ledger line. `cuts` are spans of which nothing is
    kept, whatever is said in them. `started_at` is known to `precision_ms`, as a `Call`'s; `duration_ms` may be an
    estimate where not `length_known`.
    """

    id: str
    call_ref: str
    state: State
    due_on: date
    revision: int = 0
    ground: str = ""
    started_at: datetime | None = None
    last_day: date | None = None
    language: str = ""
    channels: int = 0
    duration_ms: int = 0
    muted: tuple[Finding, ...] = ()
    changed_at: datetime | None = None
    policy: str = ""
    by: str = "machine"
    chain: str = ""
    queue: str = ""
    agent_ref: str = ""
    agent_channel: int | None = None
    shelf: Shelf = Shelf.CALLS
    cuts: tuple[Span, ...] = ()
    hold: Hold | None = None
    precision_ms: int = 0
    length_known: bool = True
    settled: bool = False


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One decision on one recording, or on one request.

    Which state it came to, on what ground, when, under which policy, by whom.

    `hash` is this line's own, `previous` that of the line before (`services/chain.py`); "" is none.
    """

    recording_id: str
    revision: int
    state: StrEnum
    ground: str
    at: datetime
    policy: str = ""
    by: str = ""
    previous: str = ""
    hash: str = ""
