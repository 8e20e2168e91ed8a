"""The Codes port on DynamoDB: items of the requests' table that expire by themselves."""

from __future__ import annotations

import hmac
from datetime import datetime
from typing import Any

from botocore.exceptions import ClientError

_CODE, _COUNT = "code", "count"


class DynamoCodes:
    """`resource` is boto3's DynamoDB resource; the table's keys are `id` and `what`, and it expires by `expires`."""

    def __init__(self, resource: Any, table: str) -> None:
        self._client, self._table = resource.meta.client, table

    def set(self, request_id: str, digest: str, until: datetime, tries: int) -> None:
        item = {"id": request_id, "what": _CODE, "digest": digest, "tries": tries, "expires": int(until.timestamp())}
        self._client.put_item(TableName=self._table, Item=item)

    def take(self, request_id: str, digest: str, now: datetime) -> bool:
        """The try is used up first: whoever races with a guess pays for it."""
        key = {"id": request_id, "what": _CODE}
        known = self._written(
            Key=key,
            UpdateExpression="ADD tries :less",
            ConditionExpression="tries > :none AND expires > :now",
            ExpressionAttributeValues={":less": -1, ":none": 0, ":now": int(now.timestamp())},
            ReturnValues="ALL_NEW",
        )
        if known is None or not hmac.compare_digest(str(known["digest"]), digest):
            return False
        try:
            self._client.delete_item(
                TableName=self._table,
                Key=key,
                ConditionExpression="digest = :digest",
                ExpressionAttributeValues={":digest": digest},
            )
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
            return False
        return True

    def count(self, kind: str, ref: str, most: int, now: datetime, until: datetime) -> bool:
        """DynamoDB deletes what has expired within some days: a stretch that is over is begun anew by hand."""
        key, values = {"id": f"{_COUNT}#{kind}#{ref}", "what": _COUNT}, {":one": 1, ":now": int(now.timestamp())}

        def one_more() -> bool:
            return bool(
                self._written(
                    Key=key,
                    UpdateExpression="ADD counted :one",
                    ConditionExpression="counted < :most AND expires > :now",
                    ExpressionAttributeValues=values | {":most": most},
                    ReturnValues="ALL_NEW",
                )
            )

        def first() -> bool:
            return bool(
                self._written(
                    Key=key,
                    UpdateExpression="SET counted = :one, expires = :end",
                    ConditionExpression="attribute_not_exists(expires) OR expires <= :now",
                    ExpressionAttributeValues=values | {":end": int(until.timestamp())},
                    ReturnValues="ALL_NEW",
                )
            )

        return one_more() or first() or one_more()  # somebody else may have begun it in between

    def _written(self, **update: Any) -> dict[str, Any] | None:
        """The item after an update whose condition held, None where it did not."""
        try:
            answer = self._client.update_item(TableName=self._table, **update)
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "ConditionalCheckFailedException":
                raise
            return None
        return dict(answer.get("Attributes", {}))
