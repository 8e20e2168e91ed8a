"""What telephony, the recogniser and time do to a stack on moto, and what can be seen of it."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import boto3

from chalicelib.model import Transcript
from chalicelib.speech import amazon
from tests.e2e.stack import STACK, Stack, put_event


def drop(stack: Stack, key: str, body: bytes, ago: timedelta = timedelta(hours=1), **said: str) -> None:
    began = (datetime.now(UTC) - ago).isoformat()
    metadata = {"started-at": began, "queue": "urgences", "announced": "true", **said}
    boto3.client("s3").put_object(Bucket=stack.ref("InboxBucket"), Key=key, Body=body, Metadata=metadata)


def job_state(name: str) -> str:
    answer = boto3.client("transcribe").get_transcription_job(TranscriptionJobName=name)
    return str(answer["TranscriptionJob"]["TranscriptionJobStatus"])


def hear(stack: Stack, transcript: Transcript, status: str = "COMPLETED", tell: bool = True) -> int:
    """The recogniser ends every job that it was given; returns how many."""
    transcribe, jobs = boto3.client("transcribe"), 0
    for summary in transcribe.list_transcription_jobs().get("TranscriptionJobSummaries", []):
        name = summary["TranscriptionJobName"]
        recording_id = name.removeprefix(f"{STACK}-")
        body = json.dumps(amazon.dump(transcript, name))
        key = f"transcripts/{recording_id}.json"
        boto3.client("s3").put_object(Bucket=stack.ref("WorkBucket"), Key=key, Body=body)
        while job_state(name) not in ("COMPLETED", "FAILED"):
            pass  # moto moves a job on each time it is asked
        if tell:
            detail = {"TranscriptionJobName": name, "TranscriptionJobStatus": status}
            put_event("sourdine.transcribe", "Transcribe Job State Change", detail)
        jobs += 1
    return jobs


def age(stack: Stack) -> None:
    """Every row's day is past."""
    table, past = boto3.resource("dynamodb").Table(stack.ref("RecordingsTable")), date.today() - timedelta(days=2)
    for recording_id in rows(stack):
        values = {":day": past.isoformat()}
        table.update_item(
            Key={"id": recording_id}, UpdateExpression="SET due_on = :day", ExpressionAttributeValues=values
        )


def rows(stack: Stack) -> dict[str, Any]:
    items = boto3.resource("dynamodb").Table(stack.ref("RecordingsTable")).scan()["Items"]
    return {item["id"]: item for item in items}


def everything(stack: Stack) -> dict[str, list[tuple[str, str]]]:
    """Every version of every object, by bucket."""
    s3, found = boto3.client("s3"), {}
    for bucket in ("InboxBucket", "WorkBucket", "QuarantineBucket", "VaultBucket", "ExportsBucket"):
        listed = s3.list_object_versions(Bucket=stack.ref(bucket))
        both = [*listed.get("Versions", []), *listed.get("DeleteMarkers", [])]
        if both:
            found[bucket] = [(version["Key"], version["VersionId"]) for version in both]
    return found


def statements_of(stack: Stack, function: str) -> list[dict[str, Any]]:
    """What a function's role allows."""
    named = "ApiHandlerRole" if function == "APIHandler" else f"{function}Role"
    role = stack.template["Resources"][named]["Properties"]["Policies"]
    return [s for policy in role for s in stack.resolver.resolve(policy["PolicyDocument"])["Statement"]]
