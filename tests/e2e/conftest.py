"""The stack that the tests of this folder stand on: the packaged template, made on moto under a policy for tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from infra.deploy import package
from tests.e2e.stack import Stack, standing
from tests.e2e.template import translated
from tests.policies import changed


@pytest.fixture(scope="session")
def packaged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged template; what the functions ship lies beside it."""
    return package(tmp_path_factory.mktemp("package"))


@pytest.fixture(scope="session")
def template(packaged: Path) -> Any:
    return translated(packaged)


@pytest.fixture
def stack(template: Any, tmp_path: Path) -> Iterator[Stack]:
    policy = tmp_path / "policy.toml"
    policy.write_text(changed(('languages = ["fr-FR", "en-GB"]', 'languages = ["fr-FR"]')))
    with standing(template, policy) as made:
        yield made
