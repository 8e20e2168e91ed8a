"""README keeps its promises: every command in it runs, and its picture and figures are the demo's own."""

from __future__ import annotations

import os
import re
import shlex
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.local.readme import PICTURE, block

ROOT = Path(__file__).parents[1]
PATIENCE_S = 1200
README = (ROOT / "README.md").read_text()
COMMANDS = re.findall(r"^\$ (.+)$", README, re.MULTILINE)
BY_OTHERS = {  # run by the one who runs this test, or by the test named
    "make test": "this test's own runner",
    "make e2e": "this test's own runner",
    "make bench-speech": "it writes README; its bench runs in tests/bench/test_bench.py",
    "make bench-audio": "it writes README; a short run of its parts is in tests/bench/test_bench.py",
    "make bench-sound": "it writes README and needs recorded voices; its parts run in tests/bench/test_bench.py",
    "make lifecycle-proof": "it writes README, wants Debian packages of root's, and takes twenty minutes",
    "make deploy STAGE=prod POLICY=ours.toml": "the same goes to a local account in tests/e2e/test_local_account.py",
}


def test_readme_shows_commands_and_each_is_run_somewhere() -> None:
    assert {"make demo", "make test"} <= set(COMMANDS)
    targets = set(re.findall(r"^([a-z0-9-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    assert {command.split()[1] for command in COMMANDS if command.startswith("make ")} <= targets


@pytest.fixture
def takes_ctrl_c() -> Iterator[None]:
    """Whoever is started in the background of a script ignores Ctrl-C, and so does whatever they start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.local
@pytest.mark.parametrize("command", [command for command in COMMANDS if command not in BY_OTHERS])
def test_a_command_of_readme_runs(command: str, takes_ctrl_c: None) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}
    running = subprocess.Popen(
        ["bash", "-c", f"exec {command}"], cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip
    assert running.stdout is not None
    too_long = threading.Timer(PATIENCE_S, os.killpg, (running.pid, signal.SIGKILL))
    too_long.start()
    printed = ""
    try:
        for line in running.stdout:
            printed += line
            if "Ctrl-C ends it" in line:
                time.sleep(1)
                os.killpg(running.pid, signal.SIGINT)
        ended = running.wait()
    finally:
        too_long.cancel()
    interrupted = (-signal.SIGINT, 2, 130) if command == "make local" else ()
    assert ended in (0, *interrupted), printed
    assert printed


def test_readmes_first_screen_holds_the_demos_own_output_and_picture() -> None:
    shown = block(README)
    assert shlex.split("make demo")[0] in README[: README.index(shown)]
    assert PICTURE.relative_to(ROOT).as_posix() in README
    assert PICTURE.read_bytes().startswith(b"\x89PNG")
    for promised in ("muted", "bank data", "tags", "last day", "raw        gone"):
        assert promised in shown
