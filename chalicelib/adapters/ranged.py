"""A stream over an object that is read range by range, as it is asked for.

Read from end to end, it asks for longer and longer ranges, up to `_LONGEST`; here and there, for short ones. The last
few ranges are kept, `_KEPT` bytes of them, so that reading a little further back or on asks for nothing.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import BinaryIO

from chalicelib.audio.window import Window
from chalicelib.errors import TruncatedRecording

_SHORTEST, _LONGEST, _KEPT = 1 << 18, 1 << 22, 1 << 23


def ranged(fetch: Callable[[int, int], bytes], size: int) -> BinaryIO:
    """A stream over `size` bytes; `fetch` gets those from its first argument up to, not including, its second."""
    return io.BufferedReader(_Ranged(fetch, size))


def read_exactly(stream: BinaryIO, first: int, last: int) -> bytes:
    """Bytes `[first, last)`. Raises TruncatedRecording where the stream has fewer."""
    stream.seek(first)
    body = stream.read(last - first)
    if len(body) < last - first:
        raise TruncatedRecording("the recording ended while it was read: ask for it again")
    return body


class _Ranged(Window):
    """What `ranged` buffers."""

    def __init__(self, fetch: Callable[[int, int], bytes], size: int) -> None:
        super().__init__(size)
        self._fetch = fetch
        self._kept: list[tuple[int, bytes]] = []
        """Ranges by their first byte, the last one that was used at the end."""

    def part(self, at: int, count: int) -> memoryview:
        first, body = self._range()
        return memoryview(body)[at - first :][:count]

    def _range(self) -> tuple[int, bytes]:
        """A range that holds the byte that is to be read, kept or fetched."""
        kept = next((n for n, (first, body) in enumerate(self._kept) if 0 <= self._at - first < len(body)), None)
        self._kept.append(self._kept.pop(kept) if kept is not None else (self._at, self._fetched()))
        return self._kept[-1]

    def _fetched(self) -> bytes:
        before = next((len(body) for first, body in self._kept if first + len(body) == self._at), 0)
        count = min(max(_SHORTEST, 2 * before), _LONGEST, self._size - self._at)
        while self._kept and sum(len(body) for _, body in self._kept) + count > _KEPT:
            del self._kept[0]
        body = self._fetch(self._at, self._at + count)
        if len(body) != count:
            raise ConnectionError("the store gave fewer bytes than it said that it has")  # a retry mends it
        return body
