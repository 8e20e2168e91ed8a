"""In-memory twins of the ports: the same contract (`tests/contract/`) without an account."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from io import BufferedReader, BytesIO
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from chalicelib.adapters.opaque import opaque_id
from chalicelib.adapters.ranged import read_exactly
from chalicelib.audio.plan import Copy, Piece
from chalicelib.errors import ObjectMissing, StaleRecording, UnknownProvider
from chalicelib.law.document import Document
from chalicelib.law.form import Page
from chalicelib.model import LedgerLine, Recording, State
from chalicelib.services.chain import next_line
from chalicelib.services.ports import History, JobState, ObjectInfo, Place, Reach, Step
from chalicelib.services.transitions import require_allowed
from chalicelib.telephony.webhook import Act


@dataclass(slots=True)
class _Version:
    version: str
    body: bytes
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    content_type: str = ""


@dataclass(slots=True)
class MemoryObjects:
    """Versioned object storage in a dictionary."""

    _kept: dict[tuple[str, str], list[_Version]] = field(default_factory=lambda: defaultdict(list))
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def drop(self, place: Place, body: bytes, metadata: Mapping[str, str]) -> str:
        """What telephony does: put an object with metadata. Returns the version."""
        version = f"v{next(self._numbers)}"
        self._kept[place.bucket, place.key].append(_Version(version, body, dict(metadata), {}))
        return version

    def _find(self, place: Place) -> _Version:
        for kept in reversed(self._kept[place.bucket, place.key]):
            if place.version in (None, kept.version):
                return kept
        raise ObjectMissing(f"nothing lies at that place in {place.bucket}")

    def info(self, place: Place) -> ObjectInfo:
        kept = self._find(place)
        fingerprint = hashlib.sha256(kept.body).hexdigest()
        return ObjectInfo(len(kept.body), fingerprint, kept.metadata, kept.version, kept.content_type)

    def get(self, place: Place) -> bytes:
        return self._find(place).body

    def open(self, place: Place) -> BinaryIO:
        return BufferedReader(BytesIO(self._find(place).body))

    def download(self, place: Place, path: Path) -> None:
        path.write_bytes(self._find(place).body)

    def put(
        self, place: Place, body: bytes, content_type: str, tags: Mapping[str, str], over: bytes | None = None
    ) -> None:
        if over is not None and self._find(place).body != over:
            raise ObjectMissing(f"what lay at that place in {place.bucket} was replaced")
        self._kept[place.bucket, place.key].append(
            _Version(f"v{next(self._numbers)}", body, {}, dict(tags), content_type)
        )

    def upload(self, path: Path, place: Place, content_type: str, tags: Mapping[str, str]) -> None:
        self.put(place, path.read_bytes(), content_type, tags)

    def receive(self, stream: BinaryIO, place: Place, content_type: str, metadata: Mapping[str, str]) -> None:
        version = _Version(f"v{next(self._numbers)}", stream.read(), dict(metadata), {}, content_type)
        self._kept[place.bucket, place.key].append(version)

    def copy(self, source: Place, target: Place, tags: Mapping[str, str], content_type: str | None = None) -> None:
        self.put(target, self._find(source).body, content_type or "", tags)

    def compose(
        self,
        source: Place,
        target: Place,
        pieces: Iterable[Piece],
        redacted: BinaryIO,
        content_type: str,
        tags: Mapping[str, str],
    ) -> None:
        original, body = self._find(source).body, b""
        for piece in pieces:
            copied = isinstance(piece, Copy)
            body += original[piece.first : piece.last] if copied else read_exactly(redacted, piece.first, piece.last)
        self.put(target, body, content_type, tags)

    def tags(self, place: Place) -> dict[str, str]:
        return dict(self._find(place).tags)

    def delete(self, place: Place) -> int:
        kept = self._kept[place.bucket, place.key]
        before = len(kept)
        kept[:] = [v for v in kept if place.version is not None and v.version != place.version]
        return before - len(kept)

    def empty(self, place: Place) -> int:
        keys = [key for key in self._kept if key[0] == place.bucket and key[1].startswith(place.key)]
        return sum(len(self._kept.pop(key)) for key in keys)

    def versions(self, place: Place) -> int:
        return len(self._kept[place.bucket, place.key])

    def link(self, place: Place, lasts_s: int, name: str) -> str:
        self._find(place)
        return f"https://{place.bucket}.example/{place.key}?lasts={lasts_s}&name={name}"

    def lying(self) -> set[tuple[str, str]]:
        """Bucket and key of whatever is still there, in any version."""
        return {place for place, versions in self._kept.items() if versions}


@dataclass(slots=True)
class MemoryRecordings:
    """Rows and ledger in dictionaries, with the same conditions."""

    _rows: dict[str, Recording] = field(default_factory=dict)
    _lines: dict[str, list[LedgerLine]] = field(default_factory=lambda: defaultdict(list))
    _erased: set[str] = field(default_factory=set)

    def add(self, recording: Recording, at: datetime) -> bool:
        if recording.id in self._rows:
            return False
        self._write(replace(recording, changed_at=at), recording.ground, at, "")
        return True

    def get(self, recording_id: str) -> Recording | None:
        return self._rows.get(recording_id)

    def advance(self, recording: Recording, at: datetime) -> Recording:
        current = self._current(recording)
        require_allowed(current.state, recording.state)
        moved = replace(recording, revision=recording.revision + 1, changed_at=at)
        written = self._write(moved, moved.ground, at, current.chain)
        if moved.state is State.ERASED:
            self._erased.add(moved.call_ref)
        return written

    def note(self, recording: Recording, ground: str, at: datetime) -> Recording:
        current = self._current(recording)
        noted = replace(recording, state=current.state, ground=current.ground, revision=current.revision + 1)
        return self._write(noted, ground, at, current.chain)

    def forget(self, recording: Recording) -> None:
        self._current(recording)
        del self._rows[recording.id]
        self._lines.pop(recording.id, None)

    def _current(self, recording: Recording) -> Recording:
        current = self._rows.get(recording.id)
        if current is None or current.revision != recording.revision:
            raise StaleRecording("the row changed since it was read")
        return current

    def _write(self, recording: Recording, ground: str, at: datetime, chain: str) -> Recording:
        """Row and line; `chain` is that of the row replaced, "" for none."""
        line = next_line(chain, recording, ground, at)
        self._rows[recording.id] = replace(recording, chain=line.hash)
        self._lines[recording.id].append(line)
        return self._rows[recording.id]

    def due(self, state: State, before: date) -> Iterator[Recording]:
        yield from [row for row in self._rows.values() if row.state is state and row.due_on < before]

    def of_call(self, call_ref: str) -> Iterator[Recording]:
        yield from [row for row in self._rows.values() if row.call_ref == call_ref]

    def is_erased(self, call_ref: str) -> bool:
        return call_ref in self._erased

    def bury(self, call_ref: str) -> None:
        self._erased.add(call_ref)

    def buried(self) -> Iterator[str]:
        yield from sorted(self._erased)

    def ledger(self, recording_id: str) -> list[LedgerLine]:
        return list(self._lines.get(recording_id, []))

    def history(self, recording_id: str) -> History:
        return History(recording_id, self._rows.get(recording_id), tuple(self.ledger(recording_id)))

    def histories(self) -> Iterator[History]:
        yield from [self.history(key) for key in self._rows.keys() | self._lines.keys()]


@dataclass(slots=True)
class MemoryCeilings:
    """Who was counted in, in a dictionary."""

    counted: dict[tuple[str, str], set[str]] = field(default_factory=lambda: defaultdict(set))

    def take(self, agent_ref: str, stretch: str, most: int, call_ref: str, ends_at: datetime) -> bool:
        calls = self.counted[agent_ref, stretch]
        if call_ref not in calls and len(calls) >= most:
            return False
        calls.add(call_ref)
        return True


@dataclass(slots=True)
class MemoryControl:
    """What providers were told, in order; `fails` are raised instead, one after the other."""

    told: list[tuple[Act, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def act(self, act: Act, reach: Reach) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.told.append((act, reach.call_id))


@dataclass(slots=True)
class MemorySecrets:
    """Providers' secrets as a test says them."""

    signed_with: dict[str, tuple[str, ...]] = field(default_factory=dict)
    known: dict[str, dict[str, Any]] = field(default_factory=dict)

    def signing(self, provider: str) -> tuple[str, ...]:
        if provider not in self.signed_with:
            raise UnknownProvider("that provider's secret was not set")
        return self.signed_with[provider]

    def credentials(self, provider: str) -> Mapping[str, Any]:
        if provider not in self.known:
            raise UnknownProvider("that provider's secret was not set")
        return self.known[provider]


@dataclass(slots=True)
class MemoryTranscriber:
    """A recogniser whose jobs end when the test says so."""

    jobs: dict[str, JobState] = field(default_factory=dict)
    started: list[tuple[str, str, int]] = field(default_factory=list)

    def start(self, job: str, media: Place, output: Place, language: str, channels: int) -> None:
        if job not in self.jobs:
            self.jobs[job] = JobState.RUNNING
            self.started.append((job, language, channels))

    def state(self, job: str) -> JobState:
        return self.jobs.get(job, JobState.MISSING)

    def delete(self, job: str) -> None:
        self.jobs.pop(job, None)


@dataclass(slots=True)
class MemorySteps:
    """What was sent, in order."""

    sent: list[tuple[Step, str]] = field(default_factory=list)
    posted: list[tuple[Step, dict[str, Any], int]] = field(default_factory=list)

    def send(self, step: Step, recording_id: str) -> None:
        self.sent.append((step, recording_id))

    def post(self, step: Step, message: Mapping[str, Any], delay_ms: int = 0) -> None:
        self.posted.append((step, dict(message), delay_ms))


@dataclass(frozen=True, slots=True)
class MemoryPseudonyms:
    """A keyed hash under a key of the test's."""

    key: bytes = b"a key for tests"

    def of(self, kind: str, *parts: str) -> str:
        return opaque_id(self.key, kind, *parts)


@dataclass(frozen=True, slots=True)
class MemoryIdentities:
    """Under the keys of a test, the current one first."""

    keys: tuple[bytes, ...] = (b"a key for numbers",)

    def of(self, address: str) -> tuple[str, ...]:
        return tuple(opaque_id(key, "person", address) for key in self.keys)


@dataclass(slots=True)
class MemoryCodes:
    """Codes and counts in dictionaries."""

    codes: dict[str, tuple[str, datetime, int]] = field(default_factory=dict)
    counts: dict[tuple[str, str], tuple[int, datetime]] = field(default_factory=dict)

    def set(self, request_id: str, digest: str, until: datetime, tries: int) -> None:
        self.codes[request_id] = digest, until, tries

    def take(self, request_id: str, digest: str, now: datetime) -> bool:
        known, until, tries = self.codes.get(request_id, ("", now, 0))
        if tries < 1 or now >= until:
            return False
        self.codes[request_id] = known, until, tries - 1
        if not hmac.compare_digest(known, digest):
            return False
        del self.codes[request_id]
        return True

    def count(self, kind: str, ref: str, most: int, now: datetime, until: datetime) -> bool:
        counted, ends = self.counts.get((kind, ref), (0, until))
        if now >= ends:
            counted, ends = 0, until
        self.counts[kind, ref] = min(counted + 1, most), ends
        return counted < most


@dataclass(slots=True)
class MemoryMessenger:
    """What was sent, in order: to whom, under which subject, what."""

    sent: list[tuple[str, str, str]] = field(default_factory=list)
    fails: list[Exception] = field(default_factory=list)

    def send(self, address: str, subject: str, text: str) -> None:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append((address, subject, text))


@dataclass(frozen=True, slots=True)
class MemoryPrinter:
    """A document's data, in the place of a page."""

    def html(self, document: Document) -> bytes:
        return json.dumps(document.plain(), ensure_ascii=False).encode()

    def form(self, page: Page) -> bytes:
        return json.dumps(asdict(page), ensure_ascii=False).encode()

    def pdf(self, document: Document) -> bytes:
        return b"%PDF-" + self.html(document)
