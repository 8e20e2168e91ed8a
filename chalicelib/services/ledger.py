"""Whether the ledger still says what was written into it."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.services.chain import breaks
from chalicelib.services.ports import History, Recordings, Requests


def verify(recordings: Recordings | Requests) -> Iterator[tuple[History, list[str]]]:
    """Every recording's, or every request's, history and what does not hold in it.

    What seems broken is read once more: somebody may have written between the reading of its lines and of its row.
    """
    for history in recordings.histories():
        found = breaks(history)
        if found:
            history = recordings.history(history.id)
            found = breaks(history)
        yield history, found
