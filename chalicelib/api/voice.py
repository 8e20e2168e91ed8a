"""`POST /twilio/voice`: the first TwiML of a Twilio call. It announces, hears the key that refuses, and hands on.

Twilio's number calls `…/twilio/voice?queue=service-client`; the call goes on at TWILIO_NEXT_URL with
`SourdineRecord=true` or `false`, and whoever answers there records on `true` alone. Whatever fails once Twilio has
proved that it is it is a no; so is a call that one of ours places, as nobody who could refuse hears the announcement.
What a `<Dial>` or `<Start>` records then comes back by `/webhooks/twilio`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import urlencode, urlsplit
from xml.sax.saxutils import escape, quoteattr

from chalice.app import Blueprint, Response

from chalicelib import observability as tell
from chalicelib import wiring
from chalicelib.api.problems import told
from chalicelib.api.webhooks import authentic, delivered, public_url
from chalicelib.errors import UnknownProvider
from chalicelib.law.decision import queue_of
from chalicelib.law.parts import Announcement
from chalicelib.model import Call, Fate
from chalicelib.services.answer import answer
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Reach
from chalicelib.services.refs import call_ref
from chalicelib.services.refuse import object_surely
from chalicelib.services.say import say
from chalicelib.services.steer import LIVE_FOR
from chalicelib.services.story import as_told
from chalicelib.services.told import Told
from chalicelib.telephony import twilio
from chalicelib.telephony.facts import Fact, Kind
from chalicelib.telephony.read import identifier, lines
from chalicelib.telephony.webhook import Payload

routes = Blueprint(__name__)

_PATH = "/twilio/voice"
_KEYS_HEARD_FOR_S = 3


@routes.route(_PATH, methods=["POST"], content_types=["*/*"])
@told
def begin() -> Response:
    """May it be recorded? Of a yes the announcement, and the key that refuses."""
    return _twiml(_announced)


@routes.route(f"{_PATH}/answer", methods=["POST"], content_types=["*/*"])
@told
def go_on() -> Response:
    """The announcement was heard: refused, or not."""
    return _twiml(_heard)


def _twiml(view: Callable[[Machine, Payload, str, datetime], str]) -> Response:
    machine, now, delivery = wiring.machine(), datetime.now(UTC), delivered(routes.current_request)
    if not wiring.twilio_next_url():
        raise UnknownProvider("TwilioNextUrl is not set: nobody knows where the call would go on")
    payload = authentic("twilio", twilio, delivery, machine.secrets.signing("twilio"), now)
    try:
        verbs = view(machine, payload, urlsplit(delivery.url).query, now)
    except Exception as error:  # the call goes on, unrecorded
        tell.failed("voice", error)
        verbs = _redirect(_next(False))
    body = f'<?xml version="1.0" encoding="UTF-8"?><Response>{verbs}</Response>'
    return Response(body, {"Content-Type": "text/xml; charset=utf-8", "Cache-Control": "no-store"})


def _announced(machine: Machine, payload: Payload, query: str, now: datetime) -> str:
    call = _call(machine, payload)
    if twilio.is_ours(payload):  # their own softphone is on the line: whom they call would hear nothing
        say(machine, call_ref(machine, call), Fact(Kind.ANSWERED, now, yes=False), now)
        return _redirect(_next(False))
    if answer(machine, call, now).fate is not Fate.KEEP:
        return _redirect(_next(False))
    policy, queue = machine.policy, queue_of(call, machine.policy)
    language = call.language or policy.languages[0]
    ours = public_url(routes.current_request.context)
    spoken = _spoken(language, policy.announcement[language], ours)
    on = f"{ours}{_PATH}/answer" + (f"?{query}" if query else "")
    if queue and policy.binds(queue):
        return spoken + _redirect(on)
    heard = f'numDigits="1" finishOnKey="" timeout="{_KEYS_HEARD_FOR_S}"'  # `#` is a key like any other
    return f"<Gather {heard} action={quoteattr(on)}>{spoken}</Gather>{_redirect(on)}"


def _spoken(language: str, announcement: Announcement, ours: str) -> str:
    """The controller's own voice where there is one, Twilio's otherwise."""
    if announcement.audio:
        return f"<Play>{escape(f'{ours}/announcements/{language}/audio')}</Play>"
    return f"<Say language={quoteattr(language)}>{escape(announcement.text)}</Say>"


def _heard(machine: Machine, payload: Payload, query: str, now: datetime) -> str:
    """A key ends the announcement where it is: but for the one that refuses, it is said again from the beginning."""
    call, pressed = _call(machine, payload), payload.get("Digits")
    ref = call_ref(machine, call)
    if pressed == machine.policy.objection.key:
        object_surely(machine, Told("twilio", call.call_id, ref), now, "caller")
        return _redirect(_next(False))
    if pressed:
        return _announced(machine, payload, query, now)
    say(machine, ref, Fact(Kind.ANNOUNCED, now, yes=True), now)
    record = answer(machine, as_told(machine, call), now).fate is Fate.KEEP
    if record and "AccountSid" in payload:  # a refusal or a payment may come before Twilio says that it records
        ids = {"account": identifier(payload, "AccountSid"), "call": call.call_id}
        machine.calls.reach(ref, Reach("twilio", call.call_id, ids), now + LIVE_FOR)
    return _redirect(_next(record))


def _call(machine: Machine, payload: Payload) -> Call:
    asked = routes.current_request.query_params or {}
    call = Call(
        "twilio", identifier(payload, "CallSid"), None, queue=asked.get("queue"), agent=asked.get("agent"),
        language=asked.get("language"), lines=lines(payload.get("From"), payload.get("To")),
        outbound=twilio.is_ours(payload) or str(payload.get("Direction", "inbound")).startswith("outbound"),
    )  # fmt: skip
    return as_told(machine, call)


def _next(record: bool) -> str:
    url, said = wiring.twilio_next_url(), urlencode({"SourdineRecord": str(record).lower()})
    return f"{url}{'&' if '?' in url else '?'}{said}"


def _redirect(url: str) -> str:
    return f'<Redirect method="POST">{escape(url)}</Redirect>'
