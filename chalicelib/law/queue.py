"""A policy's queues: what their calls are recorded for, and under which of the three regimes."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    model_validator,
)

from chalicelib.law.parts import Citation, Name, Part, Reason, Texts, listed, refuse
from chalicelib.law.period import SIX_MONTHS, Period

_SMALLEST_SHARE, _LARGEST_SHARE = Decimal("0.001"), Decimal(50)


class Purpose(StrEnum):
    """What a call may be recorded for (CNIL; FACTS 1.1 to 1.3), each with conditions of its own."""

    TRAINING = "training"
    EVALUATION = "evaluation"
    SERVICE_QUALITY = "service-quality"
    CONTRACT_PROOF = "contract-proof"
    LEGAL_DUTY = "legal-duty"


class Need(StrEnum):
    """What the DPO listens for, and nobody else: none of it is a purpose that calls are recorded for."""

    REQUEST = "request"  # a data subject's (GDPR, art. 12 to 22)
    CLAIM = "claim"  # art. 17(3)(e)
    INSPECTION = "inspection"  # art. 31
    VERIFICATION = "verification"  # of what was muted (art. 32(1)(d))


class Ceiling(Part):
    """At most so many calls of one agent each day, week (ISO) or month."""

    calls: int = Field(ge=1, le=1000)
    each: Literal["day", "week", "month"]


class Duty(Part):
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


def _need(value: Any) -> Any:
    if not isinstance(value, str) or value not in set(Need):
        refuse("unknown-need", purpose=str(value)[:40], known=", ".join(Need))
    return Need(value)


Share = Annotated[Decimal, BeforeValidator(_share)]
Purposes = Annotated[tuple[Annotated[Purpose, BeforeValidator(_purpose)], ...], BeforeValidator(listed)]


Needs = Annotated[tuple[Annotated[Need, BeforeValidator(_need)], ...], BeforeValidator(listed)]


class Listening(Part):
    """Which role may hear recordings, and for what (FACTS 1.1, 1.3); `law/listening.py` says which recordings.

    Nobody but the DPO hears the calls of a duty, or proofs of contracts, unless the policy grants `legal-duty` or
    `contract-proof` here: listening is the compliance officer's, or needs their agreement (RG AMF, art. 321-73).
    """

    supervisor: Purposes = (Purpose.TRAINING, Purpose.EVALUATION, Purpose.SERVICE_QUALITY)
    agent: Purposes = (Purpose.TRAINING,)
    dpo: Needs = tuple(Need)


class Queue(Part):
    """A queue or line, and what its calls are recorded for."""

    name: Name
    former_names: Texts = ()
    called: Texts = ()
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
