"""The small tables of a policy, and what all its tables share. Each that breaks a rule is refused under a code."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Any, Literal, NoReturn, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError

from chalicelib.law.period import Period

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=2000)]
NAME, EMAIL, KEY = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,39}$", r"^[^@\s]+@[^@\s]+\.[^@\s]+$", r"^[0-9*#]$"
Name = Annotated[str, StringConstraints(pattern=NAME)]
Email = Annotated[str, StringConstraints(pattern=EMAIL)]

Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
OwnNumber = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True,
        pattern=r"^(?:[+0](?:[ ().\-/]*[0-9]){3,15}|[+0](?:[ .\-/]*[0-9]){3,14} *\*|[^@\s]+@[^@\s]+\.[^@\s]+)$",
    ),
]
"""A number with its country's code or as dialled at home, four digits of one and `*`, or an e-mail address: what could
not be read would lead to somebody's calls.
"""

TEXT_COUNTRIES = (
    "AT", "AX", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU", "IE", "IS", "IT", "LI",
    "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK", "AD", "CH", "GB", "MC", "BL", "GF", "GP",
    "MF", "MQ", "PM", "RE", "YT",
)  # fmt: skip
"""The European Economic Area, its neighbours, and France overseas but in the Pacific (ISO 3166-1)."""

HEARD = ("fr", "en", "es", "de", "it", "pt", "nl")
"""Primary subtags of the languages that bank data is found in; in any other it would stay audible."""

SAYS_RECORDING = {
    "fr": "enregistr",
    "en": "record",
    "es": "graba",
    "de": "aufgezeichnet|aufzeich",
    "it": "registr",
    "pt": "grava",
    "nl": "opgenomen|opnem",
}
"""What an announcement that says that a call is recorded has in it."""

PROVIDERS = {
    "aircall": "Aircall",
    "connect": "Amazon Connect",
    "dialpad": "Dialpad",
    "genesys": "Genesys Cloud",
    "ringcentral": "RingCentral",
    "ringover": "Ringover",
    "twilio": "Twilio",
    "vonage": "Vonage",
    "zoom": "Zoom Phone",
}
"""Sources that are telephony providers, as people call them: they process the calls for the controller (art. 28)."""

OUTSIDE = ("dialpad", "genesys", "ringcentral", "twilio", "vonage", "zoom")
"""Those established outside the Union. Where Amazon Connect runs is a choice of the controller's: it is AWS."""

DELETABLE = ("twilio",)
"""Sources at which a recording can be deleted: no other provider's way to is known (FACTS 2.1)."""

KEEP_COPIES = ("aircall", "dialpad", "ringcentral", "ringover", "standard", "twilio", "vonage", "zoom")
"""Sources that record by themselves, and of which we fetch a copy: their own stays, whatever becomes of ours."""

_LEAST_REASON, _LEAST_CITATION = 20, 8


def listed(value: Any) -> Any:
    """TOML's arrays as tuples: a policy is frozen to its leaves."""
    return tuple(value) if isinstance(value, list) else value


Texts = Annotated[tuple[Text, ...], BeforeValidator(listed)]


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


class Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Contact(Part):
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


class Staff(Part):
    """How the staff was told (labour code, art. L. 2312-38 and L. 1222-4)."""

    works_council_consulted_on: date
    recorded_periods: Text


class Objection(Part):
    """How a caller refuses, and whether what was said before may stay."""

    key: Annotated[str, StringConstraints(pattern=KEY)]
    keeps: Literal["nothing", "before"] = "nothing"


class Announcement(Part):
    """What is said before anything is recorded; `audio` is a file beside the policy, Amazon Polly's voice otherwise."""

    text: Annotated[Text, StringConstraints(min_length=40)]
    audio: Text | None = None


class Source(Part):
    """What a telephone system is trusted with where it says nothing of a call.

    With `delete_there` a recording that was fetched is deleted at its provider, where a way to is known (`DELETABLE`):
    a copy there would outlive ours.
    """

    announces: bool = False
    queue: Name | None = None
    language: Name | None = None
    delete_there: bool = False


class Screens(Part):
    """Screens and calls: never together (CNIL, 17 September 2019)."""

    video: Literal["delete"] = "delete"
    stills: bool = False

    @field_validator("stills")
    @classmethod
    def _without_stills(cls, stills: bool) -> bool:
        if stills:
            refuse("stills")
        return stills


class Requests(Part):
    """How data subjects' requests are answered (GDPR, art. 12 to 22).

    `release`: whether what a person asked for is done once they proved who they are, or once the DPO has said so as
    well; a restriction and an objection hold at once either way. `second_fact`: what has to fit besides the code (art.
    12(6)): the day of one of the calls; what does not fit leaves it to the DPO. `other_voice`: whether the other party
    stays audible in a copy (art. 15(4)). `country` is where national telephone numbers are at home, ISO 3166;
    `text_countries` are those to whose numbers text messages are sent, as each costs, and some much. `own_numbers` are
    the controller's, which lead to nobody: with `*`, every number that begins so.
    """

    release: Literal["dpo", "automatic"] = "dpo"
    second_fact: Literal["none", "day"] = "none"
    other_voice: Literal["kept", "masked"] = "kept"
    vcon: bool = False
    country: Country = "FR"
    text_countries: Annotated[tuple[Country, ...], BeforeValidator(listed)] = TEXT_COUNTRIES
    own_numbers: Annotated[tuple[OwnNumber, ...], BeforeValidator(listed)] = ()
    page: Annotated[str, StringConstraints(pattern=r"^https://[\x21-\x7e]{1,300}$")] | None = None


def _most(longest: Period, code: str) -> Any:
    def check(period: Period) -> Period:
        if not period.is_within(longest):
            refuse(code)
        return period

    return field_validator(code)(check)


class Keeping(Part):
    """How long whatever is not a call's redacted sound is kept (FACTS 1.1, 1.5)."""

    quarantine: Period = Period(days=30)
    analyses: Period = Period(months=12)
    exports: Period = Period(days=7)
    access_log: Period = Period(months=12)
    requests: Period = Period(years=5)
    hold: Period

    _quarantine = _most(Period(days=30), "quarantine")
    _analyses = _most(Period(years=1), "analyses")
    _exports = _most(Period(days=7), "exports")
    _hold = _most(Period(years=5), "hold")
    _requests = _most(Period(years=6), "requests")

    @field_validator("access_log")
    @classmethod
    def _is_an_access_log(cls, period: Period) -> Period:
        if not (Period(months=6).is_within(period) and period.is_within(Period(years=1))):
            refuse("access_log")
        return period
