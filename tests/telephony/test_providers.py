"""What the law says of providers is what telephony knows of them: the law's room cannot look."""

from __future__ import annotations

from chalicelib.law.parts import DELETABLE, KEEP_COPIES, OUTSIDE, PROVIDERS
from chalicelib.telephony import providers
from chalicelib.telephony.providers import CONTROLLED, DELETES, FETCHES


def test_a_policy_may_have_deleted_there_exactly_what_telephony_can_delete() -> None:
    assert set(DELETABLE) == set(DELETES)


def test_whoever_is_fetched_from_is_known_to_keep_a_copy() -> None:
    assert set(KEEP_COPIES) == set(FETCHES)


def test_every_provider_by_name_is_told_to_people_as_a_processor() -> None:
    assert set(PROVIDERS) == {*providers.PROVIDERS, *CONTROLLED} - {"standard"}
    assert set(OUTSIDE) < set(PROVIDERS)
