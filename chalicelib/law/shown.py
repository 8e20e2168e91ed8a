"""The sections that notices and register share: who, what for, who hears it, where it lies, for how long."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.law.document import Fact, Section, Writer, listed, percent
from chalicelib.law.parts import OUTSIDE, PROVIDERS, Contact, primary
from chalicelib.law.period import Period
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Queue
from chalicelib.law.texts import length, texts

ACKNOWLEDGED_FOR = Period(years=5)
"""How long it is kept that an agent read a notice: the common limitation (C. civ., art. 2224)."""

TOLD_FOR = Period(days=190)
"""How long what is said of a call, and what an agent had off, is kept: as long as a recording may come."""

_A_YEAR = Period(years=1)
"""The stack's own logs are kept for a year where an access log is, and for six months otherwise."""


def writer(family: str, policy: Policy, language: str) -> Writer:
    """A Writer that knows the policy's own words and lengths."""
    keeping = {name: length(getattr(policy.keeping, name), language) for name in type(policy.keeping).model_fields}
    duties = [queue for queue in policy.queues if policy.binds(queue)]
    words, needs = texts(language)["label"], texts(language)["listening"]["need"]
    own = {
        "controller": policy.controller.name,
        "dpo": reached(policy.dpo),
        "key": policy.objection.key,
        "version": policy.version,
        "zone": policy.zone.key,
        "acknowledged": length(ACKNOWLEDGED_FOR, language),
        "told": length(TOLD_FOR, language),
        "dpo_purposes": listed([needs[each] for each in policy.listening.dpo], language),
        "providers": listed([PROVIDERS[name] for name in policy.sources if name in PROVIDERS], language),
        "outside": listed([PROVIDERS[name] for name in policy.sources if name in OUTSIDE], language),
        "duty_queues": listed([words["quoted"].format(words=queue.name) for queue in duties], language),
        "duty_sources": " ; ".join(dict.fromkeys(policy.duties[queue.duty].source for queue in duties if queue.duty)),
        "logs": texts(language)["word"]["logs"][_A_YEAR.is_within(policy.keeping.access_log)],
    }
    return Writer(family, language, keeping | own)


def reached(contact: Contact) -> str:
    """Somebody's name and how to reach them, on one line."""
    ways = (contact.email, contact.telephone, contact.address)
    return ", ".join([contact.name, *(way for way in ways if way)])


def contact(write: Writer, section: str, who: Contact, *keys: str) -> Section:
    """Who somebody is and how they are reached (art. 13(1)(a) and (b))."""
    ways = ("name", "address", "email", "telephone")
    facts = [write.fact(way, getattr(who, way)) for way in ways if getattr(who, way)]
    return write.section(section, keys, facts)


def own_words(write: Writer, policy: Policy, key: str, said: Iterable[str], quoted: bool = True) -> Fact:
    """What the policy says in words of its own: in its first announcement's language, whatever the document's."""
    own = next(iter(policy.announcement))
    foreign = primary(own) != write.language
    quote = texts(write.language)["label"]["quoted"].format
    words = [quote(words=each) if quoted or foreign else each for each in dict.fromkeys(said)]
    return write.fact(key, ", ".join(words) if foreign else listed(words, write.language), own if foreign else "")


def recipients(write: Writer, policy: Policy, key: str = "recipients") -> Fact:
    """Everybody whom the policy names, of any queue."""
    return own_words(write, policy, key, [each for queue in policy.queues for each in queue.recipients], quoted=False)


def dpo(policy: Policy) -> str:
    """The key of what is said of what the DPO hears: any recording, for what `[listening]` grants."""
    return "dpo" if policy.listening.dpo else "dpo-aside"


def called(queue: Queue, language: str) -> str:
    """A queue's name as people read it."""
    return str(texts(language)["label"]["queue"]).format(queue=queue.name)


def queues(write: Writer, policy: Policy) -> tuple[Section, ...]:
    """For each queue what it is recorded for, on which basis, which calls, for whom and for how long."""
    return tuple(
        Section(queue.name, called(queue, write.language), facts=tuple(_facts(write, policy, queue)))
        for queue in policy.queues
    )


def _facts(write: Writer, policy: Policy, queue: Queue) -> Iterator[Fact]:
    words = texts(write.language)
    yield write.fact("purposes", listed([words["purpose"][each] for each in queue.purposes], write.language))
    yield write.fact("legal_basis", words["basis"][queue.legal_basis])
    for key, own in (("interest", queue.interest), ("no_other_proof", queue.no_other_proof)):
        if own:
            yield own_words(write, policy, key, [own])
    if duty := policy.duty(queue):
        yield write.fact("duty", duty.source)
    yield write.fact("selection", _selection(queue, write.language))
    yield own_words(write, policy, "recipients", queue.recipients, quoted=False)
    yield write.fact("retention", kept_for(policy, queue, write.language))


def _selection(queue: Queue, language: str) -> str:
    words = texts(language)
    if queue.share_percent is None or queue.ceiling is None:
        return str(words["selection"][queue.kind])
    share, calls = percent(queue.share_percent, language), queue.ceiling.calls
    each = words["each"][queue.ceiling.each]
    return str(words["selection"]["quality"][calls > 1]).format(share=share, calls=calls, each=each)


def kept_for(policy: Policy, queue: Queue, language: str) -> str:
    """How long its calls are kept, counted from what, and by which text where it is not the CNIL's six months."""
    words = texts(language)["retention"]
    duty = policy.duty(queue)
    period = duty.retention if duty else queue.retention
    assert period is not None, "a policy without it is refused"
    if duty and duty.unless_signed:
        unless = length(duty.unless_signed, language)
        return str(words["signed"]).format(period=length(period, language), unless=unless, source=duty.source)
    source = duty.source if duty else queue.retention_source
    return str(words["source" if source else "plain"]).format(period=length(period, language), source=source)


def providers(write: Writer) -> tuple[str, ...]:
    """The key of what is said of telephony providers, where the policy names any."""
    return ("providers",) if write.said["providers"] else ()


def transfers(write: Writer, region: str | None) -> Section:
    """Where it lies (art. 13(1)(f), 30(1)(e)); `region` is AWS's, None where nobody knows it.

    That nothing leaves the Union is said only where neither the region nor a telephony provider stands against it.
    """
    place = texts(write.language)["place"].get(region)
    where = "inside" if place else "outside" if region else "unknown"
    told = Writer(write.family, write.language, write.said | {"place": place or "", "region": region or ""})
    leaves = {"inside": ("none-inside",), "outside": (), "unknown": ("none-unknown",)}[where]
    return told.section("transfers", (where, *(("providers",) if write.said["outside"] else leaves), "host"))


def retentions(write: Writer, policy: Policy) -> list[Fact]:
    """The lawful end of each queue's calls."""
    return [
        Fact(queue.name, called(queue, write.language), kept_for(policy, queue, write.language))
        for queue in policy.queues
    ]
