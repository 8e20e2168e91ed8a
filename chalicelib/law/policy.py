"""The controller's policy: what `infra/policy.toml` may say. A policy that breaks a rule cannot be made.

Every refusal carries a code; `law/texts` says it in French and in English, with its source and its remedy.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, NoReturn, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chalicelib.law.deadlines import REGIONS
from chalicelib.law.period import SIX_MONTHS, Period

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
NAME, EMAIL, KEY = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"^[0-9*#]$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Email = Annotated[str, StringConstraints(pattern=EMAIL)]

HEARD = ("fr", "en", "es", "de", "it", "pt", "nl")
"""Primary subtags of the languages that bank data is found in; in any other it would stay audible."""

_RECORDING = {
    "fr": "enregistr",
    "en": "record",
    "es": "graba",
    "de": "aufgezeichnet|aufzeich",
    "it": "registr",
    "pt": "grava",
    "nl": "opgenomen|opnem",
}
"""What an announcement that says that a call is recorded has in it."""

_LEAST_REASON, _LEAST_CITATION = 20, 8
_SMALLEST_SHARE, _LARGEST_SHARE = Decimal("0.001"), Decimal(50)


def _listed(value: Any) -> Any:
    """TOML's arrays as tuples: a policy is frozen to its leaves."""
    return tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(_listed)]


def refuse(code: str, key: str = "", **said: Any) -> NoReturn:
    """Refuse the policy under a code of `law/texts`; `key` is what is wrong in the table at hand."""
    raise PydanticCustomError(code, code, {"key": key, **said})


def _reason(text: str) -> str:
    """People read why they are recorded: a word is no reason (GDPR, art. 12(1))."""
    if len(text) < _LEAST_REASON:
        refuse("too-short", least=_LEAST_REASON)
    return text


def _citation(text: str) -> str:
    """A text that obliges is cited, so that somebody can look it up: an article and a number."""
    if len(text) < _LEAST_CITATION or not re.search(r"[^\W\d_]", text) or not re.search(r"\d", text):
        refuse("no-source")
    return text


Reason = Annotated[Text, AfterValidator(_reason)]
Citation = Annotated[Text, AfterValidator(_citation)]


def primary(language: str) -> str:
    """The language of a tag without its country: `fr` of `fr-FR`."""
    return language.partition("-")[0].lower()


class Purpose(StrEnum):
    """What a call may be recorded for (CNIL; FACTS 1.1 to 1.3), each with conditions of its own."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    SERVICE_QUALITY = "service-quality"
    CONTRACT_PROOF = "contract-proof"
    LEGAL_DUTY = "legal-duty"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Contact(_Part):
    """Somebody to write to or to call (GDPR, art. 13(1)(a) and (b))."""

    name: Text
    address: Text | None = None
    email: Email | None = None
    telephone: Text | None = None

    @model_validator(mode="after")
    def _can_be_reached(self) -> Self:
        if not (self.address or self.email or self.telephone):
            refuse("no-contact", "name", name=self.name)
        return self


class Staff(_Part):
    """How the staff was told (labour code, art. L. 2312-38 and L. 1222-4)."""

    works_council_consulted_on: date
    recorded_periods: Text


class Objection(_Part):
    """How a caller refuses, and whether what was said before may stay."""

    key: Annotated[str, StringConstraints(pattern=KEY)]
    keeps: Literal["nothing", "before"] = "nothing"


class Announcement(_Part):
    """What is said before anything is recorded; `audio` is a file beside the policy, Amazon Polly's voice otherwise."""

    text: Annotated[Text, StringConstraints(min_length=40)]
    audio: Text | None = None


class Ceiling(_Part):
    """At most so many calls of one agent each day, week (ISO) or month."""

    calls: int = Field(ge=1, le=1000)
    each: Literal["day", "week", "month"]


class Duty(_Part):
    """A legal text that obliges to record: its own retention, which is then also the least (FACTS 1.3).

    `refusable` where the person's refusal ends it. With `unless_signed`, `retention` runs from the signature, and a
    call that led to none ends after that.
    """

    source: Citation
    retention: Period
    unless_signed: Period | None = None
    announced: bool = True
    refusable: bool = False


def _share(value: Any) -> Any:
    if type(value) is int:
        return Decimal(value)
    if not isinstance(value, Decimal):
        refuse("not-a-number", value=str(value)[:40])
    return value


def _purpose(value: Any) -> Any:
    if not isinstance(value, str) or value not in set(Purpose):
        refuse("unknown-purpose", purpose=str(value)[:40], known=", ".join(Purpose))
    return Purpose(value)


Share = Annotated[Decimal, BeforeValidator(_share)]
Purposes = Annotated[tuple[Annotated[Purpose, BeforeValidator(_purpose)], ...], BeforeValidator(_listed)]


class Queue(_Part):
    """A queue or line, and what its calls are recorded for."""

    name: Name
    former_names: Texts = ()
    purposes: Purposes = Field(min_length=1)
    legal_basis: Literal["6(1)(a)", "6(1)(b)", "6(1)(c)", "6(1)(d)", "6(1)(e)", "6(1)(f)"]
    recipients: Texts = Field(min_length=1)
    interest: Reason | None = None
    share_percent: Share | None = None
    ceiling: Ceiling | None = None
    retention: Period | None = None
    retention_source: Citation | None = None
    no_other_proof: Reason | None = None
    duty: Name | None = None

    @property
    def kind(self) -> Literal["quality", "proof", "duty"]:
        """Which regime its calls are under."""
        if Purpose.LEGAL_DUTY in self.purposes:
            return "duty"
        return "proof" if Purpose.CONTRACT_PROOF in self.purposes else "quality"

    @model_validator(mode="after")
    def _is_lawful(self) -> Self:
        if self.kind != "quality" and len(self.purposes) > 1:
            refuse("mixed-purposes", "purposes", queue=self.name)
        if self.legal_basis == "6(1)(f)" and not self.interest:
            refuse("no-interest", "legal_basis", queue=self.name)
        {"quality": self._quality, "proof": self._proof, "duty": self._under_duty}[self.kind]()
        return self

    def _quality(self) -> None:
        """Never systematic, six months at most (CNIL; SAN-2020-003, SAN-2023-008, SAN-2024-014)."""
        self._require_none("no_other_proof", "duty")
        if self.legal_basis not in ("6(1)(a)", "6(1)(e)", "6(1)(f)"):
            refuse("wrong-basis", "legal_basis", queue=self.name, bases="6(1)(f), 6(1)(e), 6(1)(a)")
        if self.share_percent is None or self.share_percent >= 100:
            refuse("systematic", "share_percent", queue=self.name)
        if self.share_percent > _LARGEST_SHARE:
            refuse("half", "share_percent", queue=self.name)
        if self.share_percent < _SMALLEST_SHARE:
            refuse("share-not-positive", "share_percent", queue=self.name)
        if self.ceiling is None:
            refuse("no-ceiling", "ceiling", queue=self.name)
        if self.retention is None or not self.retention.is_within(SIX_MONTHS):
            refuse("over-six-months", "retention", queue=self.name)

    def _proof(self) -> None:
        """Only where no other proof exists (CNIL, 25 April 2022; FACTS 1.2)."""
        self._require_none("share_percent", "ceiling", "duty")
        if self.legal_basis not in ("6(1)(b)", "6(1)(c)"):
            refuse("wrong-basis", "legal_basis", queue=self.name, bases="6(1)(b), 6(1)(c)")
        if not self.no_other_proof:
            refuse("other-proof", "no_other_proof", queue=self.name)
        if self.retention is None or not (self.retention_source or self.retention.is_within(SIX_MONTHS)):
            refuse("over-six-months", "retention", queue=self.name)

    def _under_duty(self) -> None:
        self._require_none("share_percent", "ceiling", "retention", "no_other_proof")
        if self.legal_basis not in ("6(1)(c)", "6(1)(d)", "6(1)(e)"):
            refuse("wrong-basis", "legal_basis", queue=self.name, bases="6(1)(c), 6(1)(e), 6(1)(d)")
        if not self.duty:
            refuse("no-duty", "duty", queue=self.name)

    def _require_none(self, *keys: str) -> None:
        for key in keys:
            if getattr(self, key) is not None:
                refuse("out-of-place", key, queue=self.name, name=key)


class Source(_Part):
    """What a telephone system is trusted with where it says nothing of a call."""

    announces: bool = False
    queue: Name | None = None


class Screens(_Part):
    """Screens and calls: never together (CNIL, 17 September 2019)."""

    video: Literal["delete"] = "delete"
    stills: bool = False

    @field_validator("stills")
    @classmethod
    def _without_stills(cls, stills: bool) -> bool:
        if stills:
            refuse("stills")
        return stills


def _most(longest: Period, code: str) -> Any:
    def check(period: Period) -> Period:
        if not period.is_within(longest):
            refuse(code)
        return period

    return field_validator(code)(check)


class Keeping(_Part):
    """How long whatever is not a call's redacted sound is kept (FACTS 1.1, 1.5)."""

    quarantine: Period = Period(days=30)
    analyses: Period = Period(months=12)
    exports: Period = Period(days=7)
    access_log: Period = Period(months=12)
    hold: Period

    _quarantine = _most(Period(days=30), "quarantine")
    _analyses = _most(Period(years=1), "analyses")
    _exports = _most(Period(days=7), "exports")
    _hold = _most(Period(years=5), "hold")

    @field_validator("access_log")
    @classmethod
    def _is_an_access_log(cls, period: Period) -> Period:
        if not (Period(months=6).is_within(period) and period.is_within(Period(years=1))):
            refuse("access_log")
        return period


def _zone(value: Any) -> Any:
    if isinstance(value, str):
        try:
            return ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            refuse("unknown-zone", zone=value)
    if not isinstance(value, ZoneInfo):
        refuse("unknown-zone", zone=str(value)[:40])
    return value


def _region(value: Any) -> Any:
    if not isinstance(value, str) or value not in REGIONS:
        refuse("unknown-region", region=str(value)[:40], known=", ".join(REGIONS))
    return value


class Policy(_Part):
    """All of it, lawful. Raises pydantic's ValidationError otherwise; `load` turns that into ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    version: Name
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    holidays: Annotated[str, BeforeValidator(_region)] = "mainland"
    languages: Annotated[tuple[Name, ...], BeforeValidator(_listed)] = Field(min_length=1)
    controller: Contact
    dpo: Contact
    staff: Staff
    objection: Objection
    announcement: dict[str, Announcement]
    queues: Annotated[tuple[Queue, ...], BeforeValidator(_listed)] = Field(min_length=1)
    duties: dict[Name, Duty] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    screens: Screens = Screens()
    never_recorded: Texts = ()
    keeping: Keeping

    def queue(self, name: str | None) -> Queue | None:
        """The queue that is called so, or was, or None."""
        return next((queue for queue in self.queues if name in (queue.name, *queue.former_names)), None)

    def source(self, name: str) -> Source:
        """What is known of a source: nothing, where the policy does not name it."""
        return self.sources.get(name, Source())

    def duty(self, queue: Queue) -> Duty | None:
        """The duty that a queue is under, or None."""
        return self.duties[queue.duty] if queue.duty else None

    def binds(self, queue: Queue) -> bool:
        """Whether a text records its calls whatever caller and agent say."""
        duty = self.duty(queue)
        return duty is not None and not duty.refusable

    def longest(self) -> Period:
        """The longest retention of any queue."""
        return max(self._retentions(), key=lambda period: period.most_days)

    def _retentions(self) -> list[Period]:
        own = [queue.retention for queue in self.queues if queue.retention]
        return own + [self.duties[queue.duty].retention for queue in self.queues if queue.duty]

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        self._announced()
        names = [queue.name for queue in self.queues]
        for number, queue in enumerate(self.queues):
            if queue.name in names[:number]:
                refuse("two-queues", f"queues.{number}.name", queue=queue.name)
            if queue.duty and queue.duty not in self.duties:
                refuse("unknown-duty", f"queues.{number}.duty", queue=queue.name, duty=queue.duty)
        for name, source in self.sources.items():
            if source.queue and source.queue not in names:
                refuse("unknown-queue", f"sources.{name}.queue", queue=source.queue)
        return self

    def _announced(self) -> None:
        for language in self.languages:
            if primary(language) not in HEARD:
                refuse("unheard-language", "languages", language=language, known=", ".join(HEARD))
            if language not in self.announcement:
                refuse("no-announcement", "languages", language=language)
        for language, announcement in self.announcement.items():
            if not re.search(rf"(?<!\d){re.escape(self.objection.key)}(?!\d)", announcement.text):
                refuse("no-way-to-refuse", f"announcement.{language}.text", key_to_press=self.objection.key)
            if not re.search(_RECORDING.get(primary(language), ""), announcement.text, re.IGNORECASE):
                refuse("no-recording-said", f"announcement.{language}.text")
