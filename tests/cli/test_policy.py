"""`policy check` and `policy explain`, as a DPO meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chalicelib.__main__ import main
from tests.policies import TEXT, changed

ROOT = Path(__file__).parents[2]
AT = ["--at", "2026-11-24T10:00:00+01:00"]
CALL = {
    "call-id": "call-1", "started-at": "2026-11-24T09:30:00+01:00", "announced": True, "queue": "service-client",
    "duration-s": 600, "language": "fr-FR",
}  # fmt: skip
IF_DRAWN = "If the lot falls on it (50%) and the agent's ceiling is not reached.\n"
Told = Callable[..., tuple[int, str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "policy.toml").write_text(TEXT, "utf-8")
    return tmp_path / "policy.toml"


@pytest.fixture
def told(capsys: pytest.CaptureFixture[str]) -> Told:
    """Runs the command; its status, what it says and what it complains of."""

    def run(*arguments: Any) -> tuple[int, str, str]:
        try:
            status = main(["policy", *map(str, arguments)])
        except SystemExit as end:  # argparse's own refusals
            status = int(end.code or 0)
        out = capsys.readouterr()
        assert "Traceback" not in out.out + out.err
        return status, out.out, out.err

    return run


def asked(told: Told, file: Path, call: Any = CALL, *more: str) -> tuple[int, str, str]:
    text = call if isinstance(call, str) else json.dumps(call)
    return told("explain", file, "--call", text, "--language", "en", *AT, *more)


def test_a_lawful_policy_is_said_queue_by_queue_each_with_its_source(told: Told, file: Path) -> None:
    status, out, err = told("check", file, "--language", "en")
    assert (status, err) == (0, "")
    assert out.startswith("The policy test-1 is lawful")
    lines = out.splitlines()
    for queue, source in (
        ("service-client", "SAN-2020-003"), ("souscription", "25 April 2022"), ("urgences", "Un texte"),
        ("assurance", "R. 112-7"),
    ):  # fmt: skip
        first = next(n for n, line in enumerate(lines) if line.startswith(f"- {queue}:"))
        assert source in lines[first + 1] and lines[first + 1].startswith("    [")
    assert "Before it is used:\n- contact@exemple.example: this address" in out


def test_it_speaks_french_where_asked_or_where_the_machine_does(
    told: Told, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert told("check", file, "--language", "fr")[1].startswith("La politique test-1 est licite")
    monkeypatch.setenv("LANG", "fr_FR.UTF-8")
    assert told("check", file)[1].startswith("La politique")
    monkeypatch.setenv("LANG", "de_DE.UTF-8")
    assert told("check", file)[1].startswith("The policy")
    assert told("check", file, "--language", "de")[0] == 2


def test_a_policy_without_anything_odd_is_asked_only_what_all_are_asked(told: Told, file: Path) -> None:
    text = changed(
        ("@exemple.example", "@sourdine.fr"), ("share_percent = 50", "share_percent = 5"), ("2026-10-15", "2020-01-15"),
        ("[keeping]", '[requests]\nown_numbers = ["01 99 00 *"]\n\n[keeping]'),
    )  # fmt: skip
    file.write_text(text, "utf-8")
    after = told("check", file, "--language", "en")[1].partition("Before it is used:\n")[2].splitlines()
    assert [line.rpartition(": ")[2] for line in after] == ["have it confirmed."] * 2


def test_a_works_council_of_tomorrow_is_asked_about_today(told: Told, file: Path) -> None:
    for day, asked_about in (("9999-12-31", True), ("2020-01-15", False)):
        file.write_text(changed(("2026-10-15", day)), "utf-8")
        assert ("would be consulted" in told("check", file, "--language", "en")[1]) is asked_about


def test_the_example_is_explained_in_both_languages(told: Told) -> None:
    for language in ("fr", "en"):
        assert told("check", ROOT / "infra/policy.toml", "--language", language)[0] == 0


def test_an_unlawful_policy_is_refused_line_by_line_on_the_error_output(told: Told, file: Path) -> None:
    file.write_text(changed(("share_percent = 50", "share_percent = 100"), ("years = 2 }\n", "years = 9 }\n")), "utf-8")
    for act in (["check"], ["explain", "--call", "{}"]):
        status, out, err = told(act[0], file, *act[1:], "--language", "en")
        assert (status, out) == (1, "")
        first, *rest = err.splitlines()
        assert first == "The policy is refused: 2 things to mend."
        assert [line.startswith(f"{file}: ") for line in rest] == [True] * 2
        assert "line 34: service-client: recording everything" in rest[0]
    french = told("check", file, "--language", "fr")[2]
    assert "2 points à corriger" in french and f"{file} : ligne 34 : service-client : " in french
    file.write_text(changed(("share_percent = 50", "share_percent = 100")), "utf-8")
    assert "1 point à corriger" in told("check", file, "--language", "fr")[2]
    assert "1 thing to mend" in told("check", file, "--language", "en")[2]


def test_a_file_that_is_not_there_is_said_to_be_so_in_the_language_asked(told: Told) -> None:
    said = [told("check", "none.toml", "--language", language) for language in ("fr", "en")]
    assert said == [
        (1, "", "none.toml : il n'y a pas de fichier de ce nom. Vérifiez le chemin.\n"),
        (1, "", "none.toml: there is no file of that name. Check the path.\n"),
    ]


def test_a_file_that_cannot_be_read_is_named(told: Told, file: Path, tmp_path: Path) -> None:
    for path, word in ((tmp_path / "none.toml", "none.toml"), (tmp_path, "directory"), (Path("x" * 5000), "too long")):
        status, out, err = told("check", path)
        assert (status, out) == (1, "") and word in err and len(err.splitlines()) == 1
    for body in (TEXT.encode("latin-1", "replace").replace(b"?", b"\xe9"), TEXT.encode("utf-16"), b"\xff\xfe\x00"):
        file.write_bytes(body)
        status, out, err = told("check", file, "--language", "en")
        assert (status, out) == (1, "") and "not UTF-8" in err
    file.write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    assert "without BOM" in told("check", file, "--language", "en")[2]
    file.write_bytes(b"")
    assert "[dpo]" in told("check", file, "--language", "en")[2]


def test_a_policy_needs_an_act_and_a_file(told: Told) -> None:
    for arguments in ([], ["check"], ["explain"], ["explain", "x.toml"], ["mend", "x.toml"]):
        assert told(*arguments)[0] == 2


# ------------------------------------------------------------------------------------------------ a call


def test_a_call_that_is_kept_is_told_why_and_until_when(told: Told, file: Path) -> None:
    assert asked(told, file) == (
        0, f"This call is kept.\n{IF_DRAWN}- lawful: nothing stands against it\nIt is deleted on 24 May 2027.\n", ""
    )  # fmt: skip


def test_a_call_may_be_given_in_a_file_or_as_it_is(told: Told, file: Path, tmp_path: Path) -> None:
    (tmp_path / "call.json").write_text(json.dumps(CALL))
    assert (
        asked(told, file, str(tmp_path / "call.json"))
        == asked(told, file)
        == asked(told, file, f"  {json.dumps(CALL)}")
    )


@pytest.mark.parametrize(
    ("more", "sentence"),
    [
        ({"objected": True}, "is deleted unheard.\n- objected:"),
        ({"queue": "nobody-knows"}, "is deleted unheard.\n- no-purpose:"),
        ({"queue": None}, "is deleted unheard.\n- no-purpose:"),
        ({"announced": False}, "is deleted unheard.\n- not-announced:"),
        ({"screen": True}, "is set aside for the DPO alone.\n- recorded-with-screen:"),
        ({"started-at": "1970-01-01T00:00:00Z"}, "set aside for the DPO alone.\n- start-implausible:"),
        ({"started-at": "9999-12-31T23:59:59Z"}, "set aside for the DPO alone.\n- start-unknown:"),
        ({"started-at": None}, "set aside for the DPO alone.\n- start-unknown:"),
        ({"agent": 3290}, "is deleted unheard.\n- mandate:"),
        ({"source": "asterisk", "queue": None, "announced": None}, "is kept.\n- lawful:"),
        ({"lines": ["0821555366", "3290"]}, "is deleted unheard.\n- mandate:"),
        ({"agent": "3290", "queue": "urgences"}, "is deleted unheard.\n- mandate:"),
        ({"queue": "assurance", "signed-on": "2026-11-25"}, "It is deleted on 25 November 2028."),
        ({"queue": "assurance", "signed-on": "9999-12-31"}, "It is deleted on 24 December 2026."),
        ({"queue": "souscription"}, "is deleted unheard.\n- no-useful-part:"),
        ({"queue": "urgences", "personal-call": True}, "is kept.\n- duty-before-switch:"),
        (
            {"objected": "2026-11-24T09:34:00+01:00"},
            f"is kept.\n{IF_DRAWN}- objected-from-then-on: the caller refused during the call: nothing is kept "
            "from then on (GDPR, art. 21)\n- cut: 2026-11-24T09:34:00+01:00 to the end\n",
        ),
        (
            {"queue": "souscription", "contract-part": "2026-11-24T08:32:00Z/2026-11-24T08:35:00Z"},
            "- cut: the beginning to 2026-11-24T09:32:00+01:00\n- cut: 2026-11-24T09:35:00+01:00 to the end\n",
        ),
        ({"off": "2026-11-24T09:31:00Z/"}, f"is kept.\n{IF_DRAWN}- lawful"),
        ({"off": "2026-11-24T08:31:00Z/"}, "- cut: 2026-11-24T09:31:00+01:00 to the end"),
        ({"off": "0001-01-01T00:00:00Z/9999-12-31T23:59:59Z"}, "- cut: the beginning to the end"),
        ({"off": "a b"}, "- cut: the beginning to the end"),
        ({"key": "x-2-3201-20261124-083000-1795505400.12206.wav", "queue": None, "started-at": None}, "is kept."),
    ],
)  # fmt: skip
def test_what_would_become_of_a_call_is_said_with_its_grounds(
    told: Told, file: Path, more: dict[str, Any], sentence: str
) -> None:
    status, out, err = asked(told, file, {name: said for name, said in (CALL | more).items() if said is not None})
    assert (status, err) == (0, "")
    assert sentence in out


def test_null_says_nothing(told: Told, file: Path) -> None:
    assert asked(told, file, CALL | {"queue": None}) == asked(
        told, file, {k: v for k, v in CALL.items() if k != "queue"}
    )
    assert "start-unknown" in asked(told, file, CALL | {"started-at": None})[1]
    assert "is kept" in asked(told, file, CALL | {"objected": None, "screen": None, "key": None})[1]


def test_the_lot_is_supposed_to_fall_on_it_or_not(told: Told, file: Path) -> None:
    assert "is deleted unheard.\n- not-drawn:" in asked(told, file, CALL, "--not-drawn")[1]
    assert "is kept" in asked(told, file, CALL | {"queue": "urgences"}, "--not-drawn")[1]


def test_what_depends_on_the_lot_is_said_to_and_nothing_else(told: Told, file: Path) -> None:
    assert IF_DRAWN in asked(told, file)[1]
    for more in ({"queue": "urgences"}, {"objected": True}, {"screen": True}):
        assert IF_DRAWN not in asked(told, file, CALL | more)[1]
    assert IF_DRAWN not in asked(told, file, CALL, "--not-drawn")[1]
    french = told("explain", file, "--call", json.dumps(CALL), "--language", "fr", *AT)[1]
    assert "Si le sort tombe sur lui (50 %) et que le plafond de l'agent n'est pas atteint.\n- lawful : rien" in french
    assert french.endswith("Il est supprimé le 24 mai 2027.\n")


@pytest.mark.parametrize(
    ("language", "ground"), [(None, "language-unknown"), ("de-DE", "unsupported-language"), ("fr", "unsupported")]
)
def test_a_call_in_a_language_that_is_not_known_is_set_aside_and_not_recorded(
    told: Told, file: Path, language: str | None, ground: str
) -> None:
    call = CALL | {"language": language}
    assert asked(told, file, call)[1].startswith(f"This call is set aside for the DPO alone.\n- {ground}")
    assert asked(told, file, call, "--before")[1].startswith(f"This call is not recorded.\n- {ground}")
    worse = asked(told, file, call | {"objected": True})[1]
    assert worse.startswith("This call is deleted unheard.\n- objected")
    assert f"\n- {ground}" in asked(told, file, call | {"screen": True})[1]


def test_of_a_policy_with_one_language_a_call_need_not_say_it(told: Told, file: Path) -> None:
    file.write_text(changed(('languages = ["fr-FR", "en-GB"]', 'languages = ["fr-FR"]')), "utf-8")
    assert "is kept" in asked(told, file, CALL | {"language": None})[1]
    assert "unsupported-language" in asked(told, file, CALL | {"language": "en-GB"})[1]


@pytest.mark.parametrize("more", [
    {"started-at": "9999-12-31T23:59:59-14:00"}, {"started-at": "9999-12-31T23:59:59Z"},
    {"queue": "assurance", "signed-on": "9999-12-31"}, {"payment": "9999-12-31T23:59:59-14:00/"},
    {"payment": "2026-11-24T08:31:00Z/9999-12-31T23:59:59-14:00"}, {"payment": "0001-01-01T00:00:00+14:00/"},
    {"objected": "9999-12-31T23:59:59-14:00"}, {"contract-part": "0001-01-01T00:00:00+14:00/9999-12-31T23:59:59-14:00"},
])  # fmt: skip
@pytest.mark.parametrize("queue", ["service-client", "souscription", "urgences", "assurance"])
def test_no_moment_at_the_end_of_time_is_too_much(told: Told, file: Path, queue: str, more: dict[str, str]) -> None:
    for flags in ([], ["--before"]):
        status, out, err = asked(told, file, {"queue": queue} | CALL | {"queue": queue} | more, *flags)
        assert (status, err[:7]) in ((0, ""), (1, "error: ")) and (out == "") == (status == 1)


def test_before_capture_it_is_asked_whether_a_call_that_begins_now_is_recorded(told: Told, file: Path) -> None:
    call = {"call-id": "call-1", "queue": "service-client", "language": "fr-FR"}
    assert asked(told, file, call, "--before") == (
        0,
        f"This call is recorded.\n{IF_DRAWN}- lawful: nothing stands against it\n",
        "",
    )
    for more, ground in (
        ({"objected": True}, "objected"),
        ({"off": True}, "agent-off"),
        ({"screen": True}, "recorded"),
    ):
        out = asked(told, file, call | more, "--before")[1]
        assert out.startswith("This call is not recorded.\n- " + ground)
    assert "is not recorded.\n- not-drawn" in asked(told, file, call, "--before", "--not-drawn")[1]


def test_without_a_moment_it_is_now(told: Told, file: Path) -> None:
    status, out, _ = told("explain", file, "--call", json.dumps(CALL | {"started-at": "2020-01-01T00:00:00Z"}),
                          "--language", "fr")  # fmt: skip
    assert status == 0 and "est supprimé sans être écouté" in out and "past-retention" in out


@pytest.mark.parametrize(
    "call",
    [
        "", "{", "[]", "3", '"text"', "nowhere.json", "{'queue': 1}", '{"quueue": "x"}', '{"a": 1, "b": 2}',
        '{"queue": "x"} and more', '{"a":' * 5000, "{" + "[" * 5000, "x" * 5000, ".",
        '{"duration-s": ' + "9" * 5000 + "}", '{"duration-s": -5}', '{"duration-s": "long"}', '{"off": ["a", "b"]}',
        '{"lines": "3290"}', '{"lines": [["3290"]]}',
        json.dumps(CALL | {"duration-s": 10**30}),
        json.dumps(CALL | {"duration-s": 10**14}), "{\"queue\": \"x\0\"",
    ],
    ids=lambda call: str(call)[:12].replace("\0", "") or "empty",
)  # fmt: skip
def test_a_call_that_cannot_be_read_is_refused_in_a_line(told: Told, file: Path, call: str) -> None:
    status, out, err = asked(told, file, call)
    assert (status, out) == (1, "")
    assert err.startswith("error: ") and len(err.splitlines()) == 1


def test_a_calls_file_that_is_no_text_is_refused(told: Told, file: Path, tmp_path: Path) -> None:
    (tmp_path / "call.json").write_bytes(b"\xff\xfe\x00{")
    status, out, err = asked(told, file, str(tmp_path / "call.json"))
    assert (status, out) == (1, "") and err.startswith("error: ")


@pytest.mark.parametrize(
    "moment",
    ["", "now", "2026-11-24", "2026-11-24T10:00:00", "2026-13-24T10:00:00Z", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59Z", "9999-12-31T23:59:59-14:00", "1999-12-31T23:59:59Z", "1795505400"],
)  # fmt: skip
def test_a_moment_without_its_offset_or_out_of_this_age_is_refused(told: Told, file: Path, moment: str) -> None:
    status, out, err = told("explain", file, "--call", "{}", f"--at={moment}")
    assert (status, out) == (2, "") and "--at" in err


def test_it_runs_as_a_program_without_anything_of_a_cloud(file: Path) -> None:
    command = [sys.executable, "-m", "chalicelib", "policy", "check", str(file), "--language", "fr"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env={"PATH": "/usr/bin"}, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert "tirés au sort" in done.stdout
