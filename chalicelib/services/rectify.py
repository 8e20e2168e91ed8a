"""Rectification (GDPR, art. 16): what is said of a call is corrected, and what the person states is kept beside it.

The sound is not edited: nobody's words are wrong because they were said. It is annotated: statements lie in the stored
transcript, so that they live, move and end with it.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import partial

from chalicelib.errors import CannotBeRectified
from chalicelib.law.retention import is_long, last_day
from chalicelib.model import Recording, Shelf, State
from chalicelib.services import places
from chalicelib.services.annotate import (
    RECTIFIED,
    WORDS_RECTIFIED,
    Rectification,
    annotated,
    noted,
    unnoted,
    with_words,
)
from chalicelib.services.evaluate import reassign
from chalicelib.services.insist import insisted
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Step
from chalicelib.services.refs import agent_named
from chalicelib.services.shelves import reshelve, shelved, undone
from chalicelib.services.vault import keep_transcript, tags_of, transcript

_SOON_MS = 15_000
"""By when the row says the new language."""


def rectify(machine: Machine, recording_id: str, asked: Rectification, now: datetime, by: str) -> Recording:
    """All of it or nothing. Idempotent: what is so already is not written again.

    A queue that keeps its calls for less ends the recording earlier, perhaps now. Raises CannotBeRectified,
    UnknownRecording, UnsupportedLanguage, and ObjectMissing or StaleRecording: ask again.
    """
    return insisted(partial(_rectified, machine, recording_id, asked, now, by))


def _rectified(machine: Machine, recording_id: str, asked: Rectification, now: datetime, by: str) -> Recording:
    recording = machine.recording(recording_id)
    shelf = places.shelf_of(recording)
    if shelf is None:
        raise CannotBeRectified(f"only a verified recording can be rectified, and this one is {recording.state}")
    wanted = _row(machine, recording, asked)
    document, lying = transcript(machine, recording, shelf)
    told = noted(machine, recording)
    changed = annotated(with_words(wanted, document, asked), asked, wanted.language, told, now)
    if wanted == recording and changed == document and now not in unnoted(changed, asked, told):
        return recording
    ground = WORDS_RECTIFIED if asked.words or wanted.language != recording.language else RECTIFIED
    tags = tags_of(machine, wanted, now)
    if not tags:
        return machine.end(recording, State.EXPIRED, ground, now, by)
    _follow_up(machine, recording, wanted, now, by)
    with undone(machine, recording.id, now):
        if changed != document:
            keep_transcript(machine, recording, shelf, changed, tags, lying)
        if recording.state is State.HELD or wanted.last_day == recording.last_day:
            return machine.note(wanted, ground, now, by)
        reshelve(machine, recording.id, shelf, wanted.shelf, tags)
        moved = machine.move(wanted, State.AVAILABLE, ground, now, by)
    return shelved(machine, moved, shelf, tags)


def _row(machine: Machine, recording: Recording, asked: Rectification) -> Recording:
    if asked.span and recording.length_known and asked.span.end_ms > recording.duration_ms:
        raise CannotBeRectified("the span goes on after the recording's end")
    if asked.language:
        if asked.language not in machine.policy.languages:
            raise CannotBeRectified(f"the policy's languages are {', '.join(machine.policy.languages)}")
        recording = replace(recording, language=asked.language)
    if asked.agent:
        recording = replace(recording, agent_ref=agent_named(machine, asked.agent))
    return _in_queue(machine, recording, asked.queue) if asked.queue else recording


def _in_queue(machine: Machine, recording: Recording, name: str) -> Recording:
    """The recording in another queue, whose term it gets: never a longer one, which nobody told the person of."""
    queue, policy = machine.policy.queue(name), machine.policy
    if queue is None:
        raise CannotBeRectified("the policy has no such queue")
    if recording.started_at is None or recording.last_day is None:
        raise CannotBeRectified("nobody knows the call's day, from which a queue keeps its calls")
    if policy.queue(recording.queue) == queue:
        return recording
    end_on = last_day(policy, queue, recording.started_at)
    if end_on > recording.last_day:
        raise CannotBeRectified("that queue keeps its calls for longer than this one may be kept")
    long = is_long(end_on, recording.started_at, policy.zone)
    return replace(recording, queue=queue.name, last_day=end_on, shelf=Shelf.KEPT if long else Shelf.CALLS)


def _follow_up(machine: Machine, recording: Recording, wanted: Recording, now: datetime, by: str) -> None:
    """What else is said of the agent; and in another language, other words are bank data. Each can be repeated."""
    if wanted.agent_ref != recording.agent_ref:
        machine.people.link(wanted.agent_ref, wanted.call_ref, wanted.last_day or machine.day(now))
        reassign(machine, wanted.id, wanted.agent_ref, now)
    if wanted.language != recording.language:
        machine.steps.post(Step.RIGHTS, {"mute-again": wanted.id, "spans": [], "by": by}, _SOON_MS)
