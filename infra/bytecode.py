"""Compile the package's modules before they are uploaded: a cold start imports them 3 to 7 times faster.

Lambda's file system is read-only, so that without this every cold start compiles everything anew (PLATFORM 3).
"""

from __future__ import annotations

import compileall
import py_compile
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from infra.prune import prune, size

_EPOCH = (1980, 1, 1, 0, 0, 0)


def precompile(archive: Path, also: Mapping[str, Path]) -> int:
    """Rewrite the zip `archive` pruned, with a `.pyc` beside every module and the files `also`, by their names in it.

    The same bytes for the same input.

    Returns how many bytes it unpacks to.
    """
    with TemporaryDirectory() as folder:
        with ZipFile(archive) as packed:
            packed.extractall(folder)
        prune(Path(folder))
        for name, path in also.items():
            shutil.copyfile(path, Path(folder, name))
        checked = py_compile.PycInvalidationMode.UNCHECKED_HASH
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of other people's modules
            compileall.compile_dir(folder, quiet=2, stripdir=folder, invalidation_mode=checked)
        _pack(Path(folder), archive)
        return size(Path(folder))


def _pack(folder: Path, archive: Path) -> None:
    partial = archive.with_suffix(".partial")
    with ZipFile(partial, "w", ZIP_DEFLATED) as packed:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = ZipInfo(path.relative_to(folder).as_posix(), _EPOCH)
            entry.external_attr = 0o100644 << 16
            packed.writestr(entry, path.read_bytes(), ZIP_DEFLATED)
    shutil.move(partial, archive)
