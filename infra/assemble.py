"""The stack's part that Chalice does not make, out of the YAML families beside this file and of the policy.

Adds what is the same for many resources, so that none can be forgotten: a TLS-only policy on every bucket; in the
vault and in the quarantine one lifecycle rule per number of days that a recording may have left when it is written;
and the terms that the policy sets.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from chalicelib.law.load import load
from chalicelib.law.period import Period
from chalicelib.law.policy import Policy
from chalicelib.law.retention import EXACT_DAYS, tags_for
from chalicelib.model import Shelf
from chalicelib.services.machine import DAYS_TAG

FOLDER = Path(__file__).parent
POLICY = FOLDER / "policy.toml"
FAMILIES = ("storage", "queues", "tables", "alarms", "identity", "functions")

_A_YEAR = Period(years=1)
_LONGEST = Period(years=10)

Document = dict[str, Any]


def read(path: Path = POLICY) -> Policy:
    """A policy's file. Raises InvalidPolicy and OSError."""
    return load(path.read_text("utf-8"))


def assemble(policy: Policy) -> Document:
    """One template to merge over Chalice's."""
    template: Document = {}
    for family in FAMILIES:
        for section, body in yaml_parse((FOLDER / f"{family}.yaml").read_text()).items():
            _join(template.setdefault(section, {}), body, section)
    resources: Document = template["Resources"]
    buckets = [name for name, r in resources.items() if r.get("Type") == "AWS::S3::Bucket"]
    resources |= {f"{name}Policy": _tls_only(name) for name in buckets}
    _add_rules(resources, "VaultBucket", _vault_rules(policy))
    quarantine = policy.keeping.quarantine.most_days
    _add_rules(resources, "QuarantineBucket", [*days_left_rules(tags_for(quarantine - 1)), _whole(quarantine)])
    _add_rules(resources, "ExportsBucket", [_whole(policy.keeping.exports.most_days)])
    for resource in resources.values():
        if resource.get("Type") == "AWS::Logs::LogGroup":
            resource["Properties"]["RetentionInDays"] = _log_days(policy.keeping.access_log)
    return template


def _log_days(access_log: Period) -> int:
    """Of the terms that CloudWatch takes, the longest that an access log's allows (FACTS 1.5)."""
    return 365 if _A_YEAR.is_within(access_log) else 180


def _add_rules(resources: Document, bucket: str, rules: list[Document]) -> None:
    resources[bucket]["Properties"]["LifecycleConfiguration"]["Rules"] += rules


def _vault_rules(policy: Policy) -> list[Document]:
    """By tag, each number of days that a recording may have left; by prefix, whatever should lie there untagged.

    Up to the longest term that any policy can set: what lies there was tagged under another policy, perhaps.
    """
    tags = tags_for(_LONGEST.most_days + 1)
    analyses = policy.keeping.analyses.most_days - 1
    untagged = [_prefix(f"{Shelf.CALLS}/", EXACT_DAYS), _prefix("analyses/", analyses), _whole(tags[-1])]
    return [*days_left_rules(tags), *untagged]


def _prefix(prefix: str, days: int) -> Document:
    return {"Id": f"{prefix.strip('/')}-untagged", "Status": "Enabled", "Prefix": prefix, "ExpirationInDays": days}


def _whole(days: int) -> Document:
    return {"Id": "whatever-else", "Status": "Enabled", "Prefix": "", "ExpirationInDays": days}


def _join(target: Document, body: Document, section: str) -> None:
    for name, value in body.items():
        if name in target:
            raise ValueError(f"{section}.{name} stands in two families")
        target[name] = value


def _tls_only(bucket: str) -> Document:
    arn = {"Fn::GetAtt": [bucket, "Arn"]}
    refuse = {
        "Sid": "TlsOnly",
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": [arn, {"Fn::Sub": f"${{{bucket}.Arn}}/*"}],
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
    document = {"Version": "2012-10-17", "Statement": [refuse]}
    return {"Type": "AWS::S3::BucketPolicy", "Properties": {"Bucket": {"Ref": bucket}, "PolicyDocument": document}}


def days_left_rules(tags: list[int]) -> list[Document]:
    """CloudFormation rules: an object tagged with n days left expires n days after it was written."""
    return [
        {
            "Id": f"days-left-{left:04d}",
            "Status": "Enabled",
            "TagFilters": [{"Key": DAYS_TAG, "Value": str(left)}],
            "ExpirationInDays": left,
        }
        for left in tags
    ]


def write(path: Path, policy: Policy) -> None:
    """Write the template as JSON, which `chalice package --merge-template` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(assemble(policy), indent=1))
