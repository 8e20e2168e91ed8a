"""The package that answers a request: letter, data, and copies of recordings, streamed to where it is had from.

Nothing of it is ever whole in memory, nor on disk (but for one sound in which a voice is silenced). A recording that
ends meanwhile ends the stream, of which then nothing is left, and the package is made again without it. A mark leads
from each call to the package before a byte of it is written: who erases the call erases the package too.
"""

from __future__ import annotations

import io
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import BinaryIO, cast

from chalicelib.errors import StaleRecording
from chalicelib.law.answer import HANDING_OVER, answer
from chalicelib.law.request import Request, Told
from chalicelib.law.summary import HANDED_OVER, CallSaid, Summary
from chalicelib.model import ENDS, Recording
from chalicelib.services import places
from chalicelib.services.data import data, schema
from chalicelib.services.enclosed import LeftOut, enclosed
from chalicelib.services.find import Found, call
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Mark
from chalicelib.services.said import Without, hands_evaluations, own_evaluation, summary_of, told_of
from chalicelib.services.zipped import Flow, Member, zipped

COPIED = "copied-for-data-subject"
MEDIA_TYPE = "application/zip"
_TRIES = 5


@dataclass(frozen=True, slots=True)
class Packed:
    """A package that lies ready: its SHA-256, which recordings are in it, what the answer says, its last day."""

    sha256: str
    recordings: tuple[str, ...]
    told: tuple[Told, ...]
    until: date
    attempt: str


def pack(
    machine: Machine,
    request: Request,
    found: Found,
    now: datetime,
    region: str | None = None,
    masked: bool | None = None,
) -> Packed:
    """Make it anew, in the place of an older one; `masked` where the other party is not to be heard (else by policy).

    Only access and portability hand copies over; for every other right it is the letter and its data alone. Raises
    StaleRecording where the recordings change all the time: try again later.
    """
    masked = machine.policy.requests.other_voice == "masked" if masked is None else masked
    without = Without()
    attempt = secrets.token_hex(8)
    for _ in range(_TRIES + 2 * len(found.recordings)):
        summary = summary_of(machine, request, found, masked, without)
        try:
            packed = _written(machine, request, found, summary, now, region, attempt)
        except LeftOut as error:
            _learn(machine, error, without)
            continue
        ended = {each for each in packed.recordings if not _noted(machine, each, now)}
        erased = {each.ref for each in found.calls if machine.recordings.is_erased(each.ref)} - without.erased
        if not ended and not erased:
            return packed
        without.gone |= ended
        without.erased |= erased
        calls = tuple(call(machine, each.ref) if each.ref in erased else each for each in found.calls)
        found = replace(found, calls=calls)
    machine.objects.delete(places.export(request.id, attempt))
    raise StaleRecording("the recordings changed each time that they were copied: try again later")


def _written(
    machine: Machine,
    request: Request,
    found: Found,
    summary: Summary,
    now: datetime,
    region: str | None,
    attempt: str,
) -> Packed:
    until = machine.policy.keeping.exports.after(machine.day(now))
    copied = [said.recording for said in summary.calls if said.copy in HANDED_OVER and said.recording]
    for each in found.calls if request.right in HANDING_OVER else ():  # its data and evaluations are in it too
        machine.people.mark(each.ref, Mark.COPIED, request.id, until)
    told = told_of(request, found, summary)
    flow = Flow(zipped(_members(machine, request, found, summary, told, now, region)))
    stream = io.BufferedReader(flow, 1 << 18)
    machine.objects.receive(cast("BinaryIO", stream), places.export(request.id, attempt), MEDIA_TYPE, {})
    return Packed(flow.sha256, tuple(recording.id for recording in copied), told, until, attempt)


def _members(
    machine: Machine,
    request: Request,
    found: Found,
    summary: Summary,
    told: tuple[Told, ...],
    now: datetime,
    region: str | None,
) -> Iterator[Member]:
    letter = answer(machine.policy, replace(request, told=told), summary, request.language, region)
    yield Member("answer.html", [machine.printer.html(letter)])
    yield Member("answer.pdf", [machine.printer.pdf(letter)])
    yield Member("data.json", [data(request, found, summary, told, now)])
    yield Member("schema.json", [schema()])
    for said in summary.calls:
        if said.recording and said.copy in HANDED_OVER:
            yield from enclosed(machine, request, said, said.recording, now)
        if said.recording and hands_evaluations(request):
            yield from _evaluation(machine, request, said, said.recording)


def _evaluation(machine: Machine, request: Request, said: CallSaid, recording: Recording) -> Iterator[Member]:
    """It outlives the sound. Of several agents on a call, it is that of whom it evaluates."""
    kept = own_evaluation(machine, request, recording.id)
    if kept:
        yield Member(f"evaluations/{said.name}.json", [json.dumps(kept, ensure_ascii=False).encode()])


def _learn(machine: Machine, error: LeftOut, without: Without) -> None:
    """A recording that moved is looked at again; one that stands as before has lost its copy, or cannot be masked."""
    if not error.is_gone:
        without.unmasked.add(error.recording.id)
    elif machine.recordings.get(error.recording.id) == error.recording:
        without.gone.add(error.recording.id)


def _noted(machine: Machine, recording_id: str, now: datetime) -> bool:
    """Write down that a recording was copied; False where it ended meanwhile. Raises StaleRecording."""
    for _ in range(_TRIES):
        recording = machine.recordings.get(recording_id)
        if recording is None or recording.state in ENDS:
            return False
        try:
            machine.note(recording, COPIED, now)
        except StaleRecording:
            continue
        return True
    raise StaleRecording("the recording changes all the time: try again later")
