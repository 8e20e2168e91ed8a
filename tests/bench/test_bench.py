"""The bench runs and prints what README shows."""

import pytest

from tests.bench import audio
from tests.bench.speech import main


def test_a_quick_bench_without_its_rival_prints_leak_and_over_mute(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--no-rival", "--languages", "fr-FR", "--kinds", "card,telephone", "--noises", "0"])
    printed = capsys.readouterr().out
    assert "leak" in printed.lower()
    assert "over-mute" in printed.lower()


def test_a_short_bench_of_sound_prints_no_residue_and_no_damage_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    audio.main(["--minutes", "1", "--runs", "1"])
    rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in capsys.readouterr().out.splitlines() if "|" in line
    ]
    ours = [row for row in rows if row[1:2] in (["ours"], ["verified"])]
    assert len(ours) == 18
    assert {(row[5], row[6]) for row in ours} == {("0", "0")}
