"""The bench runs and prints what README shows."""

import pytest

from tests.bench.speech import main


def test_a_quick_bench_without_its_rival_prints_leak_and_over_mute(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--no-rival", "--languages", "fr-FR", "--kinds", "card,telephone", "--noises", "0"])
    printed = capsys.readouterr().out
    assert "leak" in printed.lower()
    assert "over-mute" in printed.lower()
