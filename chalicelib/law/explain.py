"""A policy said in plain French or English, rule by rule, each with its source; and what deserves a second look."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from chalicelib.law.document import in_words, listed, percent
from chalicelib.law.listening import granted
from chalicelib.law.parts import KEEP_COPIES
from chalicelib.law.period import Period
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Ceiling, Listening, Purpose, Queue
from chalicelib.law.texts import length, texts

_MUCH_PERCENT = Decimal(20)
_MANY_A_WEEK = 10
_A_MONTH = Period(months=1)
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
        words = texts(language)
        said = {name: _in_words(value, language) for name, value in self.said.items()}
        if "each" in said:
            said["each"] = words["each"][said["each"]]
        return str(words["warning"][self.code].format(**said))


def explain(policy: Policy, language: str) -> list[Rule]:
    """Every rule that the policy sets or that holds whatever it says."""
    return [_rule(code, language, said) for code, said in _codes(policy, language)]


def warnings(policy: Policy, today: date) -> list[Warning]:
    """What a careful DPO would ask about on that day."""
    return [*_of_people(policy, today), *_of_calls(policy), *_of_listening(policy)]


def _of_people(policy: Policy, today: date) -> Iterator[Warning]:
    emails = dict.fromkeys(email for email in (policy.controller.email, policy.dpo.email) if email)
    yield from (Warning("example-contact", {"email": email}) for email in emails if email.endswith(_EXAMPLES))
    if policy.staff.works_council_consulted_on > today:
        yield Warning("council-to-come", {"day": policy.staff.works_council_consulted_on})
    if not policy.requests.own_numbers:
        yield Warning("no-own-numbers", {})
    controller = _folded(policy.controller.name)
    for language, announcement in policy.announcement.items():
        if controller not in _folded(announcement.text):
            yield Warning("unnamed-controller", {"language": language, "controller": policy.controller.name})


def _of_calls(policy: Policy) -> Iterator[Warning]:
    for queue in policy.queues:
        if queue.share_percent is not None and queue.share_percent > _MUCH_PERCENT:
            yield Warning("high-share", {"queue": queue.name, "share": queue.share_percent})
        if queue.ceiling and _a_week(queue.ceiling) > _MANY_A_WEEK:
            said = {"queue": queue.name, "calls": queue.ceiling.calls, "each": queue.ceiling.each}
            yield Warning("high-ceiling", said)
        if duty := policy.duty(queue):
            yield Warning("everything", {"queue": queue.name, "retention": duty.retention, "law": duty.source})
    for name, duty in policy.duties.items():
        if duty.unless_signed and not duty.unless_signed.is_within(_A_MONTH):
            yield Warning("long-unsigned", {"duty": name, "unless": duty.unless_signed})
    untold = [name for name, source in policy.sources.items() if not source.announces]
    yield from (Warning("source-unannounced", {"source": name}) for name in untold)
    copied = [name for name, source in policy.sources.items() if name in KEEP_COPIES and not source.delete_there]
    yield from (Warning("copy-there", {"source": name}) for name in copied)


def _of_listening(policy: Policy) -> Iterator[Warning]:
    if {*policy.listening.supervisor, *policy.listening.agent} & {Purpose.LEGAL_DUTY, Purpose.CONTRACT_PROOF}:
        yield Warning("duty-heard", {})


def _a_week(ceiling: Ceiling) -> Decimal:
    """About how many calls of an agent it allows in a week of five days."""
    return ceiling.calls * {"day": Decimal(5), "week": Decimal(1), "month": Decimal("0.25")}[ceiling.each]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def _in_words(value: Any, language: str) -> Any:
    """A length, a day or a share as people of that language write it."""
    if isinstance(value, Period):
        return length(value, language)
    if isinstance(value, Decimal):
        return percent(value, language)
    return in_words(value, language) if isinstance(value, date) else value


def _rule(code: str, language: str, said: dict[str, Any]) -> Rule:
    words = texts(language)["rule"][code]
    return Rule(words["text"].format(**said), words["source"].format(**said))


def _codes(policy: Policy, language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield "who", {"controller": policy.controller.name, "dpo": _reach(policy)}
    yield "told", {"languages": ", ".join(policy.languages), "key": policy.objection.key}
    yield from (("trusted", {"source": name}) for name, source in policy.sources.items() if source.announces)
    yield from (("deleted-there", {"source": name}) for name, source in policy.sources.items() if source.delete_there)
    yield f"objection-{policy.objection.keeps}", {}
    bound = [(queue, duty) for queue in policy.queues if (duty := policy.duty(queue)) and policy.binds(queue)]
    if bound:
        names = [texts(language)["label"]["quoted"].format(words=queue.name) for queue, _ in bound]
        laws = " ; ".join(dict.fromkeys(duty.source for _, duty in bound))
        yield "objection-duty", {"queues": listed(names, language), "law": laws}
    for queue in policy.queues:
        yield from _of_queue(policy, queue, language)
    yield "nothing-else", {}
    yield "switch", {}
    yield "representatives", {"n": len(policy.never_recorded)}
    staff = policy.staff
    yield "staff", {"day": in_words(staff.works_council_consulted_on, language), "periods": staff.recorded_periods}
    yield from ((code, {}) for code in ("screens", "bank"))
    yield "listening", _listening(policy, language)
    yield "clock", {"zone": policy.zone.key}
    keeping = {name: length(getattr(policy.keeping, name), language) for name in type(policy.keeping).model_fields}
    yield "keeping", keeping
    yield "hold", keeping
    yield "answers", {"holidays": texts(language)["region"].get(policy.holidays, policy.holidays)}


def _of_queue(policy: Policy, queue: Queue, language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    words, duty = texts(language), policy.duty(queue)
    term = duty.retention if duty else queue.retention
    said: dict[str, Any] = {
        "queue": queue.name,
        "purposes": listed([words["purpose"][purpose] for purpose in queue.purposes], language),
        "basis": words["basis"][queue.legal_basis],
        "retention": length(term, language) if term else "",
    }
    if duty:
        said |= {"law": duty.source}
        unless = {"unless": length(duty.unless_signed, language)} if duty.unless_signed else {}
        yield ("duty-signed" if unless else "duty"), said | unless
        if not duty.announced:
            yield "duty-silent", said
    elif queue.ceiling is not None and queue.share_percent is not None:
        share = percent(queue.share_percent, language)
        each = words["each"][queue.ceiling.each]
        yield "quality", said | {"share": share, "calls": queue.ceiling.calls, "each": each}
    else:
        yield "proof", said | {"why": queue.no_other_proof}
        if queue.retention_source:
            yield "proof-source", said | {"law": queue.retention_source}


def _listening(policy: Policy, language: str) -> dict[str, Any]:
    """What each role may hear calls for, in words."""
    words = texts(language)
    said = words["purpose"] | words["listening"]["need"]
    grants = {role: [said[purpose] for purpose in granted(policy, role)] for role in Listening.model_fields}
    return {role: listed(each or [words["listening"]["nothing"]], language) for role, each in grants.items()}


def _reach(policy: Policy) -> str:
    dpo = policy.dpo
    return ", ".join(part for part in (dpo.name, dpo.email, dpo.telephone, dpo.address) if part)
