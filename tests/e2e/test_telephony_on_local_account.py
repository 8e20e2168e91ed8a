"""Each provider against the deployed package: its signed webhooks, its recordings, its pause, by real HTTP.

The providers are a double on loopback (`infra/local/provider.py`); the API, the queues and the Lambdas are the local
account's.
"""

from __future__ import annotations

import json
import re
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import boto3
import pytest

from chalicelib.telephony.event import CallEvent
from chalicelib.telephony.providers import PROVIDERS
from infra.local.account import POLICY, LocalAccount
from infra.local.demo import deployed
from infra.local.provider import ProviderDouble, providers
from infra.local.provider_answers import CREDENTIALS, at_provider
from infra.local.signed import signed
from tests.infra.test_provider_double import RECORDED, SECRETS, pem
from tests.sounds import wav
from tests.telephony.deliveries import EVENTS

pytestmark = pytest.mark.local
PUBLIC = "https://calls.exemple.example"
FIRST = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
BEGAN = datetime.now(UTC).replace(microsecond=0) - timedelta(minutes=5)
GOING_ON = {
    "aircall": "call-answered.json",
    "dialpad": "connected.json",
    "ringcentral": "answered.json",
    "twilio": "recording-in-progress.form",
}
BEGUN = {"aircall": "call-answered.json", "ringcentral": "answered.json", "ringover": "answered.json"}
"""Without which nobody says when the call began."""

PATIENCE_S = 60


@dataclass
class Line:
    """A deployed account, and the double of all providers."""

    account: LocalAccount
    outputs: dict[str, str]
    double: ProviderDouble

    def ask(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> tuple[int, Any]:
        """Status and JSON of the API's answer."""
        url = f"{self.account.endpoint}/restapis/{self.outputs['RestAPIId']}/api/_user_request_{path}"
        request = urllib.request.Request(url, body, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return answer.status, json.loads(answer.read() or b"null")
        except urllib.error.HTTPError as error:
            return error.code, json.loads(error.read() or b"null")

    def deliver(self, provider: str, file: str) -> tuple[int, list[CallEvent]]:
        """A webhook of that file, as if it happened now; the answer's status, and what our module reads in it."""
        path = f"/webhooks/{provider}"
        headers, body = signed(provider, fresh(provider, file), PUBLIC + path, SECRETS[provider], datetime.now(UTC))
        status, _ = self.ask("POST", path, body, headers)
        return status, PROVIDERS[provider].parse(fresh(provider, file))

    def act(self, event: CallEvent, act: str) -> Any:
        """A payment platform's request, signed."""
        path, source = f"/calls/{event.call_id}/{act}", event.ids.get("source", event.provider)
        said = {"source": source, "request": f"POST {path}"}
        headers, body = signed("standard", said, PUBLIC, SECRETS["standard"], datetime.now(UTC))
        status, answer = self.ask("POST", path, body, headers)
        assert status == 200, answer
        return answer

    def asked(self, provider: str) -> list[dict[str, Any]]:
        return [each for each in self.double.answers.asked if each["provider"] == provider]

    def controls(self, provider: str) -> list[tuple[str, str]]:
        asked = [(each["method"], each["path"] + each["body"]) for each in self.asked(provider)]
        return [(method, said) for method, said in asked if method != "GET" and "ecording" in said]

    def rows(self) -> list[dict[str, Any]]:
        return list(boto3.resource("dynamodb").Table(self.outputs["Recordings"]).scan()["Items"])

    def facts(self) -> list[str]:
        """The kinds of everything that was said of all calls."""
        items = boto3.resource("dynamodb").Table(self.outputs["Calls"]).scan()["Items"]
        return [item["kind"] for item in items if "kind" in item]


def fresh(provider: str, file: str) -> dict[str, Any]:
    """What a file says, all of it as much later as to have begun some minutes ago."""
    text, later = (EVENTS / provider / file).read_text(), BEGAN - FIRST
    seconds = int(later.total_seconds())

    def iso(found: re.Match[str]) -> str:
        return (datetime.fromisoformat(found[0]) + later).isoformat()

    text = re.sub(r"2026-03-06T\d\d:\d\d:\d\d", iso, text)
    text = re.sub(r"\b1772789\d{3}\b", lambda found: str(int(found[0]) + seconds), text)
    text = re.sub(r"\b1772789\d{6}\b", lambda found: str(int(found[0]) + 1000 * seconds), text)
    if provider != "twilio":
        return dict(json.loads(text))
    fields = dict(parse_qsl(text))
    return fields | ({"RecordingStartTime": format_datetime(BEGAN)} if "RecordingStartTime" in fields else {})


def policy_of(folder: Path) -> Path:
    """The local account's, with every provider as a source of calls under a duty."""
    text = POLICY.read_text().replace('name = "secours"', 'name = "secours"\ncalled = ["support"]')
    for name in (*PROVIDERS, "pbx"):
        there = "delete_there = true\n" if name == "twilio" else ""
        text += f'\n[sources.{name}]\nqueue = "secours"\nlanguage = "fr-FR"\nannounces = true\n{there}'
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def until(holds: Callable[[], Any]) -> Any:
    """What `holds` gives, once it gives anything."""
    deadline = time.monotonic() + PATIENCE_S
    while not (found := holds()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.2)
    return found


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Line]:
    folder = tmp_path_factory.mktemp("line")
    with providers() as double:
        parameters = (f"ProvidersEndpoint={double.url}", f"PublicUrl={PUBLIC}")
        with deployed(folder / "logs", policy=policy_of(folder), parameters=parameters) as (account, outputs):
            secrets = boto3.client("secretsmanager")
            for name in PROVIDERS:
                credentials = CREDENTIALS[name] | ({"private_key": pem()} if name == "vonage" else {})
                secret = {"signing": [SECRETS[name]], "credentials": credentials}
                name_there = f"sourdine-local/providers/{name}"
                secrets.create_secret(Name=name_there, SecretString=json.dumps(secret))
            yield Line(account, outputs, double)


@pytest.mark.parametrize("provider", GOING_ON)
def test_a_payment_pauses_a_call_that_goes_on_and_its_end_resumes_it(line: Line, provider: str) -> None:
    status, events = line.deliver(provider, GOING_ON[provider])
    assert status == 200
    before = len(line.controls(provider))

    def paused() -> Any:
        answer = line.act(events[0], "payment/start")
        return answer if answer["done"] else None

    told = {"done": True, "known": True, "why": "told"}
    assert until(paused) == told | {"recording": "pause", "ground": "payment"}
    assert line.act(events[0], "payment/stop") == told | {"recording": "run", "ground": ""}
    acts = line.controls(provider)[before:]
    assert len(set(acts)) == 2
    assert acts[0] != acts[-1]


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_recording_is_fetched_into_the_machine_once_however_often_it_is_told(line: Line, provider: str) -> None:
    before, fetched = {row["id"] for row in line.rows()}, line.facts().count("fetched")
    if provider in BEGUN:
        line.deliver(provider, BEGUN[provider])
    payload = fresh(provider, RECORDED[provider])
    (media, *_) = next(event.media for event in PROVIDERS[provider].parse(payload) if event.media)
    line.double.answers.keep(at_provider(provider, media), wav(milliseconds=900 + 7 * len(before)))
    for _ in range(3):
        assert line.deliver(provider, RECORDED[provider])[0] == 200
    until(lambda: line.facts().count("fetched") > fetched)
    until(lambda: {row["state"] for row in line.rows() if row["id"] not in before} - {"received"})
    (row,) = (row for row in line.rows() if row["id"] not in before)
    assert (row["queue"], row["ground"] not in ("no-purpose", "not-announced", "start-unknown")) == ("secours", True)
    if provider == "twilio":
        until(lambda: "gone" in line.facts())
        deleted = [(each["method"], each["status"]) for each in line.asked("twilio") if each["method"] == "DELETE"]
        looked = [each["status"] for each in line.asked("twilio") if each["path"].endswith(".json")]
        assert ("DELETE", 204) in deleted
        assert looked[-1] == 404


def test_what_is_not_signed_or_signed_for_another_address_does_not_get_in(line: Line) -> None:
    now = datetime.now(UTC)
    for provider in PROVIDERS:
        path, said = f"/webhooks/{provider}", fresh(provider, RECORDED[provider])
        headers, body = signed(provider, said, PUBLIC + path, "x" * 64, now)
        assert line.ask("POST", path, body, headers)[0] == 401, provider
    path, said = "/webhooks/twilio", fresh("twilio", RECORDED["twilio"])
    headers, body = signed("twilio", said, line.account.endpoint + path, SECRETS["twilio"], now)
    assert line.ask("POST", path, body, headers | {"Host": "calls.exemple.example"})[0] == 401


def test_an_agent_who_signs_in_to_the_stacks_own_pool_switches_their_recording_off(line: Line) -> None:
    pool, client = line.outputs["UserPoolId"], line.outputs["UserPoolClientId"]
    idp, name, password = boto3.client("cognito-idp"), "jeanne@exemple.example", "Only for 1 test, long!"
    attributes = [{"Name": "email", "Value": name}, {"Name": "email_verified", "Value": "true"}]
    idp.admin_create_user(UserPoolId=pool, Username=name, UserAttributes=attributes, TemporaryPassword=password)
    idp.admin_set_user_password(UserPoolId=pool, Username=name, Password=password, Permanent=True)
    idp.admin_add_user_to_group(UserPoolId=pool, Username=name, GroupName="agent")
    asked = {"USERNAME": name, "PASSWORD": password}
    found = idp.admin_initiate_auth(
        UserPoolId=pool, ClientId=client, AuthFlow="ADMIN_USER_PASSWORD_AUTH", AuthParameters=asked
    )
    tokens = found["AuthenticationResult"]
    headers = {"Authorization": f"Bearer {tokens['IdToken']}", "Content-Type": "application/json"}
    path = f"/agents/{name}/recording"
    status, answer = line.ask("PUT", path, b'{"state": "off", "reason": "personal-call"}', headers)
    assert (status, answer["state"], answer["reason"]) == (200, "off", "personal-call")
    assert line.ask("PUT", "/agents/paul@exemple.example/recording", b'{"state": "off"}', headers)[0] == 403
    headers["Authorization"] = f"Bearer {tokens['AccessToken']}"
    assert line.ask("PUT", path, b'{"state": "on"}', headers)[0] == 401


def test_amazon_connects_events_reach_what_is_known_of_its_calls(line: Line) -> None:
    """Put into the queue as the rule would: nobody but AWS may say `aws.connect` on a bus, the emulator's either."""
    sqs = boto3.client("sqs")
    (queue,) = sqs.list_queues(QueueNamePrefix="sourdine-local-CallsQueue")["QueueUrls"]
    sqs.send_message(QueueUrl=queue, MessageBody=(EVENTS / "connect" / "screen.json").read_text())
    assert until(lambda: "screen" in line.facts())
