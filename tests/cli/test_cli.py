"""The command line, as a person with a file meets it (all but the hearing, which is in tests/e2e)."""

import io
import json
from pathlib import Path

import pytest

from chalicelib.__main__ import main
from chalicelib.audio.verify import verify
from chalicelib.cli.spans import read_spans
from chalicelib.errors import InvalidSpan
from chalicelib.model import Span, Transcript, Word
from chalicelib.speech.amazon import dump
from tests.audio.test_mp3 import by_dr_mp3, encoded
from tests.machines import CARD
from tests.sounds import wav


@pytest.fixture
def call(tmp_path: Path) -> Path:
    (tmp_path / "call.wav").write_bytes(wav())
    (tmp_path / "call.json").write_text(json.dumps(dump(CARD, "job")))
    return tmp_path


def test_given_spans_are_muted_exactly_and_verified(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (call / "spans.json").write_text('[{"start": 0.5, "end": 0.9, "channel": 1}, {"start": 1.0001, "end": 1.2}]')
    assert main(["redact", f"{call}/call.wav", f"{call}/out.wav", "--spans", f"{call}/spans.json"]) == 0
    assert "verified: 2 span(s)" in capsys.readouterr().out
    spans = [Span(500, 900, 1), Span(1000, 1200)]
    verify(io.BytesIO(wav()), io.BytesIO((call / "out.wav").read_bytes()), spans)


def test_a_transcript_is_obeyed_with_its_recognisers_padding_and_reported_without_digits(call: Path) -> None:
    report = call / "report.json"
    command = ["redact", f"{call}/call.wav", f"{call}/out.wav", "--transcript", f"{call}/call.json"]
    assert main([*command, "--report", str(report)]) == 0
    (muted,) = json.loads(report.read_text())["muted"]
    assert (muted["start"], muted["end"], muted["channel"], muted["kind"]) == (0.25, 1.14, 0, "card")
    assert "4111" not in report.read_text()


def test_an_mp3_is_muted_as_an_mp3(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "call.mp3").write_bytes(encoded(8000, 2, 24, False))
    (tmp_path / "spans.json").write_text('[{"start": 4, "end": 6}]')
    files = [f"{tmp_path}/call.mp3", f"{tmp_path}/out.mp3", "--spans", f"{tmp_path}/spans.json"]
    assert main(["redact", *files, "--report", f"{tmp_path}/report.json"]) == 0
    assert json.loads((tmp_path / "report.json").read_text())["codec"] == "mp3"
    assert abs(by_dr_mp3((tmp_path / "out.mp3").read_bytes(), tmp_path)[4 * 8000 : 6 * 8000]).max() == 0


def test_detect_prints_a_line_for_every_file_and_an_error_for_a_bad_one(
    call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (call / "bad.json").write_text("{}")
    assert main(["detect", f"{call}/call.json", f"{call}/bad.json", f"{call}/call.json"]) == 1
    printed = capsys.readouterr()
    lines = [json.loads(line) for line in printed.out.splitlines()]
    span = {"start": 0.25, "end": 1.14, "channel": "ch_0", "kind": "card"}
    assert lines == [{"file": f"{call}/call.json", "spans": [span]}] * 2
    assert "bad.json" in printed.err


def test_strict_mutes_any_long_number_and_nothing_is_strict_unless_asked(
    call: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = tuple(Word(text, Span(1000 * n, 1000 * n + 900, 0)) for n, text in enumerate(("mon", "siret", "732829320")))
    (call / "siret.json").write_text(json.dumps(dump(Transcript(words, "fr-FR", 2), "job")))
    for flags, kinds in (([], []), (["--strict"], ["digits"])):
        assert main(["detect", f"{call}/siret.json", *flags]) == 0
        assert [span["kind"] for span in json.loads(capsys.readouterr().out)["spans"]] == kinds


@pytest.mark.parametrize(
    ("body", "message"),
    [(b"", "no byte"), (b"text " * 99, "no known sound format"), (wav()[:900], "more sound than the file holds")],
)
def test_a_bad_file_is_one_sentence_and_leaves_no_output(
    call: Path, body: bytes, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (call / "bad.wav").write_bytes(body)
    before = sorted(call.iterdir())
    assert main(["redact", f"{call}/bad.wav", f"{call}/out.wav", "--transcript", f"{call}/call.json"]) == 1
    assert message in capsys.readouterr().err
    assert sorted(call.iterdir()) == before


def test_what_cannot_be_verified_leaves_the_old_output_alone(call: Path) -> None:
    (call / "out.wav").write_bytes(b"older")
    (call / "spans.json").write_text('[{"start": 1.9, "end": 99, "channel": 1}]')
    assert main(["redact", f"{call}/call.wav", f"{call}/out.wav", "--spans", f"{call}/spans.json"]) == 1
    assert (call / "out.wav").read_bytes() == b"older"


def test_the_original_is_never_overwritten(call: Path) -> None:
    assert main(["redact", f"{call}/call.wav", f"{call}/call.wav", "--transcript", f"{call}/call.json"]) == 1
    assert (call / "call.wav").read_bytes() == wav()


@pytest.mark.parametrize(
    ("target", "report"), [("out.wav", "call.wav"), ("out.wav", "call.json"), ("out.wav", "out.wav"), (".", "r.json")]
)
def test_nothing_that_is_read_or_written_is_overwritten_by_the_report(call: Path, target: str, report: str) -> None:
    before = {path.name: path.read_bytes() for path in call.iterdir()}
    command = ["redact", f"{call}/call.wav", f"{call}/{target}", "--transcript", f"{call}/call.json"]
    assert main([*command, "--report", f"{call}/{report}"]) == 1
    assert {path.name: path.read_bytes() for path in call.iterdir()} == before


def test_a_language_that_is_not_heard_is_refused_before_anything_is_heard(call: Path) -> None:
    assert main(["redact", f"{call}/call.wav", f"{call}/out.wav", "--language", "xx"]) == 1


def test_a_transcript_without_a_word_is_refused(call: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (call / "call.json").write_text('{"results": {"items": []}}')
    assert main(["redact", f"{call}/call.wav", f"{call}/out.wav", "--transcript", f"{call}/call.json"]) == 1
    assert "heard no word" in capsys.readouterr().err


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{}",
        b"[3]",
        b'[{"start": 1}]',
        b'[{"start": 2, "end": 1}]',
        b'[{"start": -1, "end": 1}]',
        b'[{"start": NaN, "end": 1}]',
        b'[{"start": 0, "end": Infinity}]',
        b'[{"start": "a", "end": 1}]',
        b'[{"start": 0, "end": 1, "channel": "left"}]',
        b'[{"start": 0, "end": 1, "channel": true}]',
        b'[{"start": 0, "end": 1, "channel": -1}]',
        b'[{"start": 0, "end": 1e6000}]',
        b"[" * 100_000,
    ],
)
def test_a_bad_spans_file_is_refused_before_anything_is_written(body: bytes) -> None:
    with pytest.raises(InvalidSpan, match="span"):
        read_spans(body)


def test_help_says_what_each_command_does(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ([], ["redact"], ["detect"], ["ledger"], ["ledger", "verify"]):
        with pytest.raises(SystemExit) as ended:
            main([*command, "--help"])
        assert ended.value.code == 0
    assert "verified" in capsys.readouterr().out
