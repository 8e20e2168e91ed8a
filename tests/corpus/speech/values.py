"""The numbers themselves, made of a seed: cards that pass Luhn, IBANs that pass mod 97, and the harmless rest."""

from __future__ import annotations

import random
import string

Rng = random.Random

_CARDS = (  # issuer ranges, length, weight
    (("4970", "4973", "4974", "4978", "4979"), 16, 4),  # Carte Bancaire on Visa
    (("4",), 16, 4),
    (("51", "52", "53", "54", "55", "2221", "2402", "2720"), 16, 3),
    (("5132", "5135", "5136"), 16, 2),  # Carte Bancaire on Mastercard
    (("34", "37"), 15, 1),
    (("6703", "5018", "6759"), 16, 1),  # Maestro and Bancontact
)
_IBANS = {  # the account's pattern by country: n a digit, a a letter, c either
    "FR": "nnnnnnnnnncccccccccccnn", "BE": "nnnnnnnnnnnn", "CH": "nnnnncccccccccccc", "LU": "nnnccccccccccccc",
    "DE": "nnnnnnnnnnnnnnnnnn", "GB": "aaaannnnnnnnnnnnnn", "IE": "aaaannnnnnnnnnnnnn", "ES": "nnnnnnnnnnnnnnnnnnnn",
    "NL": "aaaannnnnnnnnn",
}  # fmt: skip
_HOME = {"fr-FR": "FR", "fr-BE": "BE", "fr-CH": "CH", "en-GB": "GB", "en-US": "GB"}


def digits(rng: Rng, count: int, first: str = "0123456789") -> str:
    """`count` digits, the first of them among `first`."""
    return rng.choice(first) + "".join(rng.choices(string.digits, k=count - 1))


def luhn(body: str) -> str:
    """`body` with the check digit that Luhn's rule asks for."""
    total = sum(sum(divmod(int(d) * (2 - i % 2), 10)) for i, d in enumerate(reversed(body)))
    return body + str(-total % 10)


def card(rng: Rng) -> str:
    """A card number that passes Luhn, often with runs of equal digits, as real ones have."""
    prefixes, length, _ = rng.choices(_CARDS, [weight for *_, weight in _CARDS])[0]
    prefix = rng.choice(prefixes)
    body = prefix + digits(rng, length - 1 - len(prefix))
    if rng.random() < 0.3:
        at = rng.randrange(len(prefix), length - 4)
        body = body[:at] + rng.choice(("00", "000", "0", body[at] * 3, body[at] * 2)) + body[at:]
    return luhn(body[: length - 1])


def mod97(text: str) -> int:
    """The remainder by which IBANs are checked."""
    return int("".join(str(int(c, 36)) for c in text)) % 97


def iban(rng: Rng, language: str) -> str:
    """An IBAN of the caller's country, or in one case of five of another."""
    country = _HOME.get(language, "FR") if rng.random() < 0.8 else rng.choice(sorted(_IBANS))
    account = "".join(_drawn(rng, kind) for kind in _IBANS[country])
    return f"{country}{98 - mod97(account + country + '00'):02}{account}"


def _drawn(rng: Rng, kind: str) -> str:
    letter = kind == "a" or (kind == "c" and rng.random() < 0.04)
    return rng.choice(string.ascii_uppercase) if letter else rng.choice(string.digits)


def rib(rng: Rng) -> tuple[str, str, str, str]:
    """Bank, branch, account and key of a French account."""
    bank, branch = rng.choice(("30", "1", "20", "4")) + digits(rng, 5), digits(rng, 5, "00123")
    account = digits(rng, 11, "0012345678")
    key = 97 - (89 * int(bank[:5]) + 15 * int(branch) + 3 * int(account)) % 97
    return bank[:5], branch, account, f"{key:02}"


def bic(rng: Rng, language: str) -> str:
    """A bank's code of 8 or 11 characters."""
    letters = string.ascii_uppercase
    country = _HOME.get(language, "FR") if rng.random() < 0.8 else rng.choice(sorted(_IBANS))
    place = rng.choice(("PP", "P1", "22", "BB", "2L", "2S", "FF", "3L", "".join(rng.choices(letters, k=2))))
    branch = rng.choice(("", "", "XXX", "".join(rng.choices(letters + "0123456789", k=3))))
    return "".join(rng.choices(letters, k=4)) + country + place + branch


def telephone(rng: Rng, language: str) -> tuple[str, ...]:
    """The groups of a telephone number, as written in its country."""
    if language == "fr-FR":
        return (rng.choice(("01", "02", "03", "04", "05", "06", "06", "06", "07", "09")), *_pairs(rng, 4))
    if language == "fr-BE":
        return ("04" + digits(rng, 2, "789"), *_pairs(rng, 3))
    if language == "fr-CH":
        return ("07" + rng.choice("6789"), digits(rng, 3), *_pairs(rng, 2))
    if language == "en-GB":
        mobile = rng.random() < 0.6
        return ("07" + digits(rng, 3), digits(rng, 6)) if mobile else ("0" + digits(rng, 3, "12"), digits(rng, 7))
    if language == "en-US":
        return (digits(rng, 3, "23456789"), digits(rng, 3, "23456789"), digits(rng, 4))
    return (rng.choice(("6", "3", "9", "06", "01")) + digits(rng, 2), digits(rng, 3), digits(rng, 3))


def _pairs(rng: Rng, count: int) -> tuple[str, ...]:
    return tuple(digits(rng, 2) for _ in range(count))


def siret(rng: Rng, language: str) -> tuple[str, ...]:
    """SIRET or SIREN in France; a VAT or company number elsewhere."""
    if language == "fr-FR" and rng.random() < 0.8:
        number = luhn(luhn(digits(rng, 8, "3458")) + digits(rng, 4, "0"))
        return number[:3], number[3:6], number[6:9], number[9:]
    number = luhn(digits(rng, 8, "3458"))
    return number[:3], number[3:6], number[6:]


def imei(rng: Rng) -> str:
    """Fifteen digits that pass Luhn, as a card's would."""
    return luhn(rng.choice(("35", "86", "01", "49")) + digits(rng, 12))
