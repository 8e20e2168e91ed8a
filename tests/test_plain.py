"""What is looked for in a text is still found in what is left of it."""

import pytest

from tests.plain import plain


@pytest.mark.parametrize(
    "name",
    ["0821555366", "0199001234", "33199001234", "3201", "12206", "4111111111111111", "FR76300060000112"],
)
def test_a_number_that_is_looked_for_is_never_taken_for_a_moment_or_a_digest(name: str) -> None:
    for around in ("{}", "x-{}-x", "at 2026-11-29T01:02:03.{}", '"{}"', "+{}"):
        assert name in plain(around.format(name))


@pytest.mark.parametrize("chance", ["1795916611915", "1795916611", "2026-11-29T01:02:03.320100+00:00", "320132ab" * 8])
def test_what_is_a_moment_or_a_digest_is_left_out(chance: str) -> None:
    assert "3201" not in plain(f"x {chance} x") and "17959" not in plain(f"x {chance} x")
