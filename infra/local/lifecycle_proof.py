"""`make lifecycle-proof`: the vault's own lifecycle rules, executed by Ceph, end recordings on their last day.

One object for each last day that a call may have, with the days that redaction tags it with; then the lifecycle is
run as on some of the mornings that follow, one minute after midnight UTC, and what is left is listed. The times are
whole days and not seconds: Ceph needs a fifth of a second for each rule, so that a pass outlasts any shortened day.
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import boto3
from botocore.config import Config

from chalicelib.adapters.s3 import S3Objects
from chalicelib.law.policy import Policy
from chalicelib.law.retention import EXACT_DAYS, lifecycle_days, tag_days
from chalicelib.services.machine import DAYS_TAG
from chalicelib.services.ports import Bucket, Place
from infra.assemble import assemble, read
from infra.compare import api_rule
from infra.local.account import REGION, LocalAccountError
from infra.local.ceph import USER, Ceph, ceph
from infra.local.readme import README, within

VAULT = "vault"
MORNINGS = (1, 2, 3, 31, 91, 181, 185, 190)
"""How many days after the writing the lifecycle is run; then once more when the vault must be empty."""

_HELD_DAYS, _PROLONGED_DAYS = 187, 91


@dataclass(frozen=True, slots=True)
class Laid:
    """One object: where it lies, and in how many days it must be gone in the morning."""

    key: str
    gone_in: int


def main() -> int:
    """Prove it, print it, and write it into README. 1 where it does not hold, 2 where Ceph does not run."""
    try:
        with ceph() as cluster:
            lines, amiss = _prove(cluster, read())
    except LocalAccountError as error:
        print(error, file=sys.stderr)
        return 2
    if amiss:
        print(f"{amiss} times an object was gone too early or there too late")
        return 1
    README.write_text(within(README.read_text(), "lifecycle-proof", "\n".join([*lines, ""])))
    return 0


def _prove(cluster: Ceph, policy: Policy) -> tuple[list[str], int]:
    """What each morning shows, and how often an object was not as it should be."""
    client, rules = _client(cluster), _rules(policy)
    client.create_bucket(Bucket=VAULT)
    client.put_bucket_lifecycle_configuration(Bucket=VAULT, LifecycleConfiguration={"Rules": rules})
    laid = [*_calls(client, policy), *_odd_ones(client, policy, rules)]
    written_on = _written_on(client)
    lines, wrong = [f"{len(rules)} rules, {len(laid)} objects"], 0
    print(lines[0], flush=True)
    for day in (*MORNINGS, max(one.gone_in for one in laid)):
        cluster.run_lifecycle(datetime.combine(written_on + timedelta(days=day), time(0, 1), UTC))
        line, amiss = _morning(day, laid, _keys(client))
        print(line, flush=True)
        lines.append(line)
        wrong += amiss
    return lines, wrong


def _calls(client: Any, policy: Policy) -> list[Laid]:
    """One call for each last day within six months; one that has less than two days left is not written at all."""
    laid = [Laid(f"calls/{last_in:03d}/audio", last_in) for last_in in range(2, EXACT_DAYS + 2)]
    for one in laid:
        _put(client, one.key, {DAYS_TAG: str(_days(policy, one.gone_in))})
    return laid


def _odd_ones(client: Any, policy: Policy, rules: list[dict[str, Any]]) -> list[Laid]:
    """Prolonged by another tag, held by a tag of whole weeks, and without any tag among the calls and elsewhere."""
    prolonged, held = "calls/prolonged/audio", "held/a-claim/audio"
    _put(client, prolonged, {DAYS_TAG: str(_days(policy, 2))})
    tags = {"TagSet": [{"Key": DAYS_TAG, "Value": str(_days(policy, _PROLONGED_DAYS))}]}
    client.put_object_tagging(Bucket=VAULT, Key=prolonged, Tagging=tags)
    _put(client, held, {DAYS_TAG: str(_days(policy, _HELD_DAYS))})
    longest = max(rule["Expiration"]["Days"] for rule in rules if "Expiration" in rule)
    untagged = [Laid("calls/untagged/audio", EXACT_DAYS + 1), Laid("elsewhere/untagged/audio", longest + 1)]
    for one in untagged:
        _put(client, one.key, {})
    return [Laid(prolonged, _PROLONGED_DAYS), Laid(held, _days(policy, _HELD_DAYS) + 1), *untagged]


def _days(policy: Policy, last_in: int) -> int:
    """The tag of an object that is written today and whose last day is in so many days."""
    now = datetime.now(UTC).replace(hour=12)  # at noon it is the same day in UTC and for the controller
    last_day = now.astimezone(policy.zone).date() + timedelta(days=last_in)
    return tag_days(lifecycle_days(last_day, now, policy.zone))


def _put(client: Any, key: str, tags: dict[str, str]) -> None:
    S3Objects(client, {Bucket.VAULT: VAULT}).put(Place(Bucket.VAULT, key), b"sound", "audio/wav", tags)


def _morning(day: int, laid: list[Laid], there: set[str]) -> tuple[str, int]:
    """What one morning shows, and how many objects are not as they should be."""
    gone = [one for one in laid if one.key not in there]
    amiss = [one.key for one in laid if (one.key in there) is (one.gone_in <= day)]
    odd = [one.key.removesuffix("/audio") for one in gone if not one.key.split("/")[1].isdecimal()]
    calls = [one.gone_in for one in gone if one.key.split("/")[1].isdecimal()]
    shown = f"calls of last day {min(calls)} to {max(calls)}" if calls else "nothing"
    line = f"day {day:3d}  gone: {', '.join([shown, *odd])}; left: {len(there)}"
    return line + (f"; AMISS: {', '.join(amiss)}" if amiss else ""), len(amiss)


def _rules(policy: Policy) -> list[dict[str, Any]]:
    bucket = assemble(policy)["Resources"]["VaultBucket"]["Properties"]
    return [api_rule(rule) for rule in bucket["LifecycleConfiguration"]["Rules"]]


def _client(cluster: Ceph) -> Any:
    kept = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
    )
    keys = {"aws_access_key_id": USER, "aws_secret_access_key": USER}
    return boto3.client("s3", endpoint_url=cluster.endpoint, region_name=REGION, config=kept, **keys)


def _keys(client: Any) -> set[str]:
    return {found["Key"] for found in client.list_objects_v2(Bucket=VAULT).get("Contents", ())}


def _written_on(client: Any) -> date:
    """The day, UTC, on which everything was written. Raises LocalAccountError where midnight fell into it."""
    days = {found["LastModified"].date() for found in client.list_objects_v2(Bucket=VAULT)["Contents"]}
    if len(days) != 1:
        raise LocalAccountError("midnight came while the objects were written: run it again")
    written_on: date = days.pop()
    return written_on


if __name__ == "__main__":
    sys.exit(main())
