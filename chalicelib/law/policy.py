"""The controller's policy: what `infra/policy.toml` may say. A policy that breaks a rule cannot be made.

Every refusal carries a code; `law/texts` says it in French and in English, with its source and its remedy.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    BeforeValidator,
    ConfigDict,
    Field,
    model_validator,
)

from chalicelib.law.deadlines import REGIONS
from chalicelib.law.parts import (
    DELETABLE,
    HEARD,
    SAYS_RECORDING,
    Announcement,
    Contact,
    Keeping,
    Name,
    Objection,
    Part,
    Requests,
    Screens,
    Source,
    Staff,
    Texts,
    listed,
    primary,
    refuse,
)
from chalicelib.law.queue import Duty, Listening, Queue


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


class Policy(Part):
    """All of it, lawful. Raises pydantic's ValidationError otherwise; `load` turns that into ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, arbitrary_types_allowed=True)

    version: Name
    zone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    holidays: Annotated[str, BeforeValidator(_region)] = "mainland"
    languages: Annotated[tuple[Name, ...], BeforeValidator(listed)] = Field(min_length=1)
    controller: Contact
    dpo: Contact
    staff: Staff
    objection: Objection
    announcement: dict[str, Announcement]
    queues: Annotated[tuple[Queue, ...], BeforeValidator(listed)] = Field(min_length=1)
    duties: dict[Name, Duty] = Field(default_factory=dict)
    sources: dict[str, Source] = Field(default_factory=dict)
    screens: Screens = Screens()
    never_recorded: Texts = ()
    listening: Listening = Listening()
    requests: Requests = Requests()
    keeping: Keeping

    def queue(self, name: str | None) -> Queue | None:
        """The queue that is called so, here or by telephony, or was, or None."""
        return next((queue for queue in self.queues if name in (queue.name, *queue.former_names, *queue.called)), None)

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

    @model_validator(mode="after")
    def _holds_together(self) -> Self:
        self._announced()
        names = [queue.name for queue in self.queues]
        taken: set[str] = set()
        for number, queue in enumerate(self.queues):
            own = {queue.name, *queue.former_names, *queue.called}
            if twice := sorted(own & taken):
                refuse("two-queues", f"queues.{number}.name", queue=twice[0])
            taken |= own
            if queue.duty and queue.duty not in self.duties:
                refuse("unknown-duty", f"queues.{number}.duty", queue=queue.name, duty=queue.duty)
        for name, source in self.sources.items():
            if source.queue and source.queue not in names:
                refuse("unknown-queue", f"sources.{name}.queue", queue=source.queue)
            if source.language and source.language not in self.languages:
                refuse("source-language", f"sources.{name}.language", language=source.language)
            if source.delete_there and name not in DELETABLE:
                refuse("cannot-delete-there", f"sources.{name}.delete_there", source=name, known=", ".join(DELETABLE))
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
            if not re.search(SAYS_RECORDING.get(primary(language), ""), announcement.text, re.IGNORECASE):
                refuse("no-recording-said", f"announcement.{language}.text")
