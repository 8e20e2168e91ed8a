"""The stack's part that Chalice does not make, out of the YAML families beside this file.

Adds what is the same for many resources, so that none can be forgotten: a TLS-only policy on every bucket; in the
vault and in the quarantine one lifecycle rule per number of days that a recording may have left when it is written.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from chalicelib.law.retention import LAWFUL_DAYS
from chalicelib.services.machine import DAYS_TAG

FAMILIES = ("storage", "queues", "tables", "functions")
QUARANTINE_DAYS = 30

Document = dict[str, Any]


def assemble(folder: Path = Path(__file__).parent) -> Document:
    """One template to merge over Chalice's."""
    template: Document = {}
    for family in FAMILIES:
        for section, body in yaml_parse((folder / f"{family}.yaml").read_text()).items():
            _join(template.setdefault(section, {}), body, section)
    buckets = [name for name, r in template["Resources"].items() if r.get("Type") == "AWS::S3::Bucket"]
    template["Resources"] |= {f"{name}Policy": _tls_only(name) for name in buckets}
    for bucket, days in (("VaultBucket", LAWFUL_DAYS), ("QuarantineBucket", QUARANTINE_DAYS - 1)):
        template["Resources"][bucket]["Properties"]["LifecycleConfiguration"]["Rules"] += days_left_rules(days)
    return template


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


def days_left_rules(days: int) -> list[Document]:
    """CloudFormation rules: an object tagged with n days left expires n days after it was written."""
    return [
        {
            "Id": f"days-left-{left:03d}",
            "Status": "Enabled",
            "TagFilters": [{"Key": DAYS_TAG, "Value": str(left)}],
            "ExpirationInDays": left,
        }
        for left in range(1, days + 1)
    ]


def write(path: Path) -> None:
    """Write the template as JSON, which `chalice package --merge-template` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(assemble(), indent=1))
