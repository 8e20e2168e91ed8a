"""On which of the demo's calls the lot falls: their names are chosen so that it does, or does not.

Whoever administers the account can read the key of the lot; a caller, an agent or a supervisor cannot.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from uuid import NAMESPACE_URL, uuid5

import boto3

from chalicelib.adapters.opaque import SecretPseudonyms
from chalicelib.law.lot import is_drawn
from infra.assemble import read
from infra.local.account import POLICY

Lot = Callable[[str, str], bool]


def lot_of(stack: str) -> Lot:
    """Whether a stack's lot falls on a call of the first queue: by source and call id."""
    found = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    secret = next(r["PhysicalResourceId"] for r in found if r["LogicalResourceId"] == "PseudonymSecret")
    key = str(boto3.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]).encode()
    pseudonyms, share = SecretPseudonyms(lambda: key), read(POLICY).queues[0].share_percent
    assert share is not None
    return lambda source, call_id: is_drawn(pseudonyms.of("lot", source, call_id), share)


def sequence(lot: Lot, epoch: int, drawn: bool) -> int:
    """The number with which Asterisk names a call of that second, so that the lot falls on it or does not."""
    return next(n for n in count(12_206) if lot("asterisk", f"{epoch}.{n}") is drawn)


def contact(lot: Lot) -> str:
    """The id of an Amazon Connect contact on which the lot falls."""
    ids = (str(uuid5(NAMESPACE_URL, f"https://exemple.example/{n}")) for n in count())
    return next(contact_id for contact_id in ids if lot("connect", contact_id))
