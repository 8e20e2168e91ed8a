"""A policy said in plain French or English, rule by rule, each with its source; and what deserves a second look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from chalicelib.law.policy import Policy, Queue
from chalicelib.law.texts import length, texts

_MUCH_PERCENT = Decimal(20)
_EXAMPLES = (".example", ".test", ".invalid", "example.com", "example.org", "example.net")


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule as the policy sets it, and where it comes from."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Warning:
    """Lawful as far as it can be told, and worth a second look."""

    code: str
    said: dict[str, Any]

    def text(self, language: str) -> str:
        """In `fr` or `en`."""
        return str(texts(language)["warning"][self.code].format(**self.said))


def explain(policy: Policy, language: str) -> list[Rule]:
    """Every rule that the policy sets or that holds whatever it says."""
    return [_rule(code, language, said) for code, said in _codes(policy, language)]


def warnings(policy: Policy) -> list[Warning]:
    """What a careful DPO would ask about."""
    found = []
    if (policy.dpo.email or "").endswith(_EXAMPLES):
        found.append(Warning("example-contact", {}))
    for queue in policy.queues:
        if queue.share_percent is not None and queue.share_percent > _MUCH_PERCENT:
            found.append(Warning("high-share", {"queue": queue.name, "share": queue.share_percent}))
    untold = [name for name, source in policy.sources.items() if not source.announces]
    return found + [Warning("source-unannounced", {"source": name}) for name in untold]


def _rule(code: str, language: str, said: dict[str, Any]) -> Rule:
    words = texts(language)["rule"][code]
    return Rule(words["text"].format(**said), words["source"].format(**said))


def _codes(policy: Policy, language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "who", {"controller": policy.controller.name, "dpo": _reach(policy)}
    yield "told", {"languages": ", ".join(policy.languages), "key": policy.objection.key}
    yield from (("trusted", {"source": name}) for name, source in policy.sources.items() if source.announces)
    yield f"objection-{policy.objection.keeps}", {}
    for queue in policy.queues:
        yield from _of_queue(policy, queue, language)
    yield "nothing-else", {}
    yield "switch", {}
    yield "representatives", {"n": len(policy.never_recorded)}
    staff = policy.staff
    yield "staff", {"day": staff.works_council_consulted_on.isoformat(), "periods": staff.recorded_periods}
    yield from ((code, {}) for code in ("screens", "bank"))
    yield "clock", {"zone": policy.zone.key}
    keeping = {name: length(getattr(policy.keeping, name), language) for name in type(policy.keeping).model_fields}
    yield "keeping", keeping
    yield "hold", keeping
    yield "answers", {"holidays": policy.holidays}


def _of_queue(policy: Policy, queue: Queue, language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    words, duty = texts(language), policy.duty(queue)
    term = duty.retention if duty else queue.retention
    said: dict[str, Any] = {
        "queue": queue.name,
        "purposes": ", ".join(words["purpose"][purpose] for purpose in queue.purposes),
        "basis": words["basis"][queue.legal_basis],
        "retention": length(term, language) if term else "",
    }
    if duty:
        said |= {"law": duty.source}
        unless = {"unless": length(duty.unless_signed, language)} if duty.unless_signed else {}
        yield ("duty-signed" if unless else "duty"), said | unless
        if not duty.announced:
            yield "duty-silent", said
    elif queue.ceiling is not None:
        each = words["each"][queue.ceiling.each]
        yield "quality", said | {"share": queue.share_percent, "calls": queue.ceiling.calls, "each": each}
    else:
        yield "proof", said | {"why": queue.no_other_proof}
        if queue.retention_source:
            yield "proof-source", said | {"law": queue.retention_source}


def _reach(policy: Policy) -> str:
    dpo = policy.dpo
    return ", ".join(part for part in (dpo.name, dpo.email, dpo.telephone, dpo.address) if part)
