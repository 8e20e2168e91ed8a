"""The Steps port on Amazon SQS."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from chalicelib.services.ports import Step


class SqsSteps:
    """`client` is boto3's SQS client; `urls` the queue of each step."""

    def __init__(self, client: Any, urls: Mapping[Step, str]) -> None:
        self._sqs = client
        self._urls = urls

    def send(self, step: Step, recording_id: str) -> None:
        self.post(step, {"recording": recording_id})

    def post(self, step: Step, message: Mapping[str, Any], delay_ms: int = 0) -> None:
        body, delay_s = json.dumps(message), -(-delay_ms // 1000)
        self._sqs.send_message(QueueUrl=self._urls[step], MessageBody=body, DelaySeconds=delay_s)
