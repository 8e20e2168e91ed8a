"""The Messenger port: one suite, on the in-memory twin and on SNS and SES as moto plays them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import boto3
import pytest
from moto import mock_aws
from moto.core import DEFAULT_ACCOUNT_ID
from moto.ses import ses_backends
from moto.sns import sns_backends

from chalicelib.adapters.memory import MemoryMessenger
from chalicelib.adapters.messenger import AmazonMessenger
from chalicelib.errors import MessageNotSent
from chalicelib.services.ports import Messenger
from tests.contract.accounts import REGION

SENDER = "droits@exemple.example"
NUMBER, EMAIL = "tel:+33639981234", "mailto:jeanne@exemple.example"

Sent = list[tuple[str, str]]


@dataclass
class Post:
    """A messenger, and what came out of it: to whom, which text."""

    messenger: Messenger
    sent: Callable[[], Sent]


def amazon(sender: str = SENDER) -> AmazonMessenger:
    return AmazonMessenger(boto3.client("sns", region_name=REGION), boto3.client("sesv2", region_name=REGION), sender)


def sent_by_amazon() -> Sent:
    short = [(f"tel:{to}", text) for _, to, text, *_ in _sms()]
    letters = ses_backends[DEFAULT_ACCOUNT_ID][REGION].sent_messages
    return short + [(f"mailto:{each.destinations['ToAddresses'][0]}", each.body) for each in letters]


def _sms() -> list[Any]:
    backend = sns_backends[DEFAULT_ACCOUNT_ID][REGION]
    return [(key, *each) for key, each in backend.sms_messages.items()]


@pytest.fixture(params=["memory", "amazon"])
def post(request: pytest.FixtureRequest) -> Iterator[Post]:
    if request.param == "memory":
        twin = MemoryMessenger()
        yield Post(twin, lambda: [(to, text) for to, _, text in twin.sent])
        return
    with mock_aws():
        boto3.client("ses", region_name=REGION).verify_email_identity(EmailAddress=SENDER)
        yield Post(amazon(), sent_by_amazon)


def test_a_short_message_goes_to_a_number_and_a_letter_to_an_address(post: Post) -> None:
    post.messenger.send(NUMBER, "Votre code", "Votre code est 123456, à garder.")
    post.messenger.send(EMAIL, "Votre code", "Votre code est 654321, à garder.")
    assert post.sent() == [(NUMBER, "Votre code est 123456, à garder."), (EMAIL, "Votre code est 654321, à garder.")]


@pytest.mark.parametrize("sender", ["", "never-verified@exemple.example"])
def test_a_letter_that_cannot_be_sent_says_so_without_naming_anybody(sender: str) -> None:
    with mock_aws(), pytest.raises(MessageNotSent) as refused:
        amazon(sender).send(EMAIL, "Votre code", "123456")
    assert "jeanne" not in str(refused.value)
    assert refused.value.__suppress_context__ or refused.value.__context__ is None


def test_a_short_message_that_is_refused_says_so_without_naming_anybody() -> None:
    with mock_aws(), pytest.raises(MessageNotSent) as refused:
        amazon().send("tel:jeanne", "Votre code", "123456")
    assert "jeanne" not in str(refused.value)
    assert refused.value.__suppress_context__
