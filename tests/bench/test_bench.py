"""The bench runs and prints what README shows."""

import shutil
from decimal import Decimal

import numpy
import pytest

from tests.bench import audio
from tests.bench.formats import FORMATS, OURS, missing, ways
from tests.bench.left import damage, residue_ms
from tests.bench.price import GIBIBYTE_SECOND, dollars
from tests.bench.speech import main


def test_a_quick_bench_without_its_rival_prints_leak_and_over_mute(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--quick", "--no-rival", "--languages", "fr-FR", "--kinds", "card,telephone", "--noises", "0"])
    printed = capsys.readouterr().out
    assert "leak" in printed.lower()
    assert "over-mute" in printed.lower()


def test_a_short_bench_of_sound_prints_no_residue_and_no_damage_of_ours(capsys: pytest.CaptureFixture[str]) -> None:
    audio.main(["--seconds", "20", "--runs", "1", "--keys", "10"])
    printed = capsys.readouterr().out
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in printed.splitlines() if line.startswith("|")]
    for name in FORMATS:
        assert {row[1] for row in rows if row[0] == name} == set(ways(name))
    assert {(row[6], row[7]) for row in rows if row[1] in OURS} == {("0", "0")}
    assert "1.44 USD of Amazon Transcribe" in printed
    assert all(program in printed for program in missing())
    assert [row[5] for row in rows if row[0] == "70 ms"] == ["100.0"] * 5


def test_a_bench_without_the_programs_goes_on_and_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert missing() == ["ffmpeg", "sox", "multimon-ng"]
    assert ways("mp3") == list(OURS)
    assert ways("pcm16") == [*OURS, "pydub"]


def test_what_sounds_inside_is_residue_and_what_changes_outside_is_damage() -> None:
    before = numpy.full((8_000, 2), 1_000, numpy.int16)
    after = before.copy()
    after[800:1_600] = 0
    assert (residue_ms(after, 8_000, [(100, 200)]), damage(before, after, 8_000, [(100, 200)], 0)) == (0, "0")
    assert residue_ms(after, 8_000, [(90, 210)]) == 20
    assert damage(before, after, 8_000, [(101, 200)], 0) == "8"
    assert damage(before, after, 8_000, [(101, 200)], 1) == "0"
    assert damage(before, after + 1, 8_000, [(100, 200)], 0) == "all"
    assert damage(before, after + 1, 8_000, [(100, 200)], 0, 1) == "0"
    assert damage(before, after[:4_000], 8_000, [(100, 200)], 0) == "56 %"


def test_less_memory_is_slower_and_no_cheaper_and_more_than_a_processor_is_dearer() -> None:
    assert f"{dollars(Decimal(10), 512):.12f}" == f"{dollars(Decimal(10), 1769):.12f}"
    assert dollars(Decimal(1), 2048) == 2 * GIBIBYTE_SECOND
