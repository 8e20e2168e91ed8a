"""The in-memory twin of the Web port: answers that a test wrote down, under the same rules."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from chalicelib.adapters.addresses import allowed
from chalicelib.adapters.statuses import require_answer, require_media
from chalicelib.errors import SourdineError
from chalicelib.services.ports import Answer
from chalicelib.telephony.webhook import Outgoing

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


@dataclass(frozen=True, slots=True)
class BreaksOff:
    """An answer whose reading raises after these bytes."""

    body: bytes
    error: SourdineError


Told = Answer | BreaksOff | SourdineError


@dataclass(slots=True)
class MemoryWeb:
    """What `tell` was told is answered one after the other, the last of it ever after; what it was not, with 404."""

    asked: list[tuple[str, Outgoing]] = field(default_factory=list)
    """Each request with its provider, in order; those that may not be made are not among them."""
    _told: dict[tuple[str, str], list[Told]] = field(default_factory=dict)

    def tell(self, method: str, url: str, *answers: Told) -> None:
        """Answer requests with that method to that URL."""
        self._told[method, url] = list(answers)

    def ask(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Answer:
        told = self._next(provider, outgoing, hosts)
        if isinstance(told, BreaksOff):
            raise told.error
        require_answer(told.status)
        return told

    @contextmanager
    def stream(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Iterator[BinaryIO]:
        told = self._next(provider, outgoing, hosts)
        if isinstance(told, Answer):
            require_media(told.status)
        yield io.BufferedReader(_Body(told))

    def _next(self, provider: str, outgoing: Outgoing, hosts: tuple[str, ...]) -> Answer | BreaksOff:
        allowed(outgoing.url, hosts)
        self.asked.append((provider, outgoing))
        told = self._told.get((outgoing.method, outgoing.url), [Answer(404, {})])
        found = told.pop(0) if len(told) > 1 else told[0]
        if isinstance(found, SourdineError):
            raise found
        return found


class _Body(io.RawIOBase):
    """A body that may break off."""

    def __init__(self, told: Answer | BreaksOff) -> None:
        self._rest = io.BytesIO(told.body)
        self._error = told.error if isinstance(told, BreaksOff) else None

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        count = self._rest.readinto(buffer)
        if not count and self._error:
            raise self._error
        return count
