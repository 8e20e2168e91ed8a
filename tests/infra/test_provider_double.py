"""The providers' double and their signatures against every module of ours, over real HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from functools import cache
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import boto3
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from moto import mock_aws

from chalicelib import wiring
from chalicelib.adapters.control import ProviderControl
from chalicelib.adapters.provider_secrets import StackSecrets
from chalicelib.adapters.web import GuardedWeb, Limits
from chalicelib.errors import InvalidDelivery, NotAuthentic, ProviderRefused
from chalicelib.services.fetch import fetch
from chalicelib.services.machine import Machine
from chalicelib.services.ports import Bucket, Place, Reach
from chalicelib.services.refs import media_ref
from chalicelib.services.told import media_plain
from chalicelib.telephony.event import CallEvent, Media
from chalicelib.telephony.providers import CONTROLS, PROVIDERS
from chalicelib.telephony.webhook import Act, Delivery
from infra.local.provider import ProviderDouble, providers
from infra.local.provider_answers import CREDENTIALS, at_provider, provider_of
from infra.local.signed import signed
from tests.machines import NOW, Twins
from tests.policies import policy
from tests.sounds import wav
from tests.telephony.deliveries import EVENTS

HOOK = "https://hooks.example.com/hooks/{}?a=b"
SECRET = "0123456789abcdef" * 4
SECRETS = dict.fromkeys(PROVIDERS, SECRET) | {"standard": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"}
RECORDED = {
    "aircall": "call-ended.json",
    "dialpad": "recording.json",
    "ringcentral": "disconnected.json",
    "ringover": "record_available.json",
    "standard": "recording.json",
    "twilio": "recording-completed.form",
    "vonage": "recording.json",
    "zoom": "recording_completed.json",
}
REACHED = {
    "aircall": ({"call": "81"}, "POST", "/v1/calls/81/pause_recording", ""),
    "dialpad": ({"user": "42"}, "PATCH", "/api/v2/users/42/activecall", '{"is_recording": false}'),
    "genesys": (
        {"conversation": "c-1"},
        "PUT",
        "/api/v2/conversations/calls/c-1/recordingstate",
        '{"recordingState": "PAUSED"}',
    ),
    "ringcentral": (
        {"session": "s", "party": "p", "recording": "9"},
        "PATCH",
        "/restapi/v1.0/account/~/telephony/sessions/s/parties/p/recordings/9",
        '{"active": false}',
    ),
    "twilio": (
        {"account": CREDENTIALS["twilio"]["account"], "call": "CA2"},
        "POST",
        f"/2010-04-01/Accounts/{CREDENTIALS['twilio']['account']}/Calls/CA2/Recordings/Twilio.CURRENT.json",
        "Status=paused&PauseBehavior=silence",
    ),
}
GONE_THERE = policy(("[sources.asterisk]", "[sources.twilio]\ndelete_there = true\n\n[sources.asterisk]"))


@cache
def pem() -> str:
    key, kind = rsa.generate_private_key(65537, 2048), serialization.PrivateFormat.PKCS8
    return key.private_bytes(serialization.Encoding.PEM, kind, serialization.NoEncryption()).decode()


def said(provider: str) -> dict[str, Any]:
    text = (EVENTS / provider / RECORDED[provider]).read_text()
    return dict(parse_qsl(text)) if provider == "twilio" else json.loads(text)


def delivered(provider: str, secret: str = "", now: Any = NOW) -> Delivery:
    url = HOOK.format(provider)
    headers, body = signed(provider, said(provider), url, secret or SECRETS[provider], now)
    return Delivery("POST", url, headers, body)


def recorded(provider: str) -> tuple[CallEvent, Media]:
    """What the module makes of the delivery of a recording."""
    payload = PROVIDERS[provider].authenticate(delivered(provider), (SECRETS[provider],), NOW)
    return next((event, event.media[0]) for event in PROVIDERS[provider].parse(payload) if event.media)


@pytest.fixture
def double() -> Iterator[ProviderDouble]:
    with providers() as made:
        yield made


@pytest.fixture
def machine(double: ProviderDouble) -> Iterator[Machine]:
    """Real adapters of what speaks to providers, with the secrets that the double knows."""
    web = GuardedWeb(Limits(), wiring._endpoints({"PROVIDERS_ENDPOINT": double.url}))
    with mock_aws():
        client = boto3.client("secretsmanager", region_name="eu-west-3")
        for provider, credentials in CREDENTIALS.items():
            known = credentials | ({"private_key": pem()} if provider == "vonage" else {})
            client.create_secret(Name=f"p/{provider}", SecretString=json.dumps({"credentials": known}))
        secrets = StackSecrets(client, "p/", web)
        control = ProviderControl(web, secrets, None)
        yield replace(Twins(policy=GONE_THERE).machine, web=web, secrets=secrets, control=control)


def asked_over_http(double: ProviderDouble, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    connection = HTTPConnection(str(urlsplit(double.url).hostname), double.server_port, timeout=5)
    try:
        connection.request(method, path, body)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def test_every_provider_is_here() -> None:
    assert RECORDED.keys() == PROVIDERS.keys()
    assert REACHED.keys() == CONTROLS.keys()
    assert CREDENTIALS.keys() == PROVIDERS.keys() | CONTROLS.keys()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_is_signed_is_authentic_and_an_event(provider: str) -> None:
    delivery, module = delivered(provider), PROVIDERS[provider]
    payload = module.authenticate(delivery, ("another" * 10, SECRETS[provider]), NOW)
    assert module.handshake(payload, delivery, (SECRETS[provider],)) is None
    events = module.parse(payload)
    assert events and {event.provider for event in events} == {provider}
    assert [media for event in events for media in event.media]
    json.dumps(dict(delivery.headers)).encode("ascii")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_what_another_secret_signed_is_refused(provider: str) -> None:
    with pytest.raises(NotAuthentic):
        PROVIDERS[provider].authenticate(delivered(provider), ("x" * 40, "whsec_" + "A" * 32), NOW)


@pytest.mark.parametrize("provider", ["ringover", "standard", "vonage", "zoom"])
def test_what_was_signed_ten_minutes_ago_is_refused(provider: str) -> None:
    old = delivered(provider, now=NOW - timedelta(minutes=10))
    with pytest.raises(NotAuthentic):
        PROVIDERS[provider].authenticate(old, (SECRETS[provider],), NOW)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_recording_that_the_double_has_is_fetched_with_its_credentials(
    double: ProviderDouble, machine: Machine, provider: str
) -> None:
    event, media = recorded(provider)
    path = f"/_double/recording?at={quote(at_provider(provider, media), safe='')}"
    assert asked_over_http(double, "POST", path, wav()) == (204, b"")
    source = event.ids.get("source", provider)
    message = {"provider": provider, "source": source, "media": media_plain(media)}
    done = "deleted-there" if provider == "twilio" else "fetched"
    assert [fetch(machine, message, NOW) for _ in range(2)] == [done, "nothing"]
    place = Place(Bucket.INBOX, f"fetched/{provider}/{media_ref(machine, provider, media.id)}")
    assert machine.objects.get(place) == wav()
    status, told = asked_over_http(double, "GET", "/_double/asked")
    asked = json.loads(told)
    assert (status, {each["provider"] for each in asked}) == (200, {provider})
    assert all(each["status"] in (200, 204) or each["method"] == "GET" for each in asked)


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_recording_that_the_double_does_not_have_is_not_found(machine: Machine, provider: str) -> None:
    _, media = recorded(provider)
    with pytest.raises((ProviderRefused, InvalidDelivery), match=r"404|does not name"):
        fetch(machine, {"provider": provider, "source": provider, "media": media_plain(media)}, NOW)


def test_twilios_is_deleted_there_and_then_not_found(double: ProviderDouble, machine: Machine) -> None:
    _, media = recorded("twilio")
    double.answers.keep(media.url + ".wav", wav())
    assert fetch(machine, {"provider": "twilio", "source": "twilio", "media": media_plain(media)}, NOW)
    assert [(each["method"], each["status"]) for each in double.answers.asked] == [
        ("GET", 200),
        ("DELETE", 204),
        ("GET", 404),
    ]
    assert double.answers.recordings == {}


@pytest.mark.parametrize("provider", CONTROLS)
def test_what_a_provider_is_told_arrives(double: ProviderDouble, machine: Machine, provider: str) -> None:
    ids, method, path, body = REACHED[provider]
    machine.control.act(Act.PAUSE, Reach(provider, "call", ids))
    told = double.answers.asked[-1]
    assert (told["provider"], told["method"], told["path"], told["body"]) == (provider, method, path, body)
    assert told["status"] == 200


def test_a_token_is_asked_for_once(double: ProviderDouble, machine: Machine) -> None:
    for act in (Act.PAUSE, Act.RESUME):
        machine.control.act(act, Reach("genesys", "call", {"conversation": "c-1"}))
    assert [each["path"].rpartition("/")[2] for each in double.answers.asked] == [
        "token",
        "recordingstate",
        "recordingstate",
    ]
    assert double.answers.asked[0]["host"] == "login.mypurecloud.de"


@pytest.mark.parametrize("provider", sorted(CREDENTIALS.keys() - {"ringover"}))
def test_whoever_does_not_prove_who_they_are_is_refused(double: ProviderDouble, provider: str) -> None:
    hosts = {"aircall": "api.aircall.io", "vonage": "api.nexmo.com", "genesys": "api.mypurecloud.de"}
    hosts |= {"twilio": "api.twilio.com", "zoom": "zoom.us", "dialpad": "dialpad.com"}
    host = hosts.get(provider, f"media.{provider}.com")
    assert provider_of(host) == provider
    for authorization in ("", "Bearer a.b.c", "Basic Ojo="):
        for path in ("/oauth/token", "/r-1.wav"):
            assert double.answers.answer("GET", host, path, authorization)[0] == 401


def test_developers_start_it_by_its_module() -> None:
    command = [sys.executable, "-u", "-m", "infra.local.provider", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2]) as started:
        try:
            assert started.stdout
            name, _, url = started.stdout.readline().strip().partition("=")
            assert name == "PROVIDERS_ENDPOINT"
            connection = HTTPConnection(urlsplit(url).netloc, timeout=5)
            connection.request("GET", "/_double/asked")
            assert json.loads(connection.getresponse().read()) == []
            connection.close()
        finally:
            started.terminate()
