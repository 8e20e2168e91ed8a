"""What is taken out of a function's package, and what must not be."""

from __future__ import annotations

import re
from pathlib import Path

from infra.prune import SERVICES, prune

ROOT = Path(__file__).parents[2]
KEPT = (
    "botocore/data/endpoints.json",
    "botocore/data/_retry.json",
    "botocore/data/s3/2006-03-01/service-2.json.gz",
    "botocore/data/sso-oidc/x/service-2.json.gz",
    "numpy/_core/_multiarray_umath.so",
    "reportlab/fonts/Vera.ttf",
    "reportlab/fonts/bitstream-vera-license.txt",
    "PIL/_imaging.cpython-311-x86_64-linux-gnu.so",
    "pillow.libs/libjpeg-1.so",
    "pillow.libs/libxcb-1.so",
    "chalicelib/law/texts/fr.toml",
)
GONE = (
    "botocore/data/ec2/2016-11-15/service-2.json.gz",
    "numpy/_core/tests/test_x.py",
    "numpy/tests/data/x.bin",
    "numpy/__init__.pyi",
    "reportlab/fonts/callig15.pfb",
    "PIL/_avif.cpython-311-x86_64-linux-gnu.so",
    "PIL/_imagingft.cpython-311-x86_64-linux-gnu.so",
    "pillow.libs/libavif-1.so",
)


def test_what_nobody_asks_for_goes_and_everything_else_stays(tmp_path: Path) -> None:
    for name in (*KEPT, *GONE):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"12345")
    assert prune(tmp_path) == 5 * len(GONE)
    assert {path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if path.is_file()} == set(KEPT)
    assert prune(tmp_path) == 0


def test_every_service_that_a_client_is_made_of_stays() -> None:
    made = {
        name
        for path in (ROOT / "chalicelib").rglob("*.py")
        for name in re.findall(r'(?:client|resource)\(\s*"([a-z0-9-]+)"', path.read_text("utf-8"))
    }
    on_a_desk = {"cloudformation", "lambda"}  # what `ledger reconcile` asks for, from a whole installation
    assert {"s3", "dynamodb"} <= made - on_a_desk <= set(SERVICES)
