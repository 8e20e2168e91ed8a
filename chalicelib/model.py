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
class Call:
    """What the source's key or metadata says of a call. `call_id` may hold personal data: never store it."""

    source: str
    call_id: str
    started_at: datetime | None
    language: str | None = None


class Fate(StrEnum):
    """What the law lets become of a recording."""

    KEEP = "keep"
    DISCARD = "discard"
    QUARANTINE = "quarantine"


@dataclass(frozen=True, slots=True)
class Decision:
    """A fate and its ground: a short fixed code, fit for ledgers, logs and metrics."""

    fate: Fate
    ground: str


class State(StrEnum):
    """Where a recording stands; `NEXT` says where it may go from there."""

    RECEIVED = "received"
    JUDGED = "judged"
    TRANSCRIBING = "transcribing"
    REDACTING = "redacting"
    AVAILABLE = "available"
    QUARANTINED = "quarantined"
    DISCARDED = "discarded"
    EXPIRED = "expired"
    ERASED = "erased"


NEXT: dict[State, frozenset[State]] = {
    State.RECEIVED: frozenset({State.JUDGED, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.JUDGED: frozenset({State.TRANSCRIBING, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.TRANSCRIBING: frozenset({State.REDACTING, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.REDACTING: frozenset({State.REDACTING, State.AVAILABLE, State.QUARANTINED, State.DISCARDED, State.ERASED}),
    State.AVAILABLE: frozenset({State.EXPIRED, State.ERASED}),
    State.QUARANTINED: frozenset({State.JUDGED, State.DISCARDED, State.ERASED}),
    State.DISCARDED: frozenset({State.JUDGED}),  # the same file dropped again, with what was missing
    State.EXPIRED: frozenset(),
    State.ERASED: frozenset(),
}
IN_WORK = (State.RECEIVED, State.JUDGED, State.TRANSCRIBING, State.REDACTING)
"""States in which the unredacted sound is still needed."""

LIVE = (State.QUARANTINED, State.AVAILABLE, *IN_WORK)
"""States that still have a copy somewhere, in the order in which the sweep ends them."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording's row. Every field is fit to be stored: opaque ids, no name, no number, no digits.

    `due_on` is the day after which the sweep must end it, whatever its state; `last_day` is the lawful end of
    the call's audio. `revision` counts the row's changes: a write names the revision that it read. `changed_at` is
    when the row came to its state. Of its last change, `policy` is the version that decided it, `by` who made it
    (a role's code or an opaque reference, never a name) and `chain` the hash of its ledger line, in hex.
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


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """One decision on one recording: which state it came to, on what ground, when, under which policy, by whom.

    `hash` is this line's own, `previous` that of the line before (`services/chain.py`); "" is none.
    """

    recording_id: str
    revision: int
    state: State
    ground: str
    at: datetime
    policy: str = ""
    by: str = ""
    previous: str = ""
    hash: str = ""
