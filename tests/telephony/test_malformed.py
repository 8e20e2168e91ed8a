"""Whatever a provider, or somebody in its name, sends: it is read, or refused by one of our errors."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from types import ModuleType
from typing import Any

import jwt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.errors import SourdineError
from chalicelib.telephony import connect, dialpad, genesys, oauth, ringcentral, standard, zoom
from chalicelib.telephony.event import CallEvent, Media
from chalicelib.telephony.webhook import Delivery
from tests.telephony.posts import EVENTS

NOW = datetime.fromtimestamp(1_700_000_000, UTC)
SECRETS = ("test_secret_token", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whpk_" + "A" * 43 + "=")
MODULES = {"zoom": zoom, "ringcentral": ringcentral, "dialpad": dialpad, "standard": standard}
READERS: dict[str, Callable[[Any], Any]] = {name: module.parse for name, module in MODULES.items()}
READERS |= {"genesys": genesys.parse_event, "connect": connect.parse_event, "flow": connect.flow_call}
FOLDERS = {"flow": "connect"}
REAL = {name: sorted((EVENTS / FOLDERS.get(name, name)).glob("*.json")) for name in READERS}

anything = st.text(st.characters()) | st.binary(max_size=40).map(lambda raw: raw.decode("latin-1"))
header_values = anything | st.sampled_from(["1700000000", "v0=00", "v1,AAAA", "v1a,AAAA", "nan", "inf", "1e400"])
HEADERS = (
    "x-zm-signature", "x-zm-request-timestamp", "validation-token", "verification-token", "webhook-id",
    "webhook-timestamp", "webhook-signature",
)  # fmt: skip
headers = st.dictionaries(st.sampled_from(HEADERS), header_values)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | anything | st.sampled_from(["..", "inf", "1e999"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(anything, inner, max_size=3),
    max_leaves=8,
)
bodies = st.binary() | st.sampled_from([b"[" * 100_000, b"\xff", b"1" * 5_000, b"a.b.c"])
bodies |= documents.map(lambda each: json.dumps(each).encode())


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
@settings(deadline=None)
@given(headers, bodies)
def test_no_delivery_is_a_stack_trace(module: ModuleType, found: dict[str, str], body: bytes) -> None:
    delivery = Delivery("POST", "https://hooks.example.com/in", found, body)
    with suppress(SourdineError):
        payload = module.authenticate(delivery, SECRETS, NOW)
        module.handshake(payload, delivery, SECRETS)
        assert all(isinstance(event, CallEvent) for event in module.parse(payload))


def spoil(data: st.DataObject, document: Any) -> Any:
    """The document with one value, at any depth, replaced by another or left out."""
    document = here = copy.deepcopy(document)
    while isinstance(here, dict | list) and here:
        place = data.draw(st.sampled_from(list(here) if isinstance(here, dict) else range(len(here))))
        if not isinstance(here[place], dict | list) or data.draw(st.integers(0, 3)) == 0:
            if data.draw(st.booleans()):
                here[place] = data.draw(documents)
            else:
                del here[place]
            return document
        here = here[place]
    return document


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None)
@given(st.data())
def test_no_spoilt_document_is_a_stack_trace(name: str, data: st.DataObject) -> None:
    document = spoil(data, json.loads(data.draw(st.sampled_from(REAL[name])).read_bytes()))
    with suppress(SourdineError):
        found = READERS[name](document)
        assert all(isinstance(event, CallEvent) for event in (found if isinstance(found, list) else [found]))


@pytest.mark.parametrize("name", READERS)
@settings(deadline=None)
@given(st.dictionaries(anything, documents))
def test_no_unknown_document_is_a_stack_trace(name: str, document: dict[str, Any]) -> None:
    with suppress(SourdineError):
        found = READERS[name](document)
        assert isinstance(found, list)


@settings(deadline=None)
@given(documents, anything)
def test_no_answer_is_a_stack_trace(document: Any, text: str) -> None:
    for answer in (json.dumps(document).encode(), text.encode("utf-8", "surrogatepass")):
        with suppress(SourdineError):
            assert ringcentral.address_in(answer, Media("1", "2", ""))
        with suppress(SourdineError):
            assert oauth.token_in(answer)


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["alg", "typ", "crit", "b64", "kid", "zip"]), documents), st.binary())
def test_no_header_of_a_token_is_a_stack_trace(found: dict[str, Any], claims: bytes) -> None:
    parts = (jwt.utils.base64url_encode(each) for each in (json.dumps(found).encode(), claims, b"x"))
    delivery = Delivery("POST", "https://hooks.example.com/in", {}, b".".join(parts))
    with pytest.raises(SourdineError):
        dialpad.authenticate(delivery, SECRETS, NOW)
