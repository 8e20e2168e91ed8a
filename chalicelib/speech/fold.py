"""A word in the one form in which it is compared."""

from __future__ import annotations

import re
import unicodedata

DASHES = dict.fromkeys(map(ord, "‐‑‒–—−"), "-") | {ord("’"): "'", ord("ʼ"): "'"}
"""Hyphens and apostrophes as typography has them, to plain ones."""

AROUND = " ¿¡\t\r\n.,;:!?…\"«»“”()[]*'-"
"""Marks around a word."""

_ELISION = re.compile(r"^(?:[a-z]|qu|lorsqu)'(?=[a-z])")
_ENCLITIC = re.compile(
    r"(?<=[a-z]{2})-(?:moi|toi|lui|nous|vous|leur|le|la|les|je|tu|il|elle|on|ce|ci|y|en|t-il|t-elle)$"
)
_POSSESSIVE = re.compile(r"'(?:s|re|ll|ve|d|m)$")


def fold(text: str, name: str) -> str:
    """Small letters, no accents, plain hyphens and apostrophes, no marks around, no elision: `L’Échéance,` echeance."""
    plain = unicodedata.normalize("NFKD", text.translate(DASHES).lower())
    plain = "".join(c for c in plain if not unicodedata.combining(c)).strip(AROUND)
    if name in ("fr", "it"):
        return _ENCLITIC.sub("", _ELISION.sub("", plain))
    return _POSSESSIVE.sub("", plain) if name == "en" else plain
