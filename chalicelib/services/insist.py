"""An act that reads a row, decides and writes it, tried again where somebody else wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from chalicelib.errors import ObjectMissing, StaleRecording

TRIES = 5

_Done = TypeVar("_Done")


def insisted(act: Callable[[], _Done]) -> _Done:
    """What `act` gives, which reads everything anew each time: the row may have moved on, the objects with it.

    Raises StaleRecording or ObjectMissing where that never was of any use.
    """
    for _ in range(TRIES - 1):
        with suppress(StaleRecording, ObjectMissing):
            return act()
    return act()
