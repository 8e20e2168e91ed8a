"""What was found of a person, as an answer says it: each recording with how it is handed over, or why it is not."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from chalicelib.errors import ObjectMissing
from chalicelib.law.answer import HANDING_OVER
from chalicelib.law.private import veiled
from chalicelib.law.request import Request, Right, Told
from chalicelib.law.summary import CallSaid, Copy, Heard, Summary
from chalicelib.model import ENDS, IN_WORK, Recording
from chalicelib.services import places
from chalicelib.services.find import Found, FoundCall
from chalicelib.services.machine import Machine
from chalicelib.services.other_voice import can_silence_one, other_channel
from chalicelib.services.ports import Place
from chalicelib.services.story import story_of
from chalicelib.telephony.facts import Kind

LISTENED = "listened:"
"""What the ledger's lines of listening begin with; the purpose follows."""

PORTABLE = ("6(1)(a)", "6(1)(b)")
"""Legal bases of what can be carried elsewhere (art. 20(1)(a))."""

_TOLD_OF = {
    Copy.WHOLE: "recordings-copied",
    Copy.OWN_VOICE: "recordings-copied",
    Copy.OWN_WORDS: "words-only",
    Copy.WITHHELD: "withheld",
    Copy.NOT_PORTABLE: "not-portable",
    Copy.IN_WORK: "not-heard-yet",
    Copy.ENDED: "ended-before",
}


@dataclass(slots=True)
class Without:
    """What a package must do without, learned while it is made: recordings that ended, sounds that stay whole, calls
    that were erased."""

    gone: set[str] = field(default_factory=set)
    unmasked: set[str] = field(default_factory=set)
    erased: set[str] = field(default_factory=set)


def summary_of(
    machine: Machine, request: Request, found: Found, masked: bool = False, without: Without | None = None
) -> Summary:
    """All of it, as the rows are now; `masked` where the other party is not to be heard."""
    without = without or Without()
    told = [said for call in found.calls for said in _of_call(machine, request, call, masked, without)]
    is_agent = bool(request.agent_refs)
    return Summary(
        calls=tuple(replace(said, name=_name(machine, number, said)) for number, said in enumerate(told, 1)),
        is_agent=is_agent,
        switched_off=len(found.offs),
        acknowledged=len(found.acknowledgements),
        evaluations=sum(_is_evaluated(machine, request, said) for said in told) if hands_evaluations(request) else 0,
    )


def hands_evaluations(request: Request) -> bool:
    """An evaluation is the agent's, and nothing that they provided themselves."""
    return bool(request.agent_refs) and request.right is Right.ACCESS


def told_of(request: Request, found: Found, summary: Summary) -> tuple[Told, ...]:
    """What the answer says was done: whatever was told before, and what is handed over or not."""
    if request.right not in HANDING_OVER:
        return request.told
    own = {*_TOLD_OF.values(), "voice-masked", "quarantined-not-copied", "nothing-found"}
    before = tuple(told for told in request.told if told.code not in own)
    now = tuple(_counted(summary)) if not found.is_empty else (Told("nothing-found"),)
    gone = _copied(request.told) - _copied(now)  # of a package that is made again
    if not request.answered_on or gone < 1:
        return before + now
    still = tuple(told for told in now if told.code != "nothing-found")
    return (*before, *still, Told("erased-since", gone))


def _copied(told: tuple[Told, ...]) -> int:
    return sum(each.count for each in told if each.code == "recordings-copied")


def _counted(summary: Summary) -> Iterator[Told]:
    copies = Counter(_TOLD_OF[said.copy] for said in summary.calls if said.copy in _TOLD_OF)
    masked = sum(said.copy is Copy.OWN_VOICE for said in summary.calls)
    for code in dict.fromkeys(_TOLD_OF.values()):
        if copies[code]:
            yield Told(code, copies[code])
        if code == "recordings-copied" and masked:
            yield Told("voice-masked", masked)
    aside = [said.recording for said in summary.calls if said.copy is Copy.QUARANTINED]
    if aside:
        latest = max(recording.due_on for recording in aside if recording)
        yield Told("quarantined-not-copied", len(aside), source=latest.isoformat())


def _of_call(machine: Machine, request: Request, call: FoundCall, masked: bool, without: Without) -> Iterator[CallSaid]:
    story = story_of(machine, call.ref)
    for seen in call.recordings:
        row = machine.recordings.get(seen.id) or seen
        copy = _copy(machine, request, row, masked, without)
        queue = row.queue or story.queue
        why, heard = veiled(row.ground), _heard(machine, row)  # an agent's own reasons are among what they had off
        yield CallSaid(row.started_at or story.started_at, queue, row, why, copy, heard)
    if not call.recordings:
        yield CallSaid(story.started_at, story.queue, why=_why(call, story.objected_at))


def _why(call: FoundCall, objected_at: datetime | None) -> str:
    """Why a call has no recording, as far as that was said before it."""
    if objected_at:
        return "objected"
    refused = [fact for fact in call.file.facts if fact.kind is Kind.ANSWERED and fact.yes is False]
    return veiled(max(refused, key=lambda fact: fact.at).about) if refused else ""


def _copy(machine: Machine, request: Request, recording: Recording, masked: bool, without: Without) -> Copy:
    if request.right not in HANDING_OVER:
        return Copy.NONE
    if recording.state in ENDS or recording.id in without.gone:
        return Copy.ENDED
    if request.right is Right.PORTABILITY and not _is_portable(machine, request, recording):
        return Copy.NOT_PORTABLE
    place = lies_at(recording)
    if place is None:
        return Copy.IN_WORK if recording.state in IN_WORK else Copy.QUARANTINED
    return _alone(machine, request, recording, place, without) if masked else Copy.WHOLE


def _alone(machine: Machine, request: Request, recording: Recording, place: Place, without: Without) -> Copy:
    """Their own voice, or their own words, or neither."""
    if other_channel(request, recording) is None or _is_shared(machine, request, recording):
        return Copy.WITHHELD
    if recording.id in without.unmasked or not machine.exists(place) or not can_silence_one(machine, place):
        return Copy.OWN_WORDS
    return Copy.OWN_VOICE


def _is_shared(machine: Machine, request: Request, recording: Recording) -> bool:
    """Whether several people from outside are on the call: nothing says whose voice is on their channel."""
    return not request.agent_refs and bool(set(story_of(machine, recording.call_ref).persons) - set(request.persons))


def _is_portable(machine: Machine, request: Request, recording: Recording) -> bool:
    """What the caller gave: the contract is theirs, and no agent's."""
    queue = machine.policy.queue(recording.queue)
    return not request.agent_refs and queue is not None and queue.legal_basis in PORTABLE


def lies_at(recording: Recording) -> Place | None:
    """Where the redacted sound lies, if it does."""
    shelf = places.shelf_of(recording)
    return places.audio(recording.id, shelf) if shelf else None


def _heard(machine: Machine, recording: Recording) -> tuple[Heard, ...]:
    lines = machine.recordings.ledger(recording.id)
    return tuple(
        Heard(line.at, line.ground.removeprefix(LISTENED)) for line in lines if line.ground.startswith(LISTENED)
    )


def _is_evaluated(machine: Machine, request: Request, said: CallSaid) -> bool:
    return said.recording is not None and own_evaluation(machine, request, said.recording.id) is not None


def own_evaluation(machine: Machine, request: Request, recording_id: str) -> dict[str, Any] | None:
    """What was written about the agent who asks, without who wrote it; None where there is none of them."""
    try:
        kept = json.loads(machine.objects.get(places.evaluation(recording_id)))
    except ObjectMissing:
        return None
    if machine.switches.known_as(str(kept.get("agent"))) not in request.agent_refs:
        return None
    return {name: value for name, value in kept.items() if name not in ("agent", "evaluator")}


def _name(machine: Machine, number: int, said: CallSaid) -> str:
    """Of a recording's files: `01-2026-11-24T0930`, in the controller's zone."""
    began = f"-{said.at.astimezone(machine.policy.zone):%Y-%m-%dT%H%M}" if said.at else ""
    return f"{number:02d}{began}"
