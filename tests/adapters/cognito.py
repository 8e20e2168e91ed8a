"""Amazon Cognito, as moto has it: somebody signs in, and gets tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import requests
from moto import mock_aws

PASSWORD = "Only for 1 test!"


@contextmanager
def signed_in(email: str, group: str) -> Iterator[tuple[str, str, dict[str, Any], Callable[[str], bytes]]]:
    """The issuer, the client's id, what it was given and `at` what moment, and how to fetch what the issuer says."""
    with mock_aws():
        idp = boto3.client("cognito-idp")
        pool = idp.create_user_pool(PoolName="people", UsernameAttributes=["email"])["UserPool"]["Id"]
        flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]
        made = idp.create_user_pool_client(UserPoolId=pool, ClientName="desk", ExplicitAuthFlows=flows)
        client = made["UserPoolClient"]["ClientId"]
        person = {"UserPoolId": pool, "Username": email}
        idp.create_group(UserPoolId=pool, GroupName=group)
        idp.admin_create_user(**person, UserAttributes=_said(email))
        idp.admin_set_user_password(**person, Password=PASSWORD, Permanent=True)
        idp.admin_add_user_to_group(**person, GroupName=group)
        given = idp.admin_initiate_auth(
            UserPoolId=pool,
            ClientId=client,
            AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": email, "PASSWORD": PASSWORD},
        )["AuthenticationResult"]
        issuer = f"https://cognito-idp.{idp.meta.region_name}.amazonaws.com/{pool}"
        yield issuer, client, given | {"at": datetime.now(UTC)}, lambda url: requests.get(url, timeout=3).content


def _said(email: str) -> list[dict[str, str]]:
    return [{"Name": "email", "Value": email}, {"Name": "custom:agent", "Value": email}]
