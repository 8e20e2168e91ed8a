"""The machine deployed on the local account, as people meet it: by HTTP, with what was sent to their telephones."""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from infra.local.account import ACCOUNT, REGION, LocalAccount
from infra.local.provider import ProviderDouble
from infra.local.signed import signed
from tests.infra.test_provider_double import SECRETS

STACK = "sourdine-local"
PATIENCE_S = 600
PASSWORD = "Only for 1 test, long!"
PUBLIC = "https://calls.exemple.example"
DPO = f"arn:aws:iam::{ACCOUNT}:role/Dpo"
_JSON = {"Content-Type": "application/json"}


def until(holds: Callable[[], Any]) -> Any:
    """What `holds` gives, once it gives anything."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)
    return found


@dataclass
class There:
    """A deployed account, and the double of all providers."""

    account: LocalAccount
    outputs: dict[str, str]
    double: ProviderDouble

    def url(self, path: str) -> str:
        return f"{self.account.endpoint}/restapis/{self.outputs['RestAPIId']}/api/_user_request_{path}"

    def open(self, method: str, path: str, body: bytes | None = None, headers: Any = _JSON) -> tuple[int, bytes]:
        """Status and bytes of an answer, redirections followed as a browser does."""
        request = urllib.request.Request(self.url(path), body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=90) as answer:
                return answer.status, answer.read()
        except urllib.error.HTTPError as error:
            return error.code, error.read()

    def ask(self, method: str, path: str, said: Any = None, token: str = "") -> tuple[int, Any]:
        """In JSON, by whoever has that ID token or by nobody in particular."""
        headers = _JSON | ({"Authorization": f"Bearer {token}"} if token else {})
        return _read(self.open(method, path, None if said is None else json.dumps(said).encode(), headers))

    def ask_signed(self, path: str, said: dict[str, Any]) -> tuple[int, Any]:
        """By a machine that signs its body (Standard Webhooks)."""
        said = {**said, "request": f"POST {path}"}
        headers, body = signed("standard", said, PUBLIC, SECRETS["standard"], datetime.now(UTC))
        return _read(self.open("POST", path, body, headers))

    def ask_as(self, role: str, method: str, path: str, said: Any = None) -> tuple[int, Any]:
        """By whoever assumed an IAM role, as API Gateway's IAM authorizer takes it."""
        session = boto3.client("sts").assume_role(RoleArn=role, RoleSessionName="jeanne")["Credentials"]
        keys = Credentials(session["AccessKeyId"], session["SecretAccessKey"], session["SessionToken"])
        body = None if said is None else json.dumps(said).encode()
        request = AWSRequest(method, self.url(path), dict(_JSON), body)
        SigV4Auth(keys, "execute-api", REGION).add_auth(request)
        return _read(self.open(method, path, body, dict(request.headers)))

    def code(self, number: str) -> str:
        """The last code that came to a telephone or an e-mail address."""
        return re.findall(r"\b\d{6}\b", "\n".join(self.letters(number)))[-1]

    def letters(self, to: str) -> list[str]:
        """Every message that was sent there."""
        if "@" in to:
            sent = self._kept("ses/messages")["messages"].get(ACCOUNT, [])
            return [each["BodyText"] for each in sent if to in each["To"]]
        return [each["Message"] for each in self._kept("sns/sms-messages")["sms_messages"].get(to, [])]

    def _kept(self, what: str) -> Any:
        with urllib.request.urlopen(f"{self.account.endpoint}/_ministack/{what}", timeout=30) as answer:
            return json.load(answer)

    def asked(self, right: str, who: str, **more: Any) -> str:
        """A request that waits for its proof; its id."""
        status, said = self.ask("POST", "/requests", {"right": right, "who": who, "language": "fr", **more})
        assert status == 202, said
        return str(said["request"])

    def prove(self, request: str, who: str) -> None:
        """Type in the code that came."""
        status, said = self.ask("POST", f"/requests/{request}/proof", {"code": self.code(who)})
        assert status == 200, said

    def proven(self, right: str, who: str, **more: Any) -> str:
        request = self.asked(right, who, **more)
        self.prove(request, who)
        return request

    def answer(self, request: str, who: str) -> dict[str, Any]:
        """What the person reads, once it is answered and they were written to."""
        until(lambda: self.desk(request)["log"][-1]["ground"] == "told")
        self.ask("POST", f"/requests/{request}/code", {})
        status, said = self.ask("POST", f"/requests/{request}/answer", {"code": self.code(who)})
        assert status == 200, said
        return dict(said)

    def desk(self, request: str) -> dict[str, Any]:
        """What the DPO sees of a request."""
        status, said = self.ask_as(DPO, "GET", f"/desk/requests/{request}")
        assert status == 200, said
        return dict(said)

    def token(self, name: str, group: str, **attributes: str) -> str:
        """An ID token of the stack's own pool, of somebody who is made now."""
        pool, idp = self.outputs["UserPoolId"], boto3.client("cognito-idp")
        said = {"email": name, "email_verified": "true"} | {f"custom:{key}": each for key, each in attributes.items()}
        told = [{"Name": key, "Value": value} for key, value in said.items()]
        idp.admin_create_user(UserPoolId=pool, Username=name, UserAttributes=told, TemporaryPassword=PASSWORD)
        idp.admin_set_user_password(UserPoolId=pool, Username=name, Password=PASSWORD, Permanent=True)
        idp.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName=group)
        found = idp.admin_initiate_auth(
            UserPoolId=pool, ClientId=self.outputs["UserPoolClientId"], AuthFlow="ADMIN_USER_PASSWORD_AUTH",
            AuthParameters={"USERNAME": name, "PASSWORD": PASSWORD},
        )  # fmt: skip
        return str(found["AuthenticationResult"]["IdToken"])


def _read(answered: tuple[int, bytes]) -> tuple[int, Any]:
    status, body = answered
    return status, json.loads(body or b"null")
