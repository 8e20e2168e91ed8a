"""What each function asked of AWS, held against what its role allows.

moto does not enforce IAM. So every call that a handler makes is recorded with its resources, and looked up in the
role's statements: a permission that is missing fails here and not in production.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any

import boto3

Document = dict[str, Any]
HERE = "eu-west-3:123456789012"
Asked = tuple[str, str]  # IAM action, resource ARN


@dataclass
class Recorder:
    """IAM actions by function, as they were needed."""

    needed: dict[str, set[Asked]] = field(default_factory=dict)
    _now: str | None = None

    def __post_init__(self) -> None:
        boto3.DEFAULT_SESSION = boto3.session.Session()
        hooks = boto3.DEFAULT_SESSION._session.get_component("event_emitter")
        hooks.register("provide-client-params.*.*", self._asked)

    @contextmanager
    def by(self, function: str) -> Iterator[None]:
        """Whatever is asked inside is asked by that function."""
        self._now = function
        try:
            yield
        finally:
            self._now = None

    def _asked(self, params: Document, model: Any, **_: Any) -> None:
        if self._now is not None:
            service = model.service_model.service_name
            self.needed.setdefault(self._now, set()).update(actions(service, model.name, params))


def actions(service: str, operation: str, params: Document) -> Iterator[Asked]:
    """The IAM actions, and the resources, that one API call needs."""
    match service, operation:
        case "s3", "CopyObject":
            source = params["CopySource"]
            yield _read(source), f"arn:aws:s3:::{source['Bucket']}/{source['Key']}"
            yield "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
            if params.get("Tagging"):
                yield "s3:PutObjectTagging", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "HeadObject" | "GetObject":
            yield _read(params), f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "UploadPartCopy":
            source = params["CopySource"]
            yield _read(source), f"arn:aws:s3:::{source['Bucket']}/{source['Key']}"
            yield "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "UploadPart" | "CompleteMultipartUpload":
            yield "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "AbortMultipartUpload":
            yield "s3:AbortMultipartUpload", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "PutObject" | "CreateMultipartUpload":
            yield "s3:PutObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
            if params.get("Tagging"):
                yield "s3:PutObjectTagging", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
            if "IfMatch" in params:
                yield "s3:GetObject", f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "s3", "DeleteObject":
            action = "s3:DeleteObjectVersion" if "VersionId" in params else "s3:DeleteObject"
            yield action, f"arn:aws:s3:::{params['Bucket']}/{params['Key']}"
        case "sns", "Publish":
            yield "sns:Publish", "*"
        case "sesv2", "SendEmail":
            yield "ses:SendEmail", "*"
        case "s3", "ListObjectVersions":
            yield "s3:ListBucketVersions", f"arn:aws:s3:::{params['Bucket']}"
        case "dynamodb", "TransactWriteItems":
            for item in params["TransactItems"]:
                ((act, write),) = item.items()
                yield f"dynamodb:{act}Item", _table(write["TableName"])
        case "dynamodb", "Query":
            index = f"/index/{params['IndexName']}" if "IndexName" in params else ""
            yield "dynamodb:Query", _table(params["TableName"]) + index
        case "dynamodb", _:
            yield f"dynamodb:{operation}", _table(params["TableName"])
        case "sqs", _:
            yield f"sqs:{operation}", f"arn:aws:sqs:eu-west-3:123456789012:{params['QueueUrl'].rsplit('/', 1)[1]}"
        case "secretsmanager", _:
            # The stack's own goes by its ARN, a provider's by its name.
            name = params["SecretId"]
            prefix = "" if name.startswith("arn:") or "/" not in name else f"arn:aws:secretsmanager:{HERE}:secret:"
            yield f"secretsmanager:{operation}", prefix + name
        case "connect", _:
            yield f"connect:{operation}", f"arn:aws:connect:{HERE}:instance/{params['InstanceId']}"
        case "polly", _:
            yield f"polly:{operation}", "*"
        case "transcribe", _:
            job = f"arn:aws:transcribe:eu-west-3:123456789012:transcription-job/{params['TranscriptionJobName']}"
            yield f"transcribe:{operation}", job
        case _:
            raise NotImplementedError(f"which permission does {service} {operation} need?")


def _read(place: Document) -> str:
    return "s3:GetObjectVersion" if place.get("VersionId") else "s3:GetObject"


def _table(name: str) -> str:
    return f"arn:aws:dynamodb:eu-west-3:123456789012:table/{name}"


def refused(needed: set[Asked], statements: list[Document]) -> set[Asked]:
    """What was needed and no statement allows."""
    return {(action, arn) for action, arn in needed if not any(_allows(s, action, arn) for s in statements)}


def _allows(statement: Document, action: str, arn: str) -> bool:
    assert statement["Effect"] == "Allow"
    fits = any(fnmatchcase(action, pattern) for pattern in _list(statement["Action"]))
    if "NotResource" in statement:
        return fits and not any(fnmatchcase(arn, pattern) for pattern in _list(statement["NotResource"]))
    return fits and any(fnmatchcase(arn, pattern) for pattern in _list(statement["Resource"]))


def _list(value: Any) -> list[str]:
    return value if isinstance(value, list) else [value]
