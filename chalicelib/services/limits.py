"""How many codes are sent, to whom and where: each costs, some pay whoever has them sent, and each is a try more."""

from __future__ import annotations

from datetime import datetime, timedelta

from chalicelib.errors import MessageNotSent, NoTextsThere
from chalicelib.law.request import Request
from chalicelib.services.machine import Machine
from chalicelib.services.refs import source_ref
from chalicelib.telephony.numbers import takes_texts

_HOUR, _DAY = timedelta(hours=1), timedelta(days=1)


def may_have_codes(machine: Machine, source: str, now: datetime) -> bool:
    """Whether another code is sent for whoever asks from there, whomever it is for. Counts it."""
    most = machine.settings.codes_an_hour_of_one_source
    return machine.codes.count("codes-from", source_ref(machine, source), most, now, now + _HOUR)


def may_be_sent(machine: Machine, request: Request, now: datetime) -> bool:
    """Whether another code of it is sent. Counts it.

    What anybody may ask for is counted by the person; a proven request by itself, so that nobody else uses it up.
    """
    ref = request.id if request.proven_on else machine.identities.of(request.contact)[0]
    return machine.codes.count("code", ref, machine.settings.codes_an_hour, now, now + _HOUR)


def require_message(machine: Machine, contact: str, now: datetime) -> None:
    """Count one of the day's messages. Text messages and e-mail have half each: whoever uses up one leaves the other.

    Raises NoTextsThere, MessageNotSent.
    """
    is_text = contact.startswith("tel:")
    if is_text and not takes_texts(contact, machine.policy.requests.text_countries):
        raise NoTextsThere("to a number of that kind, or of that country, no text message is sent")
    kind, most = "text" if is_text else "e-mail", (machine.settings.messages_a_day + 1) // 2
    if not machine.codes.count("messages", kind, most, now, now + _DAY):
        raise MessageNotSent("the day's messages are used up: is somebody having them sent? See MESSAGES_A_DAY")
