"""Telephone numbers and e-mail addresses in one form each (E.164; RFC 3966, RFC 6068)."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers

_EMAIL = re.compile(r"[^@\s\x00-\x1f]{1,64}@[^@\s.\x00-\x1f][^@\s\x00-\x1f]{0,252}\.[^@\s.\x00-\x1f]{2,63}")
_DIGITS = re.compile(r"\d")
_SCHEMES = ("tel:", "sip:", "sips:")
_LEAST_DIGITS = 6
"""What is shorter is an extension of the controller's own, or a service."""


def address(text: str, country: str) -> str | None:
    """`tel:+33639981234` or `mailto:…` of what somebody wrote; None for what is neither.

    `country` is where a number without its country's code is at home (ISO 3166-1, two letters). Addresses are taken as
    one whatever their capitals: two mailboxes that differ by those alone are unheard of.
    """
    text = text.strip()
    if "@" in text and not text.startswith(_SCHEMES):
        return f"mailto:{text.casefold()}" if _EMAIL.fullmatch(text) and text.isprintable() else None
    number = e164(text, country)
    return f"tel:{number}" if number else None


def e164(text: str, country: str) -> str | None:
    """`+33639981234` of a number however it is written, None for what is no number that somebody has."""
    for scheme in _SCHEMES:
        text = text.removeprefix(scheme)
    text = text.partition("@")[0].partition(";")[0].strip()
    if not text.isprintable() or len(text) > 40 or len(_DIGITS.findall(text)) < _LEAST_DIGITS:
        return None
    for written in (text, f"+{text}"):  # some providers leave the plus out
        try:
            found = phonenumbers.parse(written, country)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_possible_number(found):  # by its length: ranges are opened faster than tables follow
            return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
    return None


def addresses(lines: Iterable[str], country: str, own: Iterable[str] = ()) -> tuple[str, ...]:
    """Those of a call's lines that lead to a person: neither extensions nor the controller's own numbers."""
    ours = {address(each, country) for each in own}
    found = (address(line, country) for line in lines)
    return tuple(dict.fromkeys(each for each in found if each and each not in ours))
