"""Who asks proves to be the person: by a one-time code, sent to the very number or address that was said (GDPR, art.
12(6)), and by a second fact where the policy asks for one.

Nothing that is answered before the proof tells whether anything is kept of anybody, or whether somebody else asked.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta

from chalicelib.errors import MessageNotSent, NotProven
from chalicelib.law.request import Request, Status
from chalicelib.law.texts import texts
from chalicelib.services.find import calls_of, find
from chalicelib.services.machine import Machine
from chalicelib.services.take_up import take_up
from chalicelib.telephony.facts import fold
from chalicelib.telephony.numbers import address

CODE_LASTS = timedelta(minutes=10)
TRIES = 5
NOBODYS = "-"
"""In the place of a request's id, where no code may be taken: none is ever set for it."""

_DIGITS = 6
_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)
_BY = "data-subject"
_NOT_PROVEN = "the code is wrong, used or too old, or there is no such request: have another code sent"


def send_code(machine: Machine, request_id: str, now: datetime) -> None:
    """Send a code in the place of the one before, to prove a request with or to see its answer.

    Nothing is sent, and nobody told so, where there is no such request, where nothing leads to the person any more, and
    where they had as many codes as they may. Raises MessageNotSent, also where the day's messages are used up: for the
    log, whoever asks is told the same.
    """
    request = machine.requests.get(request_id)
    if request is None or not request.contact:
        return
    person, limits = machine.identities.of(request.contact)[0], machine.settings
    if not machine.codes.count("code", person, limits.codes_an_hour, now, now + _HOUR):
        return
    if not machine.codes.count("messages", "all", limits.messages_a_day, now, now + _DAY):
        raise MessageNotSent("the day's messages are used up: is somebody having them sent? See MESSAGES_A_DAY")
    code = f"{secrets.randbelow(10**_DIGITS):0{_DIGITS}}"
    machine.codes.set(request.id, _digest(machine, request.id, code), now + CODE_LASTS, TRIES)
    machine.messenger.send(request.contact, *_message(machine, request, code))


def prove(machine: Machine, request_id: str, code: str, fact: str, now: datetime) -> Request:
    """The request of whoever has its code, taken up. `fact` is what the policy asks for besides, as it was written.

    Raises NotProven, in one wording; StaleRequest where somebody else changed it in the same moment.
    """
    request = _held(machine, request_id, code, now, is_proven=False)
    if request.proven_on is None:  # else something broke before it was taken up
        fits = _second_fact(machine, request, fact)
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
    }
    if request.contact.startswith("tel:"):
        return words["subject"], words["short"].format(**said)
    page = machine.policy.requests.page
    return words["subject"], words["letter"].format(**said) + (words["page"].format(page=page) if page else "")


def is_readable(machine: Machine, fact: str) -> bool:
    """Whether it is what the policy asks for at all: who mistypes may write it again."""
    if machine.policy.requests.second_fact == "day":
        return _day(fact) is not None
    return address(fact, machine.policy.requests.country) is not None


def _second_fact(machine: Machine, request: Request, fact: str) -> bool | None:
    """Whether it fits; None where the policy asks for none."""
    check = _CHECKS.get(machine.policy.requests.second_fact)
    return check and check(machine, request, fact)


def _is_day(machine: Machine, request: Request, fact: str) -> bool:
    """Whether one of their calls began on that day, in the controller's zone."""
    found, limit = find(machine, request), timedelta(milliseconds=machine.settings.payment_limit_ms)
    moments = [recording.started_at for recording in found.recordings]
    moments += [fold(call.file.facts, limit).started_at for call in found.calls]
    return _day(fact) in {machine.day(moment) for moment in moments if moment}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _is_number(machine: Machine, request: Request, fact: str) -> bool:
    """Whether somebody else of that number is on one of their calls. Nothing is kept of numbers by their digits, so the
    whole one is asked for.
    """
    number = address(fact, machine.policy.requests.country)
    theirs = set(machine.identities.of(number)) - set(request.persons) if number else set()
    calls = calls_of(machine, request)
    return any(theirs.intersection(machine.people.persons(call_ref)) for call_ref in calls)


_CHECKS: dict[str, Callable[[Machine, Request, str], bool]] = {"day": _is_day, "number": _is_number}
