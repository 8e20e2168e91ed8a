"""The controller's record of this processing (GDPR, art. 30(1)(a) to (g)), and what the CNIL asks to find beside it."""

from __future__ import annotations

from chalicelib.law.document import Document, Section, Writer, in_words
from chalicelib.law.policy import Policy
from chalicelib.law.shown import contact, dpo, providers, queues, recipients, retentions, transfers, writer

PERSONS = ("callers", "employees", "others")
DATA = (
    "sound",
    "transcript",
    "circumstances",
    "told",
    "objections",
    "opposed",
    "payments",
    "switches",
    "analyses",
    "access_log",
    "acknowledgements",
    "indexed",
    "requests",
    "not-sought",
)
ENDS = (
    "unredacted",
    "quarantine",
    "told",
    "switches",
    "analyses",
    "exports",
    "access_log",
    "acknowledgements",
    "indexed",
    "requests",
    "opposed",
    "ledger",
    "hold",
)
MEASURES = (
    "encryption",
    "transport",
    "closed",
    "opaque",
    "redaction",
    "verified",
    "deletion",
    "quarantine",
    "ledger",
    "roles",
    "access_log",
    "logs",
    "minimal",
)


def register(policy: Policy, language: str, region: str | None = None) -> Document:
    """The entry, in `fr` or `en`; each section says which letter of art. 30(1) it answers."""
    write = writer("register", policy, language)
    others = write.facts_of("recipients", ("host", *providers(write), "authorities"))
    heard = write.fact("dpo", write.word("recipients", dpo(policy)))
    sections = (
        contact(write, "controller", policy.controller, "joint"),
        contact(write, "dpo", policy.dpo),
        write.section("purposes", parts=queues(write, policy)),
        write.section("persons", facts=write.facts_of("persons", PERSONS)),
        write.section("data", facts=write.facts_of("data", DATA)),
        write.section("recipients", facts=[recipients(write, policy, "own"), heard, *others]),
        transfers(write, region),
        write.section("retention", ("clock",), [*retentions(write, policy), *write.facts_of("retention", ENDS)]),
        write.section("measures", facts=write.facts_of("measures", MEASURES)),
        _beside(write, policy),
    )
    return Document("register", language, policy.version, write.word("document", "title"), sections)


def _beside(write: Writer, policy: Policy) -> Section:
    """What art. 30 does not ask for and an inspection does. Of lines never recorded the number, not the numbers."""
    day = in_words(policy.staff.works_council_consulted_on, write.language)
    lines = len(policy.never_recorded)
    told = Writer(write.family, write.language, write.said | {"day": day, "lines": str(lines)})
    keys = ("council", "representatives", "screens", "impact")
    return told.section("beside", facts=told.facts_of("beside", keys))
