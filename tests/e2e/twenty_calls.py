"""Calls of five callers and three agents, sent through the machine that is deployed on the local account."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import count, cycle
from pathlib import Path

import boto3

from infra.local.account import POLICY
from infra.local.demo import CALLS, deployed
from infra.local.lot import Lot, lot_of
from infra.local.provider import providers
from infra.local.provider_answers import CREDENTIALS
from infra.local.signed import signed
from tests.e2e.there import DPO, PUBLIC, STACK, There, until
from tests.infra.test_provider_double import SECRETS

ANNA, BEN, CLEO, DAN, EVE = CALLERS = [f"+3363998{n:04d}" for n in (1234, 5678, 1111, 2222, 3333)]
AGENTS = [f"{name}@exemple.example" for name in ("jeanne", "paul", "rose")]
OURS = "+33199001234"
DUTY, QUALITY = "secours", "service-client"
SPOKEN = {DUTY: ("fr-card", "fr-FR"), QUALITY: ("en-card", "en-US")}
"""Which of the demo's calls is heard in a queue, and its language."""

SENDER = "droits@exemple.example"
PARAMETERS = {
    "RequestsAnHour": 900,
    "CodesAnHour": 900,
    "DpoRoleArn": DPO,
    "PublicUrl": PUBLIC,
    "MessageSender": SENDER,
}


@contextmanager
def deployed_for_people(folder: Path) -> Iterator[There]:
    """An account for the tests of rights, nothing dropped yet."""
    with providers() as double:
        said = PARAMETERS | {"ProvidersEndpoint": double.url}
        parameters = tuple(f"{name}={value}" for name, value in said.items())
        with deployed(folder / "logs", policy=_policy(folder), parameters=parameters) as (account, outputs):
            _set_up()
            yield There(account, outputs, double)


def _policy(folder: Path) -> Path:
    """The local account's: requests are carried out at once, and agents are recorded as often as it takes."""
    text = POLICY.read_text().replace("ceiling = { calls = 4", "ceiling = { calls = 900")
    text += f'\n[requests]\nrelease = "automatic"\nvcon = true\nown_numbers = ["{OURS}"]\n'
    for name in ("twilio", "pbx"):
        text += f'\n[sources.{name}]\nqueue = "{QUALITY}"\nlanguage = "en-US"\nannounces = true\n'
    path = folder / "policy.toml"
    path.write_text(text)
    return path


def _set_up() -> None:
    """What an administrator does: the DPO's role, the providers' secrets, the address that answers come from."""
    anybody = {"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": "*"}
    trust = json.dumps({"Version": "2012-10-17", "Statement": [anybody]})
    boto3.client("iam").create_role(RoleName="Dpo", AssumeRolePolicyDocument=trust)
    for name in ("twilio", "standard"):
        secret = json.dumps({"signing": [SECRETS[name]], "credentials": CREDENTIALS[name]})
        boto3.client("secretsmanager").create_secret(Name=f"{STACK}/providers/{name}", SecretString=secret)
    boto3.client("sesv2").create_email_identity(EmailIdentity=SENDER)


def calls() -> dict[str, list[dict[str, str]]]:
    """By caller, the metadata of four calls that the lot falls on, the first of them under a duty to record."""
    lot, agents = lot_of(STACK), cycle(AGENTS)
    drawn = (each for number in count() if lot("drop", each := f"call-{number}"))
    return {
        caller: [
            {"call-id": next(drawn), "caller": caller, "agent": next(agents), "queue": queue, "announced": "true"}
            for queue in (DUTY, QUALITY, QUALITY, QUALITY)
        ]
        for caller in CALLERS
    }


def drop(there: There, said: list[dict[str, str]]) -> None:
    """What a telephone system does: an object for each call, the first began an hour ago."""
    for number, call in enumerate(said):
        name, language = SPOKEN[call["queue"]]
        began = (datetime.now(UTC) - timedelta(minutes=60 - number)).isoformat()
        metadata = call | {"language": language, "started-at": began}
        body = (CALLS / f"{name}.wav").read_bytes()
        key = f"{call['call-id']}.wav"
        boto3.client("s3").put_object(Bucket=there.outputs["Inbox"], Key=key, Body=body, Metadata=metadata)


def call_by_twilio(there: There, caller: str) -> None:
    """Twilio tells of a call that goes on, and then of its recording, which lies at Twilio."""
    account, recording, began = (
        CREDENTIALS["twilio"]["account"],
        f"RE{1:032x}",
        datetime.now(UTC) - timedelta(minutes=5),
    )
    at = f"https://api.twilio.com/2010-04-01/Accounts/{account}/Recordings/{recording}"
    there.double.answers.keep(at, (CALLS / "en-card.wav").read_bytes())
    call = {"AccountSid": account, "CallSid": _drawn_sid(lot_of(STACK))}
    goes_on = {"CallStatus": "in-progress", "Direction": "inbound", "From": caller, "To": OURS}
    recorded = {"RecordingSid": recording, "RecordingStatus": "completed", "RecordingChannels": "2"}
    moment = format_datetime(began)
    for said in (goes_on | {"Timestamp": moment}, recorded | {"RecordingStartTime": moment}):
        path = "/webhooks/twilio"
        headers, body = signed("twilio", call | said, PUBLIC + path, SECRETS["twilio"], datetime.now(UTC))
        assert there.open("POST", path, body, headers)[0] == 200


def _drawn_sid(lot: Lot) -> str:
    return next(sid for number in count() if lot("twilio", sid := f"CA{number:032x}"))


def settled(there: There) -> None:
    """Wait until nothing waits in a queue or is worked on, and nothing is being heard."""
    sqs, counted = boto3.client("sqs"), "ApproximateNumberOfMessages"
    names = [counted, f"{counted}NotVisible"]

    def is_quiet() -> bool:
        urls = sqs.list_queues()["QueueUrls"]
        found = [sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"] for url in urls]
        with urllib.request.urlopen(f"{there.account.transcribe}/health", timeout=30) as answer:
            jobs = json.load(answer)
        return not jobs["queued"] + jobs["running"] + sum(int(each[name]) for each in found for name in names)

    until(is_quiet)
