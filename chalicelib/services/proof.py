"""Who asks proves to be the person: by a one-time code, sent to the very number or address that was said (GDPR, art.
12(6)), and by a second fact where the policy asks for one.

Nothing that is answered before the proof tells whether anything is kept of anybody, or whether somebody else asked.
"""

from __future__ import annotations

import re
import secrets
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.errors import NotProven
from chalicelib.law.request import Request, Status
from chalicelib.law.texts import texts
from chalicelib.services import limits
from chalicelib.services.find import find
from chalicelib.services.machine import Machine
from chalicelib.services.take_up import take_up
from chalicelib.telephony.facts import fold
from chalicelib.telephony.numbers import is_own

CODE_LASTS = timedelta(minutes=10)
TRIES = 5
FACTS, FACTS_IN = 3, timedelta(days=30)
"""How many second facts of one person are looked at, and within which time: there are few days to guess among."""

NOBODYS = "-"
"""In the place of a request's id, where no code may be taken: none is ever set for it."""

_DIGITS = 6
_TOLD_APART_BY = 6
_BY = "data-subject"
_NOT_PROVEN = "the code is wrong, used or too old, or there is no such request: have another code sent"


def send_code(machine: Machine, request_id: str, now: datetime, source: str | None = None) -> None:
    """Send a code in the place of the one before, to prove a request with or to see its answer.

    Nothing is sent, and nobody told so, where there is no such request, where nothing or the controller's own line
    leads to the person, and where they, or those who ask from that `source` (None is nobody's), had as many codes as
    they may. Raises MessageNotSent, also where the day's messages are used up, and NoTextsThere: for the log, whoever
    asks is told the same.
    """
    if source is not None and not limits.may_have_codes(machine, source, now):
        return
    request, asked = machine.requests.get(request_id), machine.policy.requests
    if request is None or not request.contact or is_own(request.contact, asked.country, asked.own_numbers):
        return
    if not limits.may_be_sent(machine, request, now):
        return
    limits.require_message(machine, request.contact, now)
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    machine.codes.set(request.id, _digest(machine, request.id, code), now + CODE_LASTS, TRIES)
    machine.messenger.send(request.contact, *_message(machine, request, code))


def prove(machine: Machine, request_id: str, code: str, fact: str, now: datetime) -> Request:
    """The request of whoever has its code, taken up. `fact` is what the policy asks for besides, as it was written.

    Raises NotProven, in one wording; StaleRequest where somebody else changed it in the same moment.
    """
    request = _held(machine, request_id, code, now, is_proven=False)
    if request.proven_on is None:  # else something broke before it was taken up
        fits = _second_fact(machine, request, fact, now)
        found = replace(request, proven_on=machine.day(now), second_fact=fits, policy=machine.policy.version, by=_BY)
        request = machine.requests.write(found, "proven", now)
    return take_up(machine, request, now)


def see(machine: Machine, request_id: str, code: str, now: datetime) -> Request:
    """A request that is past its proof, for whoever has a new code of it. Raises NotProven."""
    return _held(machine, request_id, code, now, is_proven=True)


def prove_or_see(machine: Machine, request_id: str, code: str, fact: str, now: datetime) -> Request:
    """Whichever of both the request waits for. Raises what they raise."""
    request = machine.requests.get(request_id)
    if request and request.state is Status.UNPROVEN:
        return prove(machine, request_id, code, fact, now)
    return see(machine, request_id, code, now)


def _held(machine: Machine, request_id: str, code: str, now: datetime, is_proven: bool) -> Request:
    """A try is used up of a request that waits for that alone; for every other it takes as long to say no."""
    request, written = machine.requests.get(request_id), re.sub(r"\s", "", code)
    waits = request is not None and (request.state is not Status.UNPROVEN) is is_proven
    taken = machine.codes.take(request_id if waits else NOBODYS, _digest(machine, request_id, written), now)
    if request is None or not waits or not taken:
        raise NotProven(_NOT_PROVEN)
    return request


def _digest(machine: Machine, request_id: str, code: str) -> str:
    return machine.pseudonyms.of("code", request_id, code)


def _message(machine: Machine, request: Request, code: str) -> tuple[str, str]:
    """Subject and text. A short message keeps to letters that all telephones have: each costs."""
    words = texts(request.language)["asking"]["message"]
    said = {
        "controller": machine.policy.controller.name,
        "code": code,
        "minutes": str(int(CODE_LASTS.total_seconds()) // 60),
        "request": request.id,
        "short": request.id[:_TOLD_APART_BY],
        "right": words["right"][request.right],
    }
    if request.contact.startswith("tel:"):
        return words["subject"], words["short"].format(**said)
    page = machine.policy.requests.page
    return words["subject"], words["letter"].format(**said) + (words["page"].format(page=page) if page else "")


def standing(request: Request) -> Status:
    """How a request stands, as whoever asked is told: whether the DPO is waited for would tell whether the second fact
    fitted, and it could be guessed.
    """
    return Status.OPEN if request.state is Status.ACCEPTED else request.state


def is_readable(fact: str) -> bool:
    """Whether it is a day at all: who mistypes may write it again."""
    return _day(fact) is not None


def _second_fact(machine: Machine, request: Request, fact: str, now: datetime) -> bool | None:
    """Whether it fits; None where the policy asks for none. A person's fourth in thirty days is not looked at."""
    if machine.policy.requests.second_fact == "none":
        return None
    person, day = machine.identities.of(request.contact)[0], _day(fact)
    is_looked_at = day is not None and machine.codes.count("facts", person, FACTS, now, now + FACTS_IN)
    return is_looked_at and day in _days(machine, request)


def _days(machine: Machine, request: Request) -> set[date]:
    """On which their calls began, in the controller's zone."""
    found, limit = find(machine, request), timedelta(milliseconds=machine.settings.payment_limit_ms)
    moments = [recording.started_at for recording in found.recordings]
    moments += [fold(call.file.facts, limit).started_at for call in found.calls]
    return {machine.day(moment) for moment in moments if moment}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
