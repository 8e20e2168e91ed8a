"""The letter that answers a data subject's request, whichever right was exercised (GDPR, art. 12, 15 to 22).

It says what was asked and when it was received, what was done or why not, and where to complain (art. 12(4), 77 and
79); for access all of art. 15(1)(a) to (h) and 15(2) as well, in the words of the notice. Nobody's name is in it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime

from chalicelib.law.document import Document, Fact, Section, Writer, in_words, listed
from chalicelib.law.notice import BESIDE, notice, notice_for_employees
from chalicelib.law.policy import Policy
from chalicelib.law.request import Request, Right, Status, Told
from chalicelib.law.shown import called, contact, writer
from chalicelib.law.summary import HANDED_OVER, CallSaid, Summary
from chalicelib.law.texts import texts
from chalicelib.model import ENDS, Finding, State

REFUSALS = ("unfounded", "excessive", "compelling-ground", "duty", "legal-claim", "not-theirs", "others-rights")
"""Why a request may be refused (art. 12(2), 12(5), 15(4), 17(3) and 21(1))."""

CODES = (
    "recordings-erased", "objects-erased", "facts-erased", "links-erased", "packages-erased", "provider-asked",
    "provider-keeps", "tombstone", "kept-duty", "kept-claim", "kept-proof", "nothing-found",
    "kept-restricted", *(f"refused-{ground}" for ground in REFUSALS),
    "recordings-restricted", "restricted-already", "aside-not-restricted", "recorded-no-more", "recorded-under-duty",
    "objection-known", "recordings-copied", "voice-masked", "words-only", "withheld", "not-portable", "rectified",
    "statement-kept", "nothing-corrected", "audio-not-edited", "muted-again", "quarantined-not-copied",
    "not-heard-yet", "ended-before", "erased-since",
)  # fmt: skip
"""What `Request.told` may say, each a sentence in both languages. Those that name a source (`{source}`) are given a
text's citation, a provider's name or an ISO day: `recordings-restricted` the hold's last day, `aside-not-restricted`
and `quarantined-not-copied` the day by which it is deleted, `objection-known` that of the objection.
"""

HANDING_OVER = (Right.ACCESS, Right.PORTABILITY)
"""Rights by which a person is given a copy."""

_OF_THE_NOTICE = ("purposes", "data", "recipients", "transfers", "retention", "rights", "automated")
"""Art. 15(1)(a), (b) and (g), (c), 15(2), (d), (e), (h); (f) stands with the remedies of every answer."""


def answer(policy: Policy, request: Request, summary: Summary, language: str, region: str | None = None) -> Document:
    """The letter in `fr` or `en`; `region` is AWS's, None where nobody knows it."""
    write = writer("answer", policy, language)
    sections = [_request(write, request), _outcome(write, request)]
    granted = request.state is not Status.REFUSED
    if granted and request.right in HANDING_OVER:
        sections += _found(write, policy, summary)
    if granted and request.right is Right.ACCESS:
        told = notice_for_employees if summary.is_agent else notice
        said = {section.id: section for section in told(policy, language, region).sections}
        sections += [_elsewhere(said[each]) for each in _OF_THE_NOTICE]
    sections += [
        write.section("remedies", ("write", "authority", "court")),
        contact(write, "controller", policy.controller),
        contact(write, "dpo", policy.dpo),
    ]
    title = write.word("document", request.right)
    return Document("answer", language, policy.version, title, tuple(sections))


def _elsewhere(section: Section) -> Section:
    """What the notice says, where it is no page of this site: without a link that leads beside it."""
    return replace(section, facts=tuple(fact for fact in section.facts if fact.value != BESIDE))


def told_in_words(told: Told, language: str) -> str:
    """One thing that was done, or not done, in a sentence."""
    words = texts(language)["answer"]
    text = str(words["told"][told.code][told.count > 1])
    said = text.format(count=told.count, source=_source(told.source, language))
    return str(words["outcome"]["of"]).format(what=said, recording=told.recording) if told.recording else said


def _source(source: str, language: str) -> str:
    """An article as it is cited; a day in words."""
    try:
        return in_words(date.fromisoformat(source), language)
    except ValueError:
        return source


def _request(write: Writer, request: Request) -> Section:
    facts = [
        _fact(write, "right", write.word("right", request.right)),
        _fact(write, "received", in_words(request.received_on, write.language)),
        _fact(write, "reference", request.id),
    ]
    said = write.section("request", ("extended",) if request.extended else (), facts)
    if not request.reasons or _refused_for(request):
        return said
    return replace(said, text=(*said.text, write.word("request", "reasons", reasons=request.reasons)))


def _outcome(write: Writer, request: Request) -> Section:
    refused = [write.word("outcome", "refused")] if request.state is Status.REFUSED else []
    reasons = [write.word("outcome", "reasons", reasons=_refused_for(request))] if _refused_for(request) else []
    said = [*refused, *reasons, *(told_in_words(told, write.language) for told in request.told)]
    title = write.word("outcome", "title")
    return Section("outcome", title, tuple(said or [write.word("outcome", "none")]))


def _refused_for(request: Request) -> str:
    """The reasons that the DPO refused it for; those of an extension stand in the same field where nobody did."""
    by_the_dpo = all(told.code.startswith("refused-") for told in request.told)
    return request.reasons if request.state is Status.REFUSED and by_the_dpo else ""


def _found(write: Writer, policy: Policy, summary: Summary) -> Iterator[Section]:
    """What was found, and what of it is enclosed."""
    if summary.calls:
        parts = [_call(write, policy, number, said) for number, said in enumerate(summary.calls, 1)]
        heard = any(said.heard for said in summary.calls)
        yield write.section("calls", ("employee",) if heard else (), parts=parts)
    if summary.is_agent:
        counts = {"switch": summary.switched_off, "acknowledged": summary.acknowledged}
        counts |= {"evaluations": summary.evaluations}
        said = tuple(write.word("agent", key, count=str(count)) for key, count in counts.items())
        yield Section("agent", write.word("agent", "title"), said)
    enclosed = any(said.copy in HANDED_OVER for said in summary.calls)
    yield write.section("files", ("list",) if enclosed else ("list", "none"))


def _call(write: Writer, policy: Policy, number: int, said: CallSaid) -> Section:
    return Section(
        f"call-{number}", write.word("calls", "call", number=str(number)), facts=tuple(_facts(write, policy, said))
    )


def _facts(write: Writer, policy: Policy, said: CallSaid) -> Iterator[Fact]:
    recording, language = said.recording, write.language
    when = moment(said.at, policy, language) if said.at else write.word("calls", "unknown")
    yield _fact(write, "at", when)
    queue = policy.queue(said.queue)
    yield _fact(write, "queue", called(queue, language) if queue else write.word("calls", "unknown"))
    yield _fact(write, "record", write.word("state", recording.state if recording else "none"))
    if why := texts(language)["ground"].get(said.why):
        yield _fact(write, "why", why)
    if recording is None:
        return
    if recording.duration_ms:
        yield _fact(write, "duration", duration(recording.duration_ms))
    if recording.muted:
        yield _fact(write, "muted", _muted(write, recording.muted))
    if recording.state not in ENDS:
        heard = [_heard(write, policy, each.at, each.purpose) for each in said.heard]
        yield _fact(write, "heard", " ; ".join(heard) or write.word("calls", "nobody"))
        yield from _kept(write, said)
    if said.copy:
        yield _fact(write, "copy", write.word("copy", said.copy, name=said.name))


def _kept(write: Writer, said: CallSaid) -> Iterator[Fact]:
    recording = said.recording
    assert recording is not None
    last = recording.due_on if recording.state is State.QUARANTINED else recording.last_day
    if last is None:
        return
    day = in_words(last, write.language)
    if recording.hold:
        day = write.word("calls", "held", day=day, held=in_words(recording.hold.until, write.language))
    yield _fact(write, "kept", day)


def _heard(write: Writer, policy: Policy, at: datetime, purpose: str) -> str:
    known = texts(write.language)["answer"]["purpose"]
    said = known.get(purpose, known["other"])
    return write.word("calls", "heard", day=moment(at, policy, write.language), purpose=said)


def _muted(write: Writer, muted: tuple[Finding, ...]) -> str:
    """Which kinds and how long, never the digits; both voices' together."""
    kinds = texts(write.language)["answer"]["kind"]
    lengths: dict[str, int] = {}
    for finding in muted:
        kind = str(kinds.get(finding.kind, kinds["other"]))
        lengths[kind] = lengths.get(kind, 0) + finding.span.end_ms - finding.span.start_ms
    said = [
        write.word("calls", "muted", kind=kind, seconds=str(max(1, round(ms / 1000)))) for kind, ms in lengths.items()
    ]
    return listed(said, write.language)


def _fact(write: Writer, key: str, value: str) -> Fact:
    return Fact(key, str(texts(write.language)["answer"]["label"][key]), value)


def moment(at: datetime, policy: Policy, language: str) -> str:
    """A moment in the controller's zone: `24 novembre 2026 à 9 h 30`, `24 November 2026 at 09:30`."""
    local = at.astimezone(policy.zone)
    hour = f"{local.hour} h {local.minute:02d}" if language == "fr" else f"{local:%H:%M}"
    return str(texts(language)["answer"]["calls"]["day"]).format(day=in_words(local.date(), language), hour=hour)


def duration(ms: int) -> str:
    """A length: `3 min 20 s`."""
    minutes, seconds = divmod(round(ms / 1000), 60)
    return f"{minutes} min {seconds} s" if minutes else f"{seconds} s"
