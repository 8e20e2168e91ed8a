"""Opaque ids."""

import re

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.adapters.opaque import SecretPseudonyms, opaque_id

parts = st.lists(st.text(max_size=20), max_size=4)


@given(parts)
def test_an_id_fits_keys_tags_and_job_names_and_holds_no_hyphen(some: list[str]) -> None:
    assert re.fullmatch(r"[a-z2-7]{26}", opaque_id(b"key", "kind", *some))


@given(parts, parts)
def test_other_parts_another_kind_or_another_key_give_another_id(some: list[str], other: list[str]) -> None:
    here = opaque_id(b"key", "kind", *some)
    assert here == opaque_id(b"key", "kind", *some)
    assert (opaque_id(b"key", "kind", *other) == here) == (some == other)
    assert here != opaque_id(b"key", "another", *some)
    assert here != opaque_id(b"other key", "kind", *some)


def test_the_secret_is_fetched_once_and_only_when_needed() -> None:
    fetched: list[bytes] = []

    def fetch() -> bytes:
        fetched.append(b"key")
        return b"key"

    pseudonyms = SecretPseudonyms(fetch)
    assert fetched == []
    assert pseudonyms.of("call", "a") == pseudonyms.of("call", "a") == opaque_id(b"key", "call", "a")
    assert fetched == [b"key"]
