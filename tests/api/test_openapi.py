"""What the API is said to be is what it is: the description is whole, valid, and obeyed by every answer."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import count
from typing import Any

import pytest
import schemathesis
from chalice.app import Chalice
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator
from openapi_spec_validator import validate
from schemathesis import checks
from schemathesis.generation.meta import TestPhase

from app import app
from chalicelib.api.listen import recording_id
from chalicelib.errors import UnknownRecording
from chalicelib.services.machine import Machine
from chalicelib.telephony.providers import PROVIDERS
from infra import openapi
from tests.api import proofs
from tests.api.asking import SYSTEM
from tests.api.gateway import Asked, Gateway
from tests.api.standing import ASKED, AVAILABLE, LINK, anew, standing, untouched

_WRITTEN = openapi.WRITTEN.read_text("utf-8")
_ITS_DAYS = {"2026-11-24": date.today(), "2027-11-24": date.today() + timedelta(days=365)}
DOCUMENT = json.loads(re.sub("|".join(_ITS_DAYS), lambda found: str(_ITS_DAYS[found[0]]), _WRITTEN))
"""As it was on the day on which its examples were written."""

OPERATIONS = [
    pytest.param(method.upper(), path, said, id=f"{method.upper()} {path}")
    for path, methods in DOCUMENT["paths"].items()
    for method, said in methods.items()
]
EXAMPLES = 10
"""Of every operation, beside those that it is described with and those at the limits of what is described."""

OBEYED = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip

TOLD_THE_SAME = ["post-requests-request-code"]
"""Whatever is asked there; and telephony's calls go on whatever it says. Elsewhere what is not described is refused."""

GATEWAY = Gateway()
SESSION = GATEWAY.session()
TURN = count()
API = schemathesis.openapi.from_dict(DOCUMENT)
API.config.generation.update(with_security_parameters=False, deterministic=True)
API.config.phases.coverage.unexpected_methods = set()  # those there are not, API Gateway answers


@pytest.fixture(scope="module")
def api() -> Iterator[Machine]:
    with standing() as machine:
        anew(machine, 0)
        yield machine


# ---------------------------------------------------------------------------- the description


def test_the_committed_description_is_that_of_the_routes() -> None:
    assert openapi.WRITTEN.read_text("utf-8") == openapi.text(openapi.generate(app)), "run `make openapi`"


def test_it_is_openapi() -> None:
    validate(DOCUMENT)


def test_every_example_is_of_its_schema() -> None:
    bodies = [said["requestBody"] for each in OPERATIONS if "requestBody" in (said := each.values[2])]
    contents = [content for body in bodies for content in body["content"].values()]
    assert len(contents) > 10
    for content in contents:
        schema = Draft202012Validator(content["schema"] | {"components": DOCUMENT["components"]})
        assert [schema.is_valid(example["value"]) for example in content["examples"].values()].count(False) == 0


def test_it_names_the_providers_that_call_in() -> None:
    assert DOCUMENT["components"]["parameters"]["provider"]["schema"]["enum"] == list(PROVIDERS)


def test_a_route_that_nobody_describes_is_refused_and_said_where_to() -> None:
    more = Chalice("more")
    more.routes.update(app.routes)
    more.route("/another", methods=["PUT"])(dict)
    with pytest.raises(openapi.Undescribed, match=r"PUT /another has no description: in infra/openapi/"):
        openapi.generate(more)


def test_a_description_without_a_route_is_refused() -> None:
    less = Chalice("less")
    less.routes.update({path: entries for path, entries in app.routes.items() if path != "/holds"})
    with pytest.raises(openapi.Undescribed, match=r"no route GET /holds: .* infra/openapi/desk\.yaml"):
        openapi.generate(less)


def test_a_route_without_authorizer_says_who_may_ask() -> None:
    open_to_all = Chalice("open")
    open_to_all.routes.update({path: entries for path, entries in app.routes.items() if path != "/holds"})
    open_to_all.route("/holds", methods=["GET"])(dict)
    with pytest.raises(openapi.Undescribed, match=r"GET /holds .* has no authorizer: say by which of .* person"):
        openapi.generate(open_to_all)


# ---------------------------------------------------------------------------- the answers


@API.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: Any, api: Machine) -> None:
    """To each of those who may ask: what it is described with to all, whatever else to one of them in turn."""
    said, turn = case.operation.definition.raw, next(TURN)
    if turn % 5 == 0:
        anew(api, turn // 5)
    refuses = said["x-roles"] != ["provider"] and said["operationId"] not in TOLD_THE_SAME
    obeyed = [*OBEYED, checks.negative_data_rejection] if refuses else OBEYED
    by = proofs.proofs_of(said)
    for proof in by if case.meta.phase.name is TestPhase.EXAMPLES else [by[turn % len(by)]]:
        GATEWAY.proof = proof
        case.call_and_validate(base_url="http://localhost", session=SESSION, checks=obeyed)


PATHS = {
    "agent": proofs.AGENT, "call": "7", "recording": AVAILABLE, "language": "fr-FR", "provider": "standard",
    "request": ASKED, "token": "a-token",
}  # fmt: skip
RIGHT = PATHS | {"token": LINK}


@pytest.mark.parametrize(("method", "path", "said"), OPERATIONS)
def test_what_it_is_described_with_is_answered_to_somebody_and_as_described(
    method: str, path: str, said: Any, api: Machine
) -> None:
    """One that refused whatever it is asked would obey its description too."""
    known = DOCUMENT["components"]["parameters"]
    parts = [known[each["$ref"].rpartition("/")[2]] if "$ref" in each else each for each in said.get("parameters", [])]
    query = {each["name"]: each["example"] for each in parts if each["in"] == "query" and "example" in each}
    content = next(iter(said.get("requestBody", {"content": {}})["content"].items()), ("", {}))
    bodies = [{"media_type": content[0], "body": each["value"]} for each in content[1].get("examples", {}).values()]
    found = set()
    for turn in reversed(range(6)):  # the first with a hold
        for body in bodies or [{}]:
            for GATEWAY.proof in proofs.proofs_of(said):
                untouched(api, turn)
                case = API[path][method].Case(path_parameters=RIGHT, query=query, **body)
                checked = case.call_and_validate(base_url="http://localhost", session=SESSION, checks=OBEYED)
                found.add(checked.status_code)
        if min(found) < 400:
            return
    raise AssertionError(found)


JSON = {"content-type": "application/json"}


WRONG = {"code": "000000", "token": "another"}


def asked(method: str, path: str, body: bytes = b"{}", headers: dict[str, str] | None = None, query: str = "") -> Asked:
    target = path.format(**PATHS) + (f"?{query}" if query else "")
    return Asked(method, target, JSON | (headers or {}), body)


@pytest.mark.parametrize(
    ("method", "path", "said"),
    [each for each in OPERATIONS if each.values[2]["security"] and {} not in each.values[2]["security"]],
)
def test_nobody_is_let_in_where_somebody_has_to_be_known(method: str, path: str, said: Any, api: Machine) -> None:
    content = said.get("requestBody", {}).get("content", {}).get("application/json", {})
    example = next((each["value"] for each in content.get("examples", {}).values()), {})
    body = json.dumps({name: WRONG.get(name, value) for name, value in example.items()}).encode()
    status, _, problem = GATEWAY.answer(asked(method, path, body))
    assert (status, json.loads(problem)["status"]) in ((401, 401), (403, 403), (404, 404))


BODIES = [
    b"", b"\xff\xfe\x00", b"\xef\xbb\xbf{}", b"null", b"[]", b"NaN", b"[" * 100_000, b'{"a":' * 100_000,
    b'{"version": ' + b"9" * 5_000 + b"}", b'{"call-id": ' + b"9" * 4_000 + b"}", b'{"call-id": 1e999}',
    b'{"source": "\\ud800"}', b'{"names": ["\\ud800"]}', b'{"version": "\\u0000"}',
    b'{"state": ["off"]}', b'{"state": "off", "reason": {}}', b'{"state": "off", "until": "9999-12-31T23:59:59-14:00"}',
    b'{"kind": [], "reference": "1", "until": "0001-01-01"}',
    b'{"kind": "restriction", "reference": "1", "until": "9999-12-31"}',
    b'{"source": "drop", "call-id": "1", "signed-on": "9999-12-31"}',
    b'{"source": "drop", "call-id": "1", "started-at": "0001-01-01T00:00:00+14:00", "queue": "urgences"}',
    b'{"type": "call.started", "call-id": "1", "at": "2199-12-31T23:59:59Z"}',
    b"CallSid=%ff", b"CallSid=\xff", b"CallSid=CA1&CallSid=CA2", b"CallSid=CA1&From=%00&AccountSid=%0a",
    b"&".join([b"a=1"] * 1_100),
]  # fmt: skip
HEADERS = [
    {"content-type": ""}, {"content-type": "text/plain"}, {"content-type": "application/json; charset=x"},
    {"accept": "\xff"}, {"accept": "audio/wav"}, {"accept-language": "\xff;q=é,,;;q=nan"},
    {"authorization": "Bearer " + "a." * 9_000}, {"webhook-id": "x"},
    {"webhook-id": "\xff", "webhook-timestamp": "٣", "webhook-signature": "v1,\xff"},
    {"webhook-id": "x", "webhook-timestamp": "9" * 400, "webhook-signature": "v1,x"},
    {"x-twilio-signature": "\xff"}, {"validation-token": "x"}, {"validation-token": "x\ny"},
]  # fmt: skip
QUERIES = ["language=xx&language=fr", "format=", "%FF=%FF", "queue=%FF&agent=%00", "agent=%ED%A0%80", "bodySHA256=x"]
SEGMENTS = ["%FF", "%00", "%0A", "a%2Fb", "%25", "%2525", "{x}", "{0}", "{", "a" * 3_000, "%F0%9F%98%80", "%2e%2e", "é"]


@pytest.mark.parametrize(("method", "path", "said"), OPERATIONS)
def test_whatever_is_sent_is_answered_as_described(method: str, path: str, said: Any, api: Machine) -> None:
    odd = [path.partition("{")[0] + segment + path.partition("}")[2] for segment in SEGMENTS if "{" in path]
    sent = [
        *(asked(method, path, body) for body in BODIES),
        *(asked(method, path, headers=headers) for headers in HEADERS),
        *(asked(method, path, query=query) for query in QUERIES),
        *(Asked(method, target, JSON, b'{"source": "twilio", "state": "off"}') for target in odd),
    ]
    by = proofs.proofs_of(said)[0]
    for each in sent:
        status, _, body = GATEWAY.answer(by(each))
        assert str(status) in said["responses"] and status < 500, (each, status, body)


# ---------------------------------------------------------------------------- what this found


@pytest.mark.parametrize("text", ["a" * 3_000, "", "%00", "é", "a b", "../a"])
def test_what_can_be_no_recordings_id_is_unknown_before_any_table_is_asked(text: str) -> None:
    """DynamoDB refuses keys of more than 2,048 bytes, which would be a failure of ours."""
    with pytest.raises(UnknownRecording):
        recording_id(text)


@pytest.mark.parametrize("refused", ["true", "yes", 1, None, [True]])
def test_a_refusal_that_is_misspelt_is_no_signature(refused: Any, api: Machine) -> None:
    said = {"source": "drop", "call-id": "1", "signed-on": date.today().isoformat(), "refused": refused}
    status, _, _ = GATEWAY.answer(proofs.iam(SYSTEM)(asked("PUT", "/contracts", json.dumps(said).encode())))
    assert status == 400


def test_a_signed_body_that_asks_for_nothing_is_not_taken_for_said_before(api: Machine) -> None:
    target = "/agents/{agent}/recording"
    assert GATEWAY.answer(proofs.machine(asked("PUT", target, b'{"state": "off"}')))[0] == 200
    assert GATEWAY.answer(proofs.machine(asked("PUT", target, b'{"state": "of"}')))[0] == 400


@pytest.mark.parametrize("channel", [{}, "", False, [], 0.0])
def test_a_channel_that_is_no_number_is_none(channel: Any, api: Machine) -> None:
    spans = json.dumps({"spans": [{"start-ms": 0, "end-ms": 1, "channel": channel}]}).encode()
    status, _, _ = GATEWAY.answer(proofs.person("dpo")(asked("POST", "/recordings/{recording}/muting", spans)))
    assert status == 400


def test_no_request_is_looked_up_by_a_key_that_a_table_would_refuse(api: Machine) -> None:
    target = f"/desk/requests/{'a' * 3_000}"
    assert GATEWAY.answer(proofs.iam(proofs.DPO)(Asked("GET", target, JSON, b"")))[0] == 404
