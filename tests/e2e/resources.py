"""Each resource of the template made on moto by API calls.

moto's own CloudFormation drops lifecycles, versioning and policies without a word (PLATFORM 2), so that what the
template says would not be what the tests run on. Here an unknown type or property is an error.
"""

from __future__ import annotations

import json
from typing import Any

import boto3

from infra.compare import api_rule

Document = dict[str, Any]
Made = tuple[str, dict[str, str]]  # what Ref and Fn::GetAtt give

REGION, ACCOUNT = "eu-west-3", "123456789012"
NOT_MADE = {  # on purpose: nothing in the machine's work goes through them on moto
    "AWS::S3::BucketPolicy": "moto obeys a Deny without looking at its condition: read from the template",
    "AWS::Lambda::Permission": "handlers are called by the harness",
    "AWS::Logs::LogGroup": "logs are read from standard output",
    "AWS::Cognito::UserPool": "nobody signs in here: tokens are checked in tests/adapters/test_oidc.py",
    "AWS::Cognito::UserPoolGroup": "the same",
    "AWS::Cognito::UserPoolClient": "the same",
    "AWS::ApiGateway::RestApi": "the API is tested with chalice.test",
    "AWS::ApiGateway::Deployment": "the same",
    "AWS::ApiGateway::Stage": "the same",
}


def make(logical: str, kind: str, properties: Document) -> Made:
    """Make one resource, its properties resolved."""
    if kind in NOT_MADE:
        return f"not-made-{logical}", {"Arn": f"arn:aws:none:::{logical}"}
    wanted = dict(properties)
    made = MAKERS[kind](logical, wanted)
    if wanted:
        raise NotImplementedError(f"{logical} ({kind}) has properties that the harness does not know: {list(wanted)}")
    return made


def _key(_logical: str, wanted: Document) -> Made:
    wanted.pop("EnableKeyRotation")
    made = boto3.client("kms").create_key(
        Policy=json.dumps(wanted.pop("KeyPolicy")), Description=wanted.pop("Description")
    )["KeyMetadata"]
    return made["KeyId"], {"Arn": made["Arn"]}


def _bucket(logical: str, wanted: Document) -> Made:
    s3, name = boto3.client("s3"), f"sourdine-e2e-{logical.lower()}"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    if versioning := wanted.pop("VersioningConfiguration", None):
        s3.put_bucket_versioning(Bucket=name, VersioningConfiguration=versioning)
    s3.put_bucket_ownership_controls(Bucket=name, OwnershipControls=wanted.pop("OwnershipControls"))
    public = wanted.pop("PublicAccessBlockConfiguration")
    s3.put_public_access_block(Bucket=name, PublicAccessBlockConfiguration=public)
    rules = [api_rule(rule) for rule in wanted.pop("LifecycleConfiguration")["Rules"]]
    s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration={"Rules": rules})
    rule = wanted.pop("BucketEncryption")["ServerSideEncryptionConfiguration"][0]
    default = {"ApplyServerSideEncryptionByDefault": rule["ServerSideEncryptionByDefault"]}
    s3.put_bucket_encryption(Bucket=name, ServerSideEncryptionConfiguration={"Rules": [default]})
    if wanted.pop("NotificationConfiguration", None) is not None:
        events: Document = {"EventBridgeConfiguration": {}}
        s3.put_bucket_notification_configuration(Bucket=name, NotificationConfiguration=events)
    return name, {"Arn": f"arn:aws:s3:::{name}"}


def _queue(logical: str, wanted: Document) -> Made:
    plain = {name: json.dumps(v) if isinstance(v, dict) else str(v).lower() for name, v in wanted.items()}
    wanted.clear()
    url = boto3.client("sqs").create_queue(QueueName=logical, Attributes=plain)["QueueUrl"]
    return url, {"Arn": f"arn:aws:sqs:{REGION}:{ACCOUNT}:{logical}", "QueueName": logical}


def _queue_policy(logical: str, wanted: Document) -> Made:
    policy = json.dumps(wanted.pop("PolicyDocument"))
    for url in wanted.pop("Queues"):
        boto3.client("sqs").set_queue_attributes(QueueUrl=url, Attributes={"Policy": policy})
    return logical, {}


def _rule(logical: str, wanted: Document) -> Made:
    events, targets = boto3.client("events"), wanted.pop("Targets")
    arn = f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{logical}"
    if wanted.pop("ScheduleExpression", None):
        return logical, {"Arn": arn}  # the tests are the clock
    events.put_rule(Name=logical, EventPattern=json.dumps(wanted.pop("EventPattern")))
    events.put_targets(Rule=logical, Targets=targets)
    return logical, {"Arn": arn}


def _table(logical: str, wanted: Document) -> Made:
    for unmade in ("PointInTimeRecoverySpecification", "SSESpecification"):
        wanted.pop(unmade)
    expires = wanted.pop("TimeToLiveSpecification", None)
    made = boto3.client("dynamodb").create_table(TableName=logical, **wanted)["TableDescription"]
    if expires:
        boto3.client("dynamodb").update_time_to_live(TableName=logical, TimeToLiveSpecification=expires)
    wanted.clear()
    return logical, {"Arn": made["TableArn"]}


def _secret(logical: str, wanted: Document) -> Made:
    wanted.pop("GenerateSecretString")
    made = boto3.client("secretsmanager").create_secret(
        Name=logical, SecretString="of this test", Description=wanted.pop("Description")
    )
    return made["ARN"], {}


def _role(logical: str, wanted: Document) -> Made:
    wanted.clear()  # what it allows is checked against what its function really asked for: permissions.py
    return logical, {"Arn": f"arn:aws:iam::{ACCOUNT}:role/{logical}"}


def _function(logical: str, wanted: Document) -> Made:
    wanted.clear()  # called by the harness from its handler and its variables
    return logical, {"Arn": f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{logical}"}


def _topic(logical: str, wanted: Document) -> Made:
    assert wanted.pop("Subscription", None) is None, "nobody is written to by default"
    arn = boto3.client("sns").create_topic(Name=logical)["TopicArn"]
    return arn, {"TopicArn": arn}


def _alarm(logical: str, wanted: Document) -> Made:
    boto3.client("cloudwatch").put_metric_alarm(AlarmName=logical, **wanted)
    wanted.clear()
    return logical, {}


MAKERS = {
    "AWS::KMS::Key": _key,
    "AWS::S3::Bucket": _bucket,
    "AWS::SQS::Queue": _queue,
    "AWS::SQS::QueuePolicy": _queue_policy,
    "AWS::Events::Rule": _rule,
    "AWS::DynamoDB::Table": _table,
    "AWS::SecretsManager::Secret": _secret,
    "AWS::SNS::Topic": _topic,
    "AWS::CloudWatch::Alarm": _alarm,
    "AWS::IAM::Role": _role,
    "AWS::Lambda::Function": _function,
    "AWS::Lambda::EventSourceMapping": _function,
}
