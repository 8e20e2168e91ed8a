"""The command line: `redact`, `detect` and `policy` without a cloud, `ledger verify` with one's own account."""

from __future__ import annotations

import argparse
import signal
import sys

from chalicelib.cli import detect, ledger, policy, redact
from chalicelib.errors import SourdineError


def main(arguments: list[str] | None = None) -> int:
    """Run one command; 0 only when all that was asked is done and, for `redact`, verified."""
    parser = argparse.ArgumentParser(
        prog="python -m chalicelib",
        description="Find and mute bank data in call recordings, on this machine; explain a policy; check a ledger.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    redact.add(commands)
    detect.add(commands)
    ledger.add(commands)
    policy.add(commands)
    options = parser.parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # so that raw sound on disk is removed
    try:
        return int(options.run(options))
    except (SourdineError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main())
