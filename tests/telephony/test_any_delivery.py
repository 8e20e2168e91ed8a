"""Whatever the world sends, what comes out is an event or one of our own errors."""

from __future__ import annotations

import base64
import copy
import hashlib
import json
from contextlib import suppress
from types import ModuleType
from typing import Any
from urllib.parse import parse_qsl

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.errors import SourdineError
from chalicelib.telephony import aircall, ringover, twilio, vonage
from chalicelib.telephony.event import CallEvent, Media
from chalicelib.telephony.webhook import Act, Delivery
from tests.telephony.deliveries import EVENTS, NOW

SECRET = "0123456789abcdef" * 4
HOOK = "https://hooks.example.com/hook"
PROVIDERS = [aircall, ringover, twilio, vonage]
HEADERS = (
    "x-twilio-signature", "content-type", "authorization", "x-ringover-webhook-signature",
    "x-ringover-webhook-signature-v3", "x-ringover-request-signature-v3-timestamp",
)  # fmt: skip
CREDENTIALS = {"account": "a", "token": "t", "api_id": "i", "api_token": "t", "pause": True}

ANY_TEXT = st.text(st.characters(), max_size=30)  # halves of characters included
SEGMENTS = st.binary(max_size=30).map(lambda raw: base64.urlsafe_b64encode(raw).rstrip(b"=").decode())
TOKENS = st.lists(SEGMENTS | ANY_TEXT, max_size=4).map(".".join)
VALUES = ANY_TEXT | TOKENS | TOKENS.map("Bearer {}".format) | st.sampled_from(["application/x-www-form-urlencoded"])
DELIVERIES = st.builds(
    Delivery,
    st.sampled_from(["POST", "GET"]) | ANY_TEXT,
    st.just(HOOK) | ANY_TEXT.map(f"{HOOK}?bodySHA256={{}}".format) | ANY_TEXT.map(f"{HOOK}/{{}}".format),
    st.dictionaries(st.sampled_from(HEADERS), VALUES),
    st.binary(max_size=60) | st.text('a1=&%+{}[]",:\\ud', max_size=30).map(str.encode),
)
ODD = st.sampled_from([0, -1, 10**400, 1e308, float("inf"), float("nan"), True, "\ud800", "\x00", "..", "https://a/\n"])
LEAVES = ODD | st.none() | st.integers() | st.floats() | ANY_TEXT
JSON = st.recursive(LEAVES, lambda each: st.lists(each, max_size=3) | st.dictionaries(ANY_TEXT, each, max_size=3))


def said_by(provider: ModuleType) -> list[dict[str, Any]]:
    """Every payload of `tests/events`, as `parse` gets it."""
    files = sorted((EVENTS / provider.__name__.rpartition(".")[2]).iterdir())
    return [dict(parse_qsl(f.read_text())) if f.suffix == ".form" else json.loads(f.read_text()) for f in files]


def places(document: Any) -> list[tuple[dict[str, Any], str]]:
    """Every value of a document, by the object it stands in and its name there."""
    if not isinstance(document, dict):
        return []
    return [(document, name) for name in document] + [place for each in document.values() for place in places(each)]


@st.composite
def changed(draw: st.DrawFn, provider: ModuleType) -> dict[str, Any]:
    """A real payload with one to three of its values changed or gone."""
    document = copy.deepcopy(draw(st.sampled_from(said_by(provider))))
    for _ in range(draw(st.integers(1, 3))):
        where, name = draw(st.sampled_from(places(document)))
        where[name] = draw(JSON)
        if draw(st.booleans()):
            del where[name]
        if not document:
            break
    return document


def require_writable(event: CallEvent, provider: ModuleType) -> None:
    """Nothing in an event breaks whoever stores it, or whoever asks the provider for what it names."""
    assert json.dumps([event.call_id, event.root_id, event.agent, event.lines, dict(event.ids)]).encode()
    for one in (event.call_id, event.root_id, event.agent, *event.lines, *event.ids, *event.ids.values()):
        assert one is None or one.encode()
    for moment in (event.at, event.started_at, *(media.started_at for media in event.media)):
        assert moment is None or moment.utcoffset() is not None
    for media in event.media:
        assert media.url.startswith("https://") and media.url.isprintable() and media.url.isascii()
        with suppress(SourdineError):
            assert provider.fetch(media, CREDENTIALS, NOW).url.startswith("https://")


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_delivery_of_anybody_is_refused_by_name(provider: ModuleType) -> None:
    @given(DELIVERIES)
    def tried(delivery: Delivery) -> None:
        with pytest.raises(SourdineError):
            provider.authenticate(delivery, (SECRET,), NOW)

    tried()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_authentic_payload_is_events_or_one_of_our_errors(provider: ModuleType) -> None:
    @given(changed(provider))
    def tried(payload: dict[str, Any]) -> None:
        with suppress(SourdineError):
            for event in provider.parse(payload):
                require_writable(event, provider)

    tried()


@pytest.mark.parametrize("provider", PROVIDERS)
def test_every_file_of_a_provider_is_understood_as_it_stands(provider: ModuleType) -> None:
    events = [event for said in said_by(provider) for event in provider.parse(said)]
    for event in events:
        require_writable(event, provider)
    assert {event.provider for event in events} == {provider.__name__.rpartition(".")[2]}


@given(JSON, st.dictionaries(st.sampled_from(["iat", "exp", "payload_hash"]), JSON))
def test_any_signed_claims_of_vonage_are_a_payload_or_one_of_our_errors(said: Any, odd: dict[str, Any]) -> None:
    body = json.dumps(said).encode()
    claims = {"iat": int(NOW.timestamp()), "payload_hash": hashlib.sha256(body).hexdigest(), **odd}
    delivery = Delivery("POST", HOOK, {"authorization": f"Bearer {signed(claims, 'HS256')}"}, body)
    with suppress(SourdineError):
        assert isinstance(vonage.authenticate(delivery, (SECRET,), NOW), dict)


@given(st.dictionaries(st.sampled_from(["url", "payload", "exp", "event", "data"]), JSON))
def test_any_signed_claims_of_ringover_are_a_payload_or_one_of_our_errors(claims: dict[str, Any]) -> None:
    delivery = Delivery("POST", HOOK, {"x-ringover-webhook-signature": signed(claims, "HS512")}, b"")
    with suppress(SourdineError):
        assert isinstance(ringover.authenticate(delivery, (SECRET,), NOW), dict)


def signed(claims: dict[str, Any], algorithm: str) -> str:
    return jwt.PyJWS().encode(json.dumps(claims).encode(), SECRET, algorithm)


@given(JSON)
def test_any_token_in_aircalls_body_is_compared(token: Any) -> None:
    delivery = Delivery("POST", HOOK, {}, json.dumps({"token": token}).encode())
    with pytest.raises(SourdineError):
        aircall.authenticate(delivery, (SECRET,), NOW)


@given(st.binary(max_size=60) | JSON.map(lambda said: json.dumps({"call": said}).encode()))
def test_any_answer_of_aircall_holds_an_address_or_is_said_not_to(answer: bytes) -> None:
    with suppress(SourdineError):
        assert aircall.address_in(answer, Media("1", "1", "")).startswith("https://")


@pytest.mark.parametrize("provider", [aircall, twilio])
@given(st.data())
def test_what_is_asked_of_a_provider_never_leaves_its_api(provider: ModuleType, data: st.DataObject) -> None:
    kind = st.sampled_from(["", "1", "AC1", "CA1", "RE1"])
    ids = data.draw(st.dictionaries(st.sampled_from(["account", "call", "recording"]), kind | ANY_TEXT))
    with suppress(SourdineError):
        url = provider.control(data.draw(st.sampled_from(Act)), ids, CREDENTIALS).url
        assert url.startswith(("https://api.twilio.com/2010-04-01/Accounts/AC", "https://api.aircall.io/v1/calls/"))
        assert not set("?#%\\ \n") & set(url) and "/../" not in url and "//" not in url.removeprefix("https://")
