"""An act that reads a row, decides and writes it, tried again where somebody else wrote meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TypeVar

from chalicelib.errors import StaleRecording

TRIES = 5

_Done = TypeVar("_Done")


def insisted(act: Callable[[], _Done]) -> _Done:
    """What `act` gives, which reads everything anew each time. Raises StaleRecording where it never was the first."""
    for _ in range(TRIES - 1):
        with suppress(StaleRecording):
            return act()
    return act()
