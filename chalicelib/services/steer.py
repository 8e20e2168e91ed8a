"""Bring the recording of a call that goes on to where it should be: whatever changed, the same act.

Nothing is said of what changed: the course is found anew from all that is known, and done if it is not what was done
last. So events may come late, twice or out of order; and who loses a race does it over from what is known then.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.errors import CannotControl, ProviderRefused, ProviderUnreachable
from chalicelib.law.live import Course, Wanted, wanted
from chalicelib.law.private import OFF, PRIVATE, as_others_know
from chalicelib.model import Call, Fate
from chalicelib.services.judge import may_record
from chalicelib.services.machine import Machine
from chalicelib.services.ports import CallFile, Reach, Steered, Step
from chalicelib.services.story import live_call, story_of
from chalicelib.telephony.facts import Kind
from chalicelib.telephony.providers import CONTROLLED
from chalicelib.telephony.webhook import Act

LIVE_FOR = timedelta(days=1)
"""How long a call is taken to go on where nobody says that it ended."""

SAID = frozenset({"objected", "mandate", "personal-call", "agent-off", "payment", "call-erased"})
"""Grounds of somebody who said no: what is refused for the lot or without a purpose was perhaps never recorded."""

_AFTER_A_YES = frozenset({"ceiling-reached", "no-useful-part"})
"""What may end a yes: whose call it is becomes known, the part that concludes the contract is over."""

_UNSURE = "?"
"""In the place of a recording's id: the provider was being told something, and nobody knows whether it did it."""

_NOTHING = -1
_TRIES = 5
_AGAIN_MS = 20_000
HEALED_MS = 15_000
"""When what somebody asked for is looked at once more, should it have been interrupted."""
_LONGEST_DELAY = timedelta(minutes=15)
_ACTS = {Course.RUN: Act.RESUME, Course.PAUSE: Act.PAUSE, Course.STOP: Act.STOP}


@dataclass(frozen=True, slots=True)
class Outcome:
    """The course that a call's recording should take, why, and whether its provider was told so.

    `done` is False too where nobody knows how to reach the recording: then it is cut, or deleted, on arrival. `refused`
    says that the provider would not have it. `why` is `told`, `no-way`, `over`, `refused` or `later`.
    """

    course: Course = Course.RUN
    ground: str = ""
    done: bool = False
    refused: bool = False
    why: str = field(default="no-way", compare=False)


def steer(machine: Machine, ref: str, now: datetime, woken: bool = False, tries: int = 3) -> Outcome:
    """Pause, resume or stop the recording of a call, if that is not what was done last.

    What the provider refuses is tried so many times again: it may not have begun to record yet.
    `woken` if what pauses it, or the end of that, may have changed: then the next end is waited for anew. Raises
    ProviderUnreachable: try again.
    """
    lost = False
    mine: int | None = _NOTHING
    for _ in range(_TRIES):
        file, ended = machine.calls.file(ref), story_of(machine, ref).ended_at
        call = live_call(machine, ref, file.reach)
        want, before = _want(machine, ref, file, call, now), file.steered or Steered(Course.RUN)
        if file.reach is None or ended:
            return Outcome(want.course, want.ground, why="over" if ended else "no-way")
        lost = lost or mine not in (None, _NOTHING, before.revision)
        course = Course.STOP if before.course is Course.STOP else want.course
        done = course is want.course or want.course is Course.PAUSE  # what is stopped does not begin again
        recording = file.reach.ids.get("recording", "")
        began_anew = bool(before.recording) and before.recording != recording and course is not Course.RUN
        if before.course is course and not lost and not began_anew and before.recording != _UNSURE:
            if recording and not before.recording and course is not Course.RUN:
                machine.calls.steer(ref, replace(before, recording=recording), now + LIVE_FOR)
            if woken:
                _wake(machine, ref, call, want, now)
            return Outcome(want.course, want.ground, done, why="told")
        after = replace(before, course=course, recording=recording)
        try:
            mine = _done(machine, ref, after, file.reach, now)
        except CannotControl:
            return Outcome(want.course, want.ground)
        except ProviderRefused:
            _try_again(machine, ref, want, tries)
            return Outcome(want.course, want.ground, refused=want.ground in SAID, why="refused")
        # Somebody else told the provider too: who of us came last there, nobody knows. And whoever was content with
        # what we have written over since left it to us to look again.
        lost, woken = mine is None, True
    raise ProviderUnreachable("the recording was told so many things at once that it has to be told again")


def _done(machine: Machine, ref: str, after: Steered, reach: Reach, now: datetime) -> int | None:
    """Tell the provider, and write it down; the revision that leaves, None where somebody else wrote meanwhile.

    Before a recording runs again it is written that nobody is sure, so that whoever comes next tells the provider anew,
    however little is known of its answer.
    """
    if after.course is Course.RUN:
        if not machine.calls.steer(ref, replace(after, recording=_UNSURE), now + LIVE_FOR):
            return None
        after = replace(after, revision=after.revision + 1)
    machine.control.act(_ACTS[after.course], reach)
    return after.revision + 1 if machine.calls.steer(ref, after, now + LIVE_FOR) else None


def as_others_see(machine: Machine, ref: str, outcome: Outcome, now: datetime) -> Outcome:
    """The outcome for whoever may not know why an agent has a recording off: what it would be for any other reason.

    It is looked up of every call, so that not even the time that it takes tells.
    """
    file = machine.calls.file(ref)
    found = _want(machine, ref, file, as_others_know(live_call(machine, ref, file.reach)), now)
    if outcome.ground not in PRIVATE:
        return outcome
    if found.course is Course.RUN and outcome.course is not Course.RUN:  # it was on again, and is not recorded
        found = Wanted(Course.PAUSE, OFF)
    return replace(outcome, course=found.course, ground=found.ground)


def steer_or_later(machine: Machine, ref: str, now: datetime) -> Outcome:
    """The same at once, and again from the queue where the provider does not answer."""
    try:
        return steer(machine, ref, now, woken=True)
    except ProviderUnreachable:
        machine.steps.post(Step.CALLS, {"steer": ref})
        file = machine.calls.file(ref)
        want = _want(machine, ref, file, live_call(machine, ref, file.reach), now)
        return Outcome(want.course, want.ground, why="later")


def _want(machine: Machine, ref: str, file: CallFile, call: Call, now: datetime) -> Wanted:
    """The strictest course of now and of what begins later, and the law's answer by all that is known by now.

    Nobody says beforehand that something will be off: it began since we looked at our clock, or by one that is fast.
    """
    erased = machine.recordings.is_erased(ref)
    begins = [off.stretch.since for off in call.offs if off.stretch.since and off.stretch.since > now]
    courses = [wanted(call, machine.policy, moment, erased) for moment in (now, *begins)]
    if _is_recorded(file):
        courses.append(_answered(machine, call, now))
    return max(courses, key=lambda each: list(Course).index(each.course))


def _is_recorded(file: CallFile) -> bool:
    """Whether somebody is connected, or a recording is known to go on, and it could be paused."""
    connected = any(fact.kind is Kind.CONNECTED for fact in file.facts)
    reach = file.reach
    return reach is not None and reach.provider in CONTROLLED and (connected or "recording" in reach.ids)


def _answered(machine: Machine, call: Call, now: datetime) -> Wanted:
    """What the answer before capture would be, as near to it as can be.

    Not by what is off or refused right now, which is known besides; not while nobody knows the queue; and what is in
    doubt, as a language that nobody said, may be known on arrival.
    """
    if not (call.queue or machine.policy.source(call.source).queue):
        return Wanted(Course.RUN)
    asked = replace(call, offs=(), objected=False, started_at=call.started_at or now)
    decision = may_record(machine, asked, now)
    refused = decision.fate is Fate.DISCARD and (call.answered is None or decision.ground in _AFTER_A_YES)
    return Wanted(Course.PAUSE, decision.ground) if refused else Wanted(Course.RUN)


def _try_again(machine: Machine, ref: str, want: Wanted, tries: int) -> None:
    if want.ground in SAID and tries > 0:
        machine.steps.post(Step.CALLS, {"steer": ref, "tries": tries - 1}, _AGAIN_MS)


def _wake(machine: Machine, ref: str, call: Call, want: Wanted, now: datetime) -> None:
    """Come back when the next thing ends that pauses it: a payment that nobody ended, a switch that was for an hour."""
    untils = [off.stretch.until for off in call.offs if off.stretch.until and off.stretch.until > now]
    if want.course is Course.PAUSE and untils:
        delay = min(min(untils) - now, _LONGEST_DELAY)
        machine.steps.post(Step.CALLS, {"steer": ref, "woken": True}, -(-delay // timedelta(milliseconds=1)))
