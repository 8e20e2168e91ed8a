"""Telephone numbers and e-mail addresses in one form each (E.164; RFC 3966, RFC 6068).

What is read wrongly leads to somebody else's calls, so little is taken for a number: no letters, no digits but its own.
A number is `+` and all its digits, or as it is dialled at home; `687123456` is neither at home in France.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import phonenumbers
from phonenumbers import PhoneNumber, PhoneNumberType, ValidationResult

_EMAIL = re.compile(  # RFC 5322, dot-atom; RFC 1035, with a last label that no IPv4 address has
    r"(?P<local>[a-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[a-z0-9!#$%&'*+/=?^_`{|}~-]+)*)"
    r"@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])"
)
_LONGEST_LOCAL, _LONGEST_EMAIL = 64, 254  # RFC 5321
_SCHEME = re.compile(r"(?:tel|sips?):", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<number>\(?\+?[0-9 \u00a0\u202f().\-/]{1,40}?)(?:(?:;ext=| ?ext\.?| ?poste| ?x| ?#) ?[0-9]{1,8})?",
    re.IGNORECASE,
)
_OTHERS = re.compile(r"[^0-9]")
_LEAST_DIGITS = 6
"""What is shorter is an extension of the controller's own, or a service."""

_WITHHELD = ("anonymous", "blocked", "private", "restricted", "unavailable", "unknown", "withheld")
_KEYPAD = str.maketrans("abcdefghijklmnopqrstuvwxyz", "22233344455566677778889999")
_SPELT = frozenset(word.translate(_KEYPAD) for word in _WITHHELD)
"""The words as keys of a telephone: Twilio says `+266696687` (its help, "Why am I getting calls from these strange
numbers?") and others say it after it, also with a 1 before it. FACTS has none of it [S2: public source files]."""

_NO_TEXTS = frozenset(
    {
        PhoneNumberType.PREMIUM_RATE,
        PhoneNumberType.SHARED_COST,
        PhoneNumberType.PERSONAL_NUMBER,
        PhoneNumberType.UAN,
        PhoneNumberType.PAGER,
        PhoneNumberType.VOICEMAIL,
    }
)


def address(text: str, country: str) -> str | None:
    """`tel:+33639981234` or `mailto:…` of what somebody wrote; None for what is neither.

    `country` is where a number without its country's code is at home (ISO 3166-1, two letters). Addresses are taken as
    one whatever their capitals: two mailboxes that differ by those alone are unheard of.
    """
    text = text.strip()
    if "@" in text and not _SCHEME.match(text):
        return _email(text)
    number = e164(text, country)
    return f"tel:{number}" if number else None


def of_line(text: str, country: str) -> str | None:
    """The same of one end of a call: `0639981234@pbx.example` is a number there; who withholds theirs is nobody."""
    number = e164(text, country)
    found = f"tel:{number}" if number else address(text, country)
    return None if found and found.removeprefix("mailto:").partition("@")[0] in _WITHHELD else found


def e164(text: str, country: str) -> str | None:
    """`+33639981234` of a number as people and telephone systems write it, None for what is no number.

    Its digits are those of the text, with the country's code in the place of the trunk prefix, and no others; those of
    an extension are left out.
    """
    written = _SCHEME.sub("", text.strip(), count=1).partition("@")[0]
    found = _NUMBER.fullmatch(written)
    digits = _international(found["number"], country) if found else None
    if not digits or digits.removeprefix("1") in _SPELT:
        return None
    number = _parsed(digits)
    return f"+{number.country_code}{phonenumbers.national_significant_number(number)}" if number else None


def addresses(lines: Iterable[str], country: str, own: Iterable[str] = ()) -> tuple[str, ...]:
    """Those of a call's lines that lead to a person: neither extensions nor the controller's own numbers."""
    ours = tuple(own)
    found = (of_line(line, country) for line in lines)
    return tuple(dict.fromkeys(each for each in found if each and not is_own(each, country, ours)))


def is_own(address: str, country: str, own: Iterable[str]) -> bool:
    """Whether an address is among the controller's, of which `"01 99 00 *"` is every number that begins so."""
    return any(_is_among(address, country, each) for each in own)


def takes_texts(address: str, countries: Collection[str]) -> bool:
    """Whether text messages are sent to a `tel:+…`: neither abroad but to those countries, nor where its owner or
    somebody between earns by each (RFC 3966 says nothing of it: ranges are those of `phonenumbers`).
    """
    number = _parsed(address.removeprefix("tel:+"))
    if number is None or phonenumbers.region_code_for_number(number) not in countries:
        return False
    return phonenumbers.number_type(number) not in _NO_TEXTS


def _email(text: str) -> str | None:
    text = text.lower() if text.isascii() and len(text) <= _LONGEST_EMAIL else ""
    found = _EMAIL.fullmatch(text)
    return f"mailto:{text}" if found and len(found["local"]) <= _LONGEST_LOCAL else None


def _is_among(address: str, country: str, own: str) -> bool:
    if not own.endswith("*"):
        return address == of_line(own, country)
    digits = _international(own[:-1], country)
    return bool(digits) and address.startswith(f"tel:+{digits}")


def _international(written: str, country: str) -> str | None:
    """The digits with their country's code; None of what says none and is not dialled so at home."""
    digits = _OTHERS.sub("", written)
    if "+" in written:
        return digits
    if digits.startswith("00"):
        return digits[2:]
    code, trunk = phonenumbers.country_code_for_region(country), _trunk(country)
    found = f"{code}{digits.removeprefix(trunk)}" if code and digits.startswith(trunk) else ""
    if trunk or not found:
        return found or None
    number = _parsed(found)  # without a trunk prefix nothing tells a number at home from one abroad but its range
    return found if number and phonenumbers.is_valid_number(number) else None


def _parsed(digits: str) -> PhoneNumber | None:
    """A number by its country's code and the rest; also with the trunk prefix between them, as in `+33 (0)6`."""
    try:
        number = phonenumbers.parse(f"+{digits}")
    except phonenumbers.NumberParseException:
        return None
    assert number.country_code is not None  # or it would not be parsed
    code, national = str(number.country_code), phonenumbers.national_significant_number(number)
    trunk = _trunk(phonenumbers.region_code_for_country_code(number.country_code))
    is_same = digits in (f"{code}{national}", f"{code}{trunk}{national}")  # what is made out of it is somebody else's
    if not is_same or len(national) < _LEAST_DIGITS or not national.strip("0"):
        return None
    # By its length alone: ranges are opened faster than tables follow.
    is_possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if is_possible else None


def _trunk(region: str) -> str:
    """What is dialled before a number at home: 0 in France, nothing in Spain."""
    return str(phonenumbers.ndd_prefix_for_region(region, True) or "")
