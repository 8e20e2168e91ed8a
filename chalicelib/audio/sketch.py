"""What a file's beginning tells of a recording before it is decoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sketch:
    """Channels, and length as far as it can be told so early; 0 ms where it cannot."""

    channels: int
    duration_ms: int
