"""What the deployment says of a policy before it touches an account."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.deploy import DeployError, _require_known, _require_reachable
from infra.local.account import POLICY
from tests.policies import TEXT, changed

REAL = ("@exemple.example", "@sourdine.fr")


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("AWS_ENDPOINT_URL", raising=False)
    (tmp_path / "policy.toml").write_text(TEXT, "utf-8")
    return tmp_path / "policy.toml"


def test_everything_that_a_dpo_would_ask_is_printed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file.write_text(changed(REAL, ("2026-10-15", "9999-12-31")), "utf-8")
    _require_reachable(file)
    said = capsys.readouterr().out.splitlines()
    assert all(line.startswith(f"warning: {file}: ") for line in said)
    for part in ("would be consulted on 31 December 9999", "50% is a lot", "have it confirmed", "your own lines"):
        assert any(part in line for line in said), part


def test_people_whom_nobody_reaches_are_for_a_local_account_alone(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for change in ((), (("dpo@exemple.example", "dpo@sourdine.fr"),)):  # the controller's alone is enough
        file.write_text(changed(*change), "utf-8")
        with pytest.raises(DeployError, match=r"exemple\.example: this address is an example's"):
            _require_reachable(file)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    _require_reachable(file)


def test_an_unlawful_policy_or_none_is_not_deployed(file: Path) -> None:
    file.write_text("", "utf-8")
    for path in (file, file.with_name("none.toml")):
        with pytest.raises(DeployError, match="is refused"):
            _require_reachable(path)


def test_the_local_accounts_policy_is_lawful_and_names_who_records(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
        _require_reachable(POLICY)
    assert "does not name" not in capsys.readouterr().out


def test_parameters_that_lead_to_a_double_are_for_a_local_account_alone(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = file.with_name("sam.json")
    template.write_text('{"Parameters": {"ProvidersEndpoint": {}, "CognitoEndpoint": {}, "Tone": {}}}')
    _require_known(["Tone=true"], template)
    for double in ("ProvidersEndpoint=http://127.0.0.1:1", "CognitoEndpoint=http://127.0.0.1:1"):
        with pytest.raises(DeployError, match="local account"):
            _require_known([double], template)
    with pytest.raises(DeployError, match="is no parameter"):
        _require_known(["Tune=true"], template)
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:5000")
    _require_known(["ProvidersEndpoint=http://127.0.0.1:1"], template)
