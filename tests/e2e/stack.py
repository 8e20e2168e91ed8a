"""The deployed stack on moto: the template's own resources, queues and event source mappings, the real handlers."""

from __future__ import annotations

import importlib
import json
import logging
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
from moto import mock_aws

from chalicelib import wiring
from tests.e2e import resources
from tests.e2e.permissions import Recorder
from tests.e2e.template import Document, Resolver

STACK = "sourdine-e2e"
SCHEDULED = Path(__file__).parents[1] / "events" / "eventbridge" / "scheduled.json"


@dataclass
class Stack:
    """A stack that stands, its policy's file, and what else its functions find in their environment.

    `asked` records every AWS call of every function.
    """

    template: Document
    resolver: Resolver
    policy: Path
    also: dict[str, str] = field(default_factory=dict)
    asked: Recorder = field(default_factory=Recorder)

    def ref(self, logical: str) -> str:
        """What `Ref` gives: a bucket's or table's name, a queue's URL."""
        return self.resolver.refs[logical]

    def invoke(self, function: str, event: Document) -> Any:
        """Run a function's handler in its own environment, as Lambda would in a fresh container."""
        properties = self.template["Resources"][function]["Properties"]
        module, handler = properties["Handler"].rsplit(".", 1)
        before = dict(os.environ)
        for handler_of_log in logging.getLogger("sourdine").handlers:
            handler_of_log.stream = sys.stdout  # type: ignore[attr-defined]  # whichever pytest captures now
        os.environ |= self.resolver.resolve(properties["Environment"]["Variables"])
        os.environ |= {"POLICY_FILE": str(self.policy), **self.also}
        _forget()
        try:
            with self.asked.by(function):
                return getattr(importlib.import_module(module), handler)(event, _context(function))
        finally:
            _forget()
            os.environ.clear()
            os.environ |= before

    def tick(self, function: str) -> Any:
        """The clock calls a scheduled function."""
        return self.invoke(function, json.loads(SCHEDULED.read_text()))

    def pump(self) -> int:
        """Deliver what waits in the queues that feed functions, until they are empty; returns the batches run."""
        batches = 0
        while delivered := sum(self._deliver(mapping) for mapping in self._mappings()):
            batches += delivered
        return batches

    def _mappings(self) -> list[Document]:
        kind = "AWS::Lambda::EventSourceMapping"
        found = [r["Properties"] for r in self.template["Resources"].values() if r["Type"] == kind]
        return [self.resolver.resolve(properties) for properties in found]

    def _deliver(self, mapping: Document) -> int:
        """One batch from one queue; messages that the answer does not name are deleted, the others come back."""
        sqs = boto3.client("sqs")
        url = sqs.get_queue_url(QueueName=mapping["EventSourceArn"].rsplit(":", 1)[1])["QueueUrl"]
        batch = sqs.receive_message(
            QueueUrl=url, MaxNumberOfMessages=min(10, mapping["BatchSize"]), AttributeNames=["All"]
        ).get("Messages", [])
        if not batch:
            return 0
        answer = self.invoke(mapping["FunctionName"], {"Records": [_record(m, mapping) for m in batch]})
        assert mapping["FunctionResponseTypes"] == ["ReportBatchItemFailures"]
        failed = {item["itemIdentifier"] for item in answer["batchItemFailures"]}
        for message in batch:
            if message["MessageId"] not in failed:
                sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return 1

    def come_back(self, queue: str) -> None:
        """Let the visibility timeout of a queue's messages run out."""
        from moto.backends import get_backend

        backend = get_backend("sqs")[resources.ACCOUNT][resources.REGION]
        for message in backend.queues[queue]._messages:
            message.change_visibility(0)

    def waiting(self, queue: str) -> int:
        """Messages in a queue, seen or not."""
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = boto3.client("sqs").get_queue_attributes(QueueUrl=self.ref(queue), AttributeNames=list(counts))
        return sum(int(found["Attributes"][name]) for name in counts)


@contextmanager
def standing(template: Document, policy: Path) -> Iterator[Stack]:
    """The template's resources made on a fresh moto account, its functions under that policy."""
    known = {
        "AWS::AccountId": resources.ACCOUNT,
        "AWS::Region": resources.REGION,
        "AWS::Partition": "aws",
        "AWS::URLSuffix": "amazonaws.com",
        "AWS::StackName": STACK,
    }
    with mock_aws():
        resolver = Resolver(template, known)
        _make_all(template["Resources"], resolver)
        yield Stack(template, resolver, policy)


def _make_all(wanted: Document, resolver: Resolver) -> None:
    """Make resources in whatever order their references allow."""
    left = {logical: resource for logical, resource in wanted.items() if resolver.holds(resource.get("Condition"))}
    while left:
        before = len(left)
        for logical, resource in list(left.items()):
            try:
                made = resource["Type"] not in resources.NOT_MADE
                properties = resolver.resolve(resource.get("Properties", {})) if made else {}
            except KeyError:
                continue
            ref, attributes = resources.make(logical, resource["Type"], properties)
            resolver.refs[logical] = ref
            resolver.attributes |= {(logical, name): value for name, value in attributes.items()}
            del left[logical]
        if len(left) == before:
            raise AssertionError(f"these wait for each other: {sorted(left)}")


def _forget() -> None:
    """A fresh container has built nothing yet."""
    for built in (wiring.machine, wiring.policy, wiring.acknowledgements, wiring.pseudonyms, wiring.voice):
        built.cache_clear()
    wiring.tokens.cache_clear()


def _record(message: Document, mapping: Document) -> Document:
    return {
        "messageId": message["MessageId"],
        "receiptHandle": message["ReceiptHandle"],
        "body": message["Body"],
        "attributes": message["Attributes"],
        "messageAttributes": {},
        "md5OfBody": message["MD5OfBody"],
        "eventSource": "aws:sqs",
        "eventSourceARN": mapping["EventSourceArn"],
        "awsRegion": resources.REGION,
    }


def _context(function: str) -> Any:
    arn = f"arn:aws:lambda:{resources.REGION}:{resources.ACCOUNT}:function:{function}"
    return SimpleNamespace(
        function_name=function, memory_limit_in_mb=512, invoked_function_arn=arn, aws_request_id="test",
        get_remaining_time_in_millis=lambda: 60_000,
    )  # fmt: skip


def put_event(source: str, kind: str, detail: Document) -> None:
    """Something happens on the default bus."""
    entry = {"Source": source, "DetailType": kind, "Detail": json.dumps(detail)}
    boto3.client("events").put_events(Entries=[entry])
