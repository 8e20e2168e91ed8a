"""The environment, read once into a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.errors import InvalidSettings

_LONGEST_PAYMENT_MS = 900_000
"""What a queue can delay a message by (SQS)."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How one deployment behaves. Days are calendar days; times are milliseconds.

    `strict` mutes every number of nine digits or more, whatever it is; `menu_keys` leaves a key that is pressed alone,
    a choice in a menu, audible; `tone` puts a soft beep where something was muted, in the formats that can hold one.
    `cut_margin_ms` widens a cut on both sides: clocks differ. A payment that nobody ends is over after
    `payment_limit_ms`. One telephone number or address is sent `codes_an_hour` codes, one source address makes
    `requests_an_hour` requests and has `codes_an_hour_of_one_source` codes sent, and all of them together have
    `messages_a_day` messages sent, half of them by text and half by e-mail: messages cost, and some numbers pay whoever
    has one sent there. What the law decides is the policy's (`law/policy.py`).
    """

    raw_days: int = 2
    padding_ms: int = 800
    strict: bool = False
    menu_keys: bool = False
    tone: bool = False
    cut_margin_ms: int = 2_000
    max_duration_ms: int = 4 * 3_600_000
    sweep_at_once: int = 16
    payment_limit_ms: int = 600_000
    codes_an_hour: int = 3
    codes_an_hour_of_one_source: int = 30
    requests_an_hour: int = 10
    messages_a_day: int = 500
    public_url: str = ""
    region: str | None = None

    def __post_init__(self) -> None:
        if min(self.raw_days, self.sweep_at_once) < 1:
            raise InvalidSettings("RAW_DAYS and SWEEP_AT_ONCE are 1 or more")
        if min(self.codes_an_hour, self.codes_an_hour_of_one_source) < 1:
            raise InvalidSettings("CODES_AN_HOUR and CODES_AN_HOUR_OF_ONE_SOURCE are 1 or more")
        if min(self.requests_an_hour, self.messages_a_day) < 1:
            raise InvalidSettings("REQUESTS_AN_HOUR and MESSAGES_A_DAY are 1 or more")
        if not 1_000 <= self.payment_limit_ms <= _LONGEST_PAYMENT_MS:
            raise InvalidSettings("PAYMENT_LIMIT_MS is between a second and a quarter of an hour")


def read(environment: Mapping[str, str]) -> Settings:
    """Settings from the environment's variables, each optional. Raises InvalidSettings naming the bad one."""
    defaults = Settings()
    return Settings(
        raw_days=_whole(environment, "RAW_DAYS", defaults.raw_days),
        padding_ms=_whole(environment, "PADDING_MS", defaults.padding_ms),
        strict=_yes(environment, "STRICT", defaults.strict),
        menu_keys=_yes(environment, "MENU_KEYS", defaults.menu_keys),
        tone=_yes(environment, "TONE", defaults.tone),
        cut_margin_ms=_whole(environment, "CUT_MARGIN_MS", defaults.cut_margin_ms),
        max_duration_ms=_whole(environment, "MAX_DURATION_MS", defaults.max_duration_ms),
        payment_limit_ms=_whole(environment, "PAYMENT_LIMIT_MS", defaults.payment_limit_ms),
        codes_an_hour=_whole(environment, "CODES_AN_HOUR", defaults.codes_an_hour),
        codes_an_hour_of_one_source=_whole(
            environment, "CODES_AN_HOUR_OF_ONE_SOURCE", defaults.codes_an_hour_of_one_source
        ),
        requests_an_hour=_whole(environment, "REQUESTS_AN_HOUR", defaults.requests_an_hour),
        messages_a_day=_whole(environment, "MESSAGES_A_DAY", defaults.messages_a_day),
        region=environment.get("AWS_REGION"),
        public_url=environment.get("PUBLIC_URL", "").rstrip("/"),
        sweep_at_once=_whole(environment, "SWEEP_AT_ONCE", defaults.sweep_at_once),
    )


def _whole(environment: Mapping[str, str], name: str, default: int) -> int:
    text = environment.get(name, str(default))
    if not text.isdecimal():
        raise InvalidSettings(f"{name} is a whole number, not {text!r}")
    return int(text)


def _yes(environment: Mapping[str, str], name: str, default: bool) -> bool:
    text = environment.get(name, str(default)).lower()
    if text not in ("true", "false"):
        raise InvalidSettings(f"{name} is true or false, not {text!r}")
    return text == "true"
