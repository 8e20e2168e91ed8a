"""The deployed machine on the local account: Lambdas run from the package, calls heard by the real recogniser."""

from __future__ import annotations

import json
import re
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import boto3
import pytest

from chalicelib.__main__ import main
from chalicelib.adapters.whisper import Whisper
from chalicelib.model import Transcript
from chalicelib.speech.lattice import lengths
from chalicelib.speech.words import language as words_of
from infra.deploy import DeployError, deploy
from infra.local.account import POLICY, LocalAccount
from infra.local.claims import Claims
from infra.local.demo import CALLS, ENDED, PATIENCE_S, Drop, deployed, drops, send_through
from infra.local.lot import lot_of
from tests.audio.coded import encoded
from tests.e2e.kept import logged
from tests.plain import plain

pytestmark = pytest.mark.local
OURS = {"queue": "secours", "announced": "true"}


@dataclass
class Demo:
    """A deployed account through which both demo calls have gone, every claim of the demo checked."""

    account: LocalAccount
    outputs: dict[str, str]
    dropped: list[Drop]
    claims: list[Claims]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    folder = tmp_path_factory.mktemp("demo")
    with deployed(folder / "logs") as (account, outputs):
        dropped = drops(datetime.now(UTC), lot_of("sourdine-local"))
        yield Demo(account, outputs, dropped, send_through(dropped, outputs, folder))


@pytest.fixture(scope="module")
def recogniser() -> Whisper:
    return Whisper()


def longest_run(transcript: Transcript, start_ms: int, end_ms: int) -> int:
    """Digits of the longest run of number words that the recogniser heard between two times, on any channel."""
    longest = 0
    for channel in {word.span.channel for word in transcript.words}:
        run = 0
        for word in transcript.words:
            if word.span.channel == channel and start_ms - 1000 < word.span.start_ms < end_ms + 1000:
                words = words_of(transcript.language)
                pieces = words.pieces(word.text)
                run = run + lengths(pieces, words)[0] if any(piece.number for piece in pieces) else 0
                longest = max(longest, run)
    return longest


def card(call: Path) -> tuple[str, int, int]:
    """Language, and where the card is spoken, by the truth beside the call."""
    truth = json.loads(call.with_suffix(".json").read_text())
    spoken = [word for word in truth["words"] if word["sensitive"]]
    return truth["language"], min(w["start_ms"] for w in spoken), max(w["end_ms"] for w in spoken)


def test_a_redacted_call_heard_again_yields_no_card_and_its_original_does(demo: Demo, recogniser: Whisper) -> None:
    for claim in demo.claims:
        language, start_ms, end_ms = card(claim.original)
        assert longest_run(recogniser.hear(claim.original, language), start_ms, end_ms) >= 12
        assert longest_run(recogniser.hear(claim.redacted, language), start_ms, end_ms) <= 4


@pytest.mark.parametrize("form", [("ogg", "libopus", 48000, 2, 32), ("ipod", "aac", 16000, 2, 64)], ids=lambda f: f[1])
def test_a_compressed_call_is_redacted_by_the_deployed_package_and_heard_again_yields_no_card(
    form: tuple[str, str, int, int, int], demo: Demo, recogniser: Whisper, tmp_path: Path
) -> None:
    call = CALLS / "en-card.wav"
    language, *spoken = card(call)
    said = {"started-at": datetime.now(UTC).isoformat(), "call-id": form[1], "language": language, **OURS}
    before, after = tmp_path / "before", tmp_path / "after"
    before.write_bytes(encoded(*form))
    boto3.client("s3").put_object(Bucket=demo.outputs["Inbox"], Key=form[0], Body=before.read_bytes(), Metadata=said)
    row = ended(demo, said["started-at"])
    assert row["state"] == "available"
    boto3.client("s3").download_file(demo.outputs["Vault"], f"calls/{row['id']}/audio", str(after))
    assert longest_run(recogniser.hear(before, language), *spoken) >= 12
    assert longest_run(recogniser.hear(after, language), *spoken) <= 4


def ended(demo: Demo, started_at: str) -> dict[str, Any]:
    """The row of a call at its end."""
    table, begun = boto3.resource("dynamodb").Table(demo.outputs["Recordings"]), datetime.fromisoformat(started_at)
    for _ in range(PATIENCE_S):
        for row in table.scan()["Items"]:
            if row.get("state") in ENDED and datetime.fromisoformat(str(row["started_at"])) == begun:
                return dict(row)
        time.sleep(1)
    raise AssertionError("the call came to no end")


def test_the_deployed_api_answers(demo: Demo) -> None:
    url = f"{demo.account.endpoint}/restapis/{demo.outputs['RestAPIId']}/api/_user_request_/health"
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert json.load(answer) == {"status": "ok"}


@pytest.mark.parametrize(("path", "said"), [("notice?format=html&language=fr", "Exemple SAS"), ("notice", "local-1")])
def test_the_deployed_package_says_the_policy_that_it_was_deployed_with(demo: Demo, path: str, said: str) -> None:
    url = f"{demo.account.endpoint}/restapis/{demo.outputs['RestAPIId']}/api/_user_request_/{path}"
    with urllib.request.urlopen(url, timeout=30) as answer:
        assert said in answer.read().decode()


def test_no_log_line_of_any_function_names_a_call_or_a_digit_of_it(demo: Demo) -> None:
    said = plain(logged())
    assert demo.claims[0].recording_id in said
    assert not re.search(r"0199001234|3201|12206|e81b7b4d|monitor|connect/", said)
    assert "Traceback" not in said


def test_deploying_again_changes_nothing_and_loses_nothing(demo: Demo) -> None:
    again = deploy("local", [f"TranscribeEndpoint={demo.account.transcribe}"], POLICY)
    assert again == demo.outputs
    for claim in demo.claims:
        boto3.client("s3").head_object(Bucket=again["Vault"], Key=f"calls/{claim.recording_id}/audio")


def test_a_parameter_that_the_stack_does_not_have_is_refused_and_not_passed_over(demo: Demo) -> None:
    with pytest.raises(DeployError, match="Zone is no parameter"):
        deploy("local", ["Zone=Europe/Paris"], POLICY)


def test_a_text_dropped_as_a_recording_is_set_aside(demo: Demo) -> None:
    started = datetime.now(UTC).isoformat()
    body = b"Bonjour, ceci n'est pas un enregistrement.\n" * 50
    boto3.client("s3").put_object(
        Bucket=demo.outputs["Inbox"], Key="notes d'appel+1.wav", Body=body, Metadata={"started-at": started, **OURS}
    )
    table, deadline = boto3.resource("dynamodb").Table(demo.outputs["Recordings"]), time.monotonic() + 60
    while time.monotonic() < deadline:
        found = {(row["state"], row["ground"]) for row in table.scan()["Items"]}
        left = boto3.client("s3").list_object_versions(Bucket=demo.outputs["Inbox"]).get("Versions", [])
        if ("quarantined", "not-audio") in found and not left:  # the drop is deleted last
            return
        time.sleep(0.5)
    raise AssertionError((found, len(left)))


def test_the_command_line_hears_and_redacts_a_file_by_itself(recogniser: Whisper, tmp_path: Path) -> None:
    source, target = CALLS / "en-card.wav", tmp_path / "out.wav"
    assert main(["redact", str(source), str(target), "--language", "en-GB"]) == 0
    assert longest_run(recogniser.hear(target, "en-GB"), *card(source)[1:]) <= 4
