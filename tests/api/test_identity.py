"""Who asks."""

from typing import Any

import pytest

from chalicelib.adapters.memory import MemoryPseudonyms
from chalicelib.api.identity import caller, require
from chalicelib.errors import Forbidden
from tests.api.asking import ACCOUNT, DPO, DPO_ROLE, SYSTEM

OTHER = "210987654321"


def context(arn: Any) -> dict[str, Any]:
    return {"accountId": ACCOUNT, "identity": {"userArn": arn}}


NOT_THE_DPO = [
    SYSTEM,
    DPO.replace("/Dpo/", "/dpo/"),
    DPO.replace("/Dpo/", "/Dpo2/"),
    DPO.replace("/Dpo/", "/people/Dpo/"),
    DPO.replace(ACCOUNT, OTHER),
    DPO.replace("arn:aws:", "arn:aws-cn:"),
    f"arn:aws:iam::{ACCOUNT}:user/Dpo",
    f"arn:aws:iam::{ACCOUNT}:role/people/Dpo",
    f"arn:aws:iam::{ACCOUNT}:root",
    f"arn:aws:sts::{ACCOUNT}:federated-user/Dpo",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/Dpo/",
    f"arn:aws:sts::{ACCOUNT}:assumed-role/Dpo",
    DPO + "\n",
    "\n" + DPO,
    DPO + "/x\n",
    "x" + DPO,
    "",
    "*",
    None,
    7,
    [DPO],
    {"arn": DPO},
]


@pytest.mark.parametrize("arn", NOT_THE_DPO)
def test_nobody_else_is_the_dpo(arn: Any) -> None:
    with pytest.raises(Forbidden):
        require(context(arn), DPO_ROLE, "dpo")


@pytest.mark.parametrize(
    "role",
    ["", " ", "Dpo", "*", f"arn:aws:iam::{ACCOUNT}:role/*", f"arn:aws:iam::{ACCOUNT}:user/Dpo", DPO, DPO_ROLE + "\n",
     f"arn:aws:iam::{ACCOUNT}:role/Dpo/People", f"arn:aws:iam::{OTHER}:role/Dpo"],
)  # fmt: skip
def test_a_role_that_is_unset_or_no_role_lets_nobody_in(role: str) -> None:
    with pytest.raises(Forbidden):
        require(context(DPO), role, "dpo")


@pytest.mark.parametrize("role", [DPO_ROLE, f"arn:aws:iam::{ACCOUNT}:role/Dpo", f"arn:aws:iam::{ACCOUNT}:role/a/b/Dpo"])
def test_a_session_of_the_dpos_role_is_the_dpo(role: str) -> None:
    assert require(context(DPO), role, "dpo").role == "dpo"


@pytest.mark.parametrize("arn", [SYSTEM, f"arn:aws:iam::{ACCOUNT}:user/team/hr", f"arn:aws:iam::{ACCOUNT}:root"])
def test_any_other_principal_of_the_account_is_a_system(arn: str) -> None:
    assert caller(context(arn), DPO_ROLE).role == "system"


@pytest.mark.parametrize("arn", [SYSTEM.replace(ACCOUNT, OTHER), f"arn:aws:iam::{OTHER}:user/hr"])
def test_another_account_is_nobody(arn: str) -> None:
    with pytest.raises(Forbidden):
        caller(context(arn), DPO_ROLE)


@pytest.mark.parametrize(
    "without", [{}, {"identity": None}, {"identity": []}, {"identity": {}}, {"accountId": ACCOUNT}]
)
def test_without_an_identity_there_is_nobody(without: dict[str, Any]) -> None:
    with pytest.raises(Forbidden):
        caller(without, DPO_ROLE)


def test_a_caller_is_told_by_a_reference_that_names_nobody() -> None:
    found = caller(context(DPO), DPO_ROLE)
    assert found.reference(MemoryPseudonyms()) == caller(context(DPO), DPO_ROLE).reference(MemoryPseudonyms())
    assert found.reference(MemoryPseudonyms()) != caller(context(SYSTEM), DPO_ROLE).reference(MemoryPseudonyms())
    assert "jeanne" not in repr(found) + found.reference(MemoryPseudonyms())
