"""`ledger verify`: whether every line is there, and as it was written; `ledger show`: what was decided on one."""

from __future__ import annotations

import argparse
import os
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chalicelib.services.ledger import verify


def add(commands: Any) -> None:
    """Declare the command."""
    parser: argparse.ArgumentParser = commands.add_parser(
        "ledger", help="check the ledger of what was decided", description="What there is to do with the ledger."
    )
    acts = parser.add_subparsers(required=True, metavar="ACT")
    checking = acts.add_parser(
        "verify",
        help="say whether every line is there, and as it was written",
        description="Read both tables with your AWS credentials and print one line for whatever breaks a chain. "
        "Exit status 1 if anything does.",
    )
    checking.set_defaults(run=run)
    showing = acts.add_parser(
        "show",
        help="say what was decided on one recording, when, by whom and under which policy",
        description="Print a recording's lines, oldest first. Exit status 1 if there is none.",
    )
    showing.add_argument("recording", metavar="RECORDING", help="its opaque id, as logs, keys and rows have it")
    showing.set_defaults(run=show)
    healing = acts.add_parser(
        "reconcile",
        help="erase again what a restored backup brought back of erased calls",
        description="Apply every tombstone of a stack again, with your AWS credentials: whatever there is again of a "
        "call that was erased on somebody's request is erased. Say with --policy which policy the stack is under.",
    )
    healing.add_argument("--stack", metavar="NAME", required=True, help="such as sourdine-prod")
    healing.add_argument("--policy", metavar="FILE", help="the policy's file; infra/policy.toml without it")
    healing.set_defaults(run=heal)
    checking.add_argument("--requests", metavar="TABLE", default="", help="the stack's output Requests: its logs too")
    for act in (checking, showing):
        act.add_argument("--recordings", metavar="TABLE", required=True, help="the stack's output Recordings")
        act.add_argument("--ledger", metavar="TABLE", required=True, help="the stack's output Ledger")


def show(options: argparse.Namespace) -> int:
    """Print one recording's lines. Raises AccountUnreachable."""
    from chalicelib import wiring  # here: who redacts a file needs no boto3

    with wiring.tables(options.recordings, options.ledger) as tables:
        lines = tables.history(options.recording).lines
    for line in lines:
        at = line.at.isoformat(timespec="seconds")
        print(f"{at}  {line.state:12}  {line.ground:24}  by {line.by}, policy {line.policy or 'unknown'}")
    if not lines:
        print("no line has that id", file=sys.stderr)
    return int(not lines)


def heal(options: argparse.Namespace) -> int:
    """Print each erased call of which something had come back. Raises AccountUnreachable."""
    from chalicelib import wiring  # here: who redacts a file needs no boto3
    from chalicelib.services.reconcile import reconcile

    if options.policy:
        os.environ["POLICY_FILE"] = str(Path(options.policy).resolve())
    calls = 0
    for found in reconcile(wiring.of_stack(options.stack), datetime.now(UTC)):
        calls += 1
        what = f"{found.recordings} recordings, {found.objects} objects, {found.items} items"
        print(f"call {found.call_ref}: {what} had come back, and are erased again", flush=True)
    print(f"{calls} calls had come back" if calls else "nothing had come back")
    return 0


def run(options: argparse.Namespace) -> int:
    """Print each break, then what was read; 1 if there is a break. Raises AccountUnreachable."""
    from chalicelib import wiring  # here: who redacts a file needs no boto3

    recordings = lines = broken = 0
    with wiring.tables(options.recordings, options.ledger) as tables:
        for history, found in verify(tables):
            recordings, lines = recordings + 1, lines + len(history.lines)
            broken += len(found)
            for what in found:
                print(what, flush=True)
    requests = 0
    if options.requests:
        with wiring.requests(options.requests) as logs:
            for history, found in verify(logs):
                requests, lines = requests + 1, lines + len(history.lines)
                broken += len(found)
                for what in found:
                    print(what.replace("recording", "request", 1), flush=True)
    outcome = f"{broken} broken: see above" if broken else "all chained"
    asked = f", {requests} requests" if options.requests else ""
    print(f"{recordings} recordings{asked}, {lines} lines, {outcome}")
    return int(broken > 0)
