"""What the law says of providers is what telephony knows of them: the law's room cannot look."""

from __future__ import annotations

from chalicelib.law.parts import DELETABLE, KEEP_COPIES
from chalicelib.telephony.providers import DELETES, FETCHES


def test_a_policy_may_have_deleted_there_exactly_what_telephony_can_delete() -> None:
    assert set(DELETABLE) == set(DELETES)


def test_whoever_is_fetched_from_is_known_to_keep_a_copy() -> None:
    assert set(KEEP_COPIES) == set(FETCHES)
