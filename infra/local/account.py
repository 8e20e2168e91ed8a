"""The local account: the emulator and our own Amazon Transcribe, each a process of its own, on loopback.

MiniStack (PLATFORM 2) stands for AWS and runs the deployed Lambdas from their package; it has an environment of
its own (`build/emulator`) because it pins another botocore. What it cannot do is written in README.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[2]
POLICY = Path(__file__).parent / "policy.toml"
EMULATOR = ROOT / "build" / "emulator" / "bin" / "ministack"
REGION, ACCOUNT = "eu-west-3", "123456789012"


class LocalAccountError(Exception):
    """What did not start, and where its log is."""


@dataclass(frozen=True, slots=True)
class LocalAccount:
    """Where the emulator and the recogniser answer, as base URLs."""

    endpoint: str
    transcribe: str

    def environment(self) -> dict[str, str]:
        """The variables that point AWS clients, the deploy command and the recogniser at this account."""
        names = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local", "AWS_DEFAULT_REGION": REGION}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
        return inherited | names | {"AWS_ENDPOINT_URL": self.endpoint}


@contextmanager
def local_account(logs: Path, port: int = 0, transcribe_port: int = 0) -> Iterator[LocalAccount]:
    """Start both processes, wait until they answer, stop them at the end. A port of 0 is any free one.

    Their logs go to the folder `logs`. Raises LocalAccountError when one does not come up.
    """
    if not EMULATOR.exists():
        raise LocalAccountError("the emulator is not installed: run `make setup`")
    logs.mkdir(parents=True, exist_ok=True)
    port, transcribe_port = (asked or free for asked, free in zip((port, transcribe_port), free_ports(2), strict=True))
    account = LocalAccount(f"http://127.0.0.1:{port}", f"http://127.0.0.1:{transcribe_port}")
    server = [sys.executable, "-m", "infra.local.transcribe_server", "--port", str(transcribe_port)]
    with (
        TemporaryDirectory(prefix="sourdine-emulator-", ignore_cleanup_errors=True) as unpacked,
        process([str(EMULATOR)], _emulator_environment(port, unpacked), logs / "emulator.log") as emulator,
        process(server, account.environment(), logs / "transcribe.log") as recogniser,
    ):
        wait(emulator, f"{account.endpoint}/_ministack/health", logs / "emulator.log", 60)
        wait(recogniser, f"{account.transcribe}/health", logs / "transcribe.log", 180)
        yield account


def _emulator_environment(port: int, unpacked: str) -> dict[str, str]:
    """It unpacks a package for every worker, 300 MB each, and leaves behind those of the workers that it ends with."""
    settings = {
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "MINISTACK_REGION": REGION,
        "TMPDIR": unpacked,
    }
    return {name: value for name, value in os.environ.items() if not name.startswith("AWS_")} | settings


@contextmanager
def process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process that ends with the block; what it says goes to `log`."""
    with log.open("wb") as sink:
        running = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=sink, stderr=subprocess.STDOUT)
        try:
            yield running
        finally:
            running.terminate()
            try:
                running.wait(20)
            except subprocess.TimeoutExpired:
                running.kill()


def wait(running: subprocess.Popen[bytes], url: str, log: Path, seconds: int) -> None:
    """Until `url` answers. Raises LocalAccountError when it does not in time, or its process ended."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if running.poll() is not None:
            raise LocalAccountError(f"{url} ended before it answered; its log is {log}")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise LocalAccountError(f"{url} does not answer after {seconds} s; its log is {log}")


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nobody listens on, each another."""
    with ExitStack() as held:
        probes = [held.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [int(probe.getsockname()[1]) for probe in probes]
