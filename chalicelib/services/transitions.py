"""Which state may follow which: asked by every adapter that writes rows."""

from __future__ import annotations

from chalicelib.errors import ForbiddenTransition
from chalicelib.model import NEXT, State


def require_allowed(current: State, wanted: State) -> None:
    """Return if a recording may go from `current` to `wanted`; raise ForbiddenTransition otherwise."""
    if wanted not in NEXT[current]:
        raise ForbiddenTransition(f"a recording that is {current} cannot become {wanted}")
