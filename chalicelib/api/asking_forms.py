"""What the forms of `/requests` bring, and the page that comes next. The services are the same as JSON's."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

from chalice.app import Response

from chalicelib.api import asking_pages as pages
from chalicelib.api import negotiation, page
from chalicelib.api.problems import problem
from chalicelib.errors import InvalidRequest, NotProven, SourdineError
from chalicelib.law.form import Page
from chalicelib.law.policy import Policy
from chalicelib.law.request import Right
from chalicelib.services import asking, proof
from chalicelib.services.download import offer
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Printer
from chalicelib.telephony.numbers import address

Send = Callable[[Machine, str, datetime, str], None]

_MOST_FIELDS = 20
_NUMBER = re.compile(r"[0-9a-f]{26}")


def blank(policy: Policy, printer: Printer, language: str) -> Response:
    """The form that asks."""
    return _shown(printer, pages.ask(policy, language, {}, {}))


def ask(machine: Machine, request: Any, body: bytes, now: datetime, send: Send) -> Response:
    """A new request, or one that somebody comes back to: in both cases the page that takes a code comes next."""
    fields, spoken = _fields(body), language(request)
    wrong = _wrong(machine, spoken, fields)
    if not wrong and "request" in fields:
        request_id = _number(fields)
    elif not wrong:
        wanted = asking.Asked(
            Right(fields["right"]), fields["who"], spoken, fields.get("text", ""), "bank-data" in fields,
            source(request),
        )  # fmt: skip
        try:
            request_id = asking.ask(machine, wanted, now)
        except SourdineError as error:
            wrong = {"": _why(machine, spoken, error)}
            return _shown(machine.printer, pages.ask(machine.policy, spoken, fields, wrong), _status(error))
    if wrong:
        return _shown(machine.printer, pages.ask(machine.policy, spoken, fields, wrong), 400)
    send(machine, request_id, now, source(request))
    return _shown(machine.printer, pages.code(machine.policy, spoken, request_id, pages.AT_REQUESTS, {}, {}))


def sent(machine: Machine, request: Any, request_id: str) -> Response:
    """Another code was asked for."""
    return _shown(machine.printer, pages.code(machine.policy, language(request), request_id, pages.BELOW, {}, {}))


def prove(machine: Machine, request: Any, body: bytes, request_id: str, now: datetime) -> Response:
    """A code was typed, to prove or to come back: how the request stands."""
    fields, spoken, kind = _fields(body), language(request), str(machine.policy.requests.second_fact)
    fact = fields.get(kind, "").strip()
    if fact and not proof.is_readable(fact):
        wrong = {kind: pages.problem(machine.policy, spoken, kind)}
        again = pages.code(machine.policy, spoken, request_id, pages.BELOW, fields, wrong)
        return _shown(machine.printer, again, 400)
    try:
        found = proof.prove_or_see(machine, request_id, fields.get("code", ""), fact, now)
    except SourdineError as error:
        wrong = {"code" if isinstance(error, NotProven) else "": _why(machine, spoken, error)}
        again = pages.code(machine.policy, spoken, request_id, pages.BELOW, fields, wrong)
        return _shown(machine.printer, again, _status(error))
    token = offer(machine, found, now)
    return _shown(machine.printer, pages.standing(machine.policy, spoken, found, token))


def language(request: Any) -> str:
    """Of the address, which every form carries on, or of the browser. Raises InvalidRequest."""
    return negotiation.language(request.query_params, request.headers)


def source(request: Any) -> str:
    """The network address that API Gateway saw; those that it names none for share one."""
    found = (request.context.get("identity") or {}).get("sourceIp")
    return found if isinstance(found, str) else ""


def _wrong(machine: Machine, spoken: str, fields: dict[str, str]) -> dict[str, str]:
    """What is wrong with which field."""
    if "request" in fields:
        found = [] if _NUMBER.fullmatch(_number(fields)) else ["request"]
    else:
        is_right = {
            "right": fields.get("right") in set(Right),
            "who": address(fields.get("who", ""), machine.policy.requests.country) is not None,
            "text": len(fields.get("text", "")) <= asking.LONGEST_TEXT,
        }
        found = [name for name, right in is_right.items() if not right]
    return {name: pages.problem(machine.policy, spoken, name) for name in found}


def _number(fields: dict[str, str]) -> str:
    """A request's number as people copy it."""
    return re.sub(r"\s", "", fields["request"]).lower()


def _fields(body: bytes) -> dict[str, str]:
    """The first value of each field. Raises InvalidRequest."""
    try:
        found = parse_qs(body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise InvalidRequest("the form cannot be read") from None
    return {name: values[0].replace("\r\n", "\n") for name, values in found.items()}


def _why(machine: Machine, spoken: str, error: SourdineError) -> str:
    if _status(error) >= 500:
        raise error
    return pages.problem(machine.policy, spoken, error.code)


def _status(error: SourdineError) -> int:
    return int(problem(error).status_code)


def _shown(printer: Printer, shown: Page, status: int = 200) -> Response:
    headers = {"Content-Type": "text/html; charset=utf-8", "Content-Language": shown.language}
    private = {"Cache-Control": "no-store", "Vary": "Accept-Language"}
    return Response(printer.form(shown).decode(), headers | private | page.WITH_FORM, status)
