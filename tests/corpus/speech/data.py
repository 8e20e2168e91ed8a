"""One datum ready to be read aloud: its kind, whether it is bank data, and its groups as a given voice says them."""

from __future__ import annotations

from dataclasses import dataclass

from tests.corpus.speech.bank import BANK
from tests.corpus.speech.figures import Figure, Group
from tests.corpus.speech.harmless import HARMLESS
from tests.corpus.speech.teller import Teller


@dataclass(frozen=True, slots=True)
class Datum:
    """What is read aloud."""

    kind: str
    groups: tuple[Group, ...]

    @classmethod
    def of(cls, kind: str, teller: Teller) -> Datum:
        """A new one of `kind`."""
        return cls(kind, tuple((BANK | HARMLESS)[kind](teller)))

    @property
    def secret(self) -> bool:
        """Whether it must be silent."""
        return self.kind in BANK

    @property
    def characters(self) -> str:
        """The whole as written, letters included."""
        return "".join(value_of(group) for group in self.groups)


def value_of(group: Group) -> str:
    """The characters that a group says."""
    return "".join(item.value for item in group if isinstance(item, Figure))
