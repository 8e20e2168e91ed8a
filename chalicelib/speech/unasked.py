"""Numbers that nobody asked for and that are bank data by themselves: they say what is talked about."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.speech.reading import Reading
from chalicelib.speech.recognisers.card import CARD_DIGITS
from chalicelib.speech.stream import Heard
from chalicelib.speech.verdict import is_an_iban, verdict

_MOST_RUNS = 40


def unasked(reading: Reading) -> Iterator[tuple[Heard, str]]:
    """Where, in a reading before which nothing was asked for, runs in a row are a card or an IBAN; and which."""
    if reading.on.bank and reading.on.bank.strong:
        return
    start = 0
    while start < len(reading.runs):
        part = Reading(reading.on)
        for end, run in enumerate(reading.runs[start : start + _MOST_RUNS], start):
            part.add(run)
            found = verdict(part, strict=False)
            if found and (found.kind in ("card", "bic") or is_an_iban(part)):
                yield part.runs[0].first, found.kind
                start = end
                break
            if part.fewest > CARD_DIGITS.stop:
                break
        start += 1
