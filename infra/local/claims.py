"""What the demo says of a call, each claim read from the account and from the sound, not from the machine's word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
from boto3.dynamodb.conditions import Key

from chalicelib.audio.verify import verify
from chalicelib.model import Span
from chalicelib.speech import amazon
from infra.local.listen import listen, part

Document = dict[str, Any]


NOT_DRAWN = """  the lot    did not fall on it: deleted unheard, and the ledger says so
  copies     none: in no bucket, and the recogniser was never asked"""


class ClaimFailed(Exception):
    """Something that the demo would have said is not so."""


@dataclass(frozen=True, slots=True)
class Claims:
    """What was found true of one call, fit to be printed."""

    name: str
    recording_id: str
    dropped_as: str
    muted: list[tuple[Span, str]]
    sensitive: int
    untouched: int
    tags: dict[str, str]
    last_day: str
    where: str
    original: Path
    redacted: Path

    def text(self) -> str:
        """The lines that the demo prints: times and kinds, never digits."""
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield f"{self.name}.wav, dropped as {self.dropped_as}"
        for span, kind in self.muted:
            who = {0: "customer", 1: "agent", None: "everybody"}[span.channel]
            yield f"  muted      {span.start_ms / 1000:6.2f} – {span.end_ms / 1000:6.2f} s  {who:9} {kind}"
        yield f"  bank data  all {self.sensitive} spoken numbers of it silent, to the last sample"
        yield f"  the rest   {self.untouched} % of all other speech untouched: padding takes what is close to bank data"
        yield f"  lies at    {self.where}"
        yield f"  tags       {', '.join(f'{name}={value}' for name, value in self.tags.items())}"
        yield f"  last day   {self.last_day}"
        yield "  raw        gone: no version of it in the inbox, the work bucket or the quarantine"


def check(wav: Path, truth: Document, key: str, row: Document, outputs: dict[str, str], folder: Path) -> Claims:
    """Check one call's end and fetch its redacted sound into `folder`. Raises ClaimFailed with what is not so."""
    name = wav.stem
    muted = [_muted(item) for item in row["muted"]]
    redacted = folder / f"{name}-redacted.wav"
    where = f"calls/{row['id']}/audio"
    boto3.client("s3").download_file(outputs["Vault"], where, str(redacted))
    with wav.open("rb") as before, redacted.open("rb") as after:
        verify(before, after, [span for span, _ in muted])
    sensitive, untouched = _heard(name, wav, redacted, truth)
    _require_no_raw(name, outputs)
    _require_nothing_said(name, truth, row, key, outputs)
    tags = _tags(outputs["Vault"], where)
    _require(tags.get("last-day") == row["last_day"], f"{name} has no last day on it")
    place = f"s3://{outputs['Vault']}/{where}"
    return Claims(name, row["id"], key, muted, sensitive, untouched, tags, row["last_day"], place, wav, redacted)


def require_available(name: str, row: Document) -> None:
    """Return if the call came through. Raises ClaimFailed with its end and the ground of it."""
    _require(row["state"] == "available", f"{name} ended as {row['state']} ({row['ground']})")


def require_unheard(name: str, row: Document, outputs: dict[str, str]) -> None:
    """Return if a call on which the lot did not fall was deleted unheard. Raises ClaimFailed."""
    _require((row["state"], row["ground"]) == ("discarded", "not-drawn"), f"{name} ended as {row['ground']}")
    table = boto3.resource("dynamodb").Table(outputs["Ledger"])
    lines = table.query(KeyConditionExpression=Key("id").eq(row["id"]))["Items"]
    said = [line["ground"] for line in lines]
    _require(said == ["arrived", "not-drawn", "copies-deleted"], f"{name}: the ledger says {said}")
    for bucket in ("Inbox", "Work", "Quarantine", "Vault"):
        keys = [
            found["Key"] for found in boto3.client("s3").list_objects_v2(Bucket=outputs[bucket]).get("Contents", [])
        ]
        _require(not any(row["id"] in key for key in keys), f"{name}: a copy of it is left in the {bucket} bucket")


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise ClaimFailed(otherwise)


def _muted(item: Document) -> tuple[Span, str]:
    channel = None if item["channel"] is None else int(item["channel"])
    return Span(int(item["start_ms"]), int(item["end_ms"]), channel), item["kind"]


def _heard(name: str, wav: Path, redacted: Path, truth: Document) -> tuple[int, int]:
    """How many numbers of bank data were spoken, all silent now; and what share of other speech is untouched, in %."""
    before, after = listen(wav), listen(redacted)
    sensitive = spoken = same = 0
    for word in truth["words"]:
        at = word["start_ms"], word["end_ms"], word["channel"]
        old, new = part(before, *at), part(after, *at)
        if word["sensitive"]:
            _require(bool(old.any()) and not new.any(), f"{name}: bank data is audible at {at[0]} ms")
            sensitive += 1
        else:
            spoken += len(old)
            same += int((old == new).sum())
    return sensitive, 100 * same // spoken


def _require_no_raw(name: str, outputs: dict[str, str]) -> None:
    for bucket in ("Inbox", "Work", "Quarantine"):
        listed = boto3.client("s3").list_object_versions(Bucket=outputs[bucket])
        _require(not listed.get("Versions"), f"{name}: something unredacted is left in the {bucket.lower()} bucket")


def _require_nothing_said(name: str, truth: Document, row: Document, key: str, outputs: dict[str, str]) -> None:
    """The transcript holds no word where bank data was really spoken; the row, no part of the name that was dropped."""
    body = (
        boto3.client("s3").get_object(Bucket=outputs["Vault"], Key=f"calls/{row['id']}/transcript.json")["Body"].read()
    )
    masked = amazon.load(amazon.parse(body))
    left = [word.span for word in masked.words if not word.text.startswith("[")]
    for word in truth["words"]:
        spoken = Span(word["start_ms"], word["end_ms"], word["channel"])
        heard = word["sensitive"] and any(span.overlaps(spoken) for span in left)
        _require(not heard, f"{name}: the transcript says something where bank data was spoken")
    kept = json.dumps(row, default=str)
    _require(
        not any(part in kept for part in key.replace("/", "-").split("-") if len(part) > 6),
        f"{name}: the row names the call",
    )


def _tags(bucket: str, key: str) -> dict[str, str]:
    answer = boto3.client("s3").get_object_tagging(Bucket=bucket, Key=key)
    return {tag["Key"]: tag["Value"] for tag in sorted(answer["TagSet"], key=lambda tag: tag["Key"])}
