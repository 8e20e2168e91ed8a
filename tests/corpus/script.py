"""What a composed call says: scripts read from calls.toml, and numbers spelled as the prompts record them."""

import tomllib
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

CALLS_FILE = Path(__file__).with_name("calls.toml")
CUSTOMER, AGENT = 0, 1
CHANNELS = {"customer": CUSTOMER, "agent": AGENT}

_WORDS = {
    "fr-FR": (
        "zéro un deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize "
        "dix-sept dix-huit dix-neuf",
        "vingt trente quarante cinquante soixante soixante-dix quatre-vingt quatre-vingt-dix",
        {"et": "et", "hundred": "cent", "thousand": "mille"},
    ),
    "en-US": (
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen "
        "sixteen seventeen eighteen nineteen",
        "twenty thirty forty fifty sixty seventy eighty ninety",
        {"oh": "oh", "hundred": "hundred", "thousand": "thousand"},
    ),
}


@dataclass(frozen=True)
class Turn:
    """One speaker's uninterrupted saying.

    `says` holds tokens: a phrase of calls.toml, a number (`41`), or a pause (`,` or `...`).
    `secret` names the bank data that the numbers are (card, repeat, expiry, code), empty when there is none.
    `gap_ms` separates it from the end of the turn before; negative, the two overlap.
    """

    channel: int
    says: str
    secret: str = ""
    gap_ms: int = 400

    @property
    def digits(self) -> str:
        """The digits that the number tokens spell, joined."""
        tokens = ("0" if token == "oh" else token for token in self.says.split())
        return "".join(token for token in tokens if token.isdecimal())


@dataclass(frozen=True)
class Script:
    """A whole call, before any sound; `phrases` maps a token to the words that its prompt says."""

    call_id: str
    language: str
    codec: str
    started_at: datetime
    turns: tuple[Turn, ...]
    phrases: dict[str, str]
    demo: bool = False

    @property
    def card(self) -> str:
        """The card number that the customer reads, or an empty string."""
        return "".join(turn.digits for turn in self.turns if turn.secret == "card")


@cache
def number_words(language: str) -> dict[str, str]:
    """Prompt name under `digits/` → the word recorded in it."""
    units, tens, links = _WORDS[language]
    spoken = {str(value): word for value, word in enumerate(units.split())}
    return spoken | {str(20 + 10 * i): word for i, word in enumerate(tens.split())} | links


def spell(language: str, value: int) -> list[str]:
    """Prompt names under `digits/` that say `value` (0 to 9999): 41 is 40, et, 1 in French."""
    if value >= 1000:
        return _multiple(language, *divmod(value, 1000), "thousand")
    if value >= 100:
        return _multiple(language, *divmod(value, 100), "hundred")
    if str(value) in number_words(language):
        return [str(value)]
    tens, unit = divmod(value, 10)
    if language == "fr-FR" and tens in (7, 9):
        tens, unit = tens - 1, unit + 10
    link = ["et"] if language == "fr-FR" and unit in (1, 11) and tens < 8 else []
    return [str(tens * 10), *link, str(unit)]


def _multiple(language: str, count: int, rest: int, scale: str) -> list[str]:
    silent_one = language == "fr-FR" and count == 1
    head = [] if silent_one else spell(language, count)
    return [*head, scale, *(spell(language, rest) if rest else [])]


def load_scripts(path: Path = CALLS_FILE) -> list[Script]:
    """Every call declared in `path`, in its order."""
    declared = tomllib.loads(path.read_text(encoding="utf-8"))
    return [_script(call, declared["phrases"][call["language"]]) for call in declared["call"]]


def _script(call: dict[str, Any], phrases: dict[str, str]) -> Script:
    turns = tuple(
        Turn(CHANNELS[turn["who"]], **{key: value for key, value in turn.items() if key != "who"})
        for turn in call["turns"]
    )
    return Script(**(call | {"turns": turns, "phrases": phrases}))
