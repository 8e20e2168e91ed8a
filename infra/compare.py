"""What stands after a deployment, against what the template says; what is missing is applied by API, and told.

Emulators drop parts of a template without a word (PLATFORM 2), and a person may have changed a bucket by hand. A
recording that never expires is the worst of those accidents, so every bucket's lifecycle, versioning, public
access and encryption are read back.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import boto3
from botocore.exceptions import ClientError

Document = dict[str, Any]


def compare(stack: str, template: Document) -> Iterator[str]:
    """Yield one sentence for each difference found and mended."""
    resources = boto3.client("cloudformation").describe_stack_resources(StackName=stack)["StackResources"]
    names = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
    for logical, resource in template["Resources"].items():
        if resource["Type"] == "AWS::S3::Bucket":
            yield from _bucket(names[logical], logical, resource["Properties"], names)


def _bucket(name: str, logical: str, wanted: Document, names: dict[str, str]) -> Iterator[str]:
    s3 = boto3.client("s3")
    rules = [api_rule(rule) for rule in wanted["LifecycleConfiguration"]["Rules"]]
    if _by_id(_ask(lambda: s3.get_bucket_lifecycle_configuration(Bucket=name)["Rules"])) != _by_id(rules):
        s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
        yield f"{logical}: the lifecycle was not what the template says; applied by API ({len(rules)} rules)"
    public = wanted["PublicAccessBlockConfiguration"]
    if _ask(lambda: s3.get_public_access_block(Bucket=name)["PublicAccessBlockConfiguration"]) != public:
        s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=public)
        yield f"{logical}: public access was not blocked as the template says; applied by API"
    status = wanted.get("VersioningConfiguration", {}).get("Status")
    if status and s3.get_bucket_versioning(Bucket=name).get("Status") != status:
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": status})
        yield f"{logical}: versioning was not {status}; applied by API"
    encryption = _api_encryption(wanted["BucketEncryption"], names)
    if not _same_key(
        _ask(lambda: s3.get_bucket_encryption(Bucket=name)["ServerSideEncryptionConfiguration"]), encryption
    ):
        s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration=encryption)
        yield f"{logical}: encryption was not under the key that the template names; applied by API"
    policy = _ask(lambda: s3.get_bucket_policy(Bucket=name)["Policy"])
    if policy is None or "aws:SecureTransport" not in policy:
        yield f"{logical}: no policy refuses requests without TLS; this is not mended here: look at the stack's events"


def _ask(question: Callable[[], Any]) -> Any:
    """An answer, or None where S3 says that nothing is configured."""
    try:
        return question()
    except ClientError:
        return None


def _by_id(rules: list[Document] | None) -> dict[str, Document]:
    return {rule["ID"]: _spelt_alike(rule) for rule in rules or []}


def _spelt_alike(rule: Document) -> Document:
    """A rule in one spelling: a store may tell a prefix outside of the filter, as of old, and what is empty or not."""
    told = {name: value for name, value in rule.items() if value and name != "Prefix"}
    return {"Filter": {"Prefix": rule.get("Prefix", "")}, **told}


def _same_key(found: Document | None, wanted: Document) -> bool:
    """Whether a bucket encrypts under the key that it should; a key is named by its id or by its ARN."""
    kinds = [rule["ApplyServerSideEncryptionByDefault"] for rule in (found or {}).get("Rules", [])]
    key = wanted["Rules"][0]["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"].rsplit("/", 1)[-1]
    return [(k["SSEAlgorithm"], k.get("KMSMasterKeyID", "").rsplit("/", 1)[-1]) for k in kinds] == [("aws:kms", key)]


def _api_encryption(wanted: Document, names: dict[str, str]) -> Document:
    """The template's encryption with its key's real id."""
    rule = wanted["ServerSideEncryptionConfiguration"][0]
    default = dict(rule["ServerSideEncryptionByDefault"])
    default["KMSMasterKeyID"] = names[default["KMSMasterKeyID"]["Fn::GetAtt"][0]]
    bucket_key = {"BucketKeyEnabled": rule.get("BucketKeyEnabled", False)}
    return {"Rules": [{"ApplyServerSideEncryptionByDefault": default, **bucket_key}]}


def api_rule(rule: Document) -> Document:
    """A lifecycle rule as S3's API spells it, out of CloudFormation's spelling; an empty expiration is malformed."""
    tags = rule.get("TagFilters")
    expiration: Document = {}
    if "ExpirationInDays" in rule:
        expiration["Days"] = rule["ExpirationInDays"]
    if rule.get("ExpiredObjectDeleteMarker"):
        expiration["ExpiredObjectDeleteMarker"] = True
    kept = ("NoncurrentVersionExpiration", "AbortIncompleteMultipartUpload")
    return {
        "ID": rule["Id"],
        "Status": rule["Status"],
        "Filter": {"Tag": tags[0]} if tags else {"Prefix": rule.get("Prefix", "")},
        **({"Expiration": expiration} if expiration else {}),
        **{name: rule[name] for name in kept if name in rule},
    }
