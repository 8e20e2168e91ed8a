"""Folders for raw sound on disk: gone at the end, and whatever a killed function left is gone at the next start.

Lambda keeps `/tmp` between calls, a killed call cleans nothing up, and what lies there is unredacted.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from errno import ENOSPC
from pathlib import Path
from tempfile import TemporaryDirectory, gettempdir

from chalicelib.errors import RecordingTooLong

PREFIX = "sourdine-raw-"
_OLDEST_S = 20 * 60
"""Longer than any function may run, so that nothing in use is taken for a leftover."""


@contextmanager
def scratch() -> Iterator[Path]:
    """A folder for one recording. Raises RecordingTooLong where the disk cannot hold what is written into it."""
    with TemporaryDirectory(prefix=PREFIX) as folder:
        clear_leftovers(Path(folder))
        try:
            yield Path(folder)
        except OSError as error:
            if error.errno != ENOSPC or len(list(Path(gettempdir()).glob(f"{PREFIX}*"))) > 1:
                raise  # whatever else lies there will be gone when this is tried again
            raise RecordingTooLong(
                "the disk is full: the recording does not fit on it when decoded; make room, or have it split"
            ) from error


def clear_leftovers(current: Path) -> None:
    """Remove the folders of the same kind that are so old that their function must be dead."""
    now = current.stat().st_mtime
    for folder in Path(gettempdir()).glob(f"{PREFIX}*"):
        with suppress(FileNotFoundError):  # another run was faster
            if now - folder.stat().st_mtime > _OLDEST_S:
                shutil.rmtree(folder, ignore_errors=True)
