"""What the functions ship: small enough for Lambda, and nothing missing that was taken out of it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from infra.prune import SERVICES, size

ASKED = f"""
import sys
sys.path = [sys.argv[1]] + [path for path in sys.path if "site-packages" not in path]
import boto3
for service in {SERVICES!r}:
    boto3.client(service, region_name="eu-west-3", aws_access_key_id="a", aws_secret_access_key="b")
boto3.resource("dynamodb", region_name="eu-west-3")
import app
from chalicelib import wiring
from chalicelib.law.notice import notice
document = notice(wiring.policy(), "fr")
assert wiring.printer().pdf(document).startswith(b"%PDF-")
assert b"<html" in wiring.printer().html(document)
import numpy, av, cryptography, holidays
foreign = [name for name, each in sys.modules.items() if "site-packages" in (getattr(each, "__file__", "") or "")]
foreign = [name for name in foreign if name.partition(".")[0] != "_distutils_hack"]  # of the interpreter's own start
assert not foreign, foreign
"""


@pytest.fixture(scope="module")
def unpacked(packaged: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("unpacked")
    with ZipFile(packaged.with_name("deployment.zip")) as package:
        package.extractall(folder)
    return folder


def test_there_is_room_left_under_what_lambda_takes(unpacked: Path) -> None:
    assert size(unpacked) < 245 << 20


def test_the_package_works_with_nothing_beside_it(unpacked: Path) -> None:
    done = subprocess.run([sys.executable, "-c", ASKED, str(unpacked)], cwd=unpacked, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
