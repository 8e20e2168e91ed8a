"""The Lambda of an Amazon Connect flow: may this call be recorded, was it announced, did the caller refuse?

The block *Invoke AWS Lambda function* passes the contact, and its parameters as they are set: `queue`, `language`,
`agent` where the contact does not say them, and `said`:

| `said` | when | answer |
|---|---|---|
| (none) | before *Set recording behaviour* | `record`, `ground`, and of a yes `announcement`, `language` and `key` |
| `announced` | after the prompt was played | the same |
| `objected`, or whatever else | the caller pressed the key | `record`: `false`, unless a duty goes before |

A flow compares `$.External.record` with `true`, and records nothing on whatever else: an error, a timeout, no answer.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from chalicelib import observability as tell
from chalicelib import wiring
from chalicelib.law.decision import queue_of
from chalicelib.law.private import veiled_grounds
from chalicelib.model import Call, Fate
from chalicelib.services.answer import answer
from chalicelib.services.hear import keep
from chalicelib.services.machine import Machine
from chalicelib.services.refuse import object_surely
from chalicelib.services.say import say
from chalicelib.services.story import as_told
from chalicelib.services.told import Told, opaque
from chalicelib.telephony.connect import flow_call
from chalicelib.telephony.facts import Fact, Kind

Flat = dict[str, str]
"""What a flow can read: texts by name."""

_NO: Flat = {"record": "false", "ground": "error"}


@tell.metrics.log_metrics
def ask(event: Any, _context: Any) -> Flat:
    """The answer, as Amazon Connect wants it: flat, and no whatever goes wrong."""
    try:
        return _asked(wiring.machine(), event, datetime.now(UTC))
    except Exception as error:  # a flow cannot do anything with a failure but not record
        tell.failed("flow", error)
        return _NO


def _asked(machine: Machine, event: Any, now: datetime) -> Flat:
    call, said = flow_call(event), _said(event)
    told = opaque(machine, call, now)
    if said not in ("", "announced"):  # whatever else it is, it may be a misspelt refusal
        object_surely(machine, told, now, "caller")
    keep(machine, told, now)
    if said == "announced":
        say(machine, told.ref, Fact(Kind.ANNOUNCED, now, yes=True), now)
    return _answered(machine, told, now)


def _said(event: Any) -> str:
    return str((event["Details"].get("Parameters") or {}).get("said", "")).strip().lower()


def _answered(machine: Machine, told: Told, now: datetime) -> Flat:
    call = _call(machine, told)
    decision, policy = answer(machine, call, now), machine.policy
    if decision.fate is not Fate.KEEP:
        return {"record": "false", "ground": veiled_grounds(decision.grounds, ())[0]}
    language, queue = call.language or policy.languages[0], queue_of(call, policy)
    spoken = {"record": "true", "announcement": policy.announcement[language].text, "language": language}
    return spoken if queue and policy.binds(queue) else spoken | {"key": policy.objection.key}


def _call(machine: Machine, told: Told) -> Call:
    return as_told(machine, Call(told.source, told.call_id, None))
