"""What the use cases need of the world, as Protocols. `adapters/` makes each real, and an in-memory twin of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, BinaryIO, Protocol

from chalicelib.audio.plan import Piece
from chalicelib.law.document import Document
from chalicelib.law.form import Page
from chalicelib.law.live import Course
from chalicelib.law.request import Request, Status
from chalicelib.model import LedgerLine, Off, Recording, State, Switch
from chalicelib.telephony.facts import Fact
from chalicelib.telephony.webhook import Act, Outgoing


class Bucket(StrEnum):
    """The stack's buckets, by role; the adapter knows their names."""

    INBOX = "inbox"
    WORK = "work"
    QUARANTINE = "quarantine"
    VAULT = "vault"
    EXPORTS = "exports"


@dataclass(frozen=True, slots=True)
class Place:
    """Where an object lies; `version` narrows it to one version of the key."""

    bucket: Bucket
    key: str
    version: str | None = None


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """What the store says of an object. `fingerprint` is equal only for equal bytes, as far as the store can tell."""

    size: int
    fingerprint: str
    metadata: Mapping[str, str]
    version: str | None
    content_type: str = ""


class Objects(Protocol):
    """Object storage. Each method but those that write and `delete` raises ObjectMissing when nothing is there."""

    def info(self, place: Place) -> ObjectInfo: ...

    def get(self, place: Place) -> bytes: ...

    def open(self, place: Place) -> BinaryIO:
        """A seekable stream that reads the object where it lies, in constant memory; whoever opens it closes it.

        It never gives bytes of two objects: reading on after the object was replaced gives the old one's or raises
        ObjectMissing.
        """
        ...

    def download(self, place: Place, path: Path) -> None: ...

    def put(
        self, place: Place, body: bytes, content_type: str, tags: Mapping[str, str], over: bytes | None = None
    ) -> None:
        """Write an object and its tags in one request: an untagged object would never expire.

        `over` is what must lie there, in that very moment, for it to be written: else ObjectMissing.
        """
        ...

    def upload(self, path: Path, place: Place, content_type: str, tags: Mapping[str, str]) -> None:
        """Write a file of any size and its tags in one act."""
        ...

    def receive(self, stream: BinaryIO, place: Place, content_type: str, metadata: Mapping[str, str]) -> None:
        """Write whatever the stream gives, of any length, in one act and in constant memory.

        What the stream raises leaves nothing behind. `metadata` is ASCII, its names in lower case.
        """
        ...

    def copy(self, source: Place, target: Place, tags: Mapping[str, str], content_type: str | None = None) -> None:
        """Copy on the store's side, with the target bucket's own key, these tags, and none of the source's metadata."""
        ...

    def compose(
        self,
        source: Place,
        target: Place,
        pieces: Iterable[Piece],
        redacted: BinaryIO,
        content_type: str,
        tags: Mapping[str, str],
    ) -> None:
        """Write `target` in one act out of `pieces`, in order: the store copies those of `source` by itself.

        Those to be written are read from `redacted`, one after the other. Leaves nothing behind where it raises;
        ObjectMissing also where the source is replaced meanwhile.
        """
        ...

    def tags(self, place: Place) -> dict[str, str]: ...

    def delete(self, place: Place) -> int:
        """Remove the version that `place` names, or every version and delete marker of its key; how many those were.

        Idempotent: 0 where nothing lay there.
        """
        ...

    def empty(self, place: Place) -> int:
        """Remove every version of every key that begins with that of `place`; how many those were. Idempotent."""
        ...

    def versions(self, place: Place) -> int:
        """How many versions and delete markers the key has."""
        ...

    def link(self, place: Place, lasts_s: int, name: str) -> str:
        """An address that opens the object to whoever has it, for so many seconds, as a file of that name."""
        ...


class Chained(Protocol):
    """A row whose changes are lines of a chain: a recording's, or a request's."""

    @property
    def id(self) -> str: ...

    @property
    def state(self) -> StrEnum: ...

    @property
    def revision(self) -> int: ...

    @property
    def policy(self) -> str: ...

    @property
    def by(self) -> str: ...

    @property
    def chain(self) -> str: ...


@dataclass(frozen=True, slots=True)
class History:
    """What is kept of one recording, or one request: its row, None for none, and its log's lines by revision.

    `unreadable` are the revisions of lines that hold something else; a row that does has `row_unreadable`.
    """

    id: str
    row: Chained | None
    lines: tuple[LedgerLine, ...]
    unreadable: frozenset[int] = frozenset()
    row_unreadable: bool = False


class Recordings(Protocol):
    """The recordings' rows and their ledger: the one place where a state changes.

    Each line is chained to the one before, and takes `policy` and `by` from the recording that is passed. Every
    write raises UnfitForLedger where ground, policy or `by` is no code.
    """

    def add(self, recording: Recording, at: datetime) -> bool:
        """Write a new row and its first ledger line together; False, and nothing, when the row is there already."""
        ...

    def get(self, recording_id: str) -> Recording | None: ...

    def advance(self, recording: Recording, at: datetime) -> Recording:
        """Write `recording` over the revision that it carries, with a ledger line, both or neither.

        Returns it with its new revision; raises StaleRecording when the row has moved on, ForbiddenTransition
        when its state may not follow the row's. A recording that becomes `erased` leaves a tombstone on its call.
        """
        ...

    def note(self, recording: Recording, ground: str, at: datetime) -> Recording:
        """Add a ledger line that changes neither the row's state nor its ground. Raises StaleRecording.

        The recording's other fields are written as they are passed.
        """
        ...

    def forget(self, recording: Recording) -> None:
        """Delete its ledger lines and its row, at the revision that it carries; its call's tombstone stays.

        Raises StaleRecording when the row has moved on, or is gone. What a crash leaves is a row that is still due.
        """
        ...

    def due(self, state: State, before: date) -> Iterator[Recording]:
        """Rows in `state` whose `due_on` is earlier than `before`."""
        ...

    def of_call(self, call_ref: str) -> Iterator[Recording]:
        """The rows of one call's recordings, as an index knows them: read each again before it is changed."""
        ...

    def is_erased(self, call_ref: str) -> bool:
        """Whether this call was erased on somebody's request: it has a tombstone."""
        ...

    def bury(self, call_ref: str) -> None:
        """Leave a tombstone on a call: whatever still comes of it is erased. Idempotent."""
        ...

    def buried(self) -> Iterator[str]:
        """Every call that has a tombstone."""
        ...

    def ledger(self, recording_id: str) -> list[LedgerLine]: ...

    def history(self, recording_id: str) -> History:
        """A recording's row and lines, also where somebody made them unreadable."""
        ...

    def histories(self) -> Iterator[History]:
        """Each recording's history once, in no order: of every row, and of lines that have none.

        Row and lines may be of different moments: ask `history` of one that seems broken.
        """
        ...


class Ceilings(Protocol):
    """How many calls of one agent were recorded in one stretch of time."""

    def take(self, agent_ref: str, stretch: str, most: int, call_ref: str, ends_at: datetime) -> bool:
        """Count this call in, unless `most` others are; the same call again gets the same answer.

        `stretch` names the queue and the day, week or month. The count may be forgotten from `ends_at` on.
        """
        ...


@dataclass(frozen=True, slots=True)
class Reach:
    """Where a call that goes on is reached: its provider, and that provider's ids of it."""

    provider: str
    call_id: str
    ids: Mapping[str, str]

    @property
    def source(self) -> str:
        """The telephone system, as the policy names it: the provider, unless that speaks for another."""
        return self.ids.get("source", self.provider)


@dataclass(frozen=True, slots=True)
class Steered:
    """What was last done to a recording that goes on, and to which of the call's; `revision` counts."""

    course: Course
    revision: int = 0
    recording: str = ""


@dataclass(frozen=True, slots=True)
class Copied:
    """A recording that its provider has too; `media` is what asks for its deletion there (`told.media_plain`)."""

    provider: str
    source: str
    media: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallFile:
    """All that is kept of a call that is not a recording."""

    facts: tuple[Fact, ...] = ()
    reach: Reach | None = None
    steered: Steered | None = None
    copies: tuple[Copied, ...] = ()


class Calls(Protocol):
    """What was said of calls, each thing once, under their opaque references; it ends by itself after `until`."""

    def tell(self, call_ref: str, fact: Fact, until: datetime) -> None:
        """Idempotent: the same fact again changes nothing."""
        ...

    def reach(self, call_ref: str, reach: Reach, until: datetime) -> None:
        """Where the call is reached; ids that were told before stay."""
        ...

    def steer(self, call_ref: str, steered: Steered, until: datetime) -> bool:
        """Write what was done, as the revision after `steered.revision`; False where somebody else did meanwhile."""
        ...

    def file(self, call_ref: str) -> CallFile: ...

    def copied(self, call_ref: str, copy: Copied, until: datetime) -> None:
        """A recording of the call lies at its provider too. Idempotent."""
        ...

    def forget(self, call_ref: str) -> int:
        """Delete all that is kept of a call; how many items those were. Idempotent."""
        ...


class Switches(Protocol):
    """Agents' switches, what they had off, and the calls that they are on; all under opaque references."""

    def current(self, agent_ref: str) -> Switch | None:
        """None is on, since ever."""
        ...

    def turn(self, agent_ref: str, switch: Switch, ended: Off | None, until: datetime) -> Switch:
        """Write the switch over the revision that it carries and, with it or not at all, the stretch that it ends.

        The stretch is kept until `until`. Raises StaleSwitch.
        """
        ...

    def offs(self, agent_ref: str, since: datetime) -> list[Off]:
        """The stretches that ended after `since`, in order of their ends."""
        ...

    def know_as(self, other_ref: str, agent_ref: str) -> None:
        """Another name of that agent's: whatever is said of it is said of them. Idempotent."""
        ...

    def known_as(self, ref: str) -> str:
        """The reference of the agent whose name that is; itself, where it is nobody's other name."""
        ...

    def names(self, agent_ref: str) -> tuple[str, ...]:
        """The references of an agent: their own, and those of their other names."""
        ...

    def place(self, agent_ref: str, teams: Iterable[str]) -> None:
        """The agent is in those teams, by their references, and in no other."""
        ...

    def teams(self, agent_ref: str) -> frozenset[str]: ...

    def sit(self, agent_ref: str, call_ref: str, until: datetime) -> None:
        """The agent is on that call, until `until` if nobody says more. Idempotent."""
        ...

    def leave(self, agent_ref: str, call_ref: str) -> None:
        """Idempotent."""
        ...

    def calls(self, agent_ref: str, now: datetime) -> list[str]:
        """The calls that the agent is on."""
        ...


class CallControl(Protocol):
    """Pauses, resumes and stops a recording at its provider."""

    def act(self, act: Act, reach: Reach) -> None:
        """Raises CannotControl where this call cannot be told so, ProviderUnreachable or ProviderRefused."""
        ...


class ProviderSecrets(Protocol):
    """What providers sign with, and what our own requests to them are signed with."""

    def signing(self, provider: str) -> tuple[str, ...]:
        """The current secret first, during a rotation the previous one too. Raises UnknownProvider."""
        ...

    def credentials(self, provider: str) -> Mapping[str, Any]:
        """With a `token` where the provider wants one. Raises UnknownProvider and what asking it for one raises."""
        ...


class JobState(StrEnum):
    """Of a transcription job."""

    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    MISSING = "missing"


class Transcriber(Protocol):
    """A recogniser that works by jobs, named by the recording's id, and writes Amazon Transcribe's JSON."""

    def start(self, job: str, media: Place, output: Place, language: str, channels: int) -> None:
        """Idempotent. Raises TranscriptionRefused when the recogniser will never take this job."""
        ...

    def state(self, job: str) -> JobState: ...

    def delete(self, job: str) -> None:
        """Idempotent."""
        ...


class Step(StrEnum):
    """The steps that a recording, or what was said of a call, is sent to."""

    TRANSCRIBE = "transcribe"
    REDACT = "redact"
    CALLS = "calls"
    FETCH = "fetch"
    RIGHTS = "rights"


class Steps(Protocol):
    """The queues between the steps; what goes from one to the next carries an opaque id and nothing else."""

    def send(self, step: Step, recording_id: str) -> None: ...

    def post(self, step: Step, message: Mapping[str, Any], delay_ms: int = 0) -> None:
        """Any JSON; `delay_ms` up to 900,000."""
        ...


class Pseudonyms(Protocol):
    """Opaque ids out of names that may be personal: a keyed hash, the same for the same parts."""

    def of(self, kind: str, *parts: str) -> str: ...


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """Which notice was read, and when that was first said."""

    version: str
    at: datetime


class Identities(Protocol):
    """References of telephone numbers and e-mail addresses: keyed hashes, under a key that can be replaced."""

    def of(self, address: str) -> tuple[str, ...]:
        """Under the current key first, then under those that are still looked for.

        `address` is as `telephony/numbers.py` writes it: `tel:+33…` or `mailto:…`.
        """
        ...


class Mark(StrEnum):
    """What is written on a call besides who is on it."""

    ASKED = "asked"  # a request concerns it, and is not answered
    COPIED = "copied"  # a package that a request made holds it


class People(Protocol):
    """Who is on which calls, and what of it is asked for; all under opaque references."""

    def link(self, person: str, call_ref: str, until: date) -> None:
        """The person (a number's, an address's or an agent's reference) is on the call. Idempotent; ends by itself
        some days after the latest `until`."""
        ...

    def calls(self, person: str) -> list[str]: ...

    def persons(self, call_ref: str) -> list[str]: ...

    def mark(self, call_ref: str, mark: Mark, request_id: str, until: date) -> None:
        """Idempotent."""
        ...

    def marks(self, call_ref: str, mark: Mark) -> list[str]: ...

    def unmark(self, call_ref: str, mark: Mark, request_id: str) -> None:
        """Idempotent."""
        ...

    def forget(self, call_ref: str) -> int:
        """Delete every link and mark of a call; how many links those were. Idempotent."""
        ...

    def object(self, person: str, at: datetime, by: str) -> None:
        """Their calls are not recorded any more, from that moment on; the first that was said stays, and by which
        request."""
        ...

    def withdraw(self, person: str, by: str | None = None) -> None:
        """They do not object any more, where it was said by that request, or by whichever. Idempotent."""
        ...

    def objected(self, persons: Iterable[str]) -> datetime | None:
        """Since when one of them objects to being recorded, or None."""
        ...


class Requests(Protocol):
    """Data subjects' requests, each with a log of its own, chained by hash as a recording's ledger is."""

    def add(self, request: Request, at: datetime) -> bool:
        """Write a new request and its first line; False, and nothing, when it is there already."""
        ...

    def get(self, request_id: str) -> Request | None: ...

    def write(self, request: Request, ground: str, at: datetime) -> Request:
        """Write over the revision that it carries, with a line of its log, both or neither. Raises StaleRequest."""
        ...

    def forget(self, request_id: str) -> None:
        """Delete a request and its log. Idempotent. What a crash leaves is found by its state again."""
        ...

    def of(self, state: Status) -> Iterator[Request]:
        """Those in that state, in the order of their days of receipt."""
        ...

    def received(self, month: str) -> Iterator[Request]:
        """Those received in a month, `2026-11`, in the order of their days of receipt."""
        ...

    def log(self, request_id: str) -> list[LedgerLine]: ...

    def history(self, request_id: str) -> History: ...

    def histories(self) -> Iterator[History]: ...


class Codes(Protocol):
    """One-time codes, as keyed hashes, one for each request; and how often something was asked for."""

    def set(self, request_id: str, digest: str, until: datetime, tries: int) -> None:
        """In the place of the one before."""
        ...

    def take(self, request_id: str, digest: str, now: datetime) -> bool:
        """Use up a try, and the code itself where it is the right one: it is right once."""
        ...

    def count(self, kind: str, ref: str, most: int, now: datetime, until: datetime) -> bool:
        """Count one more of a kind for a reference; False where `most` were counted. Forgotten at `until`, which
        the first of them sets."""
        ...


class Messenger(Protocol):
    """Writes to a data subject: a short message to a telephone number, a letter to an e-mail address."""

    def send(self, address: str, subject: str, text: str) -> None:
        """`address` as `Identities` takes it. Raises MessageNotSent."""
        ...


class Printer(Protocol):
    """A document for people."""

    def html(self, document: Document) -> bytes: ...

    def form(self, page: Page) -> bytes:
        """What somebody fills in, as HTML."""
        ...

    def pdf(self, document: Document) -> bytes: ...


class Acknowledgements(Protocol):
    """Who read which notice, under opaque references. It ends by itself some days after `until`."""

    def add(self, agent: str, version: str, at: datetime, until: date) -> Acknowledgement:
        """Write it down, unless it is there already; returns the first one. Idempotent."""
        ...

    def of(self, agent: str) -> list[Acknowledgement]:
        """Those of one agent, in the order of their moments."""
        ...


class Voice(Protocol):
    """Says a text: 16-bit linear WAV, 8 kHz, mono, as telephony plays it."""

    def say(self, text: str, language: str) -> bytes:
        """Raises AnnouncementSilent where no voice has that language, VoiceUnavailable where it does not answer."""
        ...


@dataclass(frozen=True, slots=True)
class Answer:
    """What a provider answered to a request of ours; the names of `headers` are in lower case."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


class Web(Protocol):
    """Requests of ours to providers; nothing but a public address of an allowed host is ever connected to.

    `hosts` are whole names, or endings that begin with a dot. Both methods raise ForbiddenAddress, ProviderUnreachable
    where it may be tried again later, and MediaTooLarge.
    """

    def ask(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Answer:
        """A small answer, with whatever status it came: look at it. Redirects are not followed."""
        ...

    def stream(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> AbstractContextManager[BinaryIO]:
        """The body of an answer with status 200, to be read from end to end; its reading raises the same.

        Raises ProviderRefused for every other status. Redirects are followed to allowed hosts, and to another host
        than the first go none of the request's headers.
        """
        ...


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token says of a person: who it is to their identity provider, what they may be, which agent they are.

    `agent` is in lower case, and empty where the token names none. `teams` are those whose agents they supervise.
    """

    subject: str = field(repr=False)
    roles: frozenset[str] = frozenset()
    agent: str = field(default="", repr=False)
    teams: frozenset[str] = field(default=frozenset(), repr=False)


class Tokens(Protocol):
    """The identity provider's ID tokens."""

    def verify(self, token: str, now: datetime) -> Claims:
        """Raises NotAuthenticated; IdentityUnavailable where it cannot be told now."""
        ...
