"""Policies for tests: a lawful one with a queue of each regime, and the same with something else in it."""

from __future__ import annotations

from pathlib import Path

from chalicelib.law.load import load
from chalicelib.law.policy import Policy

TEXT = (Path(__file__).parent / "policy.toml").read_text("utf-8")


def policy(*changes: tuple[str, str]) -> Policy:
    """`tests/policy.toml` with each text of the first kind replaced by the second."""
    return load(changed(*changes))


def changed(*changes: tuple[str, str]) -> str:
    """The text of it."""
    text = TEXT
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return text
