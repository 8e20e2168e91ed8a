"""Providers' secrets in a Secrets Manager on moto: read seldom, refused clearly, a token asked for only when due."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from aws_lambda_powertools.utilities.parameters import base
from moto import mock_aws

from chalicelib.adapters.memory_web import MemoryWeb
from chalicelib.adapters.provider_secrets import KEPT_S, StackSecrets
from chalicelib.errors import (
    ForbiddenAddress,
    InvalidSettings,
    ProviderRefused,
    ProviderUnreachable,
    SourdineError,
    UnknownProvider,
)
from chalicelib.services.ports import Answer

PREFIX = "sourdine-test/providers/"
TOKEN_URL = "https://zoom.us/oauth/token"
OAUTH = {"token_url": TOKEN_URL, "client_id": "us", "client_secret": "s3cret", "grant": {"grant_type": "g"}}


class Later(datetime):
    """Powertools' clock, which a test can put forward."""

    off = timedelta(0)

    @classmethod
    def now(cls, tz: Any = None) -> Any:
        return datetime.now(tz) + cls.off


@dataclass
class Rig:
    """A Secrets Manager, a provider's web, a clock; `read` has the name of each secret that AWS was asked for."""

    client: Any
    web: MemoryWeb = field(default_factory=MemoryWeb)
    read: list[str] = field(default_factory=list)
    seconds: float = 1_000.0

    def __post_init__(self) -> None:
        asked = "before-parameter-build.secrets-manager.GetSecretValue"
        self.client.meta.events.register(asked, lambda params, **_: self.read.append(params["SecretId"]))
        self.secrets = StackSecrets(self.client, PREFIX, self.web, lambda: self.seconds)

    def put(self, provider: str, secret: Any) -> None:
        text = secret if isinstance(secret, str) else json.dumps(secret)
        self.client.create_secret(Name=PREFIX + provider, SecretString=text)

    def answer(self, *answers: Answer | SourdineError) -> None:
        self.web.tell("POST", TOKEN_URL, *answers)


def token(text: str, **said: Any) -> Answer:
    return Answer(200, {}, json.dumps({"access_token": text, "token_type": "bearer", **said}).encode())


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch) -> Iterator[Rig]:
    monkeypatch.setattr(Later, "off", timedelta(0))
    monkeypatch.setattr(base, "datetime", Later)
    with mock_aws():
        yield Rig(boto3.client("secretsmanager", region_name="eu-west-3"))


def test_what_is_signed_with_comes_in_the_order_of_the_secret(rig: Rig) -> None:
    rig.put("twilio", {"signing": ["new", "old"], "credentials": {"account": "AC1", "token": "t"}})
    assert rig.secrets.signing("twilio") == ("new", "old")
    assert rig.secrets.credentials("twilio") == {"account": "AC1", "token": "t"}
    assert rig.web.asked == [], "a token that stands in the secret is not asked for"


def test_credentials_may_be_left_out(rig: Rig) -> None:
    rig.put("ringover", {"signing": ["key"]})
    assert rig.secrets.credentials("ringover") == {}


def test_a_secret_is_read_once_in_some_minutes_and_what_changed_is_found_then(rig: Rig) -> None:
    rig.put("twilio", {"signing": ["one"]})
    for _ in range(3):
        assert rig.secrets.signing("twilio") == ("one",)
        rig.secrets.credentials("twilio")
    assert rig.read == [PREFIX + "twilio"]
    rig.client.put_secret_value(SecretId=PREFIX + "twilio", SecretString='{"signing": ["two", "one"]}')
    Later.off = timedelta(seconds=KEPT_S - 5)
    assert rig.secrets.signing("twilio") == ("one",)
    Later.off = timedelta(seconds=KEPT_S + 5)
    assert rig.secrets.signing("twilio") == ("two", "one")
    assert len(rig.read) == 2


def test_a_secret_that_is_missing_is_unknown_until_somebody_sets_it(rig: Rig) -> None:
    for _ in range(2):
        for ask in (rig.secrets.signing, rig.secrets.credentials):
            with pytest.raises(UnknownProvider, match="zoom is not configured"):
                ask("zoom")
    rig.put("zoom", {"signing": ["set"]})
    rig.seconds += 60
    assert rig.secrets.signing("zoom") == ("set",)


def test_whoever_calls_in_without_a_secret_costs_one_reading_a_minute(rig: Rig) -> None:
    for _ in range(5):
        with pytest.raises(UnknownProvider):
            rig.secrets.signing("zoom")
    assert len(rig.read) == 1


def test_each_provider_has_a_secret_of_its_own(rig: Rig) -> None:
    rig.put("twilio", {"signing": ["of twilio"]})
    rig.put("aircall", {"signing": ["of aircall"]})
    assert [rig.secrets.signing(name) for name in ("twilio", "aircall")] == [("of twilio",), ("of aircall",)]


@pytest.mark.parametrize("text", ["whsec_plain-text", "", "{", "[", '["s3cret"]', '"s3cret"', "7", "null", "true"])
def test_a_secret_that_is_no_object_is_a_mistake_of_the_settings_and_is_not_quoted(rig: Rig, text: str) -> None:
    if not text:
        rig.client.create_secret(Name=PREFIX + "twilio", SecretBinary=b"\xff")
    else:
        rig.put("twilio", text)
    for ask in (rig.secrets.signing, rig.secrets.credentials):
        with pytest.raises(InvalidSettings, match="JSON") as caught:
            ask("twilio")
        assert "s3cret" not in str(caught.value) and "whsec" not in str(caught.value)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


@pytest.mark.parametrize("signing", [None, [], "s3cret", {}, [""], ["s3cret", ""], ["s3cret", 7], [None], 7])
def test_a_secret_with_nothing_to_sign_with_lets_nobody_in(rig: Rig, signing: Any) -> None:
    rig.put("twilio", {"signing": signing, "credentials": {}})
    with pytest.raises(UnknownProvider, match="`signing`") as caught:
        rig.secrets.signing("twilio")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("credentials", [None, [], "s3cret", 7, True])
def test_credentials_that_are_no_object_are_a_mistake_of_the_settings(rig: Rig, credentials: Any) -> None:
    rig.put("twilio", {"signing": ["a"], "credentials": credentials})
    with pytest.raises(InvalidSettings, match="`credentials` of twilio") as caught:
        rig.secrets.credentials("twilio")
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "name", ["", ".", "..", "../pseudonyms", "a/b", "a.b", "Twilio", "twilio\n", " twilio", "é", "a" * 41, "arn:aws"]
)
def test_a_name_that_could_lead_elsewhere_is_refused_before_aws_is_asked(rig: Rig, name: str) -> None:
    for ask in (rig.secrets.signing, rig.secrets.credentials):
        with pytest.raises(UnknownProvider):
            ask(name)
    assert rig.read == []


def test_a_token_is_asked_for_once_and_kept_until_a_minute_before_it_lapses(rig: Rig) -> None:
    rig.put("zoom", {"signing": ["a"], "credentials": OAUTH})
    rig.answer(token("first", expires_in=200), token("second", expires_in=3_600))
    assert rig.secrets.credentials("zoom") == OAUTH | {"token": "first"}
    rig.seconds += 139
    assert rig.secrets.credentials("zoom")["token"] == "first"
    [(provider, asked)] = rig.web.asked
    assert (provider, asked.method, asked.url, asked.body) == ("zoom", "POST", TOKEN_URL, b"grant_type=g")
    assert asked.headers["authorization"] == "Basic dXM6czNjcmV0"
    rig.seconds += 1
    assert rig.secrets.credentials("zoom")["token"] == "second"
    assert len(rig.web.asked) == 2


def test_a_token_that_lasts_is_asked_for_as_often_as_the_secret_is_read_so_that_a_revoked_one_goes(rig: Rig) -> None:
    rig.put("zoom", {"signing": ["a"], "credentials": OAUTH})
    rig.answer(token("first", expires_in=86_400), token("second", expires_in=86_400))
    assert rig.secrets.credentials("zoom")["token"] == "first"
    rig.seconds += KEPT_S
    assert rig.secrets.credentials("zoom")["token"] == "second"


@pytest.mark.parametrize("lasts", [{}, {"expires_in": 0}, {"expires_in": 60}, {"expires_in": "3600"}])
def test_a_token_that_lapses_at_once_or_says_nothing_is_asked_for_each_time(rig: Rig, lasts: dict[str, Any]) -> None:
    rig.put("zoom", {"credentials": OAUTH})
    rig.answer(token("one", **lasts), token("two", **lasts))
    assert [rig.secrets.credentials("zoom")["token"] for _ in range(2)] == ["one", "two"]


def test_each_provider_has_a_token_of_its_own(rig: Rig) -> None:
    url = "https://platform.ringcentral.com/restapi/oauth/token"
    rig.put("zoom", {"credentials": OAUTH})
    rig.put("ringcentral", {"credentials": OAUTH | {"token_url": url}})
    rig.answer(token("zoom's", expires_in=3_600))
    rig.web.tell("POST", url, token("ringcentral's", expires_in=3_600))
    for _ in range(2):
        found = [rig.secrets.credentials(name)["token"] for name in ("zoom", "ringcentral")]
        assert found == ["zoom's", "ringcentral's"]


@pytest.mark.parametrize("status", [400, 401, 403, 302])
def test_credentials_that_are_refused_get_no_token_and_a_mended_secret_does(rig: Rig, status: int) -> None:
    rig.put("zoom", {"credentials": OAUTH})
    rig.answer(Answer(status, {}, b'{"error": "invalid_client"}'), token("good", expires_in=3_600))
    with pytest.raises(ProviderRefused) as caught:
        rig.secrets.credentials("zoom")
    assert caught.value.status == status
    assert rig.secrets.credentials("zoom")["token"] == "good"


@pytest.mark.parametrize(
    "answer",
    [
        Answer(503, {}),
        ProviderUnreachable("down"),
        *(Answer(200, {}, body) for body in (b"", b"<html>", b"[]", b"{}", b'{"access_token": ""}', b"\xff")),
        *(Answer(200, {}, body) for body in (b'{"access_token": 7}', b'{"access_token": "a\\r\\nHost: b"}')),
    ],
    ids=str,
)
def test_an_answer_that_holds_no_token_may_hold_one_later(rig: Rig, answer: Answer | SourdineError) -> None:
    rig.put("zoom", {"credentials": OAUTH})
    rig.answer(answer, token("good", expires_in=3_600))
    with pytest.raises(ProviderUnreachable):
        rig.secrets.credentials("zoom")
    assert rig.secrets.credentials("zoom")["token"] == "good"


@pytest.mark.parametrize(
    "changed",
    [
        {"token_url": "http://zoom.us/oauth/token"},
        {"token_url": 7},
        {"client_id": ""},
        {"client_secret": None},
        {"grant": "g"},
        {"grant": {"a": 1}},
    ],
)
def test_credentials_that_ask_for_no_token_are_a_mistake_of_the_settings(rig: Rig, changed: dict[str, Any]) -> None:
    rig.put("zoom", {"credentials": OAUTH | changed})
    with pytest.raises(InvalidSettings) as caught:
        rig.secrets.credentials("zoom")
    assert "s3cret" not in str(caught.value)
    assert rig.web.asked == []


@pytest.mark.parametrize("url", ["https://169.254.169.254/token", "https://us@zoom.us/", "https://zoom.us:8443/"])
def test_a_token_is_asked_of_a_named_host_alone(rig: Rig, url: str) -> None:
    rig.put("zoom", {"credentials": OAUTH | {"token_url": url}})
    with pytest.raises(ForbiddenAddress):
        rig.secrets.credentials("zoom")
