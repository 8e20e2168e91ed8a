"""`make demo`: three calls through the deployed machine, on a local account, and proof of what is said of them.

`--stay` (`make local`) deploys the same machine on fixed ports and leaves it running.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import boto3

from infra.deploy import DeployError, deploy
from infra.local.account import POLICY, ROOT, LocalAccount, LocalAccountError, local_account
from infra.local.claims import NOT_DRAWN, ClaimFailed, Claims, check, require_available, require_unheard
from infra.local.lot import Lot, contact, lot_of, sequence
from infra.local.picture import draw

CALLS = ROOT / "tests" / "corpus" / "demo"
ENDED = {"available", "quarantined", "discarded", "expired", "erased"}
PATIENCE_S = 300
PICTURE, SUMMARY = "demo.png", "summary.txt"


@dataclass(frozen=True, slots=True)
class Drop:
    """A demo call: its files, the name that a telephone system would give it, and when it says it began."""

    name: str
    key: str
    started_at: datetime
    drawn: bool = True

    @property
    def wav(self) -> Path:
        return CALLS / f"{self.name}.wav"

    @property
    def truth(self) -> dict[str, Any]:
        """What is really spoken, and when."""
        return dict(json.loads((CALLS / f"{self.name}.json").read_text()))


def drops(now: datetime, lot: Lot) -> list[Drop]:
    """Two calls on which the lot falls, named as Asterisk and Amazon Connect would, and one on which it does not.

    One name holds a (reserved) telephone number.
    """
    first, third = ((now - timedelta(minutes=ago)).replace(microsecond=0) for ago in (20, 5))
    second = (now - timedelta(minutes=10)).replace(second=0, microsecond=0)
    connect = f"connect/demo/CallRecordings/{second:%Y/%m/%d}/{contact(lot)}_{second:%Y%m%dT%H:%M}_UTC.wav"
    return [
        Drop("fr-card", _asterisk(first, sequence(lot, int(first.timestamp()), True)), first),
        Drop("en-card", connect, second),
        Drop("fr-card", _asterisk(third, sequence(lot, int(third.timestamp()), False)), third, drawn=False),
    ]


def _asterisk(began: datetime, number: int) -> str:
    local = began.astimezone().strftime("%Y%m%d-%H%M%S")
    return f"monitor/in-0199001234-3201-{local}-{int(began.timestamp())}.{number}.wav"


def run(folder: Path) -> list[Claims]:
    """Start an account, deploy, send both calls through, draw the picture, and keep the text in `summary.txt`."""
    folder.mkdir(parents=True, exist_ok=True)
    with deployed(folder / "logs") as (_, outputs):
        dropped = drops(datetime.now(UTC), lot_of("sourdine-local"))
        claims = send_through(dropped, outputs, folder)
    draw(
        [(claim.name, claim.original, claim.redacted, [s for s, _ in claim.muted]) for claim in claims],
        folder / PICTURE,
    )
    unheard = [f"{drop.name}.wav, dropped as {drop.key}\n{NOT_DRAWN}" for drop in dropped if not drop.drawn]
    (folder / SUMMARY).write_text("\n\n".join([*(claim.text() for claim in claims), *unheard]) + "\n")
    return claims


def send_through(dropped: list[Drop], outputs: dict[str, str], folder: Path) -> list[Claims]:
    """Drop calls into the deployed inbox, wait for their ends and check every claim. Raises ClaimFailed."""
    for drop in dropped:
        _put(outputs["Inbox"], drop)
    rows = _wait(outputs["Recordings"], dropped)
    for drop in dropped:
        if drop.drawn:
            require_available(drop.name, rows[drop.started_at])
        else:
            require_unheard(drop.name, rows[drop.started_at], outputs)
    heard = [drop for drop in dropped if drop.drawn]
    return [check(drop.wav, drop.truth, drop.key, rows[drop.started_at], outputs, folder) for drop in heard]


@contextmanager
def deployed(
    logs: Path, *ports: int, policy: Path = POLICY, parameters: tuple[str, ...] = ()
) -> Iterator[tuple[LocalAccount, dict[str, str]]]:
    """A local account with the machine deployed on it, this process's environment pointing there; gone at the end."""
    before = dict(os.environ)
    say("starting the local account: the emulator and the recogniser")
    try:
        with local_account(logs, *ports) as account:
            pointed = account.environment()
            os.environ.clear()
            os.environ |= pointed
            say("deploying, with the command that production uses")
            here = (f"TranscribeEndpoint={account.transcribe}", f"CognitoEndpoint={account.endpoint}")
            yield account, deploy("local", [*here, *parameters], policy)
    finally:
        os.environ.clear()
        os.environ |= before


def _put(inbox: str, drop: Drop) -> None:
    """What telephony does: an object, and here the call's language."""
    language = drop.truth["language"]
    boto3.client("s3").put_object(
        Bucket=inbox, Key=drop.key, Body=drop.wav.read_bytes(), Metadata={"language": language}
    )
    say(f"dropped {drop.name}.wav into the inbox as {drop.key}")


def _wait(table: str, dropped: list[Drop]) -> dict[datetime, dict[str, Any]]:
    """The rows at their ends, by the calls' starts; a line for every state on the way."""
    rows, seen = boto3.resource("dynamodb").Table(table), set[tuple[str, str]]()
    names = {drop.started_at: drop.name for drop in dropped}
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        found = {datetime.fromisoformat(row["started_at"]): row for row in rows.scan()["Items"] if row["started_at"]}
        for started_at, row in found.items():
            if (row["id"], row["state"]) not in seen:
                seen.add((row["id"], row["state"]))
                say(f"{names[started_at]}: {row['state']} ({row['ground']}), as {row['id']}")
        if len(found) == len(dropped) and all(row["state"] in ENDED for row in found.values()):
            return found
        time.sleep(0.3)
    raise ClaimFailed(f"the calls have not ended after {PATIENCE_S} s; see the logs")


def _stay() -> int:
    """Deploy, say where things are, and wait for Ctrl-C."""
    with deployed(ROOT / "build" / "local", 4566, 8765) as (account, outputs):
        for name, value in outputs.items():
            print(f"{name:16} {value}")
        print(f"API              {account.endpoint}/restapis/{outputs['RestAPIId']}/api/_user_request_/health")
        print("In another shell: export AWS_ACCESS_KEY_ID=local AWS_SECRET_ACCESS_KEY=local \\")
        print(f"  AWS_DEFAULT_REGION={os.environ['AWS_DEFAULT_REGION']} AWS_ENDPOINT_URL={account.endpoint}")
        print("Ctrl-C ends it; logs are in build/local", flush=True)
        try:
            while True:
                time.sleep(3600)
        except KeyboardInterrupt:
            return 0


def say(line: str) -> None:
    """A line of progress."""
    print(f"· {line}", flush=True)


def main() -> int:
    """Run the demo; 0 only if everything that it says is so."""
    parser = argparse.ArgumentParser(prog="make demo", description=__doc__)
    parser.add_argument("--stay", action="store_true", help="deploy, drop nothing, stay until Ctrl-C")
    folder = ROOT / "build" / "demo"
    try:
        if parser.parse_args().stay:
            return _stay()
        claims = run(folder)
    except (ClaimFailed, DeployError, LocalAccountError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    print("\n" + (folder / SUMMARY).read_text())
    print(f"picture: {folder / PICTURE}; redacted: {', '.join(str(claim.redacted) for claim in claims)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
