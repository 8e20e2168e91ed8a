"""A redacted file out of an original that the store holds: which bytes it copies by itself, which are sent to it.

The rules are those of a multipart upload on Amazon S3: every part but the last has 5 MiB at least and 5 GiB at most,
there are 10,000 at most, and a range is copied out of an object of more than 5 MB only. No WAV of under 4 GiB can
break the second and the third.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

LEAST = 5 << 20
"""Bytes of a part that is not the last one."""

_LONGEST_WRITTEN = 2 * LEAST
_LONGEST_COPY = 256 << 20
"""Far below what is allowed: a copy must be done before the client's patience is."""


@dataclass(frozen=True, slots=True)
class Copy:
    """Bytes `[first, last)` of the original."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Written:
    """Bytes `[first, last)` of the redacted file."""

    first: int
    last: int


Piece = Copy | Written


def pieces(size: int, shift: int, changed: Iterable[tuple[int, int]], least: int = LEAST) -> list[Piece]:
    """The redacted file of `size` bytes, in order, each piece one legal part, of `least` bytes or more but the last.

    Its byte n is the original's byte n + `shift`, except in the ranges that are `changed`. No piece to write is
    longer than 10 MiB, so that one fits into memory.
    """
    found: list[Piece] = []
    at = 0
    for first, last in (*_widened(size, changed, least), (size, size)):
        found += [Copy(start + shift, end + shift) for start, end in _cut(at, first, _LONGEST_COPY)]
        found += [Written(start, end) for start, end in _cut(first, last, _LONGEST_WRITTEN)]
        at = last
    return found


def _widened(size: int, changed: Iterable[tuple[int, int]], least: int) -> list[tuple[int, int]]:
    """What is written: the changed ranges, each as long as a part must be, and no gap too short to be one."""
    if size < least:
        return [(0, size)]
    found: list[tuple[int, int]] = []
    for first, last in sorted(changed):
        before = found[-1][1] if found else 0
        if first - before < least:
            first = found.pop()[0] if found else 0
        last = max(before, last, first + least)
        found.append((first, last if size - last >= least else size))
    return found


def _cut(first: int, last: int, longest: int) -> Iterator[tuple[int, int]]:
    """`[first, last)` in as few equal pieces as can be: none is shorter than half of `longest` if there are several."""
    count = -(-(last - first) // longest)
    edges = [first + (last - first) * n // count for n in range(count + 1)] if count else []
    yield from pairwise(edges)
