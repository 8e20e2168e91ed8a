"""What callers and employees are told before they are recorded (GDPR, art. 12 to 14, 21(4) and 22; FACTS 1.1).

The announcement says the most important of it on the telephone; this is the second layer, with everything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.law.document import Document, Fact, Section, Writer, in_words
from chalicelib.law.policy import Policy
from chalicelib.law.queue import Purpose
from chalicelib.law.shown import contact, dpo, own_words, providers, queues, recipients, retentions, transfers, writer

RIGHTS = ("access", "rectification", "erasure", "restriction")
"""Whatever the legal basis; the others depend on it."""

BESIDE = "requests"
"""The page of requests as a link from the notice's own: both are served under one address."""


def notice(policy: Policy, language: str, region: str | None = None) -> Document:
    """For callers, in `fr` or `en`."""
    write = writer("notice", policy, language)
    kept = [*retentions(write, policy), *_lengths(write), *write.facts_of("retention", ("opposed",))]
    sections = (
        write.section("summary", _summary(policy)),
        write.section("refuse", _refusals(policy)),
        *_who(write, policy),
        write.section("purposes", ("callers", "nothing-else"), parts=queues(write, policy)),
        write.section("data", ("callers", "told", "indexed", "opposed", "source", "bank", "quarantine", "screens")),
        _recipients(write, policy, "callers"),
        transfers(write, region),
        write.section("retention", ("clock", "hold", "trace"), kept),
        *_rights(write, policy, "code", write.fact("page", policy.requests.page or BESIDE)),
    )
    return Document("notice", language, policy.version, write.word("document", "callers"), sections)


def notice_for_employees(policy: Policy, language: str, region: str | None = None) -> Document:
    """For those who are recorded at work, besides what callers are told (labour code, art. L. 1222-4)."""
    write = writer("notice", policy, language)
    beside = ("switches", "analyses", "access_log") if _evaluates(policy) else ("switches", "access_log")
    kept = [*retentions(write, policy), *_lengths(write), *write.facts_of("retention", beside)]
    sections = (
        write.section("summary", ("employees", "bank")),
        write.section("switch", _switches(policy)),
        *_who(write, policy),
        write.section("purposes", ("employees", "nothing-else"), parts=queues(write, policy)),
        _periods(write, policy),
        write.section("analyses", _analyses(policy)),
        write.section("data", ("employees", "told", "switches", "source", "bank", "quarantine", "screens")),
        _recipients(write, policy, "employees", "log"),
        transfers(write, region),
        write.section("retention", ("clock", "hold", "trace"), kept),
        *_rights(write, policy, "account"),
        write.section("acknowledgement", ("kept", "no-consent")),
    )
    return Document("notice-employees", language, policy.version, write.word("document", "employees"), sections)


def _who(write: Writer, policy: Policy) -> tuple[Section, Section]:
    return contact(write, "controller", policy.controller), contact(write, "dpo", policy.dpo, "everybody")


def _summary(policy: Policy) -> Iterator[str]:
    yield "callers"
    if not _may_be_silent(policy):
        yield "announced"
    yield "bank"


def _may_be_silent(policy: Policy) -> bool:
    """Whether a duty spares the announcement of some calls."""
    return any(not duty.announced for duty in map(policy.duty, policy.queues) if duty)


def _refusals(policy: Policy) -> Iterator[str]:
    """How to refuse, apart from everything else (art. 21(4)); a duty to record cannot be refused."""
    bound = [policy.binds(queue) for queue in policy.queues]
    if not all(bound):
        yield from ("how", policy.objection.keeps, "later")
    if any(bound):
        yield "duty"
    if _may_be_silent(policy):
        yield "silent"


def _switches(policy: Policy) -> Iterator[str]:
    yield from ("how", "personal", "mandate", policy.objection.keeps)
    if any(policy.binds(queue) for queue in policy.queues):
        yield "duty"


def _periods(write: Writer, policy: Policy) -> Section:
    """When, and that the works council was heard (labour code, art. L. 2312-38)."""
    day = in_words(policy.staff.works_council_consulted_on, write.language)
    said = [write.word("periods", "council", day=day)]
    if any(queue.kind == "quality" for queue in policy.queues):
        said.append(write.word("periods", "not-always"))
    own = own_words(write, policy, "periods", [policy.staff.recorded_periods])
    return Section("periods", write.word("periods", "title"), tuple(said), (own,))


def _analyses(policy: Policy) -> Iterator[str]:
    yield from ("evaluation", "content", "kept") if _evaluates(policy) else ("no-evaluation",)


def _evaluates(policy: Policy) -> bool:
    return any(Purpose.EVALUATION in queue.purposes for queue in policy.queues)


def _lengths(write: Writer) -> list[Fact]:
    """What ends whatever the queue."""
    return list(write.facts_of("retention", ("unredacted", "quarantine", "told", "exports", "requests")))


def _recipients(write: Writer, policy: Policy, *keys: str) -> Section:
    said = (*keys, dpo(policy), "host", *providers(write), "nobody")
    return write.section("recipients", said, [recipients(write, policy)])


def _rights(write: Writer, policy: Policy, asking: str, *ways: Fact) -> tuple[Section, Section, Section]:
    """Rights, complaint and machines (art. 13(2)(b) to (d) and (f)); `asking` and `ways` are how but by letter."""
    bases = {queue.legal_basis for queue in policy.queues}
    rights = list(RIGHTS)
    rights += ["objection"] if bases & {"6(1)(e)", "6(1)(f)"} else []
    rights += ["portability"] if bases & {"6(1)(a)", "6(1)(b)"} else []
    rights += ["withdrawal"] if "6(1)(a)" in bases else []

    facts = (*ways, *write.facts_of("rights", [*rights, "directives"]))
    return (
        write.section("rights", ("how", asking, "find", "answer"), facts),
        write.section("complaint", ("text",), write.facts_of("complaint", ("authority", "address", "website"))),
        write.section("automated", ("text",)),
    )
