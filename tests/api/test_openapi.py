"""What the API is said to be is what it is: the description is whole, valid, and obeyed by every answer."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from openapi_spec_validator import validate
from schemathesis import checks

from app import app
from infra import openapi
from tests.api.gateway import Gateway
from tests.api.proofs import proofs_of
from tests.api.standing import forget_calls, standing

DOCUMENT = json.loads(openapi.WRITTEN.read_text("utf-8"))
EXAMPLES = 30
"""Of every operation, beside the described ones and those at the limits of what is described."""

OBEYED = [
    checks.not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_schema_conformance, checks.response_headers_conformance,
]  # fmt: skip

GATEWAY = Gateway()
SESSION = GATEWAY.session()
API = schemathesis.openapi.from_dict(DOCUMENT)
TURN = count()
API.config.generation.update(with_security_parameters=False, deterministic=True)


@pytest.fixture(scope="module")
def api() -> Iterator[None]:
    with standing():
        yield


def test_the_committed_description_is_that_of_the_routes() -> None:
    assert openapi.WRITTEN.read_text("utf-8") == openapi.text(openapi.generate(app)), "run `make openapi`"


def test_it_is_openapi() -> None:
    validate(DOCUMENT)


@API.parametrize()
@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_one_that_is_described(case: Any, api: None) -> None:
    operation, turn = case.operation.definition.raw, next(TURN)
    by = proofs_of(operation)
    GATEWAY.proof = by[turn % len(by)]
    if turn % 10 == 0:
        forget_calls()
    obeyed = OBEYED if "provider" in operation["x-roles"] else [*OBEYED, checks.negative_data_rejection]
    case.call_and_validate(base_url="http://localhost", session=SESSION, checks=obeyed)
