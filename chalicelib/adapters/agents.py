"""What is counted of agents, on DynamoDB: one table by the agent's pseudonym; what has an end is deleted after it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError


class DynamoCeilings:
    """The Ceilings port. `resource` is boto3's DynamoDB resource; the table's keys are `agent` and `what`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def take(self, agent_ref: str, stretch: str, most: int, call_ref: str, ends_at: datetime) -> bool:
        """One conditional write: of two calls that race for the last place, one gets it."""
        try:
            self._client.update_item(
                TableName=self._table,
                Key={"agent": agent_ref, "what": f"recorded#{stretch}"},
                UpdateExpression="ADD calls :calls SET expires = if_not_exists(expires, :end)",
                ConditionExpression="attribute_not_exists(calls) OR size(calls) < :most OR contains(calls, :call)",
                ExpressionAttributeValues={
                    ":calls": {call_ref},
                    ":call": call_ref,
                    ":most": most,
                    ":end": int(ends_at.timestamp()),
                },
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") == "ConditionalCheckFailedException":
                return False
            raise
        return True
