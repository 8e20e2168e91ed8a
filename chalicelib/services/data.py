"""What is handed over as data: the same as the letter says, as JSON of a documented shape (`data.schema.json`).

Of others on the calls it holds nothing: no reference of an agent, none of another call (art. 15(4)).
"""

from __future__ import annotations

import json
from datetime import date, datetime
from importlib import resources
from typing import Any

from chalicelib.law.private import veiled
from chalicelib.law.request import Request, Right, Told
from chalicelib.law.summary import HANDED_OVER, CallSaid, Summary
from chalicelib.model import ENDS, Off, Recording, Switch
from chalicelib.services.find import Found, FoundCall
from chalicelib.services.ports import Acknowledgement
from chalicelib.services.vcon import plain_muted
from chalicelib.telephony.facts import Fact, Kind, plain

FORM = "sourdine-data-1"
_OF_OTHERS = ("agent_ref", "about")

_LINKS = (Kind.WITH, Kind.PART_OF, Kind.LEG, Kind.MANDATE)
"""What only leads from one call to another, or to whoever is on it; and that a representative's line is."""


def schema() -> bytes:
    """The JSON Schema of what `data` gives."""
    return resources.files(__package__).joinpath("data.schema.json").read_bytes()


def data(request: Request, found: Found, summary: Summary, told: tuple[Told, ...], now: datetime) -> bytes:
    """For portability only what is portable: the rest is had by access."""
    handed = [said for said in summary.calls if said.copy in HANDED_OVER]
    body: dict[str, Any] = {
        "form": FORM,
        "made_at": now.isoformat(),
        "request": {"id": request.id, "right": request.right, "received_on": request.received_on.isoformat()},
        "told": [_told(each) for each in told],
    }
    if request.right is Right.ACCESS:
        body["calls"] = _calls(found, summary)
    if request.right is Right.PORTABILITY:
        body["recordings"] = [_recording(said, said.recording) for said in handed if said.recording]
    if request.right is Right.ACCESS and summary.is_agent:
        body["agent"] = _agent(found)
    return json.dumps(body, ensure_ascii=False, indent=1).encode()


def _told(told: Told) -> dict[str, Any]:
    said = {"code": told.code, "count": told.count, "recording": told.recording, "source": told.source}
    return {name: value for name, value in said.items() if value or name == "code"}


def _calls(found: Found, summary: Summary) -> list[dict[str, Any]]:
    said = {each.recording.id: _recording(each, each.recording) for each in summary.calls if each.recording}
    return [_call(call, said) for call in found.calls]


def _call(call: FoundCall, said: dict[str, dict[str, Any]]) -> dict[str, Any]:
    return {
        "call": call.ref,
        "noted": [_fact(fact) for fact in sorted(call.file.facts, key=_order) if fact.kind not in _LINKS],
        "recordings": [said[each.id] for each in call.recordings],
    }


def _order(fact: Fact) -> tuple[datetime, str]:
    return fact.at, fact.kind


def _fact(fact: Fact) -> dict[str, Any]:
    """An answer before capture keeps its ground; every other `about` is somebody's or another call's."""
    said = {name: value for name, value in plain(fact).items() if name not in _OF_OTHERS}
    return said | ({"ground": veiled(fact.about)} if fact.kind is Kind.ANSWERED else {})


def _recording(said: CallSaid, recording: Recording) -> dict[str, Any]:
    return {
        "recording": recording.id,
        "name": said.name,
        "copy": said.copy,
        "state": recording.state,
        "ground": said.why,
        "started_at": _iso(said.at),
        "duration_ms": recording.duration_ms,
        "queue": said.queue,
        "language": recording.language,
        "kept_until": _day(None if recording.state in ENDS else recording.last_day),
        "held_until": _day(recording.hold.until if recording.hold else None),
        "muted": plain_muted(recording),
        "listened": [{"at": each.at.isoformat(), "purpose": each.purpose} for each in said.heard],
    }


def _agent(found: Found) -> dict[str, Any]:
    return {
        "switch": _switch(found.switch) if found.switch else None,
        "off": [_off(off) for off in found.offs],
        "acknowledgements": [_acknowledged(each) for each in found.acknowledgements],
    }


def _switch(switch: Switch) -> dict[str, Any]:
    return {"since": _iso(switch.since), "reason": switch.reason, "until": _iso(switch.until)}


def _off(off: Off) -> dict[str, Any]:
    return {"reason": off.reason, "since": _iso(off.stretch.since), "until": _iso(off.stretch.until)}


def _acknowledged(acknowledgement: Acknowledgement) -> dict[str, Any]:
    return {"version": acknowledgement.version, "at": _iso(acknowledgement.at)}


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
