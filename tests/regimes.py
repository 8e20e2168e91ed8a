"""Policies for tests: the example, and others made out of it."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from chalicelib.law.load import load
from chalicelib.law.policy import Policy

EXAMPLE = (Path(__file__).parents[1] / "infra" / "policy.toml").read_text("utf-8")

EVERY_REGIME = (
    EXAMPLE.replace("never_recorded = []", 'never_recorded = ["+33100000042", "3201"]').replace(
        '["training", "service-quality"]', '["training", "evaluation"]'
    )
    + """
[[queues]]
name = "souscription"
purposes = ["contract-proof"]
legal_basis = "6(1)(b)"
no_other_proof = "Rien n'est écrit ni signé."
retention = { years = 5 }
retention_source = "C. civ., art. 2224"
recipients = ["Service juridique"]

[[queues]]
name = "vente-assurance"
purposes = ["legal-duty"]
legal_basis = "6(1)(c)"
duty = "insurance"
recipients = ["Conformité", "ACPR"]

[[queues]]
name = "enquete"
purposes = ["service-quality"]
legal_basis = "6(1)(a)"
share_percent = 2.50
ceiling = { calls = 1, each = "month" }
retention = { days = 30 }
recipients = ["Responsables qualité"]

[duties.insurance]
source = "C. assur., art. L. 112-2-2"
retention = { years = 2 }
unless_signed = { months = 1 }
"""
)

DUTY_ALONE = (
    EXAMPLE[: EXAMPLE.index("[[queues]]")]
    + """
[[queues]]
name = "ordres"
purposes = ["legal-duty"]
legal_basis = "6(1)(c)"
duty = "mifid"
recipients = ["Conformité"]

[duties.mifid]
source = "CMF, art. L. 533-10 III"
retention = { years = 5 }
announced = false

[keeping]
hold = { years = 2 }
"""
)


@cache
def example() -> Policy:
    """The example that the repository ships."""
    return load(EXAMPLE)


@cache
def every_regime() -> Policy:
    """A queue of every kind, every legal basis in use but two, and lines that are never recorded."""
    return load(EVERY_REGIME)


@cache
def changed(*pairs: tuple[str, str]) -> Policy:
    """The example with texts replaced."""
    text = EXAMPLE
    for old, new in pairs:
        assert old in text
        text = text.replace(old, new)
    return load(text)
