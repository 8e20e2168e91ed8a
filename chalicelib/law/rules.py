"""The rules, one small function each, with its source. A rule that has nothing to say of a call returns None."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta

from chalicelib.law.case import Case, Verdict
from chalicelib.law.policy import Policy
from chalicelib.law.retention import last_day, lifecycle_days
from chalicelib.model import Fate, Off, Reason, Stretch

Rule = Callable[[Case], Verdict | None]

_CLOCK_SKEW = timedelta(hours=1)
_FIRST_YEAR = 2000
_NATIONAL_DIGITS = 9

_DUTY = Verdict(Fate.KEEP, "duty-before-switch")


def is_believable(started: datetime, now: datetime) -> bool:
    """Whether a clock that was set can have said so: not before 2000, nor in the future."""
    return started.year >= _FIRST_YEAR and started <= now + _CLOCK_SKEW


def erased(case: Case) -> Verdict | None:
    """Somebody had the call erased: a late copy of it is deleted (GDPR, art. 17)."""
    return Verdict(Fate.DISCARD, "call-erased") if case.known.erased else None


def mandate(case: Case) -> Verdict | None:
    """Staff representatives in their mandate are neither recorded nor listened to, not even under a duty.

    CNIL (FACTS 1.1); labour code, art. L. 2315-3. By their lines, or by the agent's switch.
    """
    named = never_recorded((case.call.agent, *case.call.lines), case.policy)
    return Verdict(Fate.DISCARD, "mandate") if named or any(_offs(case, Reason.MANDATE)) else None


def never_recorded(lines: Iterable[str | None], policy: Policy) -> bool:
    """Whether one of the lines is a staff representative's."""
    return any(_same_line(line, never) for line in lines if line for never in policy.never_recorded)


def screen(case: Case) -> Verdict | None:
    """A recording that is paired with one of the screen is set aside (CNIL, 17 September 2019)."""
    return Verdict(Fate.QUARANTINE, "recorded-with-screen") if case.call.with_screen else None


def purpose(case: Case) -> Verdict | None:
    """Without a purpose nothing is recorded (GDPR, art. 5(1)(b))."""
    return Verdict(Fate.DISCARD, "no-purpose") if case.queue is None else None


def objection(case: Case) -> Verdict | None:
    """The caller refused: both voices, all of it or from then on (GDPR, art. 21; SPARTOO, SAN-2020-003).

    An objection does not end a legal duty to record (art. 21(1) speaks of art. 6(1)(e) and (f) only), unless that duty
    lets the person refuse (C. assur., art. R. 112-7).
    """
    moments = [off.stretch.since for off in _offs(case, Reason.OBJECTION)]
    moments += [case.call.objected_at] if case.call.objected else []
    if not moments:
        return None
    if case.cannot_be_refused:
        return _DUTY
    since = None if None in moments else min(moment for moment in moments if moment is not None)
    started = case.call.started_at
    nothing = case.policy.objection.keeps == "nothing" or case.known.before_capture
    if nothing or since is None or started is None or since <= started:
        return Verdict(Fate.DISCARD, "objected")
    return Verdict(Fate.KEEP, "objected-from-then-on", (Stretch(since, None),))


def announcement(case: Case) -> Verdict | None:
    """Whoever was not told beforehand is not recorded (GDPR, art. 13); a source that cannot say was not trusted to.

    Before capture the announcement is what follows; a duty may need none.
    """
    duty = case.policy.duty(case.queue) if case.queue else None
    if case.known.before_capture or (duty and not duty.announced):
        return None
    said = case.call.announced
    told = case.policy.source(case.call.source).announces if said is None else said
    return None if told else Verdict(Fate.DISCARD, "not-announced")


def answered(case: Case) -> Verdict | None:
    """Whoever was answered no before capture, and recorded all the same, kept what nobody may have (SAN-2024-014)."""
    refused = not case.known.before_capture and case.call.answered is False and not case.cannot_be_refused
    return Verdict(Fate.DISCARD, "refused-before-capture") if refused else None


def personal_call(case: Case) -> Verdict | None:
    """An agent's personal call is not kept at all (CNIL; FACTS 1.1), unless a duty records the line."""
    if not any(_offs(case, Reason.PERSONAL)):
        return None
    return _DUTY if case.cannot_be_refused else Verdict(Fate.DISCARD, "personal-call")


def switched_off(case: Case) -> Verdict | None:
    """What an agent had off is cut on every channel, unless a duty that nobody may refuse records it all the same.

    A payment is cut under every duty, for bank data is never kept; but paying refuses nothing.
    """
    offs = [*_offs(case, Reason.PAYMENT), *_offs(case, Reason.OTHER)]
    if case.known.before_capture:
        offs = [off for off in offs if off.stretch.until is None or off.stretch.until > case.known.moment]
    if not offs:
        return None
    if case.known.before_capture:
        paying = all(off.reason is Reason.PAYMENT for off in offs)
        in_spite = case.cannot_be_refused or (paying and case.under_duty)
        return _DUTY if in_spite else Verdict(Fate.DISCARD, "agent-off")
    cut = tuple(off.stretch for off in offs if off.reason is Reason.PAYMENT or not case.cannot_be_refused)
    return Verdict(Fate.KEEP, "agent-off-in-part", cut) if cut else _DUTY


def outbound_sale(case: Case) -> Verdict | None:
    """A contract by outbound selling is proved by a signed writing (C. conso., art. L. 221-16; FACTS 1.2)."""
    proof = case.queue is not None and case.queue.kind == "proof"
    return Verdict(Fate.DISCARD, "outbound-sale") if proof and case.call.outbound else None


def useful_part(case: Case) -> Verdict | None:
    """As proof of a contract, only the part that concludes it is kept (CNIL, 25 April 2022; FACTS 1.2)."""
    if case.queue is None or case.queue.kind != "proof":
        return None
    useful = case.call.useful
    moment = case.known.moment
    if useful is None or (case.known.before_capture and not _within(moment, useful)):
        return Verdict(Fate.DISCARD, "no-useful-part")
    around = [Stretch(None, useful.since)] if useful.since else []
    around += [Stretch(useful.until, None)] if useful.until else []
    return Verdict(Fate.KEEP, "useful-part-only", tuple(around))


def start(case: Case) -> Verdict | None:
    """Without a believable start a call's lawful end is unknown: set aside, never kept by default."""
    started, now = case.call.started_at, case.known.moment
    if started is None:
        return Verdict(Fate.QUARANTINE, "start-unknown")
    if is_believable(started, now):
        return None
    return Verdict(Fate.QUARANTINE, "start-in-future" if started > now else "start-implausible")


def language(case: Case) -> Verdict | None:
    """Bank data is found in the policy's languages: in another, or an unsaid one of several, it could stay audible."""
    known, said = case.policy.languages, case.call.language
    if said is None:
        return Verdict(Fate.QUARANTINE, "language-unknown") if len(known) > 1 else None
    return None if said in known else Verdict(Fate.QUARANTINE, "unsupported-language")


def term(case: Case) -> Verdict | None:
    """Past its end it is not kept: counted from the call, not from its arrival (CNIL; FACTS 1.1 and 1.3)."""
    started = case.call.started_at
    if case.queue is None or started is None or not is_believable(started, case.known.moment):
        return None
    end_on = last_day(case.policy, case.queue, started, case.call.signed_on)
    left = lifecycle_days(end_on, case.known.moment, case.policy.zone)
    return Verdict(Fate.DISCARD, "past-retention") if left < 1 else None


def lot(case: Case) -> Verdict | None:
    """For quality, a few calls by lot and under a ceiling, never all (CNIL SAN-2020-003, -2023-008, -2024-014)."""
    if case.queue is None or case.queue.kind != "quality":
        return None
    if not case.known.drawn:
        return Verdict(Fate.DISCARD, "not-drawn")
    return None if case.known.below_ceiling else Verdict(Fate.DISCARD, "ceiling-reached")


RULES: tuple[Rule, ...] = (
    erased, mandate, purpose, objection, announcement, personal_call, switched_off, outbound_sale,
    useful_part, term, lot, answered, screen, start, language,
)  # fmt: skip

SAID_LATE: tuple[Rule, ...] = (mandate, objection, personal_call, switched_off)
"""What may still be said of a call after its recording has come."""

REFUSALS = frozenset({"call-erased", "mandate", "objected", "personal-call"})
"""Grounds that concern every recording of the call, also one that came before."""

FINAL_GROUNDS = REFUSALS | {
    "agent-off", "past-retention", "nothing-left", "cut-impossible", "contract-refused", "screen-recording",
    "recorded-with-screen", "not-drawn", "ceiling-reached", "quarantine-ended",
}  # fmt: skip
"""Grounds that dropping the same file again, with more metadata, changes nothing about."""


def _same_line(one: str, other: str) -> bool:
    """Whether both are one line or number: of long ones the last nine digits count, however they begin."""
    digits = ["".join(character for character in text if character.isdigit()) for text in (one, other)]
    if min(map(len, digits)) >= _NATIONAL_DIGITS:
        return digits[0][-_NATIONAL_DIGITS:] == digits[1][-_NATIONAL_DIGITS:]
    return one.strip().casefold() == other.strip().casefold()


def _within(moment: datetime, stretch: Stretch) -> bool:
    since, until = stretch.since, stretch.until
    return (since is None or since <= moment) and (until is None or moment < until)


def _offs(case: Case, reason: Reason) -> Iterator[Off]:
    """The agent's switches for that reason that touch the call, as far as its start and end are known."""
    known, started = case.known, case.call.started_at
    last = known.moment if known.before_capture else known.ended_at
    for off in case.call.offs:
        since, until = off.stretch.since, off.stretch.until
        over = until is not None and started is not None and until + known.margin <= started
        to_come = since is not None and last is not None and since > last + known.margin
        if off.reason is reason and not over and not to_come:
            yield off
