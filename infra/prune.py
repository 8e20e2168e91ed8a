"""What a function's package is better without: Lambda takes 250 MiB unpacked, and nobody there asks for these.

Of botocore's descriptions of every AWS service those that `chalicelib/wiring.py` asks for stay, and what credentials
may come by; of Pillow, which ReportLab imports, what its core needs: nothing of ours opens a picture.
"""

from __future__ import annotations

import shutil
from pathlib import Path

SERVICES = (
    "connect",
    "dynamodb",
    "polly",
    "s3",
    "secretsmanager",
    "sesv2",
    "signin",
    "sns",
    "sqs",
    "sso",
    "sso-oidc",
    "sts",
    "transcribe",
)
"""Folders of botocore's data that stay, with the files beside them."""

UNUSED = (
    "**/tests",  # NumPy's own above all
    "**/*.pyi",
    "**/*.pxd",
    "numpy/**/*.a",
    "numpy/_core/include",
    "reportlab/fonts/*.[!t]*",  # Type 1 fonts, and what belongs to them
    "reportlab/fonts/hb-test.ttf",
    "reportlab/graphics/samples",
    "reportlab/graphics/barcode",
    "PIL/_avif.*",
    "PIL/_imaging[cft]*.so",  # colour profiles, fonts, Tk
    "PIL/_webp.*",
    *(
        f"pillow.libs/lib{name}*"
        for name in ["avif", "brotli", "freetype", "harfbuzz", "lcms", "png", "sharpyuv", "webp"]
    ),
)
"""Globs of what goes."""


def prune(folder: Path) -> int:
    """Delete it from an unpacked package; how many bytes that were."""
    data = folder / "botocore" / "data"
    foreign = [path for path in sorted(data.glob("*")) if path.is_dir() and path.name not in SERVICES]
    before = size(folder)
    for path in [*foreign, *(path for pattern in UNUSED for path in sorted(folder.glob(pattern)))]:
        shutil.rmtree(path) if path.is_dir() else path.unlink(missing_ok=True)
    return before - size(folder)


def size(folder: Path) -> int:
    """Bytes of all files in it."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
