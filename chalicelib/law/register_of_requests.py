"""The month's register of requests, for the DPO: which right, how it came, when it was due and what came of it.

It shows that requests are answered, and in time (GDPR, art. 5(2), 12(3) and 24). It names nobody and leads to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date

from chalicelib.law.document import Document, Fact, Section, in_words, listed
from chalicelib.law.policy import Policy
from chalicelib.law.request import ENDED, Request, Status, due
from chalicelib.law.texts import texts


@dataclass(frozen=True, slots=True)
class Entry:
    """One request in the register. `due` is empty while an identity is awaited; `outcome` are codes of the answer."""

    reference: str
    right: str
    channel: str
    received: str
    due: str
    extended: bool
    answered: str
    state: str
    late: bool
    outcome: str

    def plain(self) -> dict[str, str | bool]:
        """By column, for JSON or CSV."""
        return {each.name: getattr(self, each.name) for each in fields(self)}


def entries(requests: Iterable[Request], policy: Policy, today: date) -> list[Entry]:
    """In the order of receipt; `today` tells what is late and not answered yet."""
    ordered = sorted(requests, key=lambda request: (request.received_on, request.id))
    return [_entry(request, policy, today) for request in ordered]


def register_of(requests: Iterable[Request], policy: Policy, month: str, language: str, today: date) -> Document:
    """The same for people; `month` as `2026-11`."""
    found, words = entries(requests, policy, today), texts(language)["month"]
    first = date.fromisoformat(f"{month}-01")
    name = in_words(first, language).partition(" ")[2]
    parts = tuple(Section(each.reference, each.reference, (), _facts(each, language)) for each in found)
    sections = [Section("summary", words["summary"]["title"], _summary(found, words["summary"]))]
    sections += [Section("requests", words["requests"]["title"], parts=parts)] if parts else []
    title = words["document"]["title"].format(month=name)
    return Document("requests", language, policy.version, title, tuple(sections))


def _entry(request: Request, policy: Policy, today: date) -> Entry:
    deadline = due(request, policy)
    answered = request.answered_on
    owed = request.state is not Status.LAPSED and deadline is not None
    until = answered if answered else deadline.due_on if deadline and request.state in ENDED else today
    return Entry(
        reference=request.id,
        right=request.right,
        channel=request.channel,
        received=request.received_on.isoformat(),
        due=deadline.due_on.isoformat() if deadline else "",
        extended=request.extended,
        answered=answered.isoformat() if answered else "",
        state=request.state,
        late=bool(owed and deadline and until > deadline.due_on),
        outcome=" ".join(dict.fromkeys(told.code for told in request.told)),
    )


def _summary(found: list[Entry], words: dict[str, list[str]]) -> tuple[str, ...]:
    late = sum(each.late for each in found)
    if not found:
        return (str(words["none"]),)
    said = words["count"][len(found) > 1].format(count=len(found))
    return (said, words["late"][late > 1].format(count=late)) if late else (said,)


def _facts(entry: Entry, language: str) -> tuple[Fact, ...]:
    words, general = texts(language)["month"], texts(language)["word"]
    yes = {True: general["yes"], False: general["no"]}
    said = {
        "right": texts(language)["answer"]["right"][entry.right],
        "channel": words["channel"][entry.channel],
        "received": _day(entry.received, language),
        "due": _day(entry.due, language) or words["due"]["suspended"],
        "extended": yes[entry.extended],
        "answered": _day(entry.answered, language),
        "state": words["state"][entry.state],
        "late": yes[entry.late],
        "outcome": listed(entry.outcome.split(), language),
    }
    return tuple(Fact(key, words["label"][key], value) for key, value in said.items() if value)


def _day(iso: str, language: str) -> str:
    return in_words(date.fromisoformat(iso), language) if iso else ""
