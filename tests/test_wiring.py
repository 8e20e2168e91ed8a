"""The policy, and the identity provider, reach whoever needs them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from chalicelib import wiring
from chalicelib.adapters.oidc import NoTokens, OidcTokens
from chalicelib.errors import InvalidPolicy, InvalidSettings

OURS = Path(__file__).parents[1] / "infra" / "policy.toml"


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    wiring.policy.cache_clear()
    yield
    wiring.policy.cache_clear()


def test_a_checkout_has_the_example_policy_loaded_once() -> None:
    assert wiring.policy_file({}) == OURS
    assert wiring.policy() is wiring.policy()


def test_the_environment_names_another_from_the_folder_of_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    assert wiring.policy_file({"POLICY_FILE": "infra/ours.toml"}) == OURS.with_name("ours.toml")
    monkeypatch.setenv("POLICY_FILE", "infra/policy.toml")
    assert wiring.policy().controller.name == "Exemple SAS"


def test_a_deployed_policy_goes_before_the_example(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(wiring, "_ROOT", tmp_path)
    (tmp_path / "policy.toml").write_text("")
    assert wiring.policy_file({}) == tmp_path / "policy.toml"


@pytest.mark.parametrize("content", [None, b"\xff\xfe", b"version = 1"])
def test_without_a_policy_that_can_be_read_there_is_none(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "policy.toml").write_bytes(content)
    monkeypatch.setenv("POLICY_FILE", str(tmp_path / "policy.toml"))
    with pytest.raises(InvalidPolicy):
        wiring.policy()


ISSUER = {"OIDC_ISSUER": "https://idp.example/realm", "OIDC_AUDIENCE": "sourdine"}


def test_tokens_are_of_the_identity_provider_that_the_environment_names() -> None:
    found = wiring.read_tokens(
        ISSUER | {"OIDC_ROLE_CLAIM": "roles", "OIDC_AGENT_CLAIM": "", "OIDC_JWKS_URL": "", "OIDC_TEAM_CLAIM": "squads"}
    )
    assert isinstance(found, OidcTokens)
    assert (found.issuer, found.audience) == tuple(ISSUER.values())
    assert (found.role_claim, found.agent_claim, found.team_claim) == ("roles", "email", "squads")


def test_without_an_identity_provider_no_token_is_taken_and_an_issuer_alone_is_a_mistake() -> None:
    assert isinstance(wiring.read_tokens({"OIDC_AUDIENCE": "sourdine", "OIDC_ISSUER": ""}), NoTokens)
    with pytest.raises(InvalidSettings, match="OIDC_AUDIENCE"):
        wiring.read_tokens({"OIDC_ISSUER": "https://idp.example/realm"})
