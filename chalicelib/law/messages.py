"""What is written to a person about their request: a subject and a text, by e-mail or as a text message.

A text message costs more with any letter that not every telephone has (GSM 03.38), and others may read it: it keeps to
those letters, is short, and says of a request nothing but where to read on.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from chalicelib.law.document import in_words
from chalicelib.law.policy import Policy
from chalicelib.law.request import Request, due
from chalicelib.law.shown import reached
from chalicelib.law.texts import texts

Message = tuple[str, str]

LONGEST = 300
"""Characters of a text message: two of its parts."""

_NAME = 30
"""Characters that are left to the controller's name, however long the way to the answer is."""

GSM = frozenset(
    "\n !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz"
    "£¥¤§¡¿ÄÅÆÇÉÑÖØÜßàäåæèéìñòöøùüΔΦΓΛΩΠΨΣΘΞ"
    "[\\]^{|}~€"
)
"""Letters of GSM 03.38, its extension table included."""

_LIKE = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "«": '"', "»": '"', "–": "-", "—": "-"}) | str.maketrans(
    {"œ": "oe", "Œ": "OE", "\N{NON-BREAKING HYPHEN}": "-"}
)


def plain(text: str) -> str:
    """In the letters that all telephones have: `août` as `aout`; what is like none of them is left out."""
    composed = unicodedata.normalize("NFC", text).translate(_LIKE)
    letters = (each if each in GSM else unicodedata.normalize("NFKD", each) for each in composed)
    return "".join(letter for each in letters for letter in each if letter in GSM)


def answer_ready(request: Request, policy: Policy, public_url: str) -> Message:
    """That an answer is there, until when, and where; never which: others may read that telephone too."""
    return _message("ready", request, policy, public_url, day=policy.keeping.exports.after(_answered(request)))


def extended(request: Request, policy: Policy, public_url: str = "") -> Message:
    """Until when it is answered instead, and why (art. 12(3)): to a telephone, where to read why."""
    first, later = due(replace(request, extended=False), policy), due(request, policy)
    assert first is not None, "what awaits an identity has no day"
    assert later is not None
    return _message("extended", request, policy, public_url, day=later.due_on, before=first.due_on)


def lifting(request: Request, policy: Policy, day: date) -> Message:
    """That what they had restricted is so no longer from that day on (art. 18(3))."""
    return _message("lifting", request, policy, "", day=day)


def _answered(request: Request) -> date:
    return request.answered_on or request.received_on


def _message(kind: str, request: Request, policy: Policy, public_url: str, **days: date) -> Message:
    language = request.language
    words = texts(language)["message"][kind]
    ways = _ways(policy, public_url, texts(language)["message"]["where"])
    said = {"controller": policy.controller.name, "request": request.id, "reasons": request.reasons.strip()}
    if request.contact.startswith("tel:"):
        said |= {name: _in_digits(day, language) for name, day in days.items()}
        return words["subject"], _short(words["text"], said, ways)
    said |= {name: in_words(day, language) for name, day in days.items()}
    return words["subject"], words["letter"].format(**said, where=ways[0])


def _ways(policy: Policy, public_url: str, from_whom: str) -> Sequence[str]:
    """Where to read the answer, the best way first: a page, or the DPO; the last is the shortest."""
    page = policy.requests.page or (f"{public_url}/requests" if public_url else "")
    own = policy.dpo.email or policy.dpo.telephone or policy.dpo.address or ""
    by_letter = [from_whom.format(dpo=each.rstrip(" .")) for each in (reached(policy.dpo), own)]
    return [page, *by_letter] if page else by_letter


def _in_digits(day: date, language: str) -> str:
    """The names of some French months need letters that cost: `01/12/2026`; in English it stays `1 December 2026`."""
    return f"{day:%d/%m/%Y}" if language == "fr" else in_words(day, language)


def _short(words: str, said: dict[str, str], ways: Sequence[str]) -> str:
    """Within LONGEST: a way that is too long gives way to the next, and a name that is too long is cut."""
    room = LONGEST - len(plain(words.format(**said | {"controller": "", "where": ""})))
    fits = [each for each in map(plain, ways) if len(each) <= room - _NAME]
    where = fits[0] if fits else plain(ways[-1])[: room - _NAME].rstrip(" .")
    name = plain(said["controller"])[: room - len(where)].rstrip()
    return plain(words.format(**said | {"controller": name, "where": where}))
