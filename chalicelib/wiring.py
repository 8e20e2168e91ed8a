"""The only place where clients and adapters are built: once per container, at first use."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError, NoRegionError

from chalicelib import settings
from chalicelib.adapters.acknowledgements import DynamoAcknowledgements
from chalicelib.adapters.agents import DynamoCeilings
from chalicelib.adapters.calls import DynamoCalls
from chalicelib.adapters.codes import DynamoCodes
from chalicelib.adapters.control import ProviderControl
from chalicelib.adapters.dynamodb import DynamoRecordings
from chalicelib.adapters.messenger import AmazonMessenger
from chalicelib.adapters.oidc import NoTokens, OidcTokens
from chalicelib.adapters.opaque import SecretIdentities, SecretPseudonyms
from chalicelib.adapters.people import DynamoPeople
from chalicelib.adapters.polly import PollyVoice
from chalicelib.adapters.printer import DocumentPrinter
from chalicelib.adapters.provider_secrets import StackSecrets
from chalicelib.adapters.requests import DynamoRequests
from chalicelib.adapters.s3 import S3Objects
from chalicelib.adapters.signing_keys import SigningKeys
from chalicelib.adapters.sqs import SqsSteps
from chalicelib.adapters.switches import DynamoSwitches
from chalicelib.adapters.transcribe import AmazonTranscriber
from chalicelib.adapters.web import GuardedWeb, Limits
from chalicelib.errors import AccountUnreachable, InvalidPolicy, InvalidSettings
from chalicelib.law.load import load
from chalicelib.law.policy import Policy
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Acknowledgements, Bucket, Printer, Pseudonyms, Step, Tokens, Voice
from chalicelib.telephony.providers import CONTROLS, PROVIDERS

_ROOT = Path(__file__).parents[1]
_QUICK = Config(retries={"mode": "standard", "max_attempts": 2}, connect_timeout=2, read_timeout=3)
"""For what somebody waits for while the call goes on: what fails is tried again from a queue."""

_RETRIES = Config(retries={"mode": "standard", "max_attempts": 4}, connect_timeout=5, read_timeout=60)


@cache
def machine() -> Machine:
    """The machine of this container's environment. Raises InvalidSettings naming what is missing."""
    return build(os.environ)


def build(environment: Mapping[str, str]) -> Machine:
    """The machine that the stack's variables (`infra/functions.yaml`) describe."""
    names = {bucket: _need(environment, f"{bucket.upper()}_BUCKET") for bucket in Bucket}
    urls = {step: _need(environment, f"{step.upper()}_QUEUE_URL") for step in Step}
    secret = _need(environment, "PSEUDONYM_SECRET")
    tables = [_need(environment, f"{name}_TABLE") for name in ("RECORDINGS", "LEDGER", "TOMBSTONES")]
    numbers, asked = _need(environment, "NUMBER_SECRET"), _need(environment, "REQUESTS_TABLE")
    agents = _need(environment, "AGENTS_TABLE")
    dynamodb = boto3.resource("dynamodb", config=_RETRIES)
    web = GuardedWeb(Limits(), _endpoints(environment))
    secrets = StackSecrets(_client("secretsmanager"), _need(environment, "PROVIDER_SECRETS"), web)
    return Machine(
        objects=S3Objects(_client("s3"), names),
        recordings=DynamoRecordings(dynamodb, *tables),
        transcriber=AmazonTranscriber(
            _client("transcribe"), names, _need(environment, "JOB_PREFIX"), environment.get("WORK_KEY_ID")
        ),
        steps=SqsSteps(_client("sqs"), urls),
        pseudonyms=SecretPseudonyms(lambda: _secret(secret)),
        ceilings=DynamoCeilings(dynamodb, agents),
        calls=DynamoCalls(dynamodb, _need(environment, "CALLS_TABLE")),
        switches=DynamoSwitches(dynamodb, agents),
        control=ProviderControl(web, secrets, _client("connect", _QUICK)),
        web=web,
        secrets=secrets,
        identities=SecretIdentities(lambda: _secret(numbers)),
        people=DynamoPeople(dynamodb, _need(environment, "PEOPLE_TABLE")),
        requests=DynamoRequests(dynamodb, asked),
        codes=DynamoCodes(dynamodb, asked),
        messenger=AmazonMessenger(_client("sns"), _client("sesv2"), environment.get("MESSAGE_SENDER", "")),
        printer=printer(),
        acknowledgements=DynamoAcknowledgements(dynamodb, agents),
        policy=read_policy(environment),
        settings=settings.read(environment),
    )


@cache
def policy() -> Policy:
    """The policy of this container. Raises what `read_policy` raises."""
    return read_policy(os.environ)


def read_policy(environment: Mapping[str, str]) -> Policy:
    """The policy that an environment names. Raises InvalidPolicy, also where there is none: nothing works without."""
    path = policy_file(environment)
    try:
        return load(path.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidPolicy(f"the policy {path} cannot be read: {type(error).__name__}") from error


def policy_file(environment: Mapping[str, str]) -> Path:
    """POLICY_FILE, from the folder of app.py where it is relative; `policy.toml` there, or in a checkout's `infra`."""
    if named := environment.get("POLICY_FILE"):
        return _ROOT / named
    beside = _ROOT / "policy.toml"
    return beside if beside.exists() else _ROOT / "infra" / "policy.toml"


def policy_folder() -> Path:
    """Where the files lie that the policy names."""
    return policy_file(os.environ).parent


def dpo_role() -> str:
    """The ARN of the DPO's role, empty where nobody has it."""
    return os.environ.get("DPO_ROLE_ARN", "")


def public_url() -> str:
    """Under which the outside knows the API, without a slash at its end; empty where nobody said."""
    return os.environ.get("PUBLIC_URL", "").rstrip("/")


def twilio_next_url() -> str:
    """Where a Twilio call goes on after the announcement; empty where nobody said."""
    return os.environ.get("TWILIO_NEXT_URL", "")


def region() -> str | None:
    """Where Lambda runs this, None where it does not."""
    return os.environ.get("AWS_REGION")


@cache
def acknowledgements() -> Acknowledgements:
    """Who read which notice."""
    return DynamoAcknowledgements(boto3.resource("dynamodb", config=_RETRIES), _need(os.environ, "AGENTS_TABLE"))


@cache
def pseudonyms() -> Pseudonyms:
    """The same opaque references as the machine's."""
    secret = _need(os.environ, "PSEUDONYM_SECRET")
    return SecretPseudonyms(lambda: _secret(secret))


@cache
def voice() -> Voice:
    """What says an announcement that has no file."""
    return PollyVoice(_client("polly"))


@cache
def printer() -> Printer:
    """What makes pages of documents."""
    return DocumentPrinter()


@cache
def tokens() -> Tokens:
    """Who an ID token names, to this container's identity provider. Raises InvalidSettings."""
    return read_tokens(os.environ)


def read_tokens(environment: Mapping[str, str]) -> Tokens:
    """The identity provider that an environment names; without OIDC_ISSUER nobody's token is taken."""
    issuer = environment.get("OIDC_ISSUER")
    if not issuer:
        return NoTokens()
    return OidcTokens(
        issuer,
        _need(environment, "OIDC_AUDIENCE"),
        SigningKeys(issuer, environment.get("OIDC_JWKS_URL", "")),
        role_claim=environment.get("OIDC_ROLE_CLAIM") or "cognito:groups",
        agent_claim=environment.get("OIDC_AGENT_CLAIM") or "email",
        team_claim=environment.get("OIDC_TEAM_CLAIM") or "custom:teams",
    )


@contextmanager
def tables(recordings: str, ledger: str, tombstones: str = "") -> Iterator[DynamoRecordings]:
    """The recordings of those tables, by name, with the environment's credentials and region.

    Raises AccountUnreachable, also for whatever AWS refuses inside of the context.
    """
    with _reached(f"{recordings} or {ledger}"):
        yield DynamoRecordings(boto3.resource("dynamodb", config=_RETRIES), recordings, ledger, tombstones)


@contextmanager
def requests(table: str) -> Iterator[DynamoRequests]:
    """The requests of a table, likewise."""
    with _reached(table):
        yield DynamoRequests(boto3.resource("dynamodb", config=_RETRIES), table)


@contextmanager
def _reached(names: str) -> Iterator[None]:
    try:
        yield
    except NoRegionError:
        raise AccountUnreachable("no AWS region is set: set AWS_DEFAULT_REGION to that of the tables") from None
    except NoCredentialsError:
        raise AccountUnreachable("no AWS credentials are found: log in, or set AWS_PROFILE") from None
    except ClientError as error:
        answer = error.response.get("Error", {})
        if answer.get("Code") == "ResourceNotFoundException":
            raise AccountUnreachable(f"no table {names} in this account and region") from None
        raise AccountUnreachable(f"DynamoDB refuses: {answer.get('Code')}: {answer.get('Message')}") from None
    except BotoCoreError as error:
        raise AccountUnreachable(f"AWS cannot be asked: {error}") from None


def of_stack(stack: str) -> Machine:
    """The machine of a deployed stack, with the environment that its functions have.

    Raises AccountUnreachable where there is none.
    """
    try:
        asked = {"StackName": stack, "LogicalResourceId": "Exercise"}
        detail = _client("cloudformation").describe_stack_resource(**asked)["StackResourceDetail"]
        said = _client("lambda").get_function_configuration(FunctionName=detail["PhysicalResourceId"])
    except NoRegionError:
        raise AccountUnreachable("no AWS region is set: set AWS_DEFAULT_REGION to that of the stack") from None
    except (ClientError, BotoCoreError) as error:
        raise AccountUnreachable(f"the stack {stack} cannot be asked for: {error}") from None
    environment = said["Environment"]["Variables"]
    return build(environment | {"POLICY_FILE": os.environ.get("POLICY_FILE", "")})


def _endpoints(environment: Mapping[str, str]) -> dict[str, str]:
    """Where every provider's requests go instead, in a rehearsal on a local account."""
    double = environment.get("PROVIDERS_ENDPOINT")
    return dict.fromkeys((*PROVIDERS, *CONTROLS), double) if double else {}


def _client(service: str, config: Config | None = None) -> Any:
    return boto3.client(service, config=config or _RETRIES)


def _secret(name: str) -> bytes:
    return str(_client("secretsmanager").get_secret_value(SecretId=name)["SecretString"]).encode()


def _need(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name)
    if not value:
        raise InvalidSettings(f"{name} is not set: the stack's template sets it on every function")
    return value
