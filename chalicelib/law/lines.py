"""Which line of a TOML text a value stands on: Python's reader does not say, and a person wants to know."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

_TABLE = re.compile(r"^\s*\[(?P<many>\[)?(?P<name>[^\[\]]+)\]")
_KEY = re.compile(r"""^\s*(?P<name>[A-Za-z0-9_."'-]+)\s*=\s*(?P<value>.*)$""")

Path = tuple[str | int, ...]


def line_of(text: str, path: Sequence[str | int]) -> int | None:
    """The line, from 1, of the value at `path` (`("queues", 0, "ceiling")`), of what encloses it, or None."""
    known, wanted = _lines(text), tuple(path)
    while wanted:
        if wanted in known:
            return known[wanted]
        wanted = wanted[:-1]
    return None


@lru_cache(maxsize=1)
def _lines(text: str) -> dict[Path, int]:
    found: dict[Path, int] = {}
    counts: Counter[Path] = Counter()
    table: Path = ()
    quoted = ""
    for number, line in enumerate(text.split("\n"), 1):
        if quoted:
            quoted = "" if quoted in line else quoted
        elif header := _TABLE.match(line):
            table = _numbered(_parts(header["name"]), counts)
            if header["many"]:
                counts[table] += 1
                table = (*table, counts[table] - 1)
            found.setdefault(table, number)
        elif entry := _KEY.match(line):
            names = _parts(entry["name"])
            for length in range(1, len(names) + 1):
                found.setdefault((*table, *names[:length]), number)
            quoted = _left_open(entry["value"])
    return found


def _parts(name: str) -> Path:
    return tuple(part.strip().strip("\"'") for part in name.split("."))


def _numbered(name: Path, counts: Counter[Path]) -> Path:
    """A table inside an array of tables belongs to the last one that was begun."""
    path: Path = ()
    for part in name[:-1]:
        path = (*path, part)
        path = (*path, counts[path] - 1) if counts[path] else path
    return (*path, *name[-1:])


def _left_open(value: str) -> str:
    """The quotes of a text that goes on over the next lines, if it does."""
    return next((quotes for quotes in ('"""', "'''") if value.count(quotes) == 1), "")
